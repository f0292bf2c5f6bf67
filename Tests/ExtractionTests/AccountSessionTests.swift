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

    private func failure(_ body: () throws -> Void) -> ExtractionError? {
        do {
            try body()
            return nil
        } catch {
            return error as? ExtractionError
        }
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
