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

    /// Records the digest of the list that a window was completed with. The window must be known.
    public func markRequestList(
        _ sha256: String, of identity: WindowIdentity
    ) throws(LedgerError) {
        try write("recording a request list") { database in
            guard let key = try key(identity, in: database) else { return }
            try database.execute(
                sql: "INSERT OR REPLACE INTO request_lists VALUES (?, ?, ?, ?, ?)",
                arguments: key + [sha256])
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
