import ExportModel

extension FileSchema {
    /// Throws where rows of `batch` cannot be rows of the file.
    func check(
        _ batch: RecordBatch, rows range: Range<Int>
    ) throws(ParquetEncodingError) {
        guard batch.schema == table else {
            throw ParquetEncodingError(
                .schemaMismatch, "a batch has other columns than the file: cut a new file for it")
        }
        precondition(range.lowerBound >= 0 && range.upperBound <= batch.rowCount)
        for (column, values) in zip(table.columns, batch.columns) {
            guard values.matches(column.type) else {
                throw ParquetEncodingError(
                    .schemaMismatch, "column `\(column.name)` does not hold \(column.type.name)")
            }
            let validity = values.validity
            if !column.isNullable, validity.nullCount > 0, range.contains(where: { !validity[$0] })
            {
                throw ParquetEncodingError(
                    .invalidValue, "null in the required column `\(column.name)`")
            }
            if case .int(let numbers) = values,
                numbers.values[range].contains(where: { Int32(exactly: $0) == nil })
            {
                throw ParquetEncodingError(
                    .invalidValue, "column `\(column.name)` has an integer beyond 32 bits")
            }
        }
    }
}

extension ColumnValues {
    fileprivate func matches(_ type: ColumnType) -> Bool {
        switch (self, type) {
        case (.text, .text), (.int, .int), (.decimal, .decimal), (.bool, .bool),
            (.timestamp, .timestamp), (.date, .date), (.json, .json), (.notes, .notes):
            true
        default: false
        }
    }
}
