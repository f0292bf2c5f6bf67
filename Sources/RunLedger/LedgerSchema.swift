import GRDB

/// The tables of `ledger.sqlite`, version by version. A version that was released never changes.
enum LedgerSchema {
    /// `PRAGMA application_id`, by which a ledger is told from other SQLite files: "cdrx".
    static let applicationID = 0x6364_7278

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 runs and windows") { database in
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            try database.execute(sql: runs)
            try database.execute(sql: windows)
            try database.execute(sql: windowsByStart)
        }
        migrator.registerMigration("targets", migrate: Ledger.makeTargets)
        return migrator
    }

    private static let runs = """
        CREATE TABLE runs (
            run_id TEXT NOT NULL PRIMARY KEY,
            pipeline TEXT NOT NULL,
            command TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            finished_at INTEGER,
            status TEXT NOT NULL,
            tool TEXT NOT NULL,
            host TEXT NOT NULL,
            pid INTEGER NOT NULL
        ) WITHOUT ROWID
        """

    /// Times are milliseconds since 1970 in UTC. `state`, `run_id`, `started_at` and `finished_at`
    /// tell of the last attempt, `published_at` and what follows of the version on disk.
    private static let windows = """
        CREATE TABLE windows (
            pipeline TEXT NOT NULL,
            stream TEXT NOT NULL,
            account TEXT NOT NULL,
            window TEXT NOT NULL,
            start_ms INTEGER,
            end_ms INTEGER,
            time_zone TEXT NOT NULL,
            state TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            run_id TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            finished_at INTEGER,
            failure_run_id TEXT,
            failed_at INTEGER,
            failure_kind TEXT,
            failure_code TEXT,
            failure_message TEXT,
            published_at INTEGER,
            published_run_id TEXT,
            directory TEXT,
            rows INTEGER,
            rejects INTEGER,
            duplicates INTEGER,
            outside_window INTEGER,
            reported_total INTEGER,
            requests INTEGER,
            bytes INTEGER,
            late_rows INTEGER,
            changed_rows INTEGER,
            fingerprint TEXT,
            files TEXT,
            PRIMARY KEY (pipeline, stream, account, window)
        ) WITHOUT ROWID
        """

    /// Holds all that a plan reads, so that years of history cost a plan nothing.
    private static let windowsByStart = """
        CREATE INDEX windows_by_start ON windows (pipeline, time_zone, start_ms, state)
        """
}
