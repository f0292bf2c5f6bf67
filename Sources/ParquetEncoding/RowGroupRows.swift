import ExportModel

/// The rows of one row group, ready to be encoded on any thread.
public struct RowGroupRows: Sendable {
    public private(set) var rowCount = 0
    /// In the order of ``FileSchema/leaves``.
    private(set) var leaves: [LeafRows]

    init(leafCount: Int) {
        leaves = Array(repeating: LeafRows(), count: leafCount)
    }

    /// Copies rows of a batch whose schema is the file's.
    mutating func append(_ batch: RecordBatch, rows: Range<Int>, schema: FileSchema) {
        for (index, values) in batch.columns.enumerated() {
            let leaf = schema.leafRanges[index].lowerBound
            let isNullable = schema.table.columns[index].isNullable
            switch values {
            case .text(let column), .json(let column):
                leaves[leaf].append(column, rows: rows, isNullable: isNullable)
            case .int(let column), .decimal(let column), .timestamp(let column):
                leaves[leaf].append(column, rows: rows, isNullable: isNullable)
            case .bool(let column):
                leaves[leaf].append(column, rows: rows, isNullable: isNullable)
            case .notes(let column):
                for (offset, field) in [LeafRows.NoteField.message, .createdAt, .agent].enumerated()
                {
                    leaves[leaf + offset].append(
                        column, field: field, rows: rows, isNullable: isNullable)
                }
            }
        }
        rowCount += rows.count
    }
}
