import ExportModel

/// Encodes the rows of one row group after another.
struct RowGroupBuilder {
    private let schema: FileSchema
    private let options: ParquetWriteOptions
    /// By leaf.
    private var chunks: [ColumnChunkBuilder]
    private var rowCount = 0

    init(schema: FileSchema, options: ParquetWriteOptions) {
        self.schema = schema
        self.options = options
        chunks = schema.leaves.map { ColumnChunkBuilder($0, options: options) }
    }

    /// Takes rows of a batch whose schema is the file's.
    mutating func append(_ batch: RecordBatch, rows: Range<Int>) {
        for (index, values) in batch.columns.enumerated() {
            let isNullable = schema.table.columns[index].isNullable
            for (offset, leaf) in schema.leafRanges[index].enumerated() {
                chunks[leaf].rows.append(
                    values, leaf: offset, rows: rows, isNullable: isNullable)
            }
        }
        rowCount += rows.count
    }

    /// Ends the pages of all columns.
    ///
    /// - Returns: whether the row group should end, because a dictionary is full.
    mutating func endPages() throws(ParquetEncodingError) -> Bool {
        var pageWriter = try PageWriter(options: options)
        for index in chunks.indices {
            try chunks[index].endPage(isLast: false, with: &pageWriter)
        }
        return chunks.contains { $0.isFull }
    }

    /// Ends the row group; the next one begins.
    ///
    /// - Throws: ``ParquetEncodingError/Code/tooLarge``, ``ParquetEncodingError/Code/compression``
    mutating func finish() throws(ParquetEncodingError) -> EncodedRowGroup {
        var pageWriter = try PageWriter(options: options)
        var group = EncodedRowGroup(rowCount: rowCount, bytes: [], chunks: [])
        for index in chunks.indices {
            group.chunks.append(try chunks[index].finish(with: &pageWriter, to: &group.bytes))
        }
        rowCount = 0
        return group
    }
}
