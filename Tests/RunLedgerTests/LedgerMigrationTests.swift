import ExportModel
import Foundation
import GRDB
import Testing

@testable import RunLedger

/// A ledger of version 1, made by that version's own statements.
@Suite struct LedgerMigrationTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.state.path, withIntermediateDirectories: true)
        let queue = try DatabaseQueue(path: directory.state.ledgerPath)
        try queue.write { database in
            try database.execute(sql: Self.version1)
        }
        try queue.close()
    }

    @Test func windowsAndRunsAreKept() throws {
        let ledger = try directory.openLedger()
        let windows = try ledger.windows(pipeline: "nightly")
        #expect(
            windows.map(\.identity.description) == [
                "bills/hq/batch=june", "calls/main/1970-01-01", "calls/main/1970-01-02",
            ])
        #expect(windows.map(\.state) == [.complete, .complete, .failed])
        #expect(windows.map(\.attempts) == [1, 2, 3])
        let published = try #require(windows[1].published)
        #expect(published.directory == "calls/account=main/dt=1970-01-01")
        #expect(published.rows == 7 && published.byteCount == 1_234)
        #expect(published.runID == "r1" && published.publishedAt == moment(5))
        // Unknown, so that nothing is called outdated because cdrx was updated.
        #expect(published.fingerprint == nil && published.contentSHA256 == nil)
        #expect(windows.map(\.published?.version) == [2, 1, nil])
        #expect(windows[2].failure?.message == "the provider could not be reached")
        #expect(windows[2].failure?.runID == "r2")
        let runs = try ledger.runs(pipeline: "nightly", limit: 9)
        #expect(runs.map(\.runID) == ["r2", "r1"])
        #expect(runs.map(\.sequence) == [3, 1])
        #expect(runs.map(\.owesRunFile) == [true, false])
    }

    @Test func versionsGoOnAfterThoseGiven() throws {
        let ledger = try directory.openLedger()
        // Found unchanged: the version stays, and its digest is known from now on.
        try ledger.markComplete(.day(0), .sample(run: "r1"))
        try ledger.markComplete(.day(0), .sample(run: "r3"))
        #expect(try ledger.window(LedgerEntry.day(0).identity)?.published?.version == 1)
        try ledger.markComplete(.day(0), .sample(run: "r3", rows: 8))
        #expect(try ledger.window(LedgerEntry.day(0).identity)?.published?.version == 3)
    }

    @Test func firstRunOfAPipelineSaysWhichOutputItWas() throws {
        do {
            let ledger = try directory.openLedger()
            try ledger.beginRun(.sample("r9"))
            let owed = try ledger.takeOverRuns(pipeline: "nightly", except: "r9")
            #expect(owed.map(\.runID) == ["r2"])
        }
        let elsewhere = try Ledger.openReadOnly(directory.state, output: "/elsewhere")
        #expect(try #require(elsewhere).windows(pipeline: "nightly").isEmpty)
        // A pipeline that has not run since is still unknown.
        #expect(try #require(elsewhere).runs(pipeline: "weekly", limit: 9).map(\.runID) == ["w"])
    }

    @Test func readersLeaveItAsItIs() throws {
        let before = try Data(contentsOf: URL(filePath: directory.state.ledgerPath))
        let error = try #require(throws: LedgerError.self) {
            try Ledger.openReadOnly(directory.state, output: directory.output)
        }
        #expect(error.code == "ledger_outdated")
        #expect(try Data(contentsOf: URL(filePath: directory.state.ledgerPath)) == before)
    }

    static let version1 = """
        PRAGMA application_id = 1667527288;
        CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
        INSERT INTO grdb_migrations VALUES ('1 runs and windows');
        CREATE TABLE runs (
            run_id TEXT NOT NULL PRIMARY KEY, pipeline TEXT NOT NULL, command TEXT NOT NULL,
            started_at INTEGER NOT NULL, finished_at INTEGER, status TEXT NOT NULL,
            tool TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE windows (
            pipeline TEXT NOT NULL, stream TEXT NOT NULL, account TEXT NOT NULL,
            window TEXT NOT NULL, start_ms INTEGER, end_ms INTEGER, time_zone TEXT NOT NULL,
            state TEXT NOT NULL, attempts INTEGER NOT NULL, run_id TEXT NOT NULL,
            started_at INTEGER NOT NULL, finished_at INTEGER, failure_run_id TEXT,
            failed_at INTEGER, failure_kind TEXT, failure_code TEXT, failure_message TEXT,
            published_at INTEGER, published_run_id TEXT, directory TEXT, rows INTEGER,
            rejects INTEGER, duplicates INTEGER, outside_window INTEGER, reported_total INTEGER,
            requests INTEGER, bytes INTEGER, late_rows INTEGER, changed_rows INTEGER,
            fingerprint TEXT, files TEXT, PRIMARY KEY (pipeline, stream, account, window)
        ) WITHOUT ROWID;
        CREATE INDEX windows_by_start ON windows (pipeline, time_zone, start_ms, state);
        INSERT INTO runs VALUES
            ('r1', 'nightly', 'run', 1, 2, 'complete', 'cdrx/0.1.0', 'vm', 7),
            ('r2', 'nightly', 'run', 3, NULL, 'running', 'cdrx/0.1.0', 'vm', 8),
            ('w', 'weekly', 'run', 2, 3, 'complete', 'cdrx/0.1.0', 'vm', 9);
        INSERT INTO windows VALUES
            ('nightly', 'calls', 'main', '1970-01-01', 0, 86400000, 'UTC', 'complete', 2, 'r1',
             3, 5, NULL, NULL, NULL, NULL, NULL, 5, 'r1', 'calls/account=main/dt=1970-01-01',
             7, 1, 2, 3, 13, 4, 1234, 5, 6, 'endpoint x', '[]'),
            ('nightly', 'calls', 'main', '1970-01-02', 86400000, 172800000, 'UTC', 'failed', 3,
             'r2', 3, 9, 'r2', 9, 'unreachable', 'not_connected',
             'the provider could not be reached', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
             NULL, NULL, NULL, NULL, NULL, NULL),
            ('nightly', 'bills', 'hq', 'batch=june', NULL, NULL, 'UTC', 'complete', 1, 'r1', 3, 6,
             NULL, NULL, NULL, NULL, NULL, 6, 'r1', 'bills/account=hq/batch=june',
             0, 0, 0, 0, 0, 1, 0, 0, 0, 'endpoint y', '[]');
        """
}
