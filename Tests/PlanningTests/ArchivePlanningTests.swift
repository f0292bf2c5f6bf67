import ExportModel
import Planning
import Testing

/// What is planned because of the archive: published, made again, or asked for once more.
@Suite struct ArchivePlanningTests {
    /// November 18 and 19; `old` has left the pipeline.
    private static func plan(
        _ layout: PartitionLayout, _ facts: [String: [String: WindowFacts]],
        outdated: [OutdatedPartition] = [], rejected: [RejectedWindow] = [],
        accounts: Set<String>? = nil, onlyListed: Bool = false, request: PlanRequest = .run
    ) throws -> Plan {
        let windows = WindowOptions.sample(range: .last(count: 2, unit: .day))
        let stream = try Stream.sample(accounts: ["c", "b", "a"], windows: windows)
        let keys = Set(facts.values.flatMap(\.keys)).sorted()
        let view = LedgerView(
            states: ["calls": facts], outdated: outdated,
            archived: ["calls": try keys.map(Self.window)], rejected: rejected)
        return try Planner(
            pipeline: .sample([stream]), layout: layout, now: try utc("2026-11-20T01:00"),
            request: request, accounts: accounts, onlyListed: onlyListed
        ).plan(ledger: view)
    }

    /// A partition of a bucket is made of its accounts alone; the plan has them side by side.
    @Test func bucketsArePlannedByThemselves() throws {
        let names = (0..<12).map { "a\($0)" }
        let stream = try Stream.sample(
            accounts: names, windows: .sample(range: .last(count: 2, unit: .day)))
        var pipeline = Pipeline.sample([stream])
        pipeline.output.buckets = 3
        func bucket(_ account: String) -> Int { Bucket(holding: account, among: 3).index }
        let (lost, failed) = (names[0], try #require(names.last { bucket($0) != bucket(names[0]) }))
        var facts = Dictionary(
            uniqueKeysWithValues: names.map { ($0, [Self.nineteenth: Self.pruned]) })
        facts[lost] = nil
        facts[failed]?[Self.eighteenth] = WindowFacts(.failed, archive: .nothing)
        let plan = try Planner(
            pipeline: pipeline, layout: .window, now: try utc("2026-11-20T01:00"),
            accounts: [lost, failed]
        ).plan(ledger: LedgerView(states: ["calls": facts]))
        let nineteenth = plan.windows.filter { "\($0.window.key)" == Self.nineteenth }
        #expect(
            nineteenth.map(\.account) == names.filter { bucket($0) == bucket(lost) },
            "all of the bucket, for the archive has lost its others")
        let eighteenth = plan.windows.filter { "\($0.window.key)" == Self.eighteenth }
        #expect(Set(eighteenth.map(\.account)) == [lost, failed])
        #expect(eighteenth.compactMap(\.bucket) == eighteenth.compactMap(\.bucket).sorted())
        #expect(plan.windows.allSatisfy { $0.bucket == bucket($0.account) })
        #expect(plan.skippedComplete == 1)
    }

    private static func window(_ key: String) throws -> Window {
        let parsed = try #require(WindowKey(key))
        guard case .day(let date) = parsed else {
            return Window(key: parsed, range: nil, timeZoneIdentifier: "UTC")
        }
        let start = Timestamp(epochMilliseconds: Int64(date.daysSinceEpoch) * 86_400_000)
        return Window(
            key: parsed,
            range: TimeRange(start: start, end: start.advanced(milliseconds: 86_400_000)),
            timeZoneIdentifier: "UTC")
    }

    private static func outdated(
        _ window: String, account: String? = nil, hasArchive: Bool = true
    ) -> OutdatedPartition {
        OutdatedPartition(
            identity: PartitionIdentity(
                pipeline: "nightly", stream: "calls", account: account, window: window),
            range: nil, hasArchive: hasArchive)
    }

    private static func rejected(
        _ account: String, _ window: String, isRefused: Bool = false
    ) -> RejectedWindow {
        RejectedWindow(
            identity: WindowIdentity(
                pipeline: "nightly", stream: "calls", account: account, window: window),
            isRefused: isRefused)
    }

