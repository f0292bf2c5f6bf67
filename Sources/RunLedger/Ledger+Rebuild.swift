public import ExportModel
import GRDB

/// What can be made again from the archive.
extension Ledger {
    /// The windows of each stream of which the archive has, or had, a version: request lists first,
    /// then by start.
    ///
    /// - Parameter timeZone: windows that were cut in another zone are left out.
    public func archivedWindows(
        pipeline: String, timeZone: String
    ) throws(LedgerError) -> [String: [Window]] {
        try read("reading windows") { database in
            guard let export = try names.export(of: pipeline, in: database),
                let zone = try names.id(of: timeZone, in: database)
            else { return [:] }
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT stream, window, min(start_ms), min(end_ms) FROM windows
                    WHERE export = ? AND time_zone = ? AND (archive <> 0 OR failure_kind = ?)
                    GROUP BY stream, window ORDER BY 3
                    """,
                arguments: [export, zone, FailureKind.tooManyRejects.rawValue])
            var windows: [String: [Window]] = [:]
            while let row = try rows.next() {
                guard let key = WindowKey(row[1]) else { continue }
                windows[try names.name(of: row[0], in: database), default: []].append(
                    Window(
                        key: key, range: TimeRange(row[2], row[3]), timeZoneIdentifier: timeZone))
            }
            return windows
        }
    }

    /// The account windows that have rejects.
    public func rejectedWindows(
        pipeline: String, timeZone: String
    ) throws(LedgerError) -> [RejectedWindow] {
        try read("reading windows") { database in
            guard let export = try names.export(of: pipeline, in: database),
                let zone = try names.id(of: timeZone, in: database)
            else { return [] }
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT stream, account, window, failure_kind IS ?3 FROM windows
                    WHERE export = ?1 AND time_zone = ?2 AND (rejects > 0 OR failure_kind = ?3)
                    """,
                arguments: [export, zone, FailureKind.tooManyRejects.rawValue])
            var found: [RejectedWindow] = []
            while let row = try rows.next() {
                found.append(
                    RejectedWindow(
                        identity: WindowIdentity(
                            pipeline: pipeline, stream: try names.name(of: row[0], in: database),
                            account: try names.name(of: row[1], in: database), window: row[2]),
                        isRefused: row[3]))
            }
            return found
        }
    }
}
