import GRDB

/// The tables of `ledger.sqlite`, version by version. A version that was published never changes.
enum LedgerSchema {
    /// `PRAGMA application_id`, which marks a ledger among other SQLite files: "cdrx".
    static let applicationID = 0x6364_7278

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration(firstVersion) { database in
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            try database.execute(sql: LedgerVersion1.tables)
        }
        migrator.registerMigration("2 small windows and owed runs") { database in
            try database.execute(sql: LedgerVersion1.setAside)
            for table in [exports, names, counters, runs, owedRuns, windows, windowsByStart] {
                try database.execute(sql: table)
            }
            try database.execute(sql: LedgerVersion1.conversion)
        }
        migrator.registerMigration("targets", migrate: Ledger.makeTargets)
        migrator.registerMigration("request lists") { database in
            try database.execute(sql: Ledger.requestLists)
        }
        return migrator
    }

    static let firstVersion = "1 runs and windows"

    /// What one pipeline writes below one output directory. `output` is empty where the ledger was
    /// converted from version 1, until the pipeline's next run.
    private static let exports = """
        CREATE TABLE exports (
            export INTEGER NOT NULL PRIMARY KEY,
            pipeline TEXT NOT NULL,
            output TEXT NOT NULL,
            UNIQUE (pipeline, output)
        )
        """

    /// Each text that many windows share, once: streams, accounts, zones, runs, fingerprints and
    /// directories above partitions.
    private static let names = """
        CREATE TABLE names (
            id INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL UNIQUE
        )
        """

    /// `version`: the newest version number that a publication got.
    private static let counters = """
        CREATE TABLE counters (
            name TEXT NOT NULL PRIMARY KEY,
            value INTEGER NOT NULL
        ) WITHOUT ROWID;
        INSERT INTO counters VALUES ('version', 0);
        """

    private static let runs = """
        CREATE TABLE runs (
            sequence INTEGER NOT NULL PRIMARY KEY,
            run_id TEXT NOT NULL UNIQUE,
            export INTEGER NOT NULL REFERENCES exports,
            command TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            finished_at INTEGER,
            status TEXT NOT NULL,
            tool TEXT NOT NULL,
            host TEXT NOT NULL,
            pid INTEGER NOT NULL,
            owes_run_file INTEGER NOT NULL
        )
        """

    private static let owedRuns = """
        CREATE INDEX runs_owed ON runs (export) WHERE owes_run_file = 1
        """

    /// Times are milliseconds since 1970 in UTC. `state`, `run`, `started_at` and `finished_at`
    /// describe the last attempt, `published_at` and what follows the version on disk. `stream`,
    /// `account`, `time_zone`, `run`, `failure_run`, `published_run`, `parent` and `fingerprint`
    /// are ids in `names`.
    private static let windows = """
        CREATE TABLE windows (
            export INTEGER NOT NULL REFERENCES exports,
            stream INTEGER NOT NULL,
            account INTEGER NOT NULL,
            window TEXT NOT NULL,
            start_ms INTEGER,
            end_ms INTEGER,
            time_zone INTEGER NOT NULL,
            state INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            run INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            finished_at INTEGER,
            failure_run INTEGER,
            failed_at INTEGER,
            failure_kind TEXT,
            failure_code TEXT,
            failure_message TEXT,
            published_at INTEGER,
            published_run INTEGER,
            version INTEGER,
            parent INTEGER,
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
            fingerprint INTEGER,
            content_sha256 BLOB,
            PRIMARY KEY (export, stream, account, window)
        ) WITHOUT ROWID
        """

    /// Holds all that a plan reads, so that years of history cost a plan nothing.
    private static let windowsByStart = """
        CREATE INDEX windows_by_start
        ON windows (export, time_zone, start_ms, state, fingerprint)
        """
}
