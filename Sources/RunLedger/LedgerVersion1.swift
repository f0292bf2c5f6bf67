/// The tables of a version-1 ledger, and how they become those of version 2.
///
/// What version 1 cannot say stays unknown: which output a pipeline wrote to, the fingerprint in
/// today's form, and the digest of the content.
enum LedgerVersion1 {
    static let tables = """
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
        ) WITHOUT ROWID;
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
        ) WITHOUT ROWID;
        CREATE INDEX windows_by_start ON windows (pipeline, time_zone, start_ms, state);
        """

    static let setAside = """
        DROP INDEX windows_by_start;
        ALTER TABLE runs RENAME TO old_runs;
        ALTER TABLE windows RENAME TO old_windows;
        """

    /// An abandoned run may have lost its run file, so it owes one again: a loader that is told
    /// twice loads the same rows.
    static let conversion = """
        INSERT INTO exports (pipeline, output)
            SELECT pipeline, '' FROM old_runs UNION SELECT pipeline, '' FROM old_windows;
        INSERT INTO runs
            SELECT row_number() OVER (ORDER BY started_at, run_id), run_id, export, command,
                started_at, finished_at, status, tool, host, pid,
                status IN ('running', 'abandoned')
            FROM old_runs JOIN exports USING (pipeline);
        INSERT INTO names (name)
            SELECT stream FROM old_windows UNION SELECT account FROM old_windows
            UNION SELECT time_zone FROM old_windows UNION SELECT run_id FROM old_windows
            UNION SELECT failure_run_id FROM old_windows WHERE failure_run_id IS NOT NULL
            UNION SELECT published_run_id FROM old_windows WHERE published_run_id IS NOT NULL
            UNION SELECT rtrim(directory, replace(directory, '/', '')) FROM old_windows
                WHERE directory IS NOT NULL;
        INSERT INTO windows
            SELECT export, s.id, a.id, window, start_ms, end_ms, z.id,
                CASE state WHEN 'running' THEN 1 WHEN 'complete' THEN 2 WHEN 'failed' THEN 3
                    ELSE state END,
                attempts, r.id, started_at, finished_at, f.id, failed_at, failure_kind,
                failure_code, failure_message, published_at, p.id,
                CASE WHEN published_at IS NULL THEN NULL ELSE row_number() OVER (
                    ORDER BY published_at IS NULL, published_at, pipeline, stream, account, window
                ) END,
                d.id, substr(directory, length(d.name) + 1), rows, rejects, duplicates,
                outside_window, reported_total, requests, bytes, late_rows, changed_rows, NULL, NULL
            FROM old_windows JOIN exports USING (pipeline)
            JOIN names AS s ON s.name = stream JOIN names AS a ON a.name = account
            JOIN names AS z ON z.name = time_zone JOIN names AS r ON r.name = run_id
            LEFT JOIN names AS f ON f.name = failure_run_id
            LEFT JOIN names AS p ON p.name = published_run_id
            LEFT JOIN names AS d ON d.name = rtrim(directory, replace(directory, '/', ''));
        UPDATE counters SET value = (SELECT coalesce(max(version), 0) FROM windows);
        DROP TABLE old_windows;
        DROP TABLE old_runs;
        """
}
