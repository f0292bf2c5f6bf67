public import ExportModel

/// Gathers rows from batches and cuts them into row groups.
///
/// Cuts depend on the rows alone, never on where a batch ended. Holds at most one row group.
public struct RowGroupCutter: Sendable {
    private let schema: FileSchema
    private let rowLimit: Int
    private let byteLimit: Int
    private var rows: RowGroupRows
    private var byteCount = 0

    init(schema: FileSchema, options: ParquetWriteOptions) {
        self.schema = schema
        rowLimit = options.rowGroupRowCount
        byteLimit = options.rowGroupByteCount
        rows = RowGroupRows(leafCount: schema.leaves.count)
    }

    /// - Throws: ``ParquetEncodingError/Code/invalidOption``
    public init(
        schema: TableSchema, options: ParquetWriteOptions
    ) throws(ParquetEncodingError) {
        try options.check(for: schema)
        self.init(schema: FileSchema(schema), options: options)
    }

    /// Rows gathered that no row group was cut of yet.
    public var pendingRowCount: Int { rows.rowCount }

    /// Plain bytes of those rows.
    public var pendingByteCount: Int { byteCount }

    /// Takes rows of a batch and returns the row groups that are full, often none.
    ///
    /// - Throws: ``ParquetEncodingError/Code/schemaMismatch``,
    ///   ``ParquetEncodingError/Code/invalidValue``; nothing was taken then.
    public mutating func append(
        _ batch: RecordBatch, rows range: Range<Int>
    ) throws(ParquetEncodingError) -> [RowGroupRows] {
        try check(batch, rows: range)
        var full: [RowGroupRows] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let end = endOfFit(batch, start..<range.upperBound)
            if end == start {
                full.append(cut())
                continue
            }
            byteCount += batch.plainByteCount(of: start..<end)
            rows.append(batch, rows: start..<end, schema: schema)
            start = end
            if rows.rowCount == rowLimit { full.append(cut()) }
        }
        return full
    }

    /// The rest, nil if there is none. The cutter is empty then.
    public mutating func finish() -> RowGroupRows? {
        rows.rowCount == 0 ? nil : cut()
    }

    private mutating func cut() -> RowGroupRows {
        let full = rows
        rows = RowGroupRows(leafCount: schema.leaves.count)
        byteCount = 0
        return full
    }

    /// The end of the longest beginning of `range` that the row group has room for; an empty row
    /// group has room for one row, however long.
    private func endOfFit(_ batch: RecordBatch, _ range: Range<Int>) -> Int {
        let start = range.lowerBound
        let mostRows = min(range.count, rowLimit - rows.rowCount)
        var fitting = rows.rowCount == 0 ? 1 : 0
        var tooMany = mostRows + 1
        while fitting + 1 < tooMany {
            let middle = fitting + (tooMany - fitting) / 2
            let size = byteCount + batch.plainByteCount(of: start..<start + middle)
            if size <= byteLimit { fitting = middle } else { tooMany = middle }
        }
        return start + fitting
    }

    private func check(
        _ batch: RecordBatch, rows range: Range<Int>
    ) throws(ParquetEncodingError) {
        guard batch.schema == schema.table else {
            throw ParquetEncodingError(
                .schemaMismatch, "a batch has other columns than the file: cut a new file for it")
        }
        precondition(range.lowerBound >= 0 && range.upperBound <= batch.rowCount)
        for (column, values) in zip(schema.table.columns, batch.columns) {
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
            (.timestamp, .timestamp), (.json, .json), (.notes, .notes):
            true
        default: false
        }
    }
}

extension RecordBatch {
    /// Bytes of the rows' values in Parquet's PLAIN encoding, with one byte for a boolean: text and
    /// JSON take 4 and their UTF-8, integers 4, decimals and timestamps 8, notes what their members
    /// take, and nulls nothing. Depends on the rows alone.
    public func plainByteCount(of rows: Range<Int>) -> Int {
        columns.reduce(0) { sum, values in
            switch values {
            case .text(let column), .json(let column): sum + column.plainByteCount(of: rows)
            case .int(let column): sum + 4 * column.validity.validCount(in: rows)
            case .decimal(let column), .timestamp(let column):
                sum + 8 * column.validity.validCount(in: rows)
            case .bool(let column): sum + column.validity.validCount(in: rows)
            case .notes(let column): sum + column.plainByteCount(of: rows)
            }
        }
    }
}

extension TextColumn {
    fileprivate func plainByteCount(of rows: Range<Int>) -> Int {
        4 * validity.validCount(in: rows) + offsets[rows.upperBound] - offsets[rows.lowerBound]
    }
}

extension NotesColumn {
    fileprivate func plainByteCount(of rows: Range<Int>) -> Int {
        let notes = offsets[rows.lowerBound]..<offsets[rows.upperBound]
        return message.plainByteCount(of: notes) + 8 * createdAt.validity.validCount(in: notes)
            + agent.plainByteCount(of: notes)
    }
}

extension Validity {
    /// Values among some rows.
    fileprivate func validCount(in rows: Range<Int>) -> Int {
        if nullCount == 0 { return rows.count }
        if nullCount == count || rows.isEmpty { return 0 }
        let (first, last) = (rows.lowerBound >> 6, (rows.upperBound - 1) >> 6)
        let head = UInt64.max << UInt64(rows.lowerBound & 63)
        let tail = UInt64.max >> UInt64(63 - (rows.upperBound - 1) & 63)
        if first == last { return (words[first] & head & tail).nonzeroBitCount }
        return (words[first] & head).nonzeroBitCount + (words[last] & tail).nonzeroBitCount
            + words[first + 1..<last].reduce(0) { $0 + $1.nonzeroBitCount }
    }
}
