import ExportModel
import Foundation
import GRDB
import Testing

@testable import RunLedger

/// A ledger of the version before partitions, made by that version's own statements.
@Suite struct LedgerMigrationTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.state.path, withIntermediateDirectories: true)
        try write(Self.former)
    }

    private func write(_ sql: String) throws {
        let queue = try DatabaseQueue(path: directory.state.ledgerPath)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    @Test func publishedWindowsBecomeAccountPartitions() throws {
        let ledger = try directory.openLedger()
        let windows = try ledger.windows(pipeline: "nightly")
        #expect(
            windows.map(\.identity.description) == [
                "calls/main/1970-01-01", "calls/main/1970-01-02", "calls/main/1970-01-03",
            ])
        // The third is complete, but its content cannot be compared: it is exported again.
        #expect(windows.map(\.state) == [.complete, .failed, .interrupted])
        #expect(windows.map(\.attempts) == [2, 3, 1])
        #expect(windows.map(\.archive) == [.pruned, .nothing, .pruned])
        #expect(windows.map(\.publishedVersionID) == ["r1.0", nil, nil])
        #expect(
            windows[0].archived
                == ArchivedOutcome(
                    versionID: "r1.0", rows: 7, rejects: 1, duplicates: 2, outsideWindow: 3,
                    reportedTotal: 13, requests: 4, archivedAt: moment(5), runID: "r1"))
        #expect(windows[1].failure?.message == "the provider could not be reached")
        #expect(windows[0].published == .sample().numbered(41))
        let partitions = try ledger.partitions(pipeline: "nightly")
        #expect(partitions.map(\.identity) == [.day(0)])
        #expect(partitions.map(\.published) == windows.compactMap(\.published))
        #expect(partitions.map(\.range) == [LedgerEntry.day(0).window.range])
    }

    @Test func restIsKept() throws {
        let ledger = try directory.openLedger()
        #expect(try ledger.runs(pipeline: "nightly", limit: 9).map(\.runID) == ["r1"])
        #expect(
            try ledger.loadedPartitions(pipeline: "nightly", target: "wh").map(\.version) == [41])
        #expect(try ledger.requestList(of: LedgerEntry.day(0).identity) == "list")
        // Versions go on after those given, and stay as long as the content does.
        try ledger.complete([.day(0)], run: "r2")
        #expect(try ledger.partition(.day(0))?.published.version == 41)
        try ledger.complete([.day(1)], run: "r2")
        #expect(try ledger.partition(.day(1))?.published.version == 42)
    }

    @Test func conversionHappensOnce() throws {
        _ = try directory.openLedger()
        #expect(try directory.openLedger().windows(pipeline: "nightly").count == 3)
    }

    @Test func readersLeaveItAsItIs() throws {
        let before = try Data(contentsOf: URL(filePath: directory.state.ledgerPath))
        let error = try #require(throws: LedgerError.self) {
            try Ledger.openReadOnly(directory.state, output: directory.output)
        }
        #expect(error.code == "ledger_outdated")
        #expect(try Data(contentsOf: URL(filePath: directory.state.ledgerPath)) == before)
    }

    @Test func olderVersionsAreRefused() throws {
        try write(
            """
            DROP TABLE request_lists; DROP TABLE target_partitions;
            DELETE FROM grdb_migrations WHERE identifier IN ('targets', 'request lists');
            """)
        let error = try #require(throws: LedgerError.self) { try directory.openLedger() }
        #expect(error.code == "ledger_outdated" && error.message.contains("move it away"))
    }

    static let former = """
        PRAGMA application_id = 1667527288;
        CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
        INSERT INTO grdb_migrations VALUES ('1 runs and windows'),
            ('2 small windows and owed runs'), ('targets'), ('request lists');
        CREATE TABLE exports (
            export INTEGER NOT NULL PRIMARY KEY, pipeline TEXT NOT NULL, output TEXT NOT NULL,
            UNIQUE (pipeline, output));
        CREATE TABLE names (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE counters (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL)
            WITHOUT ROWID;
        CREATE TABLE runs (
            sequence INTEGER NOT NULL PRIMARY KEY, run_id TEXT NOT NULL UNIQUE,
            export INTEGER NOT NULL REFERENCES exports, command TEXT NOT NULL,
            started_at INTEGER NOT NULL, finished_at INTEGER, status TEXT NOT NULL,
            tool TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,
            owes_run_file INTEGER NOT NULL);
        CREATE INDEX runs_owed ON runs (export) WHERE owes_run_file = 1;
        CREATE TABLE windows (
            export INTEGER NOT NULL REFERENCES exports, stream INTEGER NOT NULL,
            account INTEGER NOT NULL, window TEXT NOT NULL, start_ms INTEGER, end_ms INTEGER,
            time_zone INTEGER NOT NULL, state INTEGER NOT NULL, attempts INTEGER NOT NULL,
            run INTEGER NOT NULL, started_at INTEGER NOT NULL, finished_at INTEGER,
            failure_run INTEGER, failed_at INTEGER, failure_kind TEXT, failure_code TEXT,
            failure_message TEXT, published_at INTEGER, published_run INTEGER, version INTEGER,
            parent INTEGER, directory TEXT, rows INTEGER, rejects INTEGER, duplicates INTEGER,
            outside_window INTEGER, reported_total INTEGER, requests INTEGER, bytes INTEGER,
            late_rows INTEGER, changed_rows INTEGER, fingerprint INTEGER, content_sha256 BLOB,
            PRIMARY KEY (export, stream, account, window)) WITHOUT ROWID;
        CREATE INDEX windows_by_start ON windows (export, time_zone, start_ms, state, fingerprint);
        CREATE TABLE target_partitions (
            export INTEGER NOT NULL REFERENCES exports, target TEXT NOT NULL, stream TEXT NOT NULL,
            account TEXT NOT NULL, window TEXT NOT NULL, version INTEGER NOT NULL,
            table_name TEXT NOT NULL, loaded_at INTEGER NOT NULL,
            PRIMARY KEY (export, target, stream, account, window)) WITHOUT ROWID;
        CREATE TABLE request_lists (
            export INTEGER NOT NULL REFERENCES exports, stream INTEGER NOT NULL,
            account INTEGER NOT NULL, window TEXT NOT NULL, sha256 TEXT NOT NULL,
            PRIMARY KEY (export, stream, account, window)) WITHOUT ROWID;
        INSERT INTO exports VALUES (1, 'nightly', '..');
        INSERT INTO names VALUES (1, 'calls'), (2, 'main'), (3, 'UTC'), (4, 'r1'),
            (5, 'calls/account=main/'), (6, 'plan');
        INSERT INTO counters VALUES ('version', 41);
        INSERT INTO runs VALUES (1, 'r1', 1, 'run', 1, 2, 'complete', 'cdrx/0.1.0', 'vm', 7, 0);
        INSERT INTO windows VALUES
            (1, 1, 2, '1970-01-01', 0, 86400000, 3, 2, 2, 4, 3, 5, NULL, NULL, NULL, NULL, NULL,
             5, 4, 41, 5, 'dt=1970-01-01', 7, 1, 2, 3, 13, 4, 1234, 5, 6, 6,
             x'0000000000000000000000000000000000000000000000000000000000000007'),
            (1, 1, 2, '1970-01-02', 86400000, 172800000, 3, 3, 3, 4, 3, 9, 4, 9, 'unreachable',
             'not_connected', 'the provider could not be reached', NULL, NULL, NULL, NULL, NULL,
             NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
            (1, 1, 2, '1970-01-03', 172800000, 259200000, 3, 2, 1, 4, 3, 5, NULL, NULL, NULL,
             NULL, NULL, 5, 4, 40, 5, 'dt=1970-01-03', 7, 1, 2, 3, 13, 4, 1234, 5, 6, NULL, NULL);
        INSERT INTO target_partitions VALUES
            (1, 'wh', 'calls', 'main', '1970-01-01', 41, 'calls', 0);
        INSERT INTO request_lists VALUES (1, 1, 2, '1970-01-01', 'list');
        """
}
