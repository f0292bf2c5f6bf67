import ExportModel
import Foundation
import GRDB

extension WindowRecord {
    /// Reads a row of `windows`.
    init(row: Row) throws {
        var range: TimeRange?
        if let start = Timestamp(row["start_ms"]), let end = Timestamp(row["end_ms"]), start <= end
        {
            range = TimeRange(start: start, end: end)
        }
        self.init(
            identity: WindowIdentity(
                pipeline: row["pipeline"], stream: row["stream"], account: row["account"],
                window: row["window"]),
            range: range, timeZoneIdentifier: row["time_zone"],
            state: try known(row["state"], "window state"), attempts: row["attempts"],
            runID: row["run_id"], startedAt: Timestamp(epochMilliseconds: row["started_at"]),
            finishedAt: Timestamp(row["finished_at"]), published: try WindowOutcome(row: row),
            failure: try FailureRecord(row: row))
    }
}

extension WindowOutcome {
    /// nil if the window was never published.
    fileprivate init?(row: Row) throws {
        guard let publishedAt = Timestamp(row["published_at"]) else { return nil }
        let files: String = row["files"]
        self.init(
            runID: row["published_run_id"], publishedAt: publishedAt, directory: row["directory"],
            rows: row["rows"], rejects: row["rejects"], duplicates: row["duplicates"],
            outsideWindow: row["outside_window"], reportedTotal: row["reported_total"],
            requests: row["requests"], byteCount: row["bytes"], lateRows: row["late_rows"],
            changedRows: row["changed_rows"], fingerprint: row["fingerprint"],
            files: try JSONDecoder().decode([PublishedFile].self, from: Data(files.utf8)))
    }
}

extension FailureRecord {
    /// nil unless the last finished attempt failed.
    fileprivate init?(row: Row) throws {
        guard let failedAt = Timestamp(row["failed_at"]) else { return nil }
        self.init(
            runID: row["failure_run_id"], failedAt: failedAt,
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
