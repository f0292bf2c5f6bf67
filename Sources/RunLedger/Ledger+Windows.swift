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
                            try Self.begin(entry, runID: runID, at: moment, in: database)
                        }
                        return .commit
                    }
                }
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try result.get()
            }
        } catch {
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
                try Self.ensureAttempt(
                    entry, runID: outcome.runID, at: outcome.publishedAt, in: database)
                try Self.complete(entry, outcome, in: database)
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
            try Self.ensureAttempt(
                entry, runID: outcome.runID, at: outcome.publishedAt, in: database)
            try Self.complete(entry, outcome, in: database)
            try Self.fail(entry, failure, in: database)
        }
    }

    /// Records failures, in one transaction that is on disk when the call returns. What was
    /// published before stays published.
    public func markFailed(
        _ failures: [(entry: LedgerEntry, failure: FailureRecord)]
    ) throws(LedgerError) {
        try write("recording a failure") { database in
            for (entry, failure) in failures {
                try Self.ensureAttempt(
                    entry, runID: failure.runID, at: failure.failedAt, in: database)
                try Self.fail(entry, failure, in: database)
            }
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
            let rows = try Row.fetchCursor(
                database, sql: Self.statesQuery,
                arguments: [pipeline, timeZone, earliestStart?.epochMilliseconds ?? .max])
            while let row = try rows.next() {
                let state: WindowState = try known(row[3], "window state")
                states[row[0], default: [:]][row[1], default: [:]][row[2]] = state
            }
            return states
        }
    }

    /// Answered by an index alone; two parts, because `OR` would read all of a pipeline's history.
    static let statesQuery = """
        SELECT stream, account, window, state FROM windows
        WHERE pipeline = ?1 AND time_zone = ?2 AND start_ms IS NULL
        UNION ALL
        SELECT stream, account, window, state FROM windows
        WHERE pipeline = ?1 AND time_zone = ?2 AND start_ms >= ?3
        """

    /// A pipeline's windows by stream, start and account; request lists come first.
    public func windows(
        pipeline: String, filter: WindowFilter = WindowFilter()
    ) throws(LedgerError) -> [WindowRecord] {
        try read("reading windows") { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM windows
                    WHERE pipeline = ?1
                        AND (?2 IS NULL OR stream = ?2)
                        AND (?3 IS NULL OR account = ?3)
                        AND (?4 IS NULL OR state = ?4)
                        AND (?5 IS NULL OR (start_ms >= ?5 AND start_ms < ?6))
                    ORDER BY stream, start_ms, account, window
                    """,
                arguments: [
                    pipeline, filter.stream, filter.account, filter.state?.rawValue,
                    filter.startingIn?.start.epochMilliseconds,
                    filter.startingIn?.end.epochMilliseconds,
                ]
            ).map(WindowRecord.init(row:))
        }
    }

    /// What the ledger says of one window; nil if it was never begun.
    public func window(_ identity: WindowIdentity) throws(LedgerError) -> WindowRecord? {
        try read("reading a window") { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM windows WHERE " + Self.isIdentity,
                arguments: Self.arguments(identity)
            ).map(WindowRecord.init(row:))
        }
    }
}