    private static let kept = WindowFacts(.complete, archive: .kept)
    private static let pruned = WindowFacts(.complete, archive: .pruned)
    private static let (eighteenth, nineteenth) = ("2026-11-18", "2026-11-19")
    private static let all = PlanRequest.rebuild(
        from: nil, to: nil, outdatedOnly: false, rejectedOnly: false)

    /// `cause count first…last`
    private static func left(_ plan: Plan) -> [String] {
        plan.outdated.map { "\($0.cause.rawValue) \($0.count) \($0.first)…\($0.last)" }
    }

    @Test(arguments: PartitionLayout.allCases)
    func whatIsArchivedIsPublishedWithoutARequest(layout: PartitionLayout) throws {
        let plan = try Self.plan(
            layout,
            [
                "a": [
                    Self.eighteenth: WindowFacts(.archived, archive: .kept),
                    Self.nineteenth: WindowFacts(.archived, archive: .pruned),
                ],
                "b": [Self.eighteenth: Self.kept, Self.nineteenth: Self.kept],
                "c": [Self.eighteenth: Self.kept, Self.nineteenth: Self.kept],
            ])
        #expect(
            PlannerTests.lines(plan.windows) == [
                "a 2026-11-18 publish", "a 2026-11-19 archive_pruned",
            ])
        #expect(plan.windows.map(\.needsNoRequest) == [true, false])
        #expect(plan.skippedComplete == 4)
    }

    /// Each case: what `c` needs, and what becomes of `b`, whose archive was pruned.
    @Test(arguments: [
        (PartitionLayout.window, nil, ["c range", "b archive_pruned"]),
        (.window, WindowFacts(.failed, archive: .nothing), ["c retry", "b archive_pruned"]),
        (.window, WindowFacts(.archived, archive: .kept), ["c publish", "b archive_pruned"]),
        (.window, WindowFacts(.complete, archive: .kept), []),
        (.window, WindowFacts(.complete, archive: .pruned), []),
        (.account, nil, ["c range"]),
        (.account, WindowFacts(.failed, archive: .nothing), ["c retry"]),
    ])
    func accountsWithoutAnArchiveAreAskedForWithTheOthers(
        layout: PartitionLayout, due: WindowFacts?, expected: [String]
    ) throws {
        for accounts in [nil, Set(["c"])] {
            let plan = try Self.plan(
                layout,
                [
                    "c": [Self.eighteenth: Self.kept].merging(
                        due.map { [Self.nineteenth: $0] } ?? [:]
                    ) { $1 },
                    "b": [Self.eighteenth: Self.pruned, Self.nineteenth: Self.pruned],
                    "a": [Self.eighteenth: Self.kept, Self.nineteenth: Self.kept],
                    // It cannot be asked for.
                    "old": [Self.nineteenth: Self.pruned],
                ], accounts: accounts)
            #expect(
                PlannerTests.lines(plan.windows)
                    == expected.map {
                        $0.replacing(" ", with: " 2026-11-19 ")
                    })
        }
    }

    @Test func windowsThatAreNotDueAskForNoOther() throws {
        let windows = WindowOptions.sample(range: .today)
        let stream = try Stream.sample(accounts: ["a", "b"], windows: windows)
        let plan = try Planner(
            pipeline: .sample([stream]), layout: .window, now: try utc("2026-11-20T01:00")
        ).plan(ledger: LedgerView(states: ["calls": ["b": ["2026-11-20": Self.pruned]]]))
        #expect(plan.windows.isEmpty)
        #expect(PlannerTests.lines(plan.notDue) == ["a 2026-11-20 range"])
        #expect(plan.skippedComplete == 1)
    }

    @Test func outdatedPartitionsInTheRangeAreMadeAgain() throws {
        let facts = Dictionary(
            uniqueKeysWithValues: ["a", "b", "c", "old"].map {
                ($0, [Self.eighteenth: Self.kept, Self.nineteenth: Self.kept])
            })
        let plan = try Self.plan(
            .window, facts,
            outdated: [Self.outdated("2026-11-01"), Self.outdated(Self.nineteenth)])
        #expect(
            PlannerTests.lines(plan.windows) == [
                "c 2026-11-19 outdated", "b 2026-11-19 outdated", "a 2026-11-19 outdated",
            ])
        #expect(plan.windows.allSatisfy { $0.needsNoRequest } && plan.skippedComplete == 3)
        #expect(Self.left(plan) == ["not_in_range 1 2026-11-01…2026-11-01"])
        let alone = try Self.plan(
            .account, facts,
            outdated: [
                Self.outdated(Self.eighteenth, account: "b"),
                Self.outdated(Self.nineteenth, account: "a", hasArchive: false),
                Self.outdated(Self.nineteenth, account: "old"),
            ])
        #expect(PlannerTests.lines(alone.windows) == ["b 2026-11-18 outdated"])
        #expect(Self.left(alone) == ["archive_pruned 1 2026-11-19…2026-11-19"])
    }

    /// Not even if the account has left the pipeline.
    @Test(arguments: ["a", "old"])
    func outdatedPartitionsOfWhichTheArchiveLacksAnAccountStay(account: String) throws {
        var facts = Dictionary(
            uniqueKeysWithValues: ["a", "b", "c", "old"].map { ($0, [Self.nineteenth: Self.kept]) })
        for name in ["a", "b", "c"] { facts[name]?[Self.eighteenth] = Self.kept }
        facts[account]?[Self.nineteenth] = Self.pruned
        let outdated = [Self.outdated(Self.nineteenth, hasArchive: false)]
        let plan = try Self.plan(.window, facts, outdated: outdated)
        #expect(plan.windows.isEmpty && plan.skippedComplete == 6)
        #expect(Self.left(plan) == ["archive_pruned 1 2026-11-19…2026-11-19"])
        #expect(plan.outdated.first?.message.contains("cdrx backfill --from") == true)
        // Another account is due, so that the partition is made anyway.
        facts["b"]?[Self.nineteenth] = WindowFacts(.failed, archive: .kept)
        let retried = try Self.plan(.window, facts, outdated: outdated)
        #expect(
            PlannerTests.lines(retried.windows) == ["b 2026-11-19 retry"]
                + (account == "a" ? ["a 2026-11-19 archive_pruned"] : []))
        #expect(retried.outdated.isEmpty)
    }

    @Test func rebuildTakesWhatTheArchiveHasWhateverTheRangeIs() throws {
        let facts: [String: [String: WindowFacts]] = [
            "a": ["2026-11-01": Self.kept, "2026-11-02": Self.kept, "2026-11": Self.kept],
            "b": [
                "2026-11-01": WindowFacts(.failed, archive: .kept), "2026-11-02": Self.pruned,
                "2026-11-03": WindowFacts(.failed, archive: .nothing),
            ],
            "old": ["2026-11-01": Self.kept, "2026-11-04": Self.kept],
        ]
        let plan = try Self.plan(.window, facts, request: Self.all)
        #expect(
            PlannerTests.lines(plan.windows) == [
                "a 2026-11 rebuild", "b 2026-11-01 rebuild", "a 2026-11-01 rebuild",
            ])
        #expect(plan.windows.allSatisfy { $0.needsNoRequest })
        #expect(Self.left(plan) == ["archive_pruned 1 2026-11-02…2026-11-02"])
        let alone = try Self.plan(.account, facts, request: Self.all)
        #expect(
            PlannerTests.lines(alone.windows) == [
                "a 2026-11 rebuild", "b 2026-11-01 rebuild", "a 2026-11-01 rebuild",
                "a 2026-11-02 rebuild",
            ])
        #expect(Self.left(alone) == ["archive_pruned 1 2026-11-02…2026-11-02"])
        // Of an account that it has only half of the others with.
        let narrowed = try Self.plan(.window, facts, accounts: ["a"], request: Self.all)
        #expect(
            PlannerTests.lines(narrowed.windows) == ["a 2026-11 rebuild", "a 2026-11-01 rebuild"])
    }

    /// What is published of it is given up.
    @Test func rebuildOfListedAccountsNeedsNoArchiveOfOthers() throws {
        let facts = ["a": ["2026-11-01": Self.kept], "old": ["2026-11-01": Self.pruned]]
        let held = try Self.plan(.window, facts, request: Self.all)
        #expect(held.windows.isEmpty)
        #expect(Self.left(held) == ["archive_pruned 1 2026-11-01…2026-11-01"])
        let given = try Self.plan(.window, facts, onlyListed: true, request: Self.all)
        #expect(PlannerTests.lines(given.windows) == ["a 2026-11-01 rebuild"])
        #expect(given.outdated.isEmpty)
    }

    @Test(arguments: [
        (nil, nil, ["01", "02", "03"]), ("2026-11-02", nil, ["02", "03"]),
        (nil, "2026-11-02", ["01"]), ("2026-11-02", "2026-11-03", ["02"]),
        ("2026-11-01T01", "2026-11-02T01", ["02"]),
    ])
    func rebuildTakesAnyStretch(from: String?, to: String?, days: [String]) throws {
        let request = PlanRequest.rebuild(
            from: try from.map(local), to: try to.map(local), outdatedOnly: false,
            rejectedOnly: false)
        let facts = ["2026-11-01", "2026-11-02", "2026-11-03"].map { ($0, Self.kept) }
        let plan = try Self.plan(
            .window, ["a": Dictionary(uniqueKeysWithValues: facts)], request: request)
        #expect(plan.windows.map { $0.window.key.description.suffix(2) } == days.map { $0[...] })
    }

    @Test func rebuildOfWhatIsOutdatedOrRejectedLeavesTheRest() throws {
        let days = ["2026-11-01", "2026-11-02", "2026-11-03"]
        let known = Dictionary(uniqueKeysWithValues: days.map { ($0, Self.kept) })
        var facts = ["a": known, "b": known]
        facts["b"]?["2026-11-03"] = WindowFacts(.failed, archive: .nothing)
        let outdated = [Self.outdated(days[0]), Self.outdated(days[1], account: "b")]
        let rejected = [
            Self.rejected("a", days[1]), Self.rejected("b", days[2], isRefused: true),
        ]
        func lines(
            _ layout: PartitionLayout, outdatedOnly: Bool, rejectedOnly: Bool
        ) throws -> [String] {
            let plan = try Self.plan(
                layout, facts, outdated: outdated, rejected: rejected,
                request: .rebuild(
                    from: nil, to: nil, outdatedOnly: outdatedOnly, rejectedOnly: rejectedOnly))
            #expect(plan.outdated.isEmpty)
            return plan.windows.map { "\($0.account) \($0.window.key.description.suffix(2))" }
        }
        #expect(
            try lines(.window, outdatedOnly: true, rejectedOnly: false)
                == ["b 01", "a 01", "b 02", "a 02"])
        #expect(
            try lines(.account, outdatedOnly: true, rejectedOnly: false) == [
                "b 01", "a 01", "b 02",
            ])
        #expect(
            try lines(.window, outdatedOnly: false, rejectedOnly: true)
                == ["b 02", "a 02", "b 03", "a 03"])
        #expect(
            try lines(.account, outdatedOnly: false, rejectedOnly: true) == ["a 02", "b 03"])
        #expect(try lines(.window, outdatedOnly: true, rejectedOnly: true) == ["b 02", "a 02"])
        #expect(try lines(.account, outdatedOnly: true, rejectedOnly: true).isEmpty)
    }

    @Test func stretchOfARebuildMustNotBeEmpty() throws {
        let day = try local("2026-11-02")
        let error = try #require(throws: PlanningError.self) {
            try Self.plan(
                .window, [:],
                request: .rebuild(from: day, to: day, outdatedOnly: false, rejectedOnly: false))
        }
        #expect(error.code == "empty_range")
    }

    @Test func rebuildReadsTheLedgerFromItsStretchOn() throws {
        let pipeline = Pipeline.sample([try .sample(windows: .sample())])
        func earliest(_ from: LocalHour?) throws -> Timestamp? {
            try Planner(
                pipeline: pipeline, layout: .window, now: try utc("2026-11-20T01:00"),
                request: .rebuild(from: from, to: nil, outdatedOnly: false, rejectedOnly: false)
            ).earliestStart
        }
        #expect(try earliest(nil) == Timestamp(epochMilliseconds: .min))
        let start = try utc("2026-11-02T00:00")
        #expect(try earliest(try local("2026-11-02")) == start)
    }
}
