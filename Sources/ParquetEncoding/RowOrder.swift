public import ExportModel

/// Watches whether rows come sorted by start time, and where that is equal by id, because a file
/// may only declare an order that all its rows have.
public struct RowOrder {
    /// Indices of the columns that the rows may be sorted by: a timestamp, then a text.
    public let columns: [Int]
    /// How many of ``columns`` the rows are sorted by, so far.
    public private(set) var holdingCount: Int
    /// Of the last row noted.
    private var lastTime: Int64 = .min
    private var lastID: [UInt8] = []

    public init(_ schema: TableSchema, selection: ColumnSelection) {
        var found: [Int] = []
        if let time = Self.timeColumn(schema, selection) {
            found.append(time)
            if let id = Self.column(.callID, schema, selection) { found.append(id) }
        }
        columns = found
        holdingCount = found.count
    }

    /// Takes the next rows.
    public mutating func note(_ batch: RecordBatch, rows: Range<Int>) {
        guard holdingCount > 0, case .timestamp(let times) = batch.columns[columns[0]] else {
            return
        }
        var ids: TextColumn?
        if columns.count == 2, case .text(let column) = batch.columns[columns[1]] { ids = column }
        for row in rows where holdingCount > 0 {
            let time = times.values[row]
            if !times.validity[row] || time < lastTime { holdingCount = 0 }
            if holdingCount == 2, let ids {
                let isTied = time == lastTime
                let former = row == rows.lowerBound ? nil : row - 1
                if !ids.validity[row] || (isTied && precedes(row, former, ids)) {
                    holdingCount = 1
                }
            }
            lastTime = time
        }
        if holdingCount == 2, let ids, let last = rows.last {
            lastID = Array(ids.bytes[ids.range(of: last)])
        }
    }

    /// Whether a row's id comes before that of the row before it.
    ///
    /// - Parameter former: the row before in the same batch; nil: the last row noted.
    private func precedes(_ row: Int, _ former: Int?, _ ids: TextColumn) -> Bool {
        let before = former.map { ids.bytes[ids.range(of: $0)] } ?? lastID[...]
        return ids.bytes[ids.range(of: row)].lexicographicallyPrecedes(before)
    }

    /// Native columns have no name for it; there the first required time is the likeliest.
    private static func timeColumn(
        _ schema: TableSchema, _ selection: ColumnSelection
    ) -> Int? {
        if selection == .native {
            return schema.columns.firstIndex { $0.type == .timestamp && !$0.isNullable }
        }
        let index = column(.startedAt, schema, selection)
        return index.flatMap { schema.columns[$0].type == .timestamp ? $0 : nil }
    }

    private static func column(
        _ column: UnifiedColumn, _ schema: TableSchema, _ selection: ColumnSelection
    ) -> Int? {
        var name: String? = column.rawValue
        switch selection {
        case .unified: break
        case .native: name = nil
        case .list(let picked): name = picked.first { $0.name == column.rawValue }?.outputName
        }
        return schema.columns.firstIndex { $0.name == name }
    }
}
