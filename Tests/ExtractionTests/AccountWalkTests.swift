import BoundedDispatch
import ExportModel
import Synchronization
import Testing

@testable import Extraction

/// The walk as lanes see it: budgets, pauses and `pages_in_flight`.
@Suite struct AccountWalkTests {
    private let clock = TestClock()

    /// A page that waits for its next attempt holds no lane; it does count as asked for.
    @Test func aPausedPageLeavesItsLaneToOthers() throws {
        var walk = try makeWalk(ids: 5, pagesInFlight: 3)
        let first = try #require(job(&walk))
        let second = try #require(job(&walk))
        walk.complete(first, with: .again(try fetch(of: first), pauseMilliseconds: 500))
        #expect(number(try #require(job(&walk))) == 3)
        // Two are in flight and one is paused: no fourth page.
        #expect(pause(&walk) == 500)
        clock.advance(milliseconds: 200)
        #expect(pause(&walk) == 300)
        walk.complete(second, with: .fetched(FetchedPage(content: .unknownID, requestCount: 1)))
        #expect(number(try #require(job(&walk))) == 4)
        clock.advance(milliseconds: 300)
        #expect(number(try #require(job(&walk))) == 1)
        #expect(isWaiting(&walk))
    }

    @Test func whatCameOfEarlierAttemptsGoesWithThePage() throws {
        let transport = FakeTransport { _, before in
            before < 2 ? reply("", status: 503) : reply(#"{"count":0,"cdr":[],"code":200}"#)
        }
        let extractor = try makeExtractor(transport)
        var walk = extractor.walk(span(0, 3_600_000))
        var readers = AnswerReaders()
        var attempts = 0
        while case .item(let job) = walk.claim(.request) {
            attempts += 1
            walk.complete(job, with: extractor.perform(job, readers: &readers))
        }
        #expect(attempts == 3)
        while case .item(let job) = walk.claim(.compute) {
            walk.complete(job, with: extractor.perform(job, readers: &readers))
        }
        guard case .item(.slice) = walk.collect() else {
            Issue.record("the slice is not handed out")
            return
        }
        #expect(try walk.result() == 3)
    }

    /// Five a second: a tenth of a second's worth at once, then one every 200 ms.
    @Test func aRequestIsHandedOutWhenTheBudgetsAllowIt() throws {
        let budget = RequestBudget(requestsPerSecond: 5, environment: clock.environment)
        var walk = try makeWalk(ids: 5, pagesInFlight: 5, budgets: [budget])
        #expect(job(&walk) != nil)
        #expect(pause(&walk) == 200)
        clock.advance(milliseconds: 199)
        #expect(pause(&walk) == 1)
        clock.advance(milliseconds: 1)
        #expect(number(try #require(job(&walk))) == 2)
        #expect(pause(&walk) == 200)
    }

    /// A fast account's lanes wake for several places at once, and none is lost.
    @Test func fastPlacesAreWaitedForTogether() throws {
        let budget = RequestBudget(requestsPerSecond: 1_000, environment: clock.environment)
        var walk = try makeWalk(ids: 300, pagesInFlight: 300, budgets: [budget])
        var count = 0
        while job(&walk) != nil { count += 1 }
        #expect(count == 100)
        #expect(pause(&walk) == 10)
        clock.advance(milliseconds: 10)
        while job(&walk) != nil { count += 1 }
        #expect(count == 110)
        clock.advance(milliseconds: 100)
        while job(&walk) != nil { count += 1 }
        #expect(count == 210)
    }

    @Test func twoWalksOfAnAccountShareItsBudget() throws {
        let budget = RequestBudget(requestsPerSecond: 5, environment: clock.environment)
        var first = try makeWalk(ids: 2, pagesInFlight: 2, budgets: [budget])
        var second = try makeWalk(ids: 2, pagesInFlight: 2, budgets: [budget])
        #expect(job(&first) != nil)
        #expect(pause(&second) == 200)
        clock.advance(milliseconds: 200)
        #expect(job(&second) != nil)
        #expect(pause(&first) == 200)
    }

    @Test func aStopHandsOutNothingMore() throws {
        let run = StopToken()
        var walk = try makeWalk(ids: 5, pagesInFlight: 3, run: run)
        let first = try #require(job(&walk))
        run.stop()
        walk.complete(first, with: .again(try fetch(of: first), pauseMilliseconds: 0))
        guard case .done = walk.claim(.request) else {
            Issue.record("a page is asked for after the stop")
            return
        }
        #expect(walk.isEnded)
        #expect(!walk.isFinished)
        #expect(throws: ExtractionError.self) { try walk.result() }
    }

    // MARK: Helpers

    private func makeWalk(
        ids: Int, pagesInFlight: Int, budgets: [RequestBudget] = [], run: StopToken = StopToken()
    ) throws -> AccountWalk {
        let stream = try makeStream(Catalog.requestIDs, lanes: pagesInFlight)
        let transport = FakeTransport { _, _ in reply("") }
        let session = AccountSession(
            account: tokenAccount, stream: stream, budgets: budgets, run: run,
            transport: transport, environment: clock.environment)
        return WindowExtractor(
            stream: stream, session: session, transport: transport,
            environment: clock.environment
        ).walk(ids: (1...ids).map { "id\($0)" })
    }

    private func job(_ walk: inout AccountWalk) -> WalkJob? {
        if case .item(let job) = walk.claim(.request) { return job }
        return nil
    }

    private func pause(_ walk: inout AccountWalk) -> Int64? {
        if case .pause(let milliseconds) = walk.claim(.request) { return milliseconds }
        return nil
    }

    private func isWaiting(_ walk: inout AccountWalk) -> Bool {
        if case .wait = walk.claim(.request) { return true }
        return false
    }

    private func fetch(of job: WalkJob) throws -> PageFetch {
        guard case .page(let fetch) = job.work else {
            throw ExtractionError(.unknownAnswer, code: "test", message: "no page")
        }
        return fetch
    }

    private func number(_ job: WalkJob) -> Int? {
        if case .page(let fetch) = job.work { return fetch.number }
        return nil
    }
}

/// A clock that moves when the test says so.
private final class TestClock: Sendable {
    private let now = Mutex<Int64>(1_000)

    func advance(milliseconds: Int64) {
        now.withLock { $0 += milliseconds }
    }

    var environment: ExtractionEnvironment {
        ExtractionEnvironment(
            monotonicMilliseconds: { [self] in now.withLock { $0 } }, now: { midnight },
            random: { _ in 0 })
    }
}
