import ExportModel
import Planning
import Testing

@Suite struct PlannerTests {
    /// `account key reason`
    static func lines(_ windows: [PlannedWindow]) -> [String] {
        windows.map { "\($0.account) \($0.window.key) \($0.reason.rawValue)" }
    }

    static func plan(
        _ options: WindowOptions, now: String, zone: String = "UTC",
        request: PlanRequest = .run, ledger: LedgerView = LedgerView()
    ) throws -> Plan {
        let pipeline = Pipeline.sample([try .sample(windows: options)], zone: zone)
        return try Planner(
            pipeline: pipeline, layout: .account, now: try utc(now), request: request
        )
        .plan(ledger: ledger)
    }

    struct RangeCase: CustomTestStringConvertible {
        var range: WindowRange
        var grid: WindowGrid
        var due: [String]
        var notDue: [String] = []

        var testDescription: String { "\(range) every \(grid)" }
    }

    /// Seen at 2026-11-20T00:40 UTC.
    @Test(arguments: [
        RangeCase(range: .yesterday, grid: .day, due: ["2026-11-19"]),
        RangeCase(range: .today, grid: .day, due: [], notDue: ["2026-11-20"]),
        RangeCase(
            range: .last(count: 3, unit: .day), grid: .day,
            due: ["2026-11-17", "2026-11-18", "2026-11-19"]),
        RangeCase(
            range: .last(count: 2, unit: .hour), grid: .hour,
            due: ["2026-11-19T22", "2026-11-19T23"]),
        RangeCase(
            range: .last(count: 2, unit: .month), grid: .month, due: ["2026-09", "2026-10"]),
    ])
    func rangeIsCutAtNow(_ sample: RangeCase) throws {
        let options = WindowOptions.sample(every: sample.grid, range: sample.range)
        let plan = try Self.plan(options, now: "2026-11-20T00:40")
        #expect(plan.windows.map(\.window.key.description) == sample.due)
        #expect(plan.notDue.map(\.window.key.description) == sample.notDue)
        #expect(plan.windows.allSatisfy { $0.reason == .range })
    }

    @Test func yesterdayIsTheZonesOwn() throws {
        // In Kolkata it is 00:30 of November 20.
        let options = WindowOptions.sample()
        let before = try Self.plan(options, now: "2026-11-19T18:29", zone: "Asia/Kolkata")
        #expect(before.windows.map(\.window.key.description) == ["2026-11-18"])
        let after = try Self.plan(options, now: "2026-11-19T19:00", zone: "Asia/Kolkata")
        #expect(after.windows.map(\.window.key.description) == ["2026-11-19"])
    }

    @Test func dayAfterASkippedDateHasTheDateBeforeAsYesterday() throws {
        let plan = try Self.plan(.sample(), now: "2011-12-30T20:00", zone: "Pacific/Apia")
        #expect(plan.windows.map(\.window.key.description) == ["2011-12-29"])
    }

    @Test func hoursOfYesterdayAndTodayFollowTheGrid() throws {
        let options = WindowOptions.sample(every: .hour, range: .yesterday)
        let plan = try Self.plan(options, now: "2026-10-26T12:00", zone: "Europe/Berlin")
        #expect(plan.windows.count == 25)
        let today = try Self.plan(
            .sample(every: .hour, range: .today), now: "2026-11-20T03:29")
        #expect(today.windows.map(\.window.key.description) == ["2026-11-20T00", "2026-11-20T01"])
        #expect(today.notDue.count == 22)
    }

    @Test func windowIsDueOnceItsEndAndSettleHavePassed() throws {
        let early = try Self.plan(.sample(), now: "2026-11-20T00:29")
        #expect(early.windows.isEmpty)
        #expect(Self.lines(early.notDue) == ["main 2026-11-19 range"])
        let onTime = try Self.plan(.sample(), now: "2026-11-20T00:30")
        #expect(Self.lines(onTime.windows) == ["main 2026-11-19 range"])
        #expect(onTime.notDue.isEmpty)
    }

