import ExportModel
import Foundation
import GRDB

extension WindowRecord {
    /// Reads a row of `windows`.
    init(
        _ identity: WindowIdentity, row: Row, _ names: LedgerNames, in database: Database
    ) throws {
        var range: TimeRange?
        if let start = Timestamp(row["start_ms"]), let end = Timestamp(row["end_ms"]), start <= end
        {
            range = TimeRange(start: start, end: end)
        }
        self.init(
            identity: identity, range: range,
            timeZoneIdentifier: try names.name(of: row["time_zone"], in: database),
            state: try WindowState(row["state"]), attempts: row["attempts"],
            runID: try names.name(of: row["run"], in: database),
            startedAt: Timestamp(epochMilliseconds: row["started_at"]),
            finishedAt: Timestamp(row["finished_at"]),
            published: try WindowOutcome(row: row, names, in: database),
            failure: try FailureRecord(row: row, names, in: database))
    }
}

extension WindowOutcome {
    /// nil if the window was never published.
    fileprivate init?(row: Row, _ names: LedgerNames, in database: Database) throws {
        guard let publishedAt = Timestamp(row["published_at"]) else { return nil }
        let leaf: String = row["directory"]
        self.init(
            runID: try names.name(of: row["published_run"], in: database),
            publishedAt: publishedAt,
            directory: try names.name(of: row["parent"], in: database) + leaf, rows: row["rows"],
            rejects: row["rejects"], duplicates: row["duplicates"],
            outsideWindow: row["outside_window"], reportedTotal: row["reported_total"],
            requests: row["requests"], byteCount: row["bytes"], lateRows: row["late_rows"],
            changedRows: row["changed_rows"],
            fingerprint: try (row["fingerprint"] as Int64?).map {
                try names.name(of: $0, in: database)
            },
            contentSHA256: (row["content_sha256"] as Data?)?.hexadecimal)
        version = row["version"]
    }
}

extension FailureRecord {
    /// nil unless the last finished attempt failed.
    fileprivate init?(row: Row, _ names: LedgerNames, in database: Database) throws {
        guard let failedAt = Timestamp(row["failed_at"]) else { return nil }
        self.init(
            runID: try names.name(of: row["failure_run"], in: database), failedAt: failedAt,
            // While the next attempt runs, the state is that attempt's.
            state: try WindowState(row["state"]) == .shrunk ? .shrunk : .failed,
            kind: try known(row["failure_kind"], "failure kind"), code: row["failure_code"],
            message: row["failure_message"])
    }
}

extension Timestamp {
    fileprivate init?(_ epochMilliseconds: Int64?) {
        guard let epochMilliseconds else { return nil }
        self.init(epochMilliseconds: epochMilliseconds)
    }
}
