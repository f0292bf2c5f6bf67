public import ExportModel

/// Rows as NDJSON: one object a line with every column, JSON null where there is no value,
/// decimals as number tokens, JSON and notes nested.
public struct NDJSONEncoder: PartitionEncoder {
    public static let compressesItself = false
    public static let fileExtension = "ndjson"

    public private(set) var dataByteCount = 0

    private let timestamps: TimestampStyle
    /// What stands before each column's value: `{"name":` or `,"name":`.
    private let prefixes: [[UInt8]]
    private let block = CellBlock()

    public init(_ description: PartitionDescription, options: OutputOptions) {
        self.init(description.schema, timestamps: options.timestamps)
    }

    /// For rows that are no partition.
    public init(_ schema: TableSchema, timestamps: TimestampStyle) {
        self.timestamps = timestamps
        prefixes = schema.columns.enumerated().map { index, column in
            var prefix = [UInt8(ascii: index == 0 ? "{" : ",")]
            JSONText.appendQuoted(column.name, to: &prefix)
            prefix.append(UInt8(ascii: ":"))
            return prefix
        }
    }

    public mutating func begin(into output: inout [UInt8]) {}

    public mutating func append(
        _ batch: RecordBatch, rows: Range<Int>, limit: Int, to output: inout [UInt8]
    ) -> Int {
        var taken = rows.lowerBound
        repeat {
            let end = min(taken + CellBlock.maximumRowCount, rows.upperBound)
            block.reset(rowCount: end - taken)
            let rest = appendColumns(of: batch, taken..<end)
            let (rowCount, byteCount) = block.appendRows(
                limit: limit - dataByteCount, terminator: rest + Self.lineEnd, to: &output)
            taken += rowCount
            dataByteCount += byteCount
        } while taken < rows.upperBound && dataByteCount < limit
        return taken - rows.lowerBound
    }

    public mutating func finish(into output: inout [UInt8]) {}

    private static let lineEnd = Array("}\n".utf8)

    /// Appends the columns that hold values. A column without any is the same text in each row, so
    /// it goes into what stands before the next cell.
    ///
    /// - Returns: what stands after the last cell.
    private func appendColumns(of batch: RecordBatch, _ rows: Range<Int>) -> [UInt8] {
        var prefix: [UInt8] = []
        for (index, values) in batch.columns.enumerated() {
            prefix += prefixes[index]
            if values.validity.nullCount == batch.rowCount {
                prefix += CellText.null
                continue
            }
            let column = NDJSONColumn(block: block, timestamps: timestamps, prefix: prefix)
            column.append(values, scale: batch.schema.columns[index].type.scale, rows)
            prefix.removeAll(keepingCapacity: true)
        }
        return prefix
    }
}

/// Writes one column of a block.
private struct NDJSONColumn {
    let block: CellBlock
    let timestamps: TimestampStyle
    let prefix: [UInt8]

    func append(_ values: ColumnValues, scale: Int, _ rows: Range<Int>) {
        let style = timestamps
        switch values {
        case .text(let column):
            appendText(column, rows) { JSONText.appendQuoted($0, to: &$1) }
        case .json(let column): appendText(column, rows) { $1.append(contentsOf: $0) }
        case .int(let column):
            appendNumbers(column, rows) { CellText.writeDecimal($0, scale: 0, to: $1) }
        case .decimal(let column):
            appendNumbers(column, rows) { CellText.writeDecimal($0, scale: scale, to: $1) }
        case .timestamp(let column) where style == .epochMilliseconds:
            appendNumbers(column, rows) { CellText.writeDecimal($0, scale: 0, to: $1) }
        case .timestamp(let column):
            appendNumbers(column, rows) { value, place in
                place[0] = UInt8(ascii: "\"")
                let count = TimestampText.writeISO8601(value, to: place + 1)
                place[count + 1] = UInt8(ascii: "\"")
                return count + 2
            }
        case .date(let column):
            appendNumbers(column, rows) { value, place in
                place[0] = UInt8(ascii: "\"")
                let count = TimestampText.writeDate(daysSinceEpoch: value, to: place + 1)
                place[count + 1] = UInt8(ascii: "\"")
                return count + 2
            }
        case .bool(let column):
            appendPlain(column.validity, rows) { CellText.writeBool(column.values[$0], to: $1) }
        case .notes(let column):
            appendCells(column.validity, rows) { row, output in
                CellText.appendNotes(column, row: row, style: style, to: &output)
            }
        }
    }

    @inline(__always)
    private func appendText(
        _ column: TextColumn, _ rows: Range<Int>,
        _ write: (_ value: UnsafeBufferPointer<UInt8>, _ output: inout [UInt8]) -> Void
    ) {
        column.bytes.withUnsafeBufferPointer { bytes in
            appendCells(column.validity, rows) { row, output in
                write(UnsafeBufferPointer(rebasing: bytes[column.range(of: row)]), &output)
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

    /// Numbers, times and booleans.
    @inline(__always)
    private func appendPlain(
        _ validity: Validity, _ rows: Range<Int>,
        _ write: (_ row: Int, _ place: UnsafeMutablePointer<UInt8>) -> Int
    ) {
        let room = rows.count * (CellText.maximumNumberByteCount + 2)
        block.appendColumn(rows, prefix: prefix, maximumByteCount: room) { row, place in
            validity[row] ? write(row, place) : place.write(CellText.null)
        }
    }

    @inline(__always)
    private func appendCells(
        _ validity: Validity, _ rows: Range<Int>,
        _ write: (_ row: Int, _ output: inout [UInt8]) -> Void
    ) {
        block.appendColumn(rows, prefix: prefix) { row, output in
            if validity[row] {
                write(row, &output)
            } else {
                output.append(contentsOf: CellText.null)
            }
        }
    }
}
