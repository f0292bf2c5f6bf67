import BoundedDispatch
import ExportModel
import Synchronization
import Testing

@testable import Extraction

@Suite struct AccountSessionTests {
    @Test func credentialsWithoutALoginAreSentAsTheyAre() throws {
        let transport = FakeTransport { _, _ in reply("{}") }
        let session = try session(tokenAccount, transport)
        let (values, generation) = try session.credentials()
        #expect(values["token"]?.revealed() == "token-of-the-test")
        #expect(generation == 0)
        #expect(try !session.renew(after: 0))
        #expect(transport.requestCount == 0)
    }

    @Test func sixteenLanesLogInOnce() throws {
        let transport = FakeTransport { _, before in
            reply(#"{"code":200,"token":"issued-\#(before)"}"#)
        }
        let session = try session(loginAccount, transport)
        let tokens = onSixteenLanes { try? session.credentials().values["token"]?.revealed() }
        #expect(tokens == [String?](repeating: "issued-0", count: 16))
        #expect(transport.requestCount == 1)
        #expect(transport.bodies == [#"{"id":"103_1111113","password":"password-of-the-test"}"#])
        #expect(transport.count(toPath: "/v2/user/login") == 1)
    }

    @Test func eachGenerationIsRenewedOnce() throws {
        let transport = FakeTransport { _, before in
            reply(#"{"code":200,"token":"issued-\#(before)"}"#)
        }
        let session = try session(loginAccount, transport)
        let first = try session.credentials().generation
        let renewed = onSixteenLanes { try? session.renew(after: first) }
        #expect(renewed == [Bool?](repeating: true, count: 16))
        #expect(transport.requestCount == 2)
        let (values, generation) = try session.credentials()
        #expect(values["token"]?.revealed() == "issued-1")
        #expect(generation == first + 1)
        // Whoever still complains about the first token gets the second one.
        #expect(try session.renew(after: first))
        #expect(transport.requestCount == 2)
    }

    @Test func aRefusedLoginIsTriedOnce() throws {
        let transport = FakeTransport { _, _ in
            reply(#"{"error":true,"code":404,"msg":"Authentication Failed"}"#)
        }
        let session = try session(loginAccount, transport)
        let kinds = onSixteenLanes { failure { _ = try session.credentials() }?.kind }
        #expect(kinds == [FailureKind?](repeating: .authentication, count: 16))
        #expect(transport.requestCount == 1)
        #expect(session.refusal?.kind == .authentication)
    }

    /// Lanes that waited while a login failed do not try it one after the other.
    @Test func aFailedLoginIsSharedByThoseWhoWaited() throws {
        let waiting = Mutex(0)
        let allWait = StopToken()
        let transport = FakeTransport { _, _ in
            _ = allWait.sleep(milliseconds: 20_000)
            return reply("", status: 500)
        }
        let session = try session(loginAccount, transport, attempts: 1)
        let kinds = onSixteenLanes {
            let isLast = waiting.withLock { waiting in
                waiting += 1
                return waiting == 16
            }
            if isLast { allWait.stop() }
            return failure { _ = try session.credentials() }?.kind
        }
        #expect(kinds == [FailureKind?](repeating: .unreachable, count: 16))
        // A lane may come late by a hair; sixteen would be the old storm.
        #expect(transport.requestCount < 8)
        #expect(session.refusal == nil)
    }

    @Test func aFailedLoginMayBeTriedAgainLater() throws {
        let transport = FakeTransport { _, before in
            before < 1 ? reply("", status: 500) : reply(#"{"code":200,"token":"issued"}"#)
        }
        let session = try session(loginAccount, transport, attempts: 1)
        #expect(failure { _ = try session.credentials() }?.kind == .unreachable)
        #expect(try session.credentials().values["token"]?.revealed() == "issued")
    }

    @Test func loginsAreRetriedLikeAnyRequest() throws {
        let transport = FakeTransport { _, before in
            before < 3 ? reply("", status: 503) : reply(#"{"code":200,"token":"issued"}"#)
        }
        _ = try session(loginAccount, transport, attempts: 4).credentials()
        #expect(transport.requestCount == 4)
    }

    @Test(arguments: [#"{"code":200}"#, #"{"code":200,"token":""}"#, #"{"code":200,"token":7}"#])
    func aLoginWithoutATokenIsAnError(body: String) throws {
        let session = try session(loginAccount, FakeTransport { _, _ in reply(body) })
        let error = failure { _ = try session.credentials() }
        #expect(error?.code == "missing_token")
        #expect(error?.message.contains("`token`") == true)
    }

    // MARK: Tokens that end

    /// Seconds that the answer gives, as JSON, and milliseconds after which another login is due.
    @Test(arguments: [
        ("3600", 3_540_000), (#""3600""#, 3_540_000), ("120", 60_000), ("100", 50_000),
        ("1", 500), ("99999999999", 316_223_940_000),
    ])
    func aTokenIsRenewedBeforeItEnds(_ seconds: String, _ due: Int64) throws {
        let clock = TestClock(7_000)
        let session = try oauthSession(clock, expiresIn: seconds)
        #expect(try session.credentials().generation == 1)
        clock.now += due - 1
        #expect(try session.credentials().generation == 1)
        clock.now += 1
        let lanes = onSixteenLanes { try? session.credentials().generation }
        #expect(lanes == [Int?](repeating: 2, count: 16))
        #expect(try session.credentials().values["token"]?.revealed() == "issued-1")
        // Whoever sent the first token gets the second one.
        #expect(try session.renew(after: 1))
        #expect(try session.credentials().generation == 2)
    }

    @Test(arguments: ["null", "0", "-1", #""soon""#])
    func withoutALifetimeATokenIsKept(_ seconds: String) throws {
        let clock = TestClock(0)
        let session = try oauthSession(clock, expiresIn: seconds)
        _ = try session.credentials()
        clock.now = .max
        #expect(try session.credentials().generation == 1)
    }

    /// RFC 6749, section 4.4: the grant of client credentials, at a host of its own.
    @Test func anOAuthGrantIsALogin() throws {
        let transport = FakeTransport { request, _ in
            #expect(request.url == "https://login.test/oauth/token")
            #expect(
                request.headers == [
                    RequestHeader(name: "Authorization", value: "Basic aWQ6cEBzcw==")
                ])
            #expect(request.contentType == "application/x-www-form-urlencoded")
            return reply(#"{"code":200,"access_token":"t","expires_in":60}"#)
        }
        let session = try oauthSession(TestClock(0), transport)
        #expect(try session.credentials().values["token"]?.revealed() == "t")
        #expect(transport.bodies == ["grant_type=client_credentials"])
    }

    private func oauthSession(_ clock: TestClock, expiresIn: String) throws -> AccountSession {
        try oauthSession(
            clock,
            FakeTransport { _, before in
                reply(
                    #"{"code":200,"access_token":"issued-\#(before)","expires_in":\#(expiresIn)}"#)
            })
    }

    private func oauthSession(
        _ clock: TestClock, _ transport: FakeTransport
    ) throws -> AccountSession {
        var endpoint = Catalog.userOutMissed
        var login = try #require(endpoint.login)
        login.request = RequestShape(
            path: "/oauth/token", encoding: .form,
            auth: .basic(user: "id", password: "password"),
            fixed: [NamedValue(name: "grant_type", value: .text("client_credentials"))],
            credentials: login.request.credentials, window: nil, requestID: nil, optional: [],
            paging: nil)
        login.tokenPath = JSONPath(dotted: "access_token")
        login.lifetimePath = JSONPath(dotted: "expires_in")
        endpoint.login = login
        var stream = try makeStream(endpoint)
        stream.loginURL = "https://login.test"
        var environment = stillEnvironment()
        environment.monotonicMilliseconds = { clock.now }
        return AccountSession(
            account: Account(
                name: "a", credentials: ["id": Secret("id"), "password": Secret("p@ss")]),
            stream: stream, budgets: [], run: StopToken(), transport: transport,
            environment: environment)
    }

    @Test func aRefusalStopsOneAccountOnly() throws {
        let run = StopToken()
        let transport = FakeTransport { _, _ in reply("{}") }
        let first = try session(tokenAccount, transport, run: run)
        let second = try session(tokenAccount, transport, run: run)
        let error = ExtractionError(.authentication, code: "one", message: "no")
        first.refuse(error)
        first.refuse(ExtractionError(.authentication, code: "two", message: "no"))
        #expect(first.stop.isStopped)
        #expect(first.refusal?.code == "one")
        #expect(!second.stop.isStopped)
        #expect(!run.isStopped)
        run.stop()
        #expect(second.stop.isStopped)
        #expect(second.refusal == nil)
    }

    @Test func noMessageHoldsACredential() throws {
        let password = "password-of-the-test"
        let transport = FakeTransport { _, _ in
            reply(#"{"code":404,"msg":"wrong \#(password)"}"#)
        }
        let session = try session(loginAccount, transport)
        let error = failure { _ = try session.credentials() }
        #expect(error?.message.contains(password) == false)
        #expect("\(loginAccount)".contains(password) == false)
    }

    private func session(
        _ account: Account, _ transport: FakeTransport, attempts: Int = 4,
        run: StopToken = StopToken()
    ) throws -> AccountSession {
        AccountSession(
            account: account, stream: try makeStream(Catalog.userOutMissed, attempts: attempts),
            budgets: [], run: run, transport: transport, environment: stillEnvironment())
    }

    private func onSixteenLanes<Value: Sendable>(
        _ body: @escaping @Sendable () -> Value
    ) -> [Value] {
        let values = Mutex<[Value]>([])
        _ = LaneGroup(requestLanes: 16, label: "test").run(
            SixteenJobs(), stop: StopToken(), makeContext: { 0 },
            perform: { _, _ in
                let value = body()
                values.withLock { $0.append(value) }
            }, consume: { (_: Int) in })
        return values.withLock { $0 }
    }
}

private struct SixteenJobs: LaneBoard, Sendable {
    var claimed = 0
    var completed = 0

    mutating func claim(_ kind: LaneKind) -> LaneClaim<Int> {
        guard claimed < 16 else { return .done }
        claimed += 1
        return .item(claimed)
    }

    mutating func complete(_ job: Int, with outcome: Void) {
        completed += 1
    }

    mutating func collect() -> LaneClaim<Int> {
        completed == 16 ? .done : .wait
    }
}

/// A clock that a test moves.
private final class TestClock: Sendable {
    private let milliseconds: Mutex<Int64>

    init(_ now: Int64) {
        milliseconds = Mutex(now)
    }

    var now: Int64 {
        get { milliseconds.withLock { $0 } }
        set { milliseconds.withLock { $0 = newValue } }
    }
}
