public import ExportModel

/// Rows as CSV (RFC 4180): a header, one record a row, `""` for the empty string.
///
/// JSON and notes are JSON text in a cell. See ``CSVOptions`` for what can be changed.
public struct CSVEncoder: PartitionEncoder {
    public static let compressesItself = false
    public static let fileExtension = "csv"

    public private(set) var dataByteCount = 0

    private let schema: TableSchema
    private let hasHeader: Bool
    private let timestamps: TimestampStyle
    private let dialect: CSVDialect
    /// Names are not values: none of them stands for null.
    private let headerDialect: CSVDialect
    private let block = CellBlock()

    public init(_ description: PartitionDescription, options: OutputOptions) {
        schema = description.schema
        hasHeader = options.csv.hasHeader
        timestamps = options.timestamps
        dialect = CSVDialect(options.csv)
        headerDialect = CSVDialect(
            CSVOptions(delimiter: options.csv.delimiter, newline: options.csv.newline))
    }

    public mutating func begin(into output: inout [UInt8]) {
        guard hasHeader else { return }
        let start = output.count
        Self.appendHeader(schema.columns.map(\.name), headerDialect, to: &output)
        dataByteCount += output.count - start
    }

    public mutating func append(
        _ batch: RecordBatch, rows: Range<Int>, limit: Int, to output: inout [UInt8]
    ) -> Int {
        var taken = rows.lowerBound
        repeat {
            let end = min(taken + CellBlock.maximumRowCount, rows.upperBound)
            block.reset(rowCount: end - taken)
            let rest = appendColumns(of: batch, taken..<end)
            let (rowCount, byteCount) = block.appendRows(
                limit: limit - dataByteCount, terminator: rest + dialect.newline, to: &output)
            taken += rowCount
            dataByteCount += byteCount
        } while taken < rows.upperBound && dataByteCount < limit
        return taken - rows.lowerBound
    }

    public mutating func finish(into output: inout [UInt8]) {}

    /// One record with the columns' names.
    private static func appendHeader(
        _ names: [String], _ dialect: CSVDialect, to output: inout [UInt8]
    ) {
        for (index, name) in names.enumerated() {
            if index > 0 { output.append(dialect.delimiter) }
            dialect.append(Array(name.utf8), to: &output)
        }
        output.append(contentsOf: dialect.newline)
    }

    /// Appends the columns that hold values. A column without any is the same text in each row, so
    /// it goes into what stands before the next cell.
    ///
    /// - Returns: what stands after the last cell.
    private func appendColumns(of batch: RecordBatch, _ rows: Range<Int>) -> [UInt8] {
        let isOnlyColumn = batch.columns.count == 1
        let null = isOnlyColumn ? dialect.nullOfOnlyColumn : dialect.null
        var prefix: [UInt8] = []
        for (index, values) in batch.columns.enumerated() {
            if index > 0 { prefix.append(dialect.delimiter) }
            if values.validity.nullCount == batch.rowCount {
                prefix += null
                continue
            }
            let column = CSVColumn(
                block: block, dialect: dialect, timestamps: timestamps, prefix: prefix, null: null)
            column.append(values, scale: batch.schema.columns[index].type.scale, rows)
            prefix.removeAll(keepingCapacity: true)
        }
        return prefix
    }
}

/// Writes one column of a block.
private struct CSVColumn {
    let block: CellBlock
    let dialect: CSVDialect
    let timestamps: TimestampStyle
    let prefix: [UInt8]
    let null: [UInt8]

    func append(_ values: ColumnValues, scale: Int, _ rows: Range<Int>) {
        let style = timestamps
        switch values {
        case .text(let column), .json(let column): appendText(column, rows)
        case .int(let column):
            appendNumbers(column, rows) { CellText.writeDecimal($0, scale: 0, to: $1) }
        case .decimal(let column):
            appendNumbers(column, rows) { CellText.writeDecimal($0, scale: scale, to: $1) }
        case .timestamp(let column):
            appendNumbers(column, rows) { CellText.writeTimestamp($0, style: style, to: $1) }
        case .date(let column):
            appendNumbers(column, rows) { TimestampText.writeDate(daysSinceEpoch: $0, to: $1) }
        case .bool(let column):
            appendPlain(column.validity, rows) { CellText.writeBool(column.values[$0], to: $1) }
        case .notes(let column): appendNotes(column, rows)
        }
    }

    private func appendText(_ column: TextColumn, _ rows: Range<Int>) {
        column.bytes.withUnsafeBufferPointer { bytes in
            let all = bytes[column.offsets[rows.lowerBound]..<column.offsets[rows.upperBound]]
            // Seldom, so that most values are looked at together.
            let hasSpecial = dialect.hasSpecial(all)
            let room = all.count * 2 + rows.count * CSVDialect.maximumByteCount(of: 0)
            appendCells(column.validity, rows, maximumByteCount: room) { row, place in
                dialect.write(
                    UnsafeBufferPointer(rebasing: bytes[column.range(of: row)]),
                    mayHaveSpecial: hasSpecial, to: place)
            }
        }
    }

    @inline(__always)
    private func appendNumbers(
        _ column: NumberColumn, _ rows: Range<Int>,
        _ write: (_ value: Int64, _ place: UnsafeMutablePointer<UInt8>) -> Int
    ) {
        column.values.withUnsafeBufferPointer { values in
            appendPlain(column.validity, rows) { write(values[$0], $1) }
        }
    }

    private func appendNotes(_ column: NotesColumn, _ rows: Range<Int>) {
        var text: [UInt8] = []
        block.appendColumn(rows, prefix: prefix) { row, output in
            guard column.validity[row] else { return output.append(contentsOf: null) }
            text.removeAll(keepingCapacity: true)
            CellText.appendNotes(column, row: row, style: timestamps, to: &text)
            dialect.append(text, to: &output)
        }
    }

    /// Cells that need no quotes in nearly every dialect.
    @inline(__always)
    private func appendPlain(
        _ validity: Validity, _ rows: Range<Int>,
        _ write: (_ row: Int, _ place: UnsafeMutablePointer<UInt8>) -> Int
    ) {
        let byteCount = CellText.maximumNumberByteCount
        let room = rows.count * CSVDialect.maximumByteCount(of: byteCount)
        guard dialect.quotesPlainValues else {
            return appendCells(validity, rows, maximumByteCount: room, write)
        }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: byteCount) { text in
            guard let start = text.baseAddress else { return }
            appendCells(validity, rows, maximumByteCount: room) { row, place in
                let value = UnsafeBufferPointer(start: start, count: write(row, start))
                return dialect.write(value, to: place)
            }
        }
    }

    @inline(__always)
    private func appendCells(
        _ validity: Validity, _ rows: Range<Int>, maximumByteCount: Int,
        _ write: (_ row: Int, _ place: UnsafeMutablePointer<UInt8>) -> Int
    ) {
        let room = maximumByteCount + rows.count * null.count
        block.appendColumn(rows, prefix: prefix, maximumByteCount: room) { row, place in
            validity[row] ? write(row, place) : place.write(null)
        }
    }
}

extension ColumnType {
    /// Digits after the point; 0 for types without a point.
    var scale: Int {
        if case .decimal(_, let scale) = self { return scale }
        return 0
    }
}
