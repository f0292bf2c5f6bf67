public import ExportModel
import Foundation
import GRDB

extension Ledger {
    /// The states of a pipeline's windows for a plan: stream → account → key → state.
    ///
    /// - Parameters:
    ///   - timeZone: windows that were cut in another zone are left out: their bounds differ.
    ///   - earliestStart: windows before are left out; nil: only request lists are read.
    public func windowStates(
        pipeline: String, timeZone: String, since earliestStart: Timestamp?
    ) throws(LedgerError) -> [String: [String: [String: WindowState]]] {
        try read("reading windows") { database in
            var states: [String: [String: [String: WindowState]]] = [:]
            guard let export = try names.export(of: pipeline, in: database),
                let zone = try names.id(of: timeZone, in: database)
            else { return states }
            let rows = try Row.fetchCursor(
                database, sql: Self.statesQuery,
                arguments: [export, zone, earliestStart?.epochMilliseconds ?? .max])
            // By numbers first: names are looked up once an account, not once a window.
            var byNumbers: [Int64: [Int64: [String: WindowState]]] = [:]
            while let row = try rows.next() {
                byNumbers[row[0], default: [:]][row[1], default: [:]][row[2]] = try WindowState(
                    row[3])
            }
            for (stream, accounts) in byNumbers {
                let stream = try names.name(of: stream, in: database)
                for (account, windows) in accounts {
                    let account = try names.name(of: account, in: database)
                    states[stream, default: [:]][account] = windows
                }
            }
            return states
        }
    }

    /// Answered by an index alone; two parts, because `OR` would read all of a pipeline's history.
    static let statesQuery = """
        SELECT stream, account, window, state FROM windows
        WHERE export = ?1 AND time_zone = ?2 AND start_ms IS NULL
        UNION ALL
        SELECT stream, account, window, state FROM windows
        WHERE export = ?1 AND time_zone = ?2 AND start_ms >= ?3
        """

    /// Complete windows whose files were made with other settings than today's.
    ///
    /// Answered by an index alone. Windows that an older cdrx published are left out: how is not
    /// known.
    ///
    /// - Parameter fingerprints: those of today, of all streams of the pipeline.
    public func outdatedWindows(
        pipeline: String, timeZone: String, fingerprints: [String]
    ) throws(LedgerError) -> [WindowIdentity] {
        try read("reading windows") { database in
            guard let export = try names.export(of: pipeline, in: database),
                let zone = try names.id(of: timeZone, in: database)
            else { return [] }
            let today = try fingerprints.compactMap { try names.id(of: $0, in: database) }
            let rows = try Row.fetchCursor(
                database,
                sql: Self.outdatedQuery(today.map(String.init).joined(separator: ", ")),
                arguments: [export, zone, WindowState.complete.number])
            var found: [WindowIdentity] = []
            while let row = try rows.next() {
                found.append(
                    WindowIdentity(
                        pipeline: pipeline, stream: try names.name(of: row[0], in: database),
                        account: try names.name(of: row[1], in: database), window: row[2]))
            }
            return found
        }
    }

    /// Request lists first, then by start.
    static func outdatedQuery(_ fingerprints: String) -> String {
        """
        SELECT stream, account, window FROM windows
        WHERE export = ?1 AND time_zone = ?2 AND state = ?3
            AND fingerprint IS NOT NULL AND fingerprint NOT IN (\(fingerprints))
        ORDER BY start_ms
        """
    }

    /// A pipeline's windows by stream, start and account; request lists come first.
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
            var conditions = ["export = \(export)"]
            for (column, chosen) in [
                ("stream", filter.streams), ("account", filter.accounts),
                ("published_run", filter.publishedBy.map { [$0] }),
            ] {
                guard let chosen else { continue }
                let ids = try chosen.compactMap { try names.id(of: $0, in: database) }
                let list = ids.map(String.init).joined(separator: ", ")
                conditions.append("\(column) IN (\(list))")
            }
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT \(WindowColumn.list), streams.name, accounts.name, window
                    FROM windows JOIN names AS streams ON streams.id = stream
                    JOIN names AS accounts ON accounts.id = account
                    WHERE \(conditions.joined(separator: " AND "))
                    ORDER BY streams.name, start_ms, accounts.name, window
                    """)
            let first = WindowColumn.allCases.count
            while let row = try rows.next() {
                let identity = WindowIdentity(
                    pipeline: pipeline, stream: row[first], account: row[first + 1],
                    window: row[first + 2])
                body(try WindowRecord(identity, row: row, names, in: database))
            }
        }
    }

    /// What the ledger says of one window; nil if it was never begun.
    public func window(_ identity: WindowIdentity) throws(LedgerError) -> WindowRecord? {
        try read("reading a window") { try window(identity, in: $0) }
    }

    func window(_ identity: WindowIdentity, in database: Database) throws -> WindowRecord? {
        guard let key = try key(identity, in: database) else { return nil }
        let statement = try database.cachedStatement(
            sql: "SELECT \(WindowColumn.list) FROM windows WHERE \(Self.isIdentity)")
        return try Row.fetchOne(statement, arguments: key).map {
            try WindowRecord(identity, row: $0, names, in: database)
        }
    }
}
