import ExportModel
import RunLedger
import Testing

@Suite struct LedgerTargetsTests {
    private static func partition(
        _ window: String, _ version: Int, account: String? = "main", table: String = "calls"
    ) -> LoadedPartition {
        LoadedPartition(
            stream: "calls", account: account, window: window, version: version, table: table)
    }

    @Test func eachTargetHoldsItsOwnVersions() throws {
        let directory = try TemporaryDirectory()
        let ledger = try directory.openLedger()
        let first = [Self.partition("2026-01-01", 1), Self.partition("2026-01-02", 2)]
        try ledger.recordLoad(
            pipeline: "nightly", target: "a", loaded: first, removed: [], at: moment(0))
        try ledger.recordLoad(
            pipeline: "nightly", target: "a", loaded: [Self.partition("2026-01-01", 3)],
            removed: [Self.partition("2026-01-02", 0)], at: moment(1))
        try ledger.recordLoad(
            pipeline: "nightly", target: "b", loaded: first, removed: [], at: moment(2))
        try ledger.recordLoad(
            pipeline: "other", target: "a", loaded: first, removed: first, at: moment(3))
        func held(_ pipeline: String, _ target: String) throws -> [LoadedPartition] {
            try ledger.loadedPartitions(pipeline: pipeline, target: target)
        }
        #expect(try held("nightly", "a") == [Self.partition("2026-01-01", 3)])
        #expect(try held("nightly", "b") == first)
        #expect(try held("other", "a") == [])
        #expect(try held("nightly", "c") == [])
    }

    /// The layout was changed: a window's accounts lie in one partition now.
    @Test func partitionsOfOneAndOfAllAccountsAreDifferentOnes() throws {
        let directory = try TemporaryDirectory()
        let ledger = try directory.openLedger()
        let (one, all) = (
            Self.partition("2026-01-01", 1), Self.partition("2026-01-01", 2, account: nil)
        )
        func held() throws -> [LoadedPartition] {
            try ledger.loadedPartitions(pipeline: "nightly", target: "a")
        }
        try ledger.recordLoad(
            pipeline: "nightly", target: "a", loaded: [one, all], removed: [], at: moment(0))
        #expect(try held() == [all, one])
        try ledger.recordLoad(
            pipeline: "nightly", target: "a", loaded: [], removed: [all], at: moment(1))
        #expect(try held() == [one])
    }
}
