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
    private var block = CellBlock(terminator: Array("}\n".utf8))

    public init(_ description: PartitionDescription, options: OutputOptions) {
        timestamps = options.timestamps
        prefixes = description.schema.columns.enumerated().map { index, column in
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

    private mutating func appendColumn(_ index: Int, of batch: RecordBatch, _ rows: Range<Int>) {
        let style = timestamps
        switch batch.columns[index] {
        case .text(let column):
            appendText(column, at: index, rows) { JSONText.appendQuoted($0, to: &$1) }
        case .json(let column):
            appendText(column, at: index, rows) { $1.append(contentsOf: $0) }
        case .int(let column):
            appendCells(column.validity, at: index, rows) { row, output in
                CellText.appendInteger(column.values[row], to: &output)
            }
        case .decimal(let column):
            let scale = batch.schema.columns[index].type.scale
            appendCells(column.validity, at: index, rows) { row, output in
                CellText.appendDecimal(column.values[row], scale: scale, to: &output)
            }
        case .bool(let column):
            appendCells(column.validity, at: index, rows) { row, output in
                CellText.appendBool(column.values[row], to: &output)
            }
        case .timestamp(let column):
            appendCells(column.validity, at: index, rows) { row, output in
                CellText.appendJSONTimestamp(column.values[row], style: style, to: &output)
            }
        case .notes(let column):
            appendCells(column.validity, at: index, rows) { row, output in
                CellText.appendNotes(column, row: row, style: style, to: &output)
            }
        }
    }

    @inline(__always)
    private mutating func appendText(
        _ column: TextColumn, at index: Int, _ rows: Range<Int>,
        _ write: (_ value: UnsafeBufferPointer<UInt8>, _ output: inout [UInt8]) -> Void
    ) {
        column.bytes.withUnsafeBufferPointer { bytes in
            appendCells(column.validity, at: index, rows) { row, output in
                write(UnsafeBufferPointer(rebasing: bytes[column.range(of: row)]), &output)
            }
        }
    }

    @inline(__always)
    private mutating func appendCells(
        _ validity: Validity, at index: Int, _ rows: Range<Int>,
        _ write: (_ row: Int, _ output: inout [UInt8]) -> Void
    ) {
        let prefix = prefixes[index]
        block.appendColumn(rows) { row, output in
            output.append(contentsOf: prefix)
            if validity[row] {
                write(row, &output)
            } else {
                output.append(contentsOf: CellText.null)
            }
        }
    }
}
