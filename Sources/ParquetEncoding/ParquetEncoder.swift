public import ExportModel

/// Writes one Parquet file from record batches, on the caller's thread.
///
/// The same rows give the same bytes however they were cut into batches. Rows are encoded page by
/// page as they come: memory holds a page of each column as values, and the row group's pages as
/// the file will have them.
public struct ParquetEncoder {
    private let schema: FileSchema
    private var group: RowGroupBuilder
    private var groupBudget: RowBudget
    private var pageBudget: RowBudget
    /// Joins the row groups.
    private(set) var assembler: ParquetFileAssembler

    /// - Throws: ``ParquetEncodingError/Code/invalidOption``
    public init(
        schema: TableSchema, options: ParquetWriteOptions
    ) throws(ParquetEncodingError) {
        try options.check(for: schema)
        self.schema = FileSchema(schema)
        group = RowGroupBuilder(schema: self.schema, options: options)
        groupBudget = RowBudget(
            rowLimit: options.rowGroupRowCount, byteLimit: options.rowGroupByteCount)
        pageBudget = RowBudget(
            rowLimit: options.pageRowCount, byteLimit: options.pendingByteCount)
        assembler = ParquetFileAssembler(schema: self.schema, options: options)
    }

    /// Takes rows of a batch and appends the row groups that are full to `output`, often nothing.
    /// The caller may empty `output` between calls.
    ///
    /// - Throws: ``ParquetEncodingError``; the file cannot be continued then.
    public mutating func append(
        _ batch: RecordBatch, rows: Range<Int>, to output: inout [UInt8]
    ) throws(ParquetEncodingError) {
        try schema.check(batch, rows: rows)
        var start = rows.lowerBound
        while start < rows.upperBound {
            let groupEnd = groupBudget.end(of: start..<rows.upperBound, in: batch)
            if groupEnd == start {
                try endGroup(to: &output)
                continue
            }
            let end = pageBudget.end(of: start..<groupEnd, in: batch)
            if end == start {
                try endPages(to: &output)
                continue
            }
            groupBudget.take(start..<end, of: batch)
            pageBudget.take(start..<end, of: batch)
            group.append(batch, rows: start..<end)
            start = end
        }
    }

    /// Declares only the first `count` of the options' sorting columns, for a caller that learns of
    /// the rows' order while they come.
    public mutating func declareSorting(first count: Int) {
        assembler.declareSorting(first: count)
    }

    /// Appends the last row group, the page index and the footer.
    ///
    /// - Precondition: called once, last.
    public mutating func finish(to output: inout [UInt8]) throws(ParquetEncodingError) {
        if groupBudget.rowCount > 0 { try endGroup(to: &output) }
        assembler.finish(to: &output)
    }

    private mutating func endPages(to output: inout [UInt8]) throws(ParquetEncodingError) {
        if try group.endPages() { return try endGroup(to: &output) }
        pageBudget.reset()
    }

    private mutating func endGroup(to output: inout [UInt8]) throws(ParquetEncodingError) {
        assembler.append(try group.finish(), to: &output)
        groupBudget.reset()
        pageBudget.reset()
    }
}
