import GRDBSQLite

/// The C library that this target calls.
public enum LedgerLibraries {
    /// Name and version of what is loaded.
    public static var versions: [(name: String, version: String)] {
        [("SQLite", String(cString: sqlite3_libversion()))]
    }
}
