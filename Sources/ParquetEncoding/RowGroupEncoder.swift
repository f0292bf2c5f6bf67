public import ExportModel

/// Encodes row groups, each by itself: a caller may encode several at once on its own threads.
public struct RowGroupEncoder: Sendable {
    let schema: FileSchema
    let options: ParquetWriteOptions
    /// By leaf.
    private let hasBloomFilter: [Bool]

    /// - Throws: ``ParquetEncodingError/Code/invalidOption``
    public init(
        schema: TableSchema, options: ParquetWriteOptions
    ) throws(ParquetEncodingError) {
        try options.check(for: schema)
        let fileSchema = FileSchema(schema)
        self.schema = fileSchema
        self.options = options
        hasBloomFilter = fileSchema.leaves.map { leaf in
            leaf.path.count == 1 && options.bloomFilterColumns.contains(leaf.path[0])
        }
    }

    /// Encodes `rows`, which a ``RowGroupCutter`` of the same schema cut. Equal rows give equal
    /// bytes.
    ///
    /// - Throws: ``ParquetEncodingError/Code/tooLarge``, ``ParquetEncodingError/Code/compression``
    public func encode(
        _ rows: RowGroupRows
    ) throws(ParquetEncodingError) -> EncodedRowGroup {
        var pageWriter = try PageWriter(options: options)
        var group = EncodedRowGroup(rowCount: rows.rowCount, bytes: [], chunks: [])
        for (index, leaf) in schema.leaves.enumerated() {
            let encoder = ColumnChunkEncoder(leaf, rows.leaves[index], options: options)
            group.chunks.append(
                try encoder.encode(
                    with: &pageWriter, hasBloomFilter: hasBloomFilter[index], to: &group.bytes))
        }
        return group
    }
}

extension ParquetWriteOptions {
    /// Throws ``ParquetEncodingError/Code/invalidOption`` for the first option out of range.
    func check(for schema: TableSchema) throws(ParquetEncodingError) {
        guard dataPageVersion == 1 || dataPageVersion == 2 else {
            throw ParquetEncodingError(
                .invalidOption, "data page version \(dataPageVersion): choose 1 or 2")
        }
        let limits = [
            ("row group rows", rowGroupRowCount), ("row group bytes", rowGroupByteCount),
            ("page rows", pageRowCount), ("page bytes", pageByteCount),
        ]
        for (name, limit) in limits where !(1...Int(Int32.max)).contains(limit) {
            throw ParquetEncodingError(
                .invalidOption, "\(name) limited to \(limit): choose 1 to \(Int32.max)")
        }
        guard (0...Int(Int32.max)).contains(dictionaryByteLimit) else {
            throw ParquetEncodingError(
                .invalidOption,
                "dictionaries limited to \(dictionaryByteLimit) bytes: choose 0 to \(Int32.max)")
        }
        for index in sortingColumns
        where !schema.columns.indices.contains(index) || schema.columns[index].type == .notes {
            throw ParquetEncodingError(
                .invalidOption, "sorting column \(index): no column that rows can be sorted by")
        }
        for name in bloomFilterColumns {
            let column = schema.columns.first { $0.name == name }
            guard let column, column.type != .notes, column.type != .bool else {
                throw ParquetEncodingError(
                    .invalidOption,
                    "bloom filter for `\(name)`: name an output column that is neither a boolean"
                        + " nor notes")
            }
        }
    }
}
