import ExportModel
import RunLedger
import Testing

@Suite struct OutputLockTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func acquire(
        _ shard: String? = nil, of pipeline: String = "nightly"
    ) throws(LedgerError) -> OutputLock {
        let command = "run" + (shard.map { " --shard \($0)" } ?? "")
        return try OutputLock.acquire(
            directory.output, pipeline: pipeline, shard: shard.flatMap { Shard($0) },
            as: LockHolder(processID: 1, host: "b", command: command, startedAt: moment(0)))
    }

    private func refusal(_ shard: String? = nil) throws -> String {
        let error = try #require(throws: LedgerError.self) { try acquire(shard) }
        #expect(error.code == "output_locked")
        return error.message
    }

    @Test func shardsOfOneNumberShareAnOutput() throws {
        var locks = [try acquire("1/4"), try acquire("4/4"), try acquire("2/3", of: "other")]
        #expect(try refusal("4/4").contains("'run --shard 4/4'"))
        locks = []
        #expect(locks.isEmpty)
        _ = try acquire("4/4")
    }

    @Test func anotherNumberOfShardsIsRefused() throws {
        var lock: OutputLock? = try acquire("1/4")
        #expect(lock != nil)
        #expect(try refusal("8/8").contains("'run --shard 1/4'"))
        lock = nil
        _ = try acquire("8/8")
    }

    @Test func aRunOfAllAccountsIsAlone() throws {
        var lock: OutputLock? = try acquire("1/4")
        #expect(lock != nil)
        #expect(try refusal().contains("'run --shard 1/4'"))
        let own = try #require(throws: LedgerError.self) {
            try LedgerLock.acquire(
                StateDirectory(path: directory.output + "/_state"), as: .sample)
        }
        #expect(own.code == "ledger_locked" && own.message.contains("'run --shard 1/4'"))
        lock = nil
        let whole = try acquire()
        #expect(try refusal("1/4").contains("('run', since"))
        withExtendedLifetime(whole) {}
    }
}