    @Test func completeWindowIsSkippedAndAFailedOneRetried() throws {
        let options = WindowOptions.sample(range: .last(count: 4, unit: .day))
        let plan = try Self.plan(
            options, now: "2026-11-20T01:00",
            ledger: .sample([
                "2026-11-16": .complete, "2026-11-17": .failed, "2026-11-18": .running,
            ]))
        #expect(
            Self.lines(plan.windows) == [
                "main 2026-11-17 retry", "main 2026-11-18 retry", "main 2026-11-19 range",
            ])
        #expect(plan.skippedComplete == 1)
    }

    @Test func refreshTakesTheNewestDueWindowsOutsideTheRangeToo() throws {
        let options = WindowOptions.sample(refresh: 3)
        let complete = LedgerView.sample([
            "2026-11-16": .complete, "2026-11-17": .complete, "2026-11-18": .complete,
        ])
        // Yesterday has not settled: the three newest due windows end with the day before.
        let early = try Self.plan(options, now: "2026-11-20T00:10", ledger: complete)
        #expect(
            Self.lines(early.windows) == [
                "main 2026-11-16 refresh", "main 2026-11-17 refresh", "main 2026-11-18 refresh",
            ])
        let late = try Self.plan(options, now: "2026-11-20T00:40", ledger: complete)
        #expect(
            Self.lines(late.windows) == [
                "main 2026-11-17 refresh", "main 2026-11-18 refresh", "main 2026-11-19 range",
            ])
        #expect(late.skippedComplete == 0)
    }

    @Test func refreshTakesACompleteWindowOfTheRange() throws {
        let plan = try Self.plan(
            .sample(refresh: 1, catchUpFrom: try local("2026-11-18")), now: "2026-11-20T01:00",
            ledger: .sample(["2026-11-18": .complete, "2026-11-19": .complete]))
        #expect(Self.lines(plan.windows) == ["main 2026-11-19 refresh"])
        #expect(plan.skippedComplete == 1)
    }

    @Test func catchUpTakesEveryDueWindowThatIsNotComplete() throws {
        let options = WindowOptions.sample(catchUpFrom: try local("2026-11-15"))
        let plan = try Self.plan(
            options, now: "2026-11-20T01:00",
            ledger: .sample(["2026-11-15": .complete, "2026-11-17": .complete]))
        #expect(
            Self.lines(plan.windows) == [
                "main 2026-11-16 catch_up", "main 2026-11-18 catch_up", "main 2026-11-19 range",
            ])
        #expect(plan.skippedComplete == 2)
        #expect(plan.notDue.isEmpty)
    }

    @Test func catchUpFromTheFutureIsNothingYet() throws {
        let options = WindowOptions.sample(catchUpFrom: try local("2027-01-01"))
        let plan = try Self.plan(options, now: "2026-11-20T01:00")
        #expect(Self.lines(plan.windows) == ["main 2026-11-19 range"])
    }

    @Test func backfillSkipsWhatIsCompleteUnlessForced() throws {
        let ledger = LedgerView.sample(["2026-10-01": .complete, "2026-10-02": .failed])
        let from = try local("2026-10-01")
        let to = try local("2026-10-04")
        // Neither range nor refresh nor catch-up has a say.
        let options = WindowOptions.sample(refresh: 5, catchUpFrom: try local("2026-11-01"))
        let missing = try Self.plan(
            options, now: "2026-11-20T01:00",
            request: .backfill(from: from, to: to, mode: .missing), ledger: ledger)
        #expect(
            Self.lines(missing.windows) == [
                "main 2026-10-02 retry", "main 2026-10-03 backfill",
            ])
        #expect(missing.skippedComplete == 1)
        let forced = try Self.plan(
            options, now: "2026-11-20T01:00",
            request: .backfill(from: from, to: to, mode: .force), ledger: ledger)
        #expect(
            Self.lines(forced.windows) == [
                "main 2026-10-01 forced", "main 2026-10-02 retry", "main 2026-10-03 backfill",
            ])
    }

    @Test func backfillReportsWhatIsNotDue() throws {
        let plan = try Self.plan(
            .sample(), now: "2026-11-20T01:00",
            request: .backfill(
                from: try local("2026-11-19"), to: try local("2026-11-22"), mode: .missing))
        #expect(Self.lines(plan.windows) == ["main 2026-11-19 backfill"])
        #expect(
            Self.lines(plan.notDue) == ["main 2026-11-20 backfill", "main 2026-11-21 backfill"])
    }

    @Test func accountsTakeTurnsWindowByWindow() throws {
        let first = try Stream.sample(
            name: "calls", accounts: ["b", "a"],
            windows: .sample(range: .last(count: 2, unit: .day)))
        let second = try Stream.sample(name: "bills", accounts: ["c"], windows: .sample())
        let plan = try Planner(
            pipeline: .sample([first, second]), layout: .account, now: try utc("2026-11-20T01:00")
        ).plan(ledger: .sample(["2026-11-18": .complete], account: "a"))
        #expect(
            Self.lines(plan.windows) == [
                "b 2026-11-18 range", "b 2026-11-19 range", "a 2026-11-19 range",
                "c 2026-11-19 range",
            ])
        #expect(plan.windows.map(\.streamIndex) == [0, 0, 0, 1])
        #expect(plan.windows.map(\.accountIndex) == [0, 0, 1, 0])
        #expect(plan.windows.map(\.stream) == ["calls", "calls", "calls", "bills"])
        #expect(
            plan.windows[0].identity(inPipeline: "nightly")
                == WindowIdentity(
                    pipeline: "nightly", stream: "calls", account: "b", window: "2026-11-18"))
    }

    @Test func streamsAndAccountsCanBeNarrowed() throws {
        let pipeline = Pipeline.sample([
            try .sample(name: "calls", accounts: ["a", "b"], windows: .sample()),
            try .sample(name: "bills", accounts: ["a"], windows: .sample()),
        ])
        let now = try utc("2026-11-20T01:00")
        func lines(_ streams: Set<String>?, _ accounts: Set<String>?) throws -> [String] {
            try Planner(
                pipeline: pipeline, layout: .account, now: now, streams: streams, accounts: accounts
            )
            .plan(ledger: LedgerView()).windows.map { "\($0.stream)/\($0.account)" }
        }
        #expect(try lines(["bills"], nil) == ["bills/a"])
        #expect(try lines(nil, ["b"]) == ["calls/b"])
        #expect(try lines(nil, ["a"]) == ["calls/a", "bills/a"])
        #expect(throws: PlanningError.self) { try lines(["bill"], nil) }
        let error = try #require(throws: PlanningError.self) { try lines(["bills"], ["b"]) }
        #expect(error.code == "unknown_account" && error.message.contains("; there are a"))
    }

    @Test func requestListWithoutDatesIsOneWindowThatIsAlwaysDue() throws {
        func plan(_ request: PlanRequest, refresh: Int, _ state: WindowState?) throws -> Plan {
            let stream = try Stream.sample(
                windows: .sample(refresh: refresh), requests: .ids(["1"], batch: "june"))
            let ledger = LedgerView.sample(state.map { ["batch=june": $0] } ?? [:])
            return try Planner(
                pipeline: .sample([stream]), layout: .account, now: try utc("2026-11-20T00:00"),
                request: request
            ).plan(ledger: ledger)
        }
        let new = try plan(.run, refresh: 0, nil)
        #expect(Self.lines(new.windows) == ["main batch=june range"])
        #expect(new.windows.first?.window.range == nil)
        #expect(
            Self.lines(try plan(.run, refresh: 0, .failed).windows) == ["main batch=june retry"])
        let complete = try plan(.run, refresh: 0, .complete)
        #expect(complete.windows.isEmpty && complete.skippedComplete == 1)
        #expect(
            Self.lines(try plan(.run, refresh: 1, .complete).windows)
                == ["main batch=june refresh"])
        let backfill = try plan(
            .backfill(from: try local("2026-01-01"), to: try local("2026-02-01"), mode: .force),
            refresh: 1, nil)
        #expect(backfill.windows.isEmpty && backfill.streamsWithoutDates == ["calls"])
    }

    @Test func requestListsPerWindowFollowTheGrid() throws {
        let stream = try Stream.sample(
            windows: .sample(), requests: .file(path: "ids/{window}.txt", batch: "ids"))
        let plan = try Planner(
            pipeline: .sample([stream]), layout: .account, now: try utc("2026-11-20T01:00")
        )
        .plan(ledger: LedgerView())
        #expect(Self.lines(plan.windows) == ["main 2026-11-19 range"])
    }

    /// Of the account whose window was completed with another list, and of no other.
    @Test(arguments: [
        PlanRequest.run,
        .backfill(
            from: LocalHour(date: CivilDate(daysSinceEpoch: 20_776)),
            to: LocalHour(date: CivilDate(daysSinceEpoch: 20_777)), mode: .missing),
    ])
    func aCompleteWindowWithAnotherListIsExportedAgain(request: PlanRequest) throws {
        let stream = try Stream.sample(
            accounts: ["a", "b"], windows: .sample(),
            requests: .file(path: "ids/{window}.txt", batch: "ids"))
        let complete = ["2026-11-19": WindowFacts(.complete, archive: .kept)]
        let ledger = LedgerView(
            states: ["calls": ["a": complete, "b": complete]],
            changedLists: ["calls": ["b": ["2026-11-19"]]])
        let plan = try Planner(
            pipeline: .sample([stream]), layout: .account, now: try utc("2026-11-20T01:00"),
            request: request
        ).plan(ledger: ledger)
        #expect(Self.lines(plan.windows) == ["b 2026-11-19 list_changed"])
        #expect(plan.skippedComplete == 1)
    }

    @Test(arguments: [
        (WindowGrid.month, WindowRange.yesterday), (.month, .today),
        (.day, .last(count: 5, unit: .hour)), (.month, .last(count: 5, unit: .day)),
    ])
    func rangeOffTheGridIsAnErrorThatNamesTheStream(grid: WindowGrid, range: WindowRange) throws {
        let error = try #require(throws: PlanningError.self) {
            try Self.plan(.sample(every: grid, range: range), now: "2026-11-20T07:00")
        }
        #expect(error.code == "range_off_grid")
        #expect(error.message.hasPrefix("stream 'calls': range '"))
    }

    @Test func catchUpOffTheGridIsAnError() throws {
        let options = WindowOptions.sample(
            every: .month, range: .last(count: 1, unit: .month),
            catchUpFrom: try local("2026-05-17"))
        let error = try #require(throws: PlanningError.self) {
            try Self.plan(options, now: "2026-11-20T07:00")
        }
        #expect(error.message.contains("2026-05-01 and 2026-06-01"))
    }

    @Test func earliestStartIsThatOfTheOldestCandidate() throws {
        let now = try utc("2026-11-20T01:00")
        let days = try Stream.sample(
            name: "a", windows: .sample(catchUpFrom: try local("2026-11-03")))
        let batch = try Stream.sample(
            name: "b", windows: .sample(), requests: .ids(["1"], batch: "x"))
        #expect(
            try Planner(pipeline: .sample([batch, days]), layout: .account, now: now).earliestStart
                == utc("2026-11-03T00:00"))
        #expect(
            try Planner(pipeline: .sample([batch]), layout: .account, now: now).earliestStart == nil
        )
    }

    @Test func streamsThatOthersFeedComeLast() throws {
        let now = try utc("2026-11-20T01:00")
        let parent = ParentField(stream: "calls", field: "id")
        let legs = try Stream.sample(
            name: "legs", windows: .sample(), requests: .forEach(parent))
        let calls = try Stream.sample(windows: .sample())
        let whole = try Planner(pipeline: .sample([legs, calls]), layout: .account, now: now)
        let stages = whole.stages
        #expect(stages.map(\.streams) == [["calls"], ["legs"]])
        let plans = stages.map { $0.plan(ledger: LedgerView()) }
        #expect(plans.map { $0.windows.map(\.stream) } == [["calls"], ["legs"]])
        // Each window of the grid has a list of its own.
        #expect(plans[1].windows.map(\.window.key.description) == ["2026-11-19"])
        #expect(plans[1].streamsWithoutDates == [])
        let joined = Plan(joining: plans)
        #expect(joined.windows.map(\.stream) == ["calls", "legs"])
        #expect(
            Set(joined.windows.map(\.streamIndex))
                == Set(whole.plan(ledger: LedgerView()).windows.map(\.streamIndex)))

        let alone = try Planner(pipeline: .sample([calls]), layout: .account, now: now)
        #expect(alone.stages.map(\.streams) == [["calls"]])
        let fed = try Planner(
            pipeline: .sample([legs, calls]), layout: .account, now: now, streams: ["legs"])
        #expect(fed.stages.map(\.streams) == [[], ["legs"]])
    }

    @Test func planIsLimited() throws {
        let accounts = (0..<10_000).map { "a\($0)" }
        let stream = try Stream.sample(
            accounts: accounts, windows: .sample(catchUpFrom: try local("2026-01-01")))
        let error = try #require(throws: PlanningError.self) {
            try Planner(
                pipeline: .sample([stream]), layout: .account, now: try utc("2026-11-20T01:00"))
        }
        #expect(error.code == "too_many_windows")
    }
}
