import BoundedDispatch
import ExportModel
import Synchronization
import Testing

@testable import Extraction

@Suite struct PageFetcherTests {
    private static let good = cdr([Row(id: "a", offset: 1), Row(id: "b", offset: 2)], total: 2)
    private static let dead = #"{"error":true,"code":404,"message":"Failed to authenticate."}"#

    // MARK: Attempts

    /// A provider that talks can be reached.
    @Test(arguments: [reply("", status: 429), reply(#"{"code":429}"#)])
    func complaintsToTheEndAreAKindOfTheirOwn(answer: TransportOutcome) throws {
        let fetched = try fetch(FakeTransport { _, _ in answer }, attempts: 2)
        #expect(failure(fetched)?.kind == .throttled)
    }

    /// The request was cut, so nothing is known of the page and nothing is wrong with it.
    @Test func aRequestThatAStopEndedIsInterrupted() throws {
        let transport = FakeTransport { _, _ in
            .failure(TransportFailure(kind: .interrupted, text: ""))
        }
        let fetched = try fetch(transport)
        #expect(failure(fetched)?.kind == .interrupted)
        #expect(fetched.requestCount == 1)
    }

    @Test(arguments: [1, 2, 5]) func attemptsAreCounted(attempts: Int) throws {
        let transport = FakeTransport { _, _ in reply("", status: 502) }
        let fetched = try fetch(transport, attempts: attempts)
        #expect(failure(fetched)?.kind == .unreachable)
        #expect(failure(fetched)?.code == "http_502")
        #expect(fetched.requestCount == attempts)
        #expect(transport.requestCount == attempts)
    }

    @Test func pausesAreAsScheduled() throws {
        let bounds = Mutex<[Int64]>([])
        let environment = stillEnvironment { bound in
            bounds.withLock { $0.append(bound) }
            return 0
        }
        let transport = FakeTransport { _, before in
            before < 4 ? reply("", status: 500) : reply(Self.good)
        }
        let fetched = try fetch(transport, attempts: 6, environment: environment)
        #expect(rowCount(fetched) == 2)
        #expect(fetched.requestCount == 5)
        #expect(bounds.withLock { $0 } == [200, 400, 800, 1_600])
    }

    @Test(arguments: [
        reply("<html>"), reply(""), reply(#"{"count":1,"cdr":["#), reply(#"{"code":502}"#),
        reply("", status: 429), reply("", status: 408), reply(#"{"cdr":[],"code":200}"#),
        .failure(TransportFailure(kind: .cutOff, text: "")),
        .failure(TransportFailure(kind: .timeout, text: "")),
        .failure(TransportFailure(kind: .notConnected, text: "")),
        .failure(TransportFailure(kind: .refused, text: "")),
        .failure(TransportFailure(kind: .unknownHost, text: "")),
        .failure(TransportFailure(kind: .connectTimeout, text: "")),
        .failure(TransportFailure(kind: .stalled, text: "")),
        .failure(TransportFailure(kind: .invalidResponse, text: "")),
        reply(cdr([], total: 3)),
        reply(cdr([Row(id: "a", offset: 1), Row(id: "a", offset: 1)], total: 2)),
    ])
    func passingFailureIsAskedAgain(outcome: TransportOutcome) throws {
        let transport = FakeTransport { _, before in before == 0 ? outcome : reply(Self.good) }
        let fetched = try fetch(transport)
        #expect(rowCount(fetched) == 2)
        #expect(fetched.requestCount == 2)
    }

    @Test(arguments: [
        reply(#"{"code":400}"#), reply(#"{"code":404,"msg":"parameter missing"}"#),
        reply(#"{"code":"cmi-2000"}"#), reply("<html>", status: 404), reply("", status: 301),
        .failure(TransportFailure(kind: .tooLarge, text: "")),
        .failure(TransportFailure(kind: .invalidURL, text: "")),
        .failure(TransportFailure(kind: .certificateExpired, text: "")),
        .failure(TransportFailure(kind: .certificateHost, text: "")),
        .failure(TransportFailure(kind: .certificateUntrusted, text: "")),
        .failure(TransportFailure(kind: .tlsFailed, text: "")),
    ])
    func whatAskingAgainCannotHelpIsAskedOnce(answer: TransportOutcome) throws {
        let transport = FakeTransport { _, _ in answer }
        let fetched = try fetch(transport)
        #expect(failure(fetched) != nil)
        #expect(transport.requestCount == 1)
    }

    // MARK: Whole pages

    @Test func aPageThatStaysShortIsHandedOnAsSuspect() throws {
        let transport = FakeTransport { _, _ in reply(cdr([Row(id: "a", offset: 1)], total: 20)) }
        let fetched = try fetch(
            transport, attempts: 3, expectation: PageExpectation(total: 20, rowCount: 10))
        guard case .page(let page) = fetched.content else {
            Issue.record("no page")
            return
        }
        #expect(page.isSuspect)
        #expect(page.rowCount == 1)
        #expect(fetched.requestCount == 3)
    }

    /// It may never become whole, because page 1 was the short one: the walk must get to know it.
    @Test func aShortPageIsKeptThroughLaterFailures() throws {
        let transport = FakeTransport { _, before in
            before == 0
                ? reply(cdr([Row(id: "a", offset: 1)], total: 12)) : reply("", status: 500)
        }
        let fetched = try fetch(
            transport, attempts: 3, expectation: PageExpectation(total: 12, rowCount: 5))
        #expect(rowCount(fetched) == 1)
        #expect(fetched.requestCount == 3)
    }

    /// Asking again would give another page of another list.
    @Test func aTotalThatMovedIsNotAskedAgain() throws {
        let transport = FakeTransport { _, _ in reply(cdr([], total: 21)) }
        let fetched = try fetch(
            transport, expectation: PageExpectation(total: 20, rowCount: 10))
        #expect(rowCount(fetched) == 0)
        #expect(transport.requestCount == 1)
    }

    // MARK: Authentication

    @Test func aRefusedTokenStopsTheAccountAtOnce() throws {
        let run = StopToken()
        let transport = FakeTransport { _, _ in reply(Self.dead) }
        let session = try session(tokenAccount, transport, run: run)
        let fetched = try fetch(transport, session: session)
        #expect(failure(fetched)?.kind == .authentication)
        #expect(session.refusal?.code == "authentication_failed")
        #expect(session.stop.isStopped)
        #expect(!run.isStopped)
        #expect(transport.requestCount == 1)
        // Nothing more leaves for this account, and the reason stays the refusal.
        #expect(failure(try fetch(transport, session: session))?.kind == .authentication)
        #expect(transport.requestCount == 1)
    }

    @Test func aDeadTokenIsRenewedAndThePageAskedAgain() throws {
        let transport = loginTransport { $0 == "issued-2" ? Self.good : Self.dead }
        let session = try session(loginAccount, transport)
        let fetched = try fetch(transport, session: session)
        #expect(rowCount(fetched) == 2)
        #expect(fetched.requestCount == 2)
        #expect(transport.count(toPath: "/login") == 2)
        #expect(session.refusal == nil)
    }

    @Test func aTokenThatAnotherLaneKilledIsRenewedAgain() throws {
        let transport = loginTransport { $0 == "issued-3" ? Self.good : Self.dead }
        let session = try session(loginAccount, transport)
        let fetched = try fetch(transport, session: session)
        #expect(rowCount(fetched) == 2)
        #expect(transport.count(toPath: "/login") == 3)
        #expect(session.refusal == nil)
    }

    @Test func tokensThatAreRefusedAtEveryAttemptStopTheAccount() throws {
        let transport = loginTransport { _ in Self.dead }
        let session = try session(loginAccount, transport)
        #expect(failure(try fetch(transport, session: session))?.kind == .authentication)
        // The first login and one for each of the four attempts.
        #expect(transport.count(toPath: "/login") == 5)
        #expect(transport.requestCount == 10)
        #expect(session.stop.isStopped)
    }

    @Test func aDoubtfulRefusalStopsNothing() throws {
        let transport = FakeTransport { _, _ in reply(#"{"code":404}"#) }
        let stream = try makeStream(Catalog.requestIDs)
        let session = AccountSession(
            account: tokenAccount, stream: stream, budgets: [], run: StopToken(),
            transport: transport, environment: stillEnvironment())
        let fetched = try fetch(stream, transport, session, subject: .requestID("x"))
        #expect(failure(fetched)?.code == ExtractionError.doubtfulAuthentication)
        #expect(!session.stop.isStopped)
    }

    // MARK: Request ids

    @Test(arguments: [
        (#"{"count":0,"cdr":[],"code":200}"#, 1, "unknown"),
        (#"{"code":404,"msg":"request_id not found"}"#, 1, "unknown"),
        (#"{"count":1,"cdr":[{"leg":"a","to":1,"time":1}],"code":200}"#, 1, "1 rows"),
        (#"{"count":2,"cdr":[{"leg":"a","to":1,"time":1}],"code":200}"#, 4, "1 rows, suspect"),
    ])
    func answersToIDs(body: String, requests: Int, meaning: String) throws {
        let transport = FakeTransport { _, _ in reply(body) }
        let stream = try makeStream(Catalog.requestIDs)
        let session = AccountSession(
            account: tokenAccount, stream: stream, budgets: [], run: StopToken(),
            transport: transport, environment: stillEnvironment())
        let fetched = try fetch(stream, transport, session, subject: .requestID("x"))
        let found =
            switch fetched.content {
            case .unknownID: "unknown"
            case .page(let page): "\(page.rowCount) rows" + (page.isSuspect ? ", suspect" : "")
            case .failed(let error): error.code
            }
        #expect(found == meaning)
        #expect(fetched.requestCount == requests)
    }

    // MARK: Stopping and budgets

    @Test(.timeLimit(.minutes(10))) func aPauseEndsWithTheRun() throws {
        let run = StopToken()
        let transport = FakeTransport { _, _ in
            run.stop()
            return reply("", status: 503, retryAfter: "120")
        }
        let session = try session(tokenAccount, transport, run: run)
        let start = ContinuousClock.now
        #expect(failure(try fetch(transport, session: session))?.kind == .interrupted)
        #expect(ContinuousClock.now - start < .seconds(30))
        #expect(transport.requestCount == 1)
    }

    @Test func nothingLeavesAfterTheStop() throws {
        let run = StopToken()
        run.stop()
        let transport = FakeTransport { _, _ in reply(Self.good) }
        let session = try session(tokenAccount, transport, run: run)
        #expect(failure(try fetch(transport, session: session))?.kind == .interrupted)
        #expect(transport.requestCount == 0)
    }

    /// The clock stands, so the wait is exact: `Retry-After`, cut at two minutes.
    @Test func aComplaintSlowsTheWholeAccount() throws {
        let budget = RequestBudget(requestsPerSecond: 1_000, environment: stillEnvironment())
        let transport = FakeTransport { _, _ in reply("", status: 429, retryAfter: "600") }
        let session = try session(tokenAccount, transport, budgets: [budget])
        #expect(budget.pauseMilliseconds(at: 0) == 0)
        _ = try fetch(transport, session: session, attempts: 1)
        #expect(budget.pauseMilliseconds(at: 0) == 120_000)
    }

    // MARK: Helpers

    /// Logs in with tokens `issued-1`, `issued-2`, …; pages get the token that was sent.
    private func loginTransport(_ page: @escaping @Sendable (String) -> String) -> FakeTransport {
        let logins = Mutex(0)
        return FakeTransport { request, _ in
            guard request.url.hasSuffix("/login") else {
                return reply(page(text("token", in: request) ?? ""))
            }
            let number = logins.withLock { logins in
                logins += 1
                return logins
            }
            return reply(#"{"code":200,"token":"issued-\#(number)"}"#)
        }
    }

    private func session(
        _ account: Account, _ transport: FakeTransport, run: StopToken = StopToken(),
        budgets: [RequestBudget] = [], environment: ExtractionEnvironment = stillEnvironment()
    ) throws -> AccountSession {
        AccountSession(
            account: account, stream: try makeStream(Catalog.userOutMissed), budgets: budgets,
            run: run, transport: transport, environment: environment)
    }

    private func fetch(
        _ transport: FakeTransport, session given: AccountSession? = nil, attempts: Int = 4,
        expectation: PageExpectation? = nil,
        environment: ExtractionEnvironment = stillEnvironment()
    ) throws -> FetchedPage {
        let session = try given ?? session(tokenAccount, transport)
        return try fetch(
            try makeStream(Catalog.userOutMissed, attempts: attempts), transport, session,
            subject: .page(number: 2, size: 10, range: span(0, 10)), expectation: expectation,
            environment: environment)
    }

    private func fetch(
        _ stream: ExportModel.Stream, _ transport: FakeTransport, _ session: AccountSession,
        subject: RequestBuilder.Subject, expectation: PageExpectation? = nil,
        environment: ExtractionEnvironment = stillEnvironment()
    ) throws -> FetchedPage {
        let fetcher = PageFetcher(
            stream: stream, session: session, transport: transport, environment: environment)
        let reader = try AnswerReader(endpoint: stream.endpoint, environment: environment)
        return fetcher.fetch(
            PageFetch(subject, number: 2, expectation: expectation), reader: reader)
    }

    private func failure(_ fetched: FetchedPage) -> ExtractionError? {
        if case .failed(let error) = fetched.content { return error }
        return nil
    }

    private func rowCount(_ fetched: FetchedPage) -> Int? {
        if case .page(let page) = fetched.content { return page.rowCount }
        return nil
    }
}
