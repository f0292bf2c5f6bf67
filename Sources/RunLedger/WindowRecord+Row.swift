import ExportModel
import Foundation
import GRDB

/// What a row about a window holds, in this order: a column is found by its place, because its name
/// would be looked for in each row.
enum WindowColumn: Int, CaseIterable {
    case startMs, endMs, timeZone, state, attempts, run, startedAt, finishedAt
    case failureRun, failedAt, failureKind, failureCode, failureMessage
    case publishedAt, publishedRun, version, parent, directory, rows, rejects, duplicates
    case outsideWindow, reportedTotal, requests, bytes, lateRows, changedRows, fingerprint
    case contentSha256

    /// For `SELECT`; `startMs` is the column `start_ms`.
    static let list = allCases.map { column in
        "windows." + "\(column)".map { $0.isUppercase ? "_" + $0.lowercased() : "\($0)" }.joined()
    }.joined(separator: ", ")
}

extension Row {
    fileprivate subscript<Value: DatabaseValueConvertible & StatementColumnConvertible>(
        _ column: WindowColumn
    ) -> Value {
        self[column.rawValue]
    }

    fileprivate subscript(_ column: WindowColumn) -> DatabaseValue {
        self[column.rawValue]
    }
}

extension WindowRecord {
    /// Reads a row that begins with ``WindowColumn/list``.
    init(
        _ identity: WindowIdentity, row: Row, _ names: LedgerNames, in database: Database
    ) throws {
        var range: TimeRange?
        if let start = Timestamp(row[.startMs]), let end = Timestamp(row[.endMs]), start <= end {
            range = TimeRange(start: start, end: end)
        }
        self.init(
            identity: identity, range: range,
            timeZoneIdentifier: try names.name(of: row[.timeZone], in: database),
            state: try WindowState(row[.state]), attempts: row[.attempts],
            runID: try names.name(of: row[.run], in: database),
            startedAt: Timestamp(epochMilliseconds: row[.startedAt]),
            finishedAt: Timestamp(row[.finishedAt]),
            published: try WindowOutcome(row: row, names, in: database),
            failure: try FailureRecord(row: row, names, in: database))
    }
}

extension WindowOutcome {
    /// nil if the window was never published.
    fileprivate init?(row: Row, _ names: LedgerNames, in database: Database) throws {
        guard let publishedAt = Timestamp(row[.publishedAt]) else { return nil }
        let leaf: String = row[.directory]
        self.init(
            runID: try names.name(of: row[.publishedRun], in: database),
            publishedAt: publishedAt,
            directory: try names.name(of: row[.parent], in: database) + leaf, rows: row[.rows],
            rejects: row[.rejects], duplicates: row[.duplicates],
            outsideWindow: row[.outsideWindow], reportedTotal: row[.reportedTotal],
            requests: row[.requests], byteCount: row[.bytes], lateRows: row[.lateRows],
            changedRows: row[.changedRows],
            fingerprint: try (row[.fingerprint] as Int64?).map {
                try names.name(of: $0, in: database)
            },
            contentSHA256: (row[.contentSha256] as Data?)?.hexadecimal)
        version = row[.version]
    }
}

extension FailureRecord {
    /// nil unless the last finished attempt failed.
    fileprivate init?(row: Row, _ names: LedgerNames, in database: Database) throws {
        guard let failedAt = Timestamp(row[.failedAt]) else { return nil }
        self.init(
            runID: try names.name(of: row[.failureRun], in: database), failedAt: failedAt,
            // While the next attempt runs, the state is that attempt's.
            state: try WindowState(row[.state]) == .shrunk ? .shrunk : .failed,
            kind: try known(row[.failureKind], "failure kind"), code: row[.failureCode],
            message: row[.failureMessage])
    }
}

extension Timestamp {
    fileprivate init?(_ epochMilliseconds: Int64?) {
        guard let epochMilliseconds else { return nil }
        self.init(epochMilliseconds: epochMilliseconds)
    }
}
