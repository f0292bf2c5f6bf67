import ExportModel
import Foundation
import GRDB

/// The statements that change `windows`, one row each.
extension Ledger {
    static let isIdentity = "export = ? AND stream = ? AND account = ? AND window = ?"

    /// The primary key of an account window, made of numbers that are given where there are none.
    private func makeKey(
        _ identity: WindowIdentity, in database: Database
    ) throws -> StatementArguments {
        [
            try names.makeExport(of: identity.pipeline, in: database),
            try names.makeID(of: identity.stream, in: database),
            try names.makeID(of: identity.account, in: database), identity.window,
        ]
    }

    /// The primary key of an account window; nil if the ledger cannot hold it.
    func key(_ identity: WindowIdentity, in database: Database) throws -> StatementArguments? {
        guard let export = try names.export(of: identity.pipeline, in: database),
            let stream = try names.id(of: identity.stream, in: database),
            let account = try names.id(of: identity.account, in: database)
        else { return nil }
        return [export, stream, account, identity.window]
    }

    /// A new attempt at a window, known or not.
    ///
    /// - Returns: how many attempts there were.
    @discardableResult
    func begin(
        _ entry: LedgerEntry, runID: String, at moment: Timestamp, in database: Database
    ) throws -> Int {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO windows (
                    export, stream, account, window, start_ms, end_ms, time_zone,
                    state, attempts, run, started_at, archive)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, 0)
                ON CONFLICT (export, stream, window, account) DO UPDATE SET
                    start_ms = excluded.start_ms, end_ms = excluded.end_ms,
                    time_zone = excluded.time_zone, state = excluded.state,
                    attempts = attempts + 1, run = excluded.run,
                    started_at = excluded.started_at, finished_at = NULL
                RETURNING attempts
                """)
        let range = entry.window.range
        let attempts = try Int.fetchOne(
            statement,
            arguments: try makeKey(entry.identity, in: database) + [
                range?.start.epochMilliseconds, range?.end.epochMilliseconds,
                try names.makeID(of: entry.window.timeZoneIdentifier, in: database),
                WindowState.running.number, try names.makeID(of: runID, in: database),
                moment.epochMilliseconds,
            ])
        guard let attempts else { throw LedgerError(unknown: "nothing", "new attempt") }
        return attempts
    }

    /// Begins an attempt unless the run has one running, or archived one: a window can fail before
    /// it was begun, for one when its account cannot log in, and a power loss may have taken the
    /// beginning.
    func ensureAttempt(
        _ entry: LedgerEntry, runID: String, at moment: Timestamp, in database: Database
    ) throws {
        let isOpen = try database.cachedStatement(
            sql: "SELECT 1 FROM windows WHERE \(Self.isIdentity) AND state IN (?, ?) AND run = ?")
        let arguments =
            try makeKey(entry.identity, in: database) + [
                WindowState.running.number, WindowState.archived.number,
                try names.makeID(of: runID, in: database),
            ]
        if try Int.fetchOne(isOpen, arguments: arguments) == nil {
            try begin(entry, runID: runID, at: moment, in: database)
        }
    }

    /// What is known of an earlier failure is dropped.
    func archive(
        _ entry: LedgerEntry, _ outcome: ArchivedOutcome, in database: Database
    ) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE windows SET
                    state = ?, finished_at = ?, \(Self.noFailure),
                    archived_at = ?, archived_run = ?, version_run = ?, version_number = ?,
                    archive = \(ArchiveState.kept.rawValue), rows = ?, rejects = ?, duplicates = ?, outside_window = ?,
                    reported_total = ?, requests = ?
                WHERE \(Self.isIdentity)
                """)
        let moment = outcome.archivedAt.epochMilliseconds
        let version = try names.versionColumns(outcome.versionID, in: database)
        let values: StatementArguments = [
            WindowState.archived.number, moment, moment,
            try names.makeID(of: outcome.runID, in: database), version.run, version.number,
            outcome.rows, outcome.rejects, outcome.duplicates, outcome.outsideWindow,
            outcome.reportedTotal, outcome.requests,
        ]
        try statement.execute(arguments: values + (try makeKey(entry.identity, in: database)))
    }

    static let noFailure = """
        failure_run = NULL, failed_at = NULL, failure_kind = NULL, failure_code = NULL,
        failure_message = NULL
        """

    func fail(
        _ entry: LedgerEntry, _ failure: FailureRecord, in database: Database
    ) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE windows SET
                    state = ?, finished_at = ?, failed_at = ?, failure_run = ?,
                    failure_kind = ?, failure_code = ?, failure_message = ?
                WHERE \(Self.isIdentity)
                """)
        let moment = failure.failedAt.epochMilliseconds
        let values: StatementArguments = [
            failure.state.number, moment, moment,
            try names.makeID(of: failure.runID, in: database), failure.kind.rawValue, failure.code,
            failure.message,
        ]
        try statement.execute(arguments: values + (try makeKey(entry.identity, in: database)))
    }

    /// Takes an attempt back. Nothing happens unless the run has one running.
    func interrupt(
        _ entry: LedgerEntry, runID: String, at moment: Timestamp, in database: Database
    ) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE windows SET state = ?, attempts = attempts - 1, finished_at = ?
                WHERE \(Self.isIdentity) AND state = ? AND run = ?
                """)
        let values: StatementArguments = [
            WindowState.interrupted.number, moment.epochMilliseconds,
        ]
        try statement.execute(
            arguments: values + (try makeKey(entry.identity, in: database)) + [
                WindowState.running.number, try names.makeID(of: runID, in: database),
            ])
    }
}

extension WindowState {
    /// How the ledger writes a state.
    var number: Int {
        switch self {
        case .running: 1
        case .complete: 2
        case .failed: 3
        case .interrupted: 4
        case .shrunk: 5
        case .archived: 6
        }
    }

    /// - Throws: `ledger_corrupt` for anything but a ``number``.
    init(_ stored: DatabaseValue) throws {
        let number = Int.fromDatabaseValue(stored)
        guard let state = Self.allCases.first(where: { $0.number == number }) else {
            throw LedgerError(unknown: stored.description, "window state")
        }
        self = state
    }
}

extension ArchiveState {
    /// - Throws: `ledger_corrupt` for anything but a raw value.
    init(_ stored: DatabaseValue) throws {
        guard let state = Int.fromDatabaseValue(stored).flatMap(Self.init(rawValue:)) else {
            throw LedgerError(unknown: stored.description, "archive state")
        }
        self = state
    }
}

extension Data {
    /// Bytes from pairs of lower-case hexadecimal digits; what is none counts as 0.
    init(hexadecimal text: String) {
        func value(_ digit: UInt8) -> UInt8 {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
            default: 0
            }
        }
        let digits = Array(text.utf8)
        self.init(
            stride(from: 0, to: digits.count & ~1, by: 2).map { index in
                value(digits[index]) << 4 | value(digits[index + 1])
            })
    }

    var hexadecimal: String {
        func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }
        return String(unsafeUninitializedCapacity: 2 * count) { text in
            for (index, byte) in enumerated() {
                text[2 * index] = digit(byte >> 4)
                text[2 * index + 1] = digit(byte & 15)
            }
            return 2 * count
        }
    }
}
