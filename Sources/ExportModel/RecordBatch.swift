/// The values of one column over the rows of a batch.
public enum ColumnValues: Sendable, Equatable {
    case text(TextColumn)
    /// Numbers that fit 32 bits.
    case int(NumberColumn)
    /// Unscaled; the scale is in the column's type.
    case decimal(NumberColumn)
    case bool(BoolColumn)
    /// Epoch milliseconds, UTC.
    case timestamp(NumberColumn)
    /// Days since 1970-01-01.
    case date(NumberColumn)
    /// One minified JSON text a row.
    case json(TextColumn)
    case notes(NotesColumn)

    /// Rows in the column.
    public var count: Int {
        switch self {
        case .text(let column), .json(let column): column.count
        case .int(let column), .decimal(let column), .timestamp(let column), .date(let column):
            column.count
        case .bool(let column): column.count
        case .notes(let column): column.count
        }
    }

    public var validity: Validity {
        switch self {
        case .text(let column), .json(let column): column.validity
        case .int(let column), .decimal(let column), .timestamp(let column), .date(let column):
            column.validity
        case .bool(let column): column.validity
        case .notes(let column): column.validity
        }
    }
}

/// Rows as columns: `columns[i]` holds the values of `schema.columns[i]`, all equally long.
public struct RecordBatch: Sendable, Equatable {
    public let schema: TableSchema
    public let rowCount: Int
    public let columns: [ColumnValues]

    /// - Precondition: the columns match the schema in number and are `rowCount` long.
    public init(schema: TableSchema, rowCount: Int, columns: [ColumnValues]) {
        precondition(schema.columns.count == columns.count)
        precondition(columns.allSatisfy { $0.count == rowCount })
        self.schema = schema
        self.rowCount = rowCount
        self.columns = columns
    }
}
