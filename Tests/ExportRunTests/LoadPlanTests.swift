import ExportModel
import RunLedger
import Testing

@testable import ExportRun

@Suite struct LoadPlanTests {
    private static func version(
        _ window: String, _ version: Int, rows: Int = 1, account: String? = "a",
        stream: String = "calls"
    ) -> PublishedVersion {
        PublishedVersion(
            name: PartitionName(held(window, version, account: account, stream: stream)),
            version: version,
            rows: rows,
            directory: "\(stream)/\(window)")
    }

    private static func held(
        _ window: String, _ version: Int, account: String? = "a", stream: String = "calls"
    ) -> LoadedPartition {
        LoadedPartition(
            stream: stream, account: account, window: window, version: version, table: stream)
    }

    private static func changes(
        _ published: [PublishedVersion], _ held: [LoadedPartition],
        scope: LoadPlan.Scope = .missing, streams: [String] = ["calls"]
    ) -> [String] {
        LoadPlan(published: published, held: held, streams: streams, scope: scope).steps.map {
            "\($0.change) \($0.name)"
        }
    }

    @Test func whatTheTargetDoesNotHoldIsLoaded() {
        let published = [
            Self.version("d1", 1), Self.version("d2", 5), Self.version("d3", 6, rows: 0),
            Self.version("d4", 4),
        ]
        let held = [
            Self.held("d2", 2), Self.held("d3", 3), Self.held("d4", 4), Self.held("d5", 9),
        ]
        #expect(
            Self.changes(published, held) == [
                "new calls/a/d1", "changed calls/a/d2", "emptied calls/a/d3",
                "removed calls/a/d5",
            ])
        #expect(Self.changes(published, held, scope: .all).contains("again calls/a/d4"))
    }

    @Test func aVersionThatCameBackIsLoadedAgain() {
        // Its content is that of version 1, but the target may hold version 2 by now.
        #expect(
            Self.changes([Self.version("d1", 3)], [Self.held("d1", 1)]) == [
                "changed calls/a/d1"
            ])
    }

    /// Accounts shared no partition before: what was loaded of each is taken away in the same
    /// transaction. One whose window is still published by itself stays.
    @Test func aChangedLayoutReplacesWhatIsHeld() {
        let held = [Self.held("d1", 1), Self.held("d1", 2, account: "b"), Self.held("d2", 3)]
        let published = [
            Self.version("d1", 4, account: nil), Self.version("d1", 2, account: "b"),
            Self.version("d2", 5, account: nil),
        ]
        #expect(
            Self.changes(published, held) == [
                "new calls/d1", "new calls/d2", "removed calls/a/d1", "removed calls/a/d2",
            ])
        let back = published.map {
            LoadedPartition(
                stream: $0.name.stream, account: $0.name.account, window: $0.name.window,
                version: $0.version, table: "calls")
        }
        #expect(
            Self.changes([Self.version("d1", 6)], back, scope: .all) == [
                "new calls/a/d1", "removed calls/d1", "removed calls/b/d1", "removed calls/d2",
            ])
    }

    @Test func onlyTheStreamsAskedForAreLoadedInTheirOrder() {
        let published = ["a", "b", "c"].map { Self.version("d1", 1, stream: $0) }
        let held = [Self.held("d2", 1, stream: "a"), Self.held("d2", 1, stream: "b")]
        #expect(
            Self.changes(published, held, streams: ["c", "a"]) == [
                "new c/a/d1", "new a/a/d1", "removed a/a/d2",
            ])
    }

    @Test(arguments: [
        ("2026-01-01", false), ("2026-01-02", true), ("2026-01-02T23", true),
        ("2026-01-02T23-repeated", true), ("2026-01-03", false), ("2026-01", false),
        ("batch=2026-01-02", false),
    ])
    func stretchHoldsTheWindowsThatStartInIt(window: String, isIn: Bool) {
        let scope = LoadPlan.Scope.windows(
            WindowSpan(
                from: LocalHour(date: CivilDate(daysSinceEpoch: 20455)),
                to: LocalHour(date: CivilDate(daysSinceEpoch: 20456))))
        let found = Self.changes(
            [Self.version(window, 1)], [Self.held(window, 1)], scope: scope)
        #expect(found == (isIn ? ["again calls/a/\(window)"] : []))
    }
}
