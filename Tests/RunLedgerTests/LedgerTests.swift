import ExportModel
import Foundation
import GRDB
import Testing

@testable import RunLedger

@Suite struct LedgerTests {
    @Test func writesAreSyncedOnCommit() throws {
        let directory = try TemporaryDirectory()
        let ledger = try directory.openLedger()
        func pragma(_ name: String) throws -> String? {
            try ledger.queue.inDatabase { try String.fetchOne($0, sql: "PRAGMA \(name)") }
        }
        #expect(try pragma("journal_mode") == "wal")
        #expect(try pragma("synchronous") == "2")
        try ledger.markRunning([.day(0)], runID: "r1", at: moment(0))
        #expect(try pragma("synchronous") == "2")
    }

    @Test func thereIsNothingToReadBeforeTheFirstRun() throws {
        let directory = try TemporaryDirectory()
        #expect(try Ledger.openReadOnly(directory.state) == nil)
        #expect(!FileManager.default.fileExists(atPath: directory.state.path))
    }

    @Test func readersWorkBesideTheRunThatHoldsTheLock() throws {
        let directory = try TemporaryDirectory()
        let writer = try directory.openLedger()
        let reader = try #require(try Ledger.openReadOnly(directory.state))
        try writer.markComplete(.day(0), .sample())
        #expect(try reader.window(LedgerEntry.day(0).identity)?.state == .complete)
        #expect(throws: LedgerError.self) { try reader.beginRun(.sample("r1")) }
    }

    @Test func ledgerStaysAfterItsProcess() throws {
        let directory = try TemporaryDirectory()
        try directory.openLedger().markComplete(.day(0), .sample())
        #expect(try directory.openLedger().window(LedgerEntry.day(0).identity) != nil)
    }

    /// What a file must look like so that it is refused under which code.
    static let strangers: [(code: String, make: @Sendable (String) throws -> Void)] = [
        ("ledger_corrupt", { try Data("no database at all".utf8).write(to: URL(filePath: $0)) }),
        (
            "ledger_corrupt",
            { path in
                let queue = try DatabaseQueue(path: path)
                try queue.write {
                    try $0.execute(sql: "CREATE TABLE t (x); INSERT INTO t VALUES (1)")
                }
                try queue.close()
                var data = try Data(contentsOf: URL(filePath: path))
                for place in 100..<200 { data[place] = 0xFF }
                try data.write(to: URL(filePath: path))
            }
        ),
        (
            "ledger_foreign",
            { try DatabaseQueue(path: $0).write { try $0.execute(sql: "CREATE TABLE t (x)") } }
        ),
        (
            "ledger_newer",
            { path in
                let queue = try DatabaseQueue(path: path)
                try LedgerSchema.migrator.migrate(queue)
                try queue.write {
                    try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9 from the future')")
                }
            }
        ),
    ]

    @Test(arguments: strangers.indices)
    func strangeFileIsRefusedAndStaysAsItIs(index: Int) throws {
        let (code, make) = Self.strangers[index]
        let directory = try TemporaryDirectory()
        let lock = try LedgerLock.acquire(directory.state, as: .sample)
        try make(directory.state.ledgerPath)
        let url = URL(filePath: directory.state.ledgerPath)
        let before = try Data(contentsOf: url)
        let writing = try #require(throws: LedgerError.self) { try Ledger.open(lock: lock) }
        let reading = try #require(throws: LedgerError.self) {
            try Ledger.openReadOnly(directory.state)
        }
        #expect(writing.code == code && reading.code == code)
        #expect(writing.message.contains(directory.state.ledgerPath))
        #expect(try Data(contentsOf: url) == before)
    }

    /// Killed before the first page, or behind the migrator's own table.
    @Test(arguments: [false, true])
    func halfMadeLedgerIsFinishedByARunAndRefusedByReaders(hasMigrations: Bool) throws {
        let directory = try TemporaryDirectory()
        let lock = try LedgerLock.acquire(directory.state, as: .sample)
        try Data().write(to: URL(filePath: directory.state.ledgerPath))
        if hasMigrations {
            let queue = try DatabaseQueue(path: directory.state.ledgerPath)
            try queue.write {
                try $0.execute(
                    sql: "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
            }
            try queue.close()
        }
        let error = try #require(throws: LedgerError.self) {
            try Ledger.openReadOnly(directory.state)
        }
        #expect(error.code == "ledger_outdated")
        try Ledger.open(lock: lock).markComplete(.day(0), .sample())
        #expect(try Ledger.openReadOnly(directory.state) != nil)
    }

    @Test func runsAreRememberedAndDeadOnesAbandoned() throws {
        let directory = try TemporaryDirectory()
        let ledger = try directory.openLedger()
        #expect(try ledger.beginRun(.sample("r1")).isEmpty)
        try ledger.endRun("r1", status: .complete, at: moment(2))
        try ledger.beginRun(.sample("r2", startedAt: moment(3)))
        // r2's process dies.
        let abandoned = try ledger.beginRun(.sample("r3", startedAt: moment(4)))
        #expect(abandoned.map(\.runID) == ["r2"])
        let runs = try ledger.runs(pipeline: "nightly", limit: 10)
        #expect(runs.map(\.runID) == ["r3", "r2", "r1"])
        #expect(runs.map(\.status) == [.running, .abandoned, .complete])
        #expect(runs.map(\.finishedAt) == [nil, nil, moment(2)])
        var first = RunRecord.sample("r1")
        first.status = .complete
        first.finishedAt = moment(2)
        #expect(runs.last == first)
    }
}
