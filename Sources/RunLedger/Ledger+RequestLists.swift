public import ExportModel
import GRDB

/// Which list of request ids a window was last completed with.
extension Ledger {
    static let requestLists = """
        CREATE TABLE request_lists (
            export INTEGER NOT NULL REFERENCES exports,
            stream INTEGER NOT NULL,
            account INTEGER NOT NULL,
            window TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            PRIMARY KEY (export, stream, account, window)
        ) WITHOUT ROWID
        """

    /// The version of the parent that a list was read from, as `version_run` and `version_number` in
    /// `windows` have it; NULL: it was read from a file, or nothing is known.
    static let requestListSources = ["source_run", "source_number"].map {
        "ALTER TABLE request_lists ADD COLUMN \($0) INTEGER"
    }

    /// Records the digest of the list that a window was completed with. The window must be known.
    ///
    /// - Parameter parent: the stream whose published rows the list was read from.
    public func markRequestList(
        _ sha256: String, of identity: WindowIdentity, from parent: String? = nil
    ) throws(LedgerError) {
        try write("recording a request list") { database in
            guard let key = try key(identity, in: database) else { return }
            var source: Row?
            if let parent {
                let parent = WindowIdentity(
                    pipeline: identity.pipeline, stream: parent, account: identity.account,
                    window: identity.window)
                source = try self.key(parent, in: database).flatMap { key in
                    try Row.fetchOne(
                        database,
                        sql: "SELECT published_run, published_number FROM windows WHERE "
                            + Self.isIdentity, arguments: key)
                }
            }
            let (run, number): (Int64?, Int64?) = (source?[0], source?[1])
            try database.execute(
                sql: "INSERT OR REPLACE INTO request_lists VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: key + [sha256, run, number])
        }
    }

    /// A complete window whose parent is published in another version than its list was read from.
    public struct StaleList: Hashable, Sendable {
        public var account: String
        /// ``WindowKey/description``
        public var window: String
        /// The window's bounds.
        public var range: TimeRange?
        /// Of the list that the window was completed with; nil if none is known.
        public var sha256: String?
        /// Whether it is known which version that list was read from.
        public var hasSource: Bool

        public init(
            account: String, window: String, range: TimeRange?, sha256: String?, hasSource: Bool
        ) {
            self.account = account
            self.window = window
            self.range = range
            self.sha256 = sha256
            self.hasSource = hasSource
        }
    }

    /// The complete windows of a stream whose list may be another one, because their parents, which
    /// are complete too, are published in another version.
    ///
    /// - Parameters:
    ///   - parent: the stream that has the ids.
    ///   - earliestStart: windows before are left out.
    public func staleRequestLists(
        pipeline: String, stream: String, parent: String, timeZone: String,
        since earliestStart: Timestamp
    ) throws(LedgerError) -> [StaleList] {
        try read("reading request lists") { database in
            guard let export = try names.export(of: pipeline, in: database),
                let zone = try names.id(of: timeZone, in: database),
                let stream = try names.id(of: stream, in: database),
                let parent = try names.id(of: parent, in: database)
            else { return [] }
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT accounts.name, own.window, own.start_ms, own.end_ms, lists.sha256,
                        lists.source_run
                    FROM windows AS own
                    JOIN windows AS parents ON parents.export = own.export
                        AND parents.stream = ?5 AND parents.window = own.window
                        AND parents.account = own.account AND parents.state = own.state
                    JOIN names AS accounts ON accounts.id = own.account
                    LEFT JOIN request_lists AS lists ON lists.export = own.export
                        AND lists.stream = own.stream AND lists.account = own.account
                        AND lists.window = own.window
                    WHERE own.export = ?1 AND own.time_zone = ?2 AND own.start_ms >= ?3
                        AND own.stream = ?4 AND own.state = \(WindowState.complete.number)
                        AND (lists.source_run IS NOT parents.published_run
                            OR lists.source_number IS NOT parents.published_number)
                    """,
                arguments: [export, zone, earliestStart.epochMilliseconds, stream, parent])
            var found: [StaleList] = []
            while let row = try rows.next() {
                let source: Int64? = row[5]
                found.append(
                    StaleList(
                        account: row[0], window: row[1], range: TimeRange(row[2], row[3]),
                        sha256: row[4], hasSource: source != nil))
            }
            return found
        }
    }

    /// The digest of the list that a window was last completed with; nil if none is known.
    public func requestList(of identity: WindowIdentity) throws(LedgerError) -> String? {
        try read("reading a request list") { database in
            guard let key = try key(identity, in: database) else { return nil }
            return try String.fetchOne(
                database, sql: "SELECT sha256 FROM request_lists WHERE " + Self.isIdentity,
                arguments: key)
        }
    }
}
