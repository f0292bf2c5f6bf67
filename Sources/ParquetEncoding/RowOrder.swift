public import ExportModel

/// Watches whether rows come sorted by account, then start time, then id, because a file may only
/// declare an order that all its rows have.
public struct RowOrder {
    /// Indices of the columns that the rows may be sorted by: a text, a timestamp, a text. Each may
    /// be lacking; without a time there is no id.
    public let columns: [Int]
    /// How many of ``columns`` the rows are sorted by, so far.
    public private(set) var holdingCount: Int
    private let account: Int?
    private let time: Int?
    private let id: Int?
    /// Of the last row noted.
    private var lastAccount: [UInt8]?
    private var lastTime: Int64 = .min
    private var lastID: [UInt8] = []

    public init(_ schema: TableSchema, selection: ColumnSelection) {
        account = Self.column(.account, schema, selection)
        time = Self.timeColumn(schema, selection)
        id = time == nil ? nil : Self.column(.callID, schema, selection)
        columns = [account, time, id].compactMap { $0 }
        holdingCount = columns.count
    }

    /// Takes the next rows.
    public mutating func note(_ batch: RecordBatch, rows: Range<Int>) {
        guard let account else { return noteTimes(batch, rows) }
        guard case .text(let accounts) = batch.columns[account] else { return }
        var start = rows.lowerBound
        while start < rows.upperBound, holdingCount > 0 {
            guard accounts.validity[start] else { return fail(at: account) }
            let name = accounts.bytes[accounts.range(of: start)]
            let end = accounts.endOfRun(start..<rows.upperBound)
            if let lastAccount, !lastAccount.elementsEqual(name) {
                if name.lexicographicallyPrecedes(lastAccount) { return fail(at: account) }
                lastTime = .min
                lastID = []
            }
            lastAccount = Array(name)
            noteTimes(batch, start..<end)
            start = end
        }
    }

    /// Takes rows of one account.
    private mutating func noteTimes(_ batch: RecordBatch, _ rows: Range<Int>) {
        guard let time, isHeld(time), case .timestamp(let times) = batch.columns[time] else {
            return
        }
        var ids: TextColumn?
        if let id, isHeld(id), case .text(let column) = batch.columns[id] { ids = column }
        for row in rows {
            let moment = times.values[row]
            if !times.validity[row] || moment < lastTime { return fail(at: time) }
            if let id, let column = ids {
                let isTied = moment == lastTime
                let former = row == rows.lowerBound ? nil : row - 1
                if !column.validity[row] || (isTied && precedes(row, former, column)) {
                    fail(at: id)
                    ids = nil
                }
            }
            lastTime = moment
        }
        if let ids, let last = rows.last { lastID = Array(ids.bytes[ids.range(of: last)]) }
    }

    /// The rows are not sorted by a column, nor by those after it.
    private mutating func fail(at column: Int) {
        holdingCount = min(holdingCount, columns.firstIndex(of: column) ?? 0)
    }

    private func isHeld(_ column: Int) -> Bool { columns[..<holdingCount].contains(column) }

    /// Whether a row's id comes before that of the row before it.
    ///
    /// - Parameter former: the row before in the same batch; nil: the last row noted.
    private func precedes(_ row: Int, _ former: Int?, _ ids: TextColumn) -> Bool {
        let before = former.map { ids.bytes[ids.range(of: $0)] } ?? lastID[...]
        return ids.bytes[ids.range(of: row)].lexicographicallyPrecedes(before)
    }

    /// The provider's own fields have no name for it; there the first required time is the likeliest.
    private static func timeColumn(
        _ schema: TableSchema, _ selection: ColumnSelection
    ) -> Int? {
        if let index = column(.startedAt, schema, selection) { return index }
        guard selection.picks.contains(.native) else { return nil }
        return schema.columns.firstIndex { $0.type == .timestamp && !$0.isNullable }
    }

    private static func column(
        _ column: UnifiedColumn, _ schema: TableSchema, _ selection: ColumnSelection
    ) -> Int? {
        guard let name = selection.outputName(of: column) else { return nil }
        return schema.columns.firstIndex { $0.name == name && $0.type == column.type }
    }
}

extension TextColumn {
    /// The end of the rows that hold the same text as the first one.
    fileprivate func endOfRun(_ rows: Range<Int>) -> Int {
        let first = range(of: rows.lowerBound)
        return bytes.withUnsafeBufferPointer { bytes in
            let text = bytes[first]
            return rows.dropFirst().first { row in
                !validity[row] || range(of: row).count != first.count
                    || !bytes[range(of: row)].elementsEqual(text)
            } ?? rows.upperBound
        }
    }
}
