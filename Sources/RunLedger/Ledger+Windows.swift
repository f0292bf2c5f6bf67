public import ExportModel
import Foundation
import GRDB

extension Ledger {
    /// What a plan must know of a pipeline's account windows, by stream.
    ///
    /// - Parameters:
    ///   - timeZone: windows that were cut in another zone are left out: their bounds differ.
    ///   - earliestStart: windows before are left out; nil: only request lists are read.
    public func windowFacts(
        pipeline: String, timeZone: String, since earliestStart: Timestamp?
    ) throws(LedgerError) -> [String: StreamFacts] {
        try read("reading windows") { database in
            guard let export = try names.export(of: pipeline, in: database),
                let zone = try names.id(of: timeZone, in: database)
            else { return [:] }
            let rows = try Row.fetchCursor(
                database, sql: Self.factsQuery,
                arguments: [export, zone, earliestStart?.epochMilliseconds ?? .max])
            // Of neighbors in the index most are alike; names are looked up once an account.
            var builders: [Int64: StreamFacts.Builder] = [:]
            var latest: (state: Int, archive: Int, facts: WindowFacts)?
            while let row = try rows.next() {
                let (state, archive): (Int, Int) = (row[3], row[4])
                if latest?.state != state || latest?.archive != archive {
                    let facts = WindowFacts(
                        try WindowState(state.databaseValue),
                        archive: try ArchiveState(archive.databaseValue))
                    latest = (state, archive, facts)
                }
                guard let facts = latest?.facts else { continue }
                builders[row[0], default: StreamFacts.Builder()].add(
                    account: row[1], window: row[2], facts)
            }
            var facts: [String: StreamFacts] = [:]
            for (stream, builder) in builders {
                let stream = try names.name(of: stream, in: database)
                facts[stream] = try builder.finish { try names.name(of: $0, in: database) }
            }
            return facts
        }
    }

    /// Answered by an index alone; two parts, because `OR` would read all of a pipeline's history.
    static let factsQuery = """
        SELECT stream, account, window, CAST(state AS INTEGER), CAST(archive AS INTEGER)
        FROM windows WHERE export = ?1 AND time_zone = ?2 AND start_ms IS NULL
        UNION ALL
        SELECT stream, account, window, CAST(state AS INTEGER), CAST(archive AS INTEGER)
        FROM windows WHERE export = ?1 AND time_zone = ?2 AND start_ms >= ?3
        """

    /// A pipeline's account windows by stream, start and account; request lists come first.
    public func windows(
        pipeline: String, filter: WindowFilter = WindowFilter()
    ) throws(LedgerError) -> [WindowRecord] {
        var records: [WindowRecord] = []
        try forEachWindow(pipeline: pipeline, filter: filter) { records.append($0) }
        return records
    }

    /// Hands out what ``windows(pipeline:filter:)`` returns, one by one.
    public func forEachWindow(
        pipeline: String, filter: WindowFilter = WindowFilter(), _ body: (WindowRecord) -> Void
    ) throws(LedgerError) {
        try read("reading windows") { database in
            guard let export = try names.export(of: pipeline, in: database) else { return }
            var conditions = ["windows.export = \(export)"]
            for (column, chosen) in [("stream", filter.streams), ("account", filter.accounts)] {
                guard let chosen else { continue }
                let ids = try chosen.compactMap { try names.id(of: $0, in: database) }
                let list = ids.map(String.init).joined(separator: ", ")
                conditions.append("windows.\(column) IN (\(list))")
            }
            if let states = filter.states {
                let list = states.map { "\($0.number)" }.joined(separator: ", ")
                conditions.append("windows.state IN (\(list))")
            }
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT \(WindowRecord.columns), streams.name, accounts.name, windows.window
                    \(WindowRecord.source)
                    JOIN names AS streams ON streams.id = windows.stream
                    JOIN names AS accounts ON accounts.id = windows.account
                    WHERE \(conditions.joined(separator: " AND "))
                    ORDER BY streams.name, windows.start_ms, accounts.name, windows.window
                    """)
            let first = WindowRecord.columnCount
            while let row = try rows.next() {
                let identity = WindowIdentity(
                    pipeline: pipeline, stream: row[first], account: row[first + 1],
                    window: row[first + 2])
                body(try WindowRecord(identity, row: row, names, in: database))
            }
        }
    }

    /// What the ledger says of one window of a stream: its account windows, sorted by account.
    public func accounts(
        pipeline: String, stream: String, window: String
    ) throws(LedgerError) -> [WindowRecord] {
        try read("reading a window") { database in
            guard let export = try names.export(of: pipeline, in: database),
                let streamID = try names.id(of: stream, in: database)
            else { return [] }
            let statement = try database.cachedStatement(
                sql: """
                    SELECT \(WindowRecord.columns), accounts.name \(WindowRecord.source)
                    JOIN names AS accounts ON accounts.id = windows.account
                    WHERE windows.export = ? AND windows.stream = ? AND windows.window = ?
                    ORDER BY accounts.name
                    """)
            let rows = try Row.fetchCursor(statement, arguments: [export, streamID, window])
            var records: [WindowRecord] = []
            while let row = try rows.next() {
                let identity = WindowIdentity(
                    pipeline: pipeline, stream: stream, account: row[WindowRecord.columnCount],
                    window: window)
                records.append(try WindowRecord(identity, row: row, names, in: database))
            }
            return records
        }
    }

    /// What the ledger says of one account window; nil if it was never begun.
    public func window(_ identity: WindowIdentity) throws(LedgerError) -> WindowRecord? {
        try read("reading a window") { try window(identity, in: $0) }
    }

    func window(_ identity: WindowIdentity, in database: Database) throws -> WindowRecord? {
        guard let key = try key(identity, in: database) else { return nil }
        let statement = try database.cachedStatement(
            sql: """
                SELECT \(WindowRecord.columns) \(WindowRecord.source)
                WHERE windows.export = ? AND windows.stream = ? AND windows.account = ?
                    AND windows.window = ?
                """)
        return try Row.fetchOne(statement, arguments: key).map {
            try WindowRecord(identity, row: $0, names, in: database)
        }
    }
}
