import ExportModel

extension ParquetWriteOptions {
    /// Throws ``ParquetEncodingError/Code/invalidOption`` for the first option out of range.
    func check(for schema: TableSchema) throws(ParquetEncodingError) {
        guard dataPageVersion == 1 || dataPageVersion == 2 else {
            throw ParquetEncodingError(
                .invalidOption, "data page version \(dataPageVersion): choose 1 or 2")
        }
        let limits = [
            ("row group rows", rowGroupRowCount), ("row group bytes", rowGroupByteCount),
            ("pending bytes", pendingByteCount), ("page rows", pageRowCount),
            ("page bytes", pageByteCount),
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
