public import ExportModel

/// Writes one Parquet file from record batches, on the caller's thread.
///
/// The same rows give the same bytes however they were cut into batches. To encode row groups on
/// several threads, use the three parts it is made of: ``RowGroupCutter``, ``RowGroupEncoder`` and
/// ``ParquetFileAssembler``.
public struct ParquetEncoder: Sendable {
    private var cutter: RowGroupCutter
    private let groupEncoder: RowGroupEncoder
    private var assembler: ParquetFileAssembler

    /// - Throws: ``ParquetEncodingError/Code/invalidOption``
    public init(
        schema: TableSchema, options: ParquetWriteOptions
    ) throws(ParquetEncodingError) {
        cutter = try RowGroupCutter(schema: schema, options: options)
        groupEncoder = try RowGroupEncoder(schema: schema, options: options)
        assembler = try ParquetFileAssembler(schema: schema, options: options)
    }

    /// Takes rows of a batch and appends the row groups that are full to `output`, often nothing.
    /// The caller may empty `output` between calls.
    ///
    /// - Throws: ``ParquetEncodingError``; the file cannot be continued then.
    public mutating func append(
        _ batch: RecordBatch, rows: Range<Int>, to output: inout [UInt8]
    ) throws(ParquetEncodingError) {
        for group in try cutter.append(batch, rows: rows) {
            assembler.append(try groupEncoder.encode(group), to: &output)
        }
    }

    /// Appends the last row group, the page index and the footer.
    ///
    /// - Precondition: called once, last.
    public mutating func finish(to output: inout [UInt8]) throws(ParquetEncodingError) {
        if let group = cutter.finish() {
            assembler.append(try groupEncoder.encode(group), to: &output)
        }
        assembler.finish(to: &output)
    }
}
