import GRDB

/// The tables of `ledger.sqlite`.
enum LedgerSchema {
    /// `PRAGMA application_id`, which marks a ledger among other SQLite files: "cdrx".
    static let applicationID = 0x6364_7278

    /// Versions of which the last is converted; a ledger of an earlier one is refused.
    private static let formerVersions = [
        "1 runs and windows", "2 small windows and owed runs", "targets", "request lists",
    ]

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for version in formerVersions { migrator.registerMigration(version) { _ in } }
        migrator.registerMigration("3 partitions") { database in
            if try database.tableExists("windows") {
                guard try database.tableExists("request_lists") else { throw LedgerError.tooOld }
                try convert(database)
            } else {
                try database.execute(sql: "PRAGMA application_id = \(applicationID)")
                try make([exports, names, counters, runs, owedRuns], in: database)
                try make([windows, windowsByStart, partitions, partitionsByStart], in: database)
                try make([Ledger.targetPartitions, Ledger.requestLists], in: database)
            }
        }
        migrator.registerMigration("4 traffic of runs") { database in
            for column in ["requests", "retries", "throttles", "wait_ms", "response_bytes"] {
                try database.execute(sql: "ALTER TABLE runs ADD COLUMN \(column) INTEGER")
            }
        }
        migrator.registerMigration("5 windows of runs") { database in
            for column in ["windows", "complete", "failed", "rows"] {
                try database.execute(sql: "ALTER TABLE runs ADD COLUMN \(column) INTEGER")
            }
        }
        migrator.registerMigration("6 tables of targets") { database in
            try make([Ledger.targetColumns], in: database)
        }
        migrator.registerMigration("7 slices walked again") { database in
            try database.execute(sql: "ALTER TABLE runs ADD COLUMN rewalks INTEGER")
        }
        migrator.registerMigration("7 partitions by fingerprint") { database in
            try database.execute(sql: "DROP INDEX partitions_by_start")
            try make([partitionsByFingerprint], in: database)
        }
        migrator.registerMigration("8 sources of request lists") { database in
            try make(Ledger.requestListSources, in: database)
        }
        return migrator
    }

    private static func make(_ tables: [String], in database: Database) throws {
        for table in tables { try database.execute(sql: table) }
    }

    /// What one pipeline writes below one output directory.
    private static let exports = """
        CREATE TABLE exports (
            export INTEGER NOT NULL PRIMARY KEY,
            pipeline TEXT NOT NULL,
            output TEXT NOT NULL,
            UNIQUE (pipeline, output)
        )
        """

    /// Each text that many rows share, once: streams, accounts, zones, runs, fingerprints and
    /// directories above partitions. Numbers begin at 1.
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

    /// Account windows. Times are milliseconds since 1970 in UTC. `stream`, `account`, `time_zone`,
    /// and all that end in `run` are ids in `names`.
    ///
    /// - `state`, `run`, `started_at` and `finished_at` describe the last attempt.
    /// - `archived_at` and what follows, to `requests`, describe the newest verified version, which
    ///   is named by `version_run` and `version_number`; `archive` is an ``ArchiveState``.
    /// - `published_run` and `published_number` name the version that a partition holds, and
    ///   `partition_account` says which one: the key of its row in `partitions`.
    private static let windows = """
        CREATE TABLE windows (
            export INTEGER NOT NULL REFERENCES exports,
            stream INTEGER NOT NULL,
            window TEXT NOT NULL,
            account INTEGER NOT NULL,
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
            archived_at INTEGER,
            archived_run INTEGER,
            version_run INTEGER,
            version_number INTEGER,
            archive INTEGER NOT NULL,
            rows INTEGER,
            rejects INTEGER,
            duplicates INTEGER,
            outside_window INTEGER,
            reported_total INTEGER,
            requests INTEGER,
            published_run INTEGER,
            published_number INTEGER,
            partition_account INTEGER,
            PRIMARY KEY (export, stream, window, account)
        ) WITHOUT ROWID
        """

    /// Holds all that a plan reads, so that years of history cost a plan nothing.
    private static let windowsByStart = """
        CREATE INDEX windows_by_start
        ON windows (export, time_zone, start_ms, state, archive)
        """

    /// What is published. `account` is 0 for a partition of all accounts, -1 and below for a bucket's. `stream`, `account`,
    /// `time_zone`, `run`, `parent` and `fingerprint` are ids in `names`.
    private static let partitions = """
        CREATE TABLE partitions (
            export INTEGER NOT NULL REFERENCES exports,
            stream INTEGER NOT NULL,
            window TEXT NOT NULL,
            account INTEGER NOT NULL,
            start_ms INTEGER,
            end_ms INTEGER,
            time_zone INTEGER NOT NULL,
            published_at INTEGER NOT NULL,
            run INTEGER NOT NULL,
            version INTEGER NOT NULL,
            parent INTEGER NOT NULL,
            directory TEXT NOT NULL,
            rows INTEGER NOT NULL,
            rejects INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            late_rows INTEGER NOT NULL,
            changed_rows INTEGER NOT NULL,
            fingerprint INTEGER NOT NULL,
            content_sha256 BLOB NOT NULL,
            is_complete INTEGER NOT NULL,
            account_count INTEGER NOT NULL,
            missing_count INTEGER NOT NULL,
            PRIMARY KEY (export, stream, window, account)
        ) WITHOUT ROWID
        """

    /// Finds outdated partitions without passing over the others.
    private static let partitionsByFingerprint = """
        CREATE INDEX partitions_by_fingerprint ON partitions (export, time_zone, fingerprint)
        """

    private static let partitionsByStart = """
        CREATE INDEX partitions_by_start ON partitions (export, time_zone, start_ms, fingerprint)
        """

    /// Published windows become account partitions where they are, without an archive; their
    /// version has the number 0, which no archived one has. Those of which too little is known to
    /// compare them with a manifest are exported again.
    private static func convert(_ database: Database) throws {
        try database.execute(
            sql: "DROP INDEX windows_by_start; ALTER TABLE windows RENAME TO old_windows")
        try make([windows, windowsByStart, partitions, partitionsByStart], in: database)
        let isKnown = "version + fingerprint IS NOT NULL AND content_sha256 IS NOT NULL"
        try database.execute(
            sql: """
                INSERT INTO windows
                    SELECT export, stream, window, account, start_ms, end_ms, time_zone,
                        CASE WHEN state = 2 AND NOT (\(isKnown)) THEN 4 ELSE state END, attempts,
                        run, started_at, finished_at, failure_run, failed_at, failure_kind,
                        failure_code, failure_message, published_at, published_run, published_run,
                        CASE WHEN published_at IS NULL THEN NULL ELSE 0 END,
                        CASE WHEN published_at IS NULL THEN 0 ELSE 2 END, rows, rejects,
                        duplicates, outside_window, reported_total, requests,
                        CASE WHEN \(isKnown) THEN published_run END,
                        CASE WHEN \(isKnown) THEN 0 END, CASE WHEN \(isKnown) THEN account END
                    FROM old_windows;
                INSERT INTO partitions
                    SELECT export, stream, window, account, start_ms, end_ms, time_zone,
                        published_at, published_run, version, parent, directory, rows, rejects,
                        bytes, late_rows, changed_rows, fingerprint, content_sha256, 1, 1, 0
                    FROM old_windows WHERE \(isKnown);
                DROP TABLE old_windows;
                """)
    }
}

extension LedgerError {
    /// The ledger is of a version that is not converted any more.
    fileprivate static let tooOld = LedgerError(
        code: .ledgerOutdated,
        message: "the ledger was written by a cdrx that is too old; move it away: published "
            + "partitions stay, and their windows are exported again")
}
