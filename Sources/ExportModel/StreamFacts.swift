/// What the ledger says of a stream's account windows, a byte each: a plan may need those of years.
public struct StreamFacts: Hashable, Sendable {
    /// What it says of one account's windows.
    public struct Row: Sendable {
        fileprivate let cells: ArraySlice<UInt8>

        /// - Parameter column: ``StreamFacts/column(of:)``
        public subscript(column: Int?) -> WindowFacts? {
            guard let column, column < cells.count else { return nil }
            return WindowFacts(code: cells[cells.startIndex + column])
        }
    }

    /// Of each window's key into the rows.
    private var columns: [String: Int] = [:]
    /// By account. A row may end before the last column.
    private var rows: [String: [UInt8]] = [:]

    public init() {}

    public var accounts: some Collection<String> { rows.keys }

    /// Where rows have a window; nil where none has it.
    public func column(of window: String) -> Int? { columns[window] }

    /// What is known of an account's windows.
    public func row(of account: String) -> Row { Row(cells: (rows[account] ?? [])[...]) }

    /// Whether something is known of an account.
    public func knows(_ account: String) -> Bool { rows[account] != nil }

    /// The accounts of which a window's facts satisfy a condition.
    public func accounts(at column: Int?, where condition: (WindowFacts) -> Bool) -> [String] {
        guard let column else { return [] }
        return rows.compactMap { account, cells in
            guard column < cells.count, let facts = WindowFacts(code: cells[column]) else {
                return nil
            }
            return condition(facts) ? account : nil
        }
    }

    /// Whether a window's facts of some account satisfy a condition.
    public func contains(at column: Int?, where condition: (WindowFacts) -> Bool) -> Bool {
        guard let column else { return false }
        return rows.values.contains { cells in
            column < cells.count && (WindowFacts(code: cells[column]).map(condition) ?? false)
        }
    }

    /// Some of the accounts by themselves.
    public func filter(_ isIncluded: (String) -> Bool) -> StreamFacts {
        var copy = self
        copy.rows = rows.filter { isIncluded($0.key) }
        return copy
    }

    /// The accounts divided by a property of their names.
    public func grouped<Key: Hashable>(by key: (String) -> Key) -> [Key: StreamFacts] {
        Dictionary(grouping: rows) { key($0.key) }.mapValues { rows in
            var group = self
            group.rows = Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0.value) })
            return group
        }
    }

    /// Hands out all that is known.
    public func forEach(
        _ body: (_ account: String, _ window: String, WindowFacts) -> Void
    ) {
        for (account, cells) in rows {
            for (window, column) in columns where column < cells.count {
                if let facts = WindowFacts(code: cells[column]) { body(account, window, facts) }
            }
        }
    }
}

extension StreamFacts {
    /// Takes facts one by one; those of one window after the other cost least.
    public struct Builder {
        private var facts = StreamFacts()
        private var latestWindow = ""
        private var latestColumn: Int?
        private var places: [Int64: Int] = [:]
        private var rows: [(account: Int64, cells: [UInt8])] = []

        public init() {}

        /// - Parameter account: a number in place of its name.
        public mutating func add(account: Int64, window: String, _ known: WindowFacts) {
            let column = column(of: window)
            let place: Int
            if let found = places[account] {
                place = found
            } else {
                place = rows.count
                places[account] = place
                rows.append((account, []))
            }
            let missing = column + 1 - rows[place].cells.count
            if missing > 0 { rows[place].cells += repeatElement(0, count: missing) }
            rows[place].cells[column] = known.code
        }

        private mutating func column(of window: String) -> Int {
            if let latestColumn, latestWindow == window { return latestColumn }
            let column = facts.columns[window] ?? facts.columns.count
            facts.columns[window] = column
            (latestWindow, latestColumn) = (window, column)
            return column
        }

        /// - Parameter name: of an account's number.
        public consuming func finish(
            _ name: (Int64) throws -> String
        ) rethrows -> StreamFacts {
            facts.rows.reserveCapacity(rows.count)
            for (account, cells) in rows { facts.rows[try name(account)] = cells }
            return facts
        }
    }
}

extension WindowFacts {
    /// 1…255; 0 stands for nothing known.
    fileprivate var code: UInt8 {
        UInt8(1 + state.ordinal * ArchiveState.allCases.count + archive.rawValue)
    }

    fileprivate init?(code: UInt8) {
        if code == 0 { return nil }
        self = Self.all[Int(code) - 1]
    }

    /// By ``code``, from 1 on.
    private static let all = WindowState.allCases.flatMap { state in
        ArchiveState.allCases.map { WindowFacts(state, archive: $0) }
    }
}

extension WindowState {
    /// Its place in ``allCases``.
    fileprivate var ordinal: Int {
        switch self {
        case .running: 0
        case .complete: 1
        case .failed: 2
        case .interrupted: 3
        case .shrunk: 4
        case .archived: 5
        }
    }
}
