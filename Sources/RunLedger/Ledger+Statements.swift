import ExportModel
import Foundation
import GRDB

/// The statements that change `windows`, one row each.
extension Ledger {
    static let isIdentity = "pipeline = ? AND stream = ? AND account = ? AND window = ?"

    static func arguments(_ identity: WindowIdentity) -> StatementArguments {
        [identity.pipeline, identity.stream, identity.account, identity.window]
    }

    /// A new attempt at a window, known or not.
    static func begin(
        _ entry: LedgerEntry, runID: String, at moment: Timestamp, in database: Database
    ) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO windows (
                    pipeline, stream, account, window, start_ms, end_ms, time_zone,
                    state, attempts, run_id, started_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, 'running', 1, ?, ?)
                ON CONFLICT (pipeline, stream, account, window) DO UPDATE SET
                    start_ms = excluded.start_ms, end_ms = excluded.end_ms,
                    time_zone = excluded.time_zone, state = 'running', attempts = attempts + 1,
                    run_id = excluded.run_id, started_at = excluded.started_at, finished_at = NULL
                """)
        let range = entry.window.range
        try statement.execute(
            arguments: arguments(entry.identity) + [
                range?.start.epochMilliseconds, range?.end.epochMilliseconds,
                entry.window.timeZoneIdentifier, runID, moment.epochMilliseconds,
            ])
    }

    /// Begins an attempt unless the run has one running: a window can fail before it was begun, for
    /// one when its account cannot log in, and a power loss may have taken the beginning.
    static func ensureAttempt(
        _ entry: LedgerEntry, runID: String, at moment: Timestamp, in database: Database
    ) throws {
        let isRunning = try database.cachedStatement(
            sql: "SELECT 1 FROM windows WHERE \(isIdentity) AND state = 'running' AND run_id = ?")
        let arguments = arguments(entry.identity) + [runID]
        if try Int.fetchOne(isRunning, arguments: arguments) == nil {
            try begin(entry, runID: runID, at: moment, in: database)
        }
    }

    static func complete(
        _ entry: LedgerEntry, _ outcome: WindowOutcome, in database: Database
    ) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE windows SET
                    state = 'complete', finished_at = ?1, failure_run_id = NULL, failed_at = NULL,
                    failure_kind = NULL, failure_code = NULL, failure_message = NULL,
                    published_at = ?1, published_run_id = ?2, directory = ?3, rows = ?4,
                    rejects = ?5, duplicates = ?6, outside_window = ?7, reported_total = ?8,
                    requests = ?9, bytes = ?10, late_rows = ?11, changed_rows = ?12,
                    fingerprint = ?13, files = ?14
                WHERE pipeline = ?15 AND stream = ?16 AND account = ?17 AND window = ?18
                """)
        let arguments: StatementArguments = [
            outcome.publishedAt.epochMilliseconds, outcome.runID, outcome.directory, outcome.rows,
            outcome.rejects, outcome.duplicates, outcome.outsideWindow, outcome.reportedTotal,
            outcome.requests, outcome.byteCount, outcome.lateRows, outcome.changedRows,
            outcome.fingerprint, try text(of: outcome.files),
        ]
        try statement.execute(arguments: arguments + Self.arguments(entry.identity))
    }

    static func fail(
        _ entry: LedgerEntry, _ failure: FailureRecord, in database: Database
    ) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE windows SET
                    state = 'failed', finished_at = ?1, failed_at = ?1, failure_run_id = ?2,
                    failure_kind = ?3, failure_code = ?4, failure_message = ?5
                WHERE pipeline = ?6 AND stream = ?7 AND account = ?8 AND window = ?9
                """)
        let arguments: StatementArguments = [
            failure.failedAt.epochMilliseconds, failure.runID, failure.kind.rawValue, failure.code,
            failure.message,
        ]
        try statement.execute(arguments: arguments + Self.arguments(entry.identity))
    }

    private static func text(of files: [PublishedFile]) throws -> String {
        if files.isEmpty { return "[]" }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(files), as: UTF8.self)
    }
}
