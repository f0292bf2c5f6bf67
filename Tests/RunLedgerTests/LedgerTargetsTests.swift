import ExportModel
import RunLedger
import Testing

@Suite struct LedgerTargetsTests {
    private static func partition(
        _ window: String, _ version: Int, table: String = "calls"
    ) -> LoadedPartition {
        LoadedPartition(
            stream: "calls", account: "main", window: window, version: version, table: table)
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
}
