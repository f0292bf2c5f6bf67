public import ExportModel
import Foundation
import GRDB

extension Ledger {
    /// Records that attempts begin, in one transaction.
    ///
    /// Unlike all else this is not synced to disk: after a power loss a window is remembered as it
    /// was before, and so is planned again.
    public func markRunning(
        _ entries: [LedgerEntry], runID: String, at moment: Timestamp
    ) throws(LedgerError) {
        do {
            try queue.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = NORMAL")
                // Back to FULL whatever happens, or the next publication would not be durable.
                let result = Result {
                    try database.inTransaction {
                        for entry in entries {
                            try self.begin(entry, runID: runID, at: moment, in: database)
                        }
                        return .commit
                    }
                }
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try result.get()
            }
        } catch {
            names.forget()
            throw LedgerError(error, path: directory.ledgerPath, while: "recording a window")
        }
    }

    /// Records publications, in one transaction that is on disk when the call returns. What is
    /// known of an earlier failure is dropped.
    public func markComplete(
        _ outcomes: [(entry: LedgerEntry, outcome: WindowOutcome)]
    ) throws(LedgerError) {
        try write("recording a publication") { database in
            for (entry, outcome) in outcomes {
                try ensureAttempt(
                    entry, runID: outcome.runID, at: outcome.publishedAt, in: database)
                try complete(entry, outcome, in: database)
            }
        }
    }

    /// Records one publication; see
    /// ``markComplete(_:)-([(entry:LedgerEntry,outcome:WindowOutcome)])``.
    public func markComplete(
        _ entry: LedgerEntry, _ outcome: WindowOutcome
    ) throws(LedgerError) {
        try markComplete([(entry, outcome)])
    }

    /// Records a publication that the next run must try again, in one transaction that is on disk
    /// when the call returns.
    public func markPublishedIncomplete(
        _ entry: LedgerEntry, _ outcome: WindowOutcome, _ failure: FailureRecord
    ) throws(LedgerError) {
        try write("recording a publication") { database in
            try ensureAttempt(
                entry, runID: outcome.runID, at: outcome.publishedAt, in: database)
            try complete(entry, outcome, in: database)
            try fail(entry, failure, in: database)
        }
    }

    /// Records failures, in one transaction that is on disk when the call returns. What was
    /// published before stays published.
    public func markFailed(
        _ failures: [(entry: LedgerEntry, failure: FailureRecord)]
    ) throws(LedgerError) {
        try write("recording a failure") { database in
            for (entry, failure) in failures {
                try ensureAttempt(
                    entry, runID: failure.runID, at: failure.failedAt, in: database)
                try fail(entry, failure, in: database)
            }
        }
    }

    /// Records that a stop ended an attempt, which then does not count as one. What was known of the
    /// window stays known.
    public func markInterrupted(
        _ entry: LedgerEntry, runID: String, at moment: Timestamp
    ) throws(LedgerError) {
        try write("recording an interruption") { database in
            try interrupt(entry, runID: runID, at: moment, in: database)
        }
    }

    /// Records one failure.
    public func markFailed(
        _ entry: LedgerEntry, _ failure: FailureRecord
    ) throws(LedgerError) {
        try markFailed([(entry, failure)])
    }

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
            while let row = try rows.next() {
                let stream = try names.name(of: row[0], in: database)
                let account = try names.name(of: row[1], in: database)
                states[stream, default: [:]][account, default: [:]][row[2]] = try WindowState(
                    row[3])
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
        try read("reading a window") { database in
            guard let key = try key(identity, in: database) else { return nil }
            let statement = try database.cachedStatement(
                sql: "SELECT \(WindowColumn.list) FROM windows WHERE \(Self.isIdentity)")
            return try Row.fetchOne(statement, arguments: key).map {
                try WindowRecord(identity, row: $0, names, in: database)
            }
        }
    }
}
