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
        #expect(try Ledger.openReadOnly(directory.state, output: directory.output) == nil)
        #expect(!FileManager.default.fileExists(atPath: directory.state.path))
    }

    @Test func readersWorkBesideTheRunThatHoldsTheLock() throws {
        let directory = try TemporaryDirectory()
        let writer = try directory.openLedger()
        let reader = try #require(
            try Ledger.openReadOnly(directory.state, output: directory.output))
        try writer.complete([.day(0)])
        #expect(try reader.window(LedgerEntry.day(0).identity)?.state == .complete)
        #expect(throws: LedgerError.self) { try reader.beginRun(.sample("r1")) }
    }

    @Test func ledgerStaysAfterItsProcess() throws {
        let directory = try TemporaryDirectory()
        try directory.openLedger().complete([.day(0)])
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
        let writing = try #require(throws: LedgerError.self) {
            try Ledger.open(lock: lock, output: directory.output)
        }
        let reading = try #require(throws: LedgerError.self) {
            try Ledger.openReadOnly(directory.state, output: directory.output)
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
            try Ledger.openReadOnly(directory.state, output: directory.output)
        }
        #expect(error.code == "ledger_outdated")
        try Ledger.open(lock: lock, output: directory.output).complete([.day(0)])
        #expect(try Ledger.openReadOnly(directory.state, output: directory.output) != nil)
    }

    @Test func runsAreRememberedInTheOrderTheyBegan() throws {
        let directory = try TemporaryDirectory()
        let ledger = try directory.openLedger()
        // The clock of `--now` may go back; the sequence does not.
        #expect(try ledger.beginRun(.sample("r1", startedAt: moment(9))) == 1)
        var traffic = RequestTraffic()
        (traffic.requests, traffic.retries, traffic.throttles) = (27, 3, 2)
        (traffic.waitMilliseconds, traffic.responseBytes) = (1_200, 3_000_000_000)
        var totals = RunTotals()
        (totals.windows, totals.complete, totals.failed, totals.rows) = (9, 6, 2, 4_000)
        try ledger.endRun(
            "r1", status: .complete, at: moment(10), traffic: traffic, totals: totals)
        #expect(try ledger.beginRun(.sample("r2", startedAt: moment(3))) == 2)
        let runs = try ledger.runs(pipeline: "nightly", limit: 10)
        #expect(runs.map(\.runID) == ["r2", "r1"])
        #expect(runs.map(\.status) == [.running, .complete])
        #expect(runs.map(\.owesRunFile) == [true, false])
        var first = RunRecord.sample("r1", startedAt: moment(9))
        first.status = .complete
        first.finishedAt = moment(10)
        first.sequence = 1
        first.owesRunFile = false
        first.traffic = traffic
        first.totals = totals
        #expect(runs[0].traffic == nil)
        #expect(runs.last == first)
        #expect(try ledger.beginRun(.sample("r3"), after: 41) == 42)
        #expect(try ledger.knownRuns(among: ["r1", "r3", "r4"]) == ["r1", "r3"])
    }

    @Test func killedRunStaysOwedUntilItsRunFileIsWritten() throws {
        let directory = try TemporaryDirectory()
        let ledger = try directory.openLedger()
        try ledger.beginRun(.sample("killed"))
        try ledger.beginRun(.sample("unwritable"))
        try ledger.endRun("unwritable", status: .incomplete, at: moment(2), owesRunFile: true)
        try ledger.beginRun(.sample("fine"))
        try ledger.endRun("fine", status: .complete, at: moment(2))
        try ledger.beginRun(.sample("now"))
        for _ in 0..<2 {
            // However often a run dies before it has written the files.
            let owed = try ledger.takeOverRuns(pipeline: "nightly", except: "now")
            #expect(owed.map(\.runID) == ["killed", "unwritable"])
            #expect(owed.map(\.status) == [.abandoned, .incomplete])
        }
        try ledger.settleRun("killed")
        let owed = try ledger.takeOverRuns(pipeline: "nightly", except: "now")
        #expect(owed.map(\.runID) == ["unwritable"])
        let newest = try ledger.runs(pipeline: "nightly", limit: 1)
        #expect(newest.map(\.status) == [.running])
    }

    @Test func runsOfOtherPipelinesAndOutputsAreLeftAlone() throws {
        let directory = try TemporaryDirectory()
        func open(_ output: String) throws -> Ledger {
            try Ledger.open(
                lock: try LedgerLock.acquire(directory.state, as: .sample), output: output)
        }
        var other = RunRecord.sample("b")
        other.pipeline = "weekly"
        do {
            let ledger = try open("/data/a")
            try ledger.beginRun(.sample("a"))
            try ledger.beginRun(other)
            try ledger.complete([.day(0)])
        }
        do {
            let ledger = try open("/data/b")
            try ledger.beginRun(.sample("c"))
            #expect(try ledger.takeOverRuns(pipeline: "nightly", except: "c").isEmpty)
            // What stands below one output says nothing of another.
            #expect(try ledger.windows(pipeline: "nightly").isEmpty)
        }
        let ledger = try open("/data/a")
        #expect(try ledger.windows(pipeline: "nightly").count == 1)
        #expect(try ledger.runs(pipeline: "weekly", limit: 9).map(\.status) == [.running])
        try ledger.beginRun(.sample("d"))
        let owed = try ledger.takeOverRuns(pipeline: "nightly", except: "d")
        #expect(owed.map(\.runID) == ["a"])
    }

    @Test func outputIsNamedByItsPathWithoutLinksOrByTheWayFromTheState() throws {
        let directory = try TemporaryDirectory()
        let files = FileManager.default
        try files.createDirectory(atPath: directory.output, withIntermediateDirectories: true)
        let link = directory.path + "/link"
        try files.createSymbolicLink(atPath: link, withDestinationPath: directory.output)
        #expect(directory.state.name(ofOutput: directory.output) == "..")
        #expect(directory.state.name(ofOutput: link) == "..")
        let elsewhere = StateDirectory(path: directory.path + "/state")
        let name = elsewhere.name(ofOutput: directory.output)
        #expect(name.hasSuffix("/exports") && name.hasPrefix("/"))
        #expect(elsewhere.name(ofOutput: link) == name)
        #expect(elsewhere.name(ofOutput: link + "/new/../deep") == name + "/deep")
    }
}
