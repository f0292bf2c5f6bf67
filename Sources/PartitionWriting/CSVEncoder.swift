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
    private var block: CellBlock

    public init(_ description: PartitionDescription, options: OutputOptions) {
        schema = description.schema
        hasHeader = options.csv.hasHeader
        timestamps = options.timestamps
        dialect = CSVDialect(options.csv)
        headerDialect = CSVDialect(
            CSVOptions(delimiter: options.csv.delimiter, newline: options.csv.newline))
        block = CellBlock(terminator: dialect.newline)
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
            let end = min(taken + CellBlock.mostRowCount, rows.upperBound)
            block.reset(rowCount: end - taken)
            for index in batch.columns.indices { appendColumn(index, of: batch, taken..<end) }
            let (rowCount, byteCount) = block.appendRows(
                limit: limit - dataByteCount, columnCount: batch.columns.count, to: &output)
            taken += rowCount
            dataByteCount += byteCount
        } while taken < rows.upperBound && dataByteCount < limit
        return taken - rows.lowerBound
    }

    public mutating func finish(into output: inout [UInt8]) {}

    /// One record with the columns' names.
    static func appendHeader(
        _ names: [String], _ dialect: CSVDialect, to output: inout [UInt8]
    ) {
        for (index, name) in names.enumerated() {
            if index > 0 { output.append(dialect.delimiter) }
            var name = name
            name.withUTF8 { dialect.appendText($0, to: &output) }
        }
        output.append(contentsOf: dialect.newline)
    }

    private mutating func appendColumn(_ index: Int, of batch: RecordBatch, _ rows: Range<Int>) {
        switch batch.columns[index] {
        case .text(let column), .json(let column):
            appendText(column, at: index, rows)
        case .int(let column):
            appendPlain(column.validity, at: index, rows) { row, output in
                CellText.appendInteger(column.values[row], to: &output)
            }
        case .decimal(let column):
            let scale = batch.schema.columns[index].type.scale
            appendPlain(column.validity, at: index, rows) { row, output in
                CellText.appendDecimal(column.values[row], scale: scale, to: &output)
            }
        case .bool(let column):
            appendPlain(column.validity, at: index, rows) { row, output in
                CellText.appendBool(column.values[row], to: &output)
            }
        case .timestamp(let column):
            appendTimestamps(column, at: index, rows)
        case .notes(let column):
            appendNotes(column, at: index, rows)
        }
    }

    private mutating func appendText(_ column: TextColumn, at index: Int, _ rows: Range<Int>) {
        let dialect = dialect
        column.bytes.withUnsafeBufferPointer { bytes in
            appendCells(column.validity, at: index, rows) { row, output in
                let value = UnsafeBufferPointer(rebasing: bytes[column.range(of: row)])
                dialect.appendText(value, to: &output)
            }
        }
    }

    private mutating func appendTimestamps(
        _ column: NumberColumn, at index: Int, _ rows: Range<Int>
    ) {
        switch timestamps {
        case .iso8601:
            appendPlain(column.validity, at: index, rows) { row, output in
                TimestampText.appendISO8601(column.values[row], to: &output)
            }
        case .epochMilliseconds:
            appendPlain(column.validity, at: index, rows) { row, output in
                CellText.appendInteger(column.values[row], to: &output)
            }
        }
    }

    private mutating func appendNotes(_ column: NotesColumn, at index: Int, _ rows: Range<Int>) {
        let (dialect, style) = (dialect, timestamps)
        appendCells(column.validity, at: index, rows) { row, output in
            let start = output.count
            CellText.appendNotes(column, row: row, style: style, to: &output)
            dialect.quoteTail(of: &output, from: start)
        }
    }

    /// Cells that need no quotes in nearly every dialect.
    @inline(__always)
    private mutating func appendPlain(
        _ validity: Validity, at index: Int, _ rows: Range<Int>,
        _ write: (_ row: Int, _ output: inout [UInt8]) -> Void
    ) {
        let dialect = dialect
        guard dialect.quotesPlainValues else {
            return appendCells(validity, at: index, rows, write)
        }
        appendCells(validity, at: index, rows) { row, output in
            let start = output.count
            write(row, &output)
            dialect.quoteTail(of: &output, from: start)
        }
    }

    @inline(__always)
    private mutating func appendCells(
        _ validity: Validity, at index: Int, _ rows: Range<Int>,
        _ write: (_ row: Int, _ output: inout [UInt8]) -> Void
    ) {
        let dialect = dialect
        let isOnlyColumn = schema.columns.count == 1
        block.appendColumn(rows) { row, output in
            if index > 0 { output.append(dialect.delimiter) }
            if validity[row] {
                write(row, &output)
            } else {
                dialect.appendNull(isOnlyColumn: isOnlyColumn, to: &output)
            }
        }
    }
}

extension ColumnType {
    /// Digits behind the point; 0 for types without a point.
    var scale: Int {
        if case .decimal(_, let scale) = self { return scale }
        return 0
    }
}
