import BoundedDispatch
import Foundation
import Synchronization
import TestServer
import Testing

@testable import Extraction

/// Bytes on the wire, and what the transport makes of them.
@Suite(.timeLimit(.minutes(10))) struct HTTPTransportTests {
    // MARK: Requests

    @Test func theRequestIsWhatTheProviderDocuments() throws {
        let server = try RawServer { connection in
            while connection.request() != nil { connection.answer("{}") }
        }
        #expect(body(send(to: server, "x=1&y=2", contentType: "text/x-own")) == "{}")
        let request = try #require(server.requests.first)
        #expect(request.line == "POST /cdr HTTP/1.1")
        #expect(String(decoding: request.body, as: UTF8.self) == "x=1&y=2")
        #expect(request.headers["content-type"] == "text/x-own")
        #expect(request.headers["accept"] == "application/json")
        #expect(request.headers["accept-encoding"] == "gzip")
        #expect(request.headers["user-agent"] == "cdrx/test")
        #expect(request.headers["content-length"] == "7")
        #expect(request.headers["authorization"] == nil)
    }

    /// The content type belongs to the request, not to the lane.
    @Test func theNextRequestHasItsOwnContentType() throws {
        let server = try RawServer { connection in
            while connection.request() != nil { connection.answer("{}") }
        }
        let transport = makeTransport()
        for type in ["a/b", "c/d", "c/d", "a/b"] {
            _ = transport.send(request(server.url, contentType: type))
        }
        #expect(server.requests.map { $0.headers["content-type"] } == ["a/b", "c/d", "c/d", "a/b"])
    }

    /// libcurl would ask for `Expect: 100-continue` and wait a second.
    @Test func largeBodiesAreSentWithoutAskingFirst() throws {
        let server = try RawServer { connection in
            while connection.request() != nil { connection.answer("{}") }
        }
        let large = String(repeating: "x", count: 3_000_000)
        #expect(body(send(to: server, large)) == "{}")
        let request = try #require(server.requests.first)
        #expect(request.headers["expect"] == nil)
        #expect(request.body.count == 3_000_000)
    }

    // MARK: Connections

    @Test func connectionsAreKept() throws {
        let server = try RawServer { connection in
            while connection.request() != nil { connection.answer("{}") }
        }
        let transport = makeTransport()
        for _ in 0..<50 { #expect(body(transport.send(request(server.url))) == "{}") }
        #expect(server.requests.count == 50)
        #expect(server.connectionCount == 1)
    }

    @Test func lanesHaveConnectionsOfTheirOwn() throws {
        let server = try RawServer { connection in
            while connection.request() != nil { connection.answer("{}") }
        }
        let transport = makeTransport()
        let whole = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 16) { _ in
            for _ in 0..<20 where body(transport.send(request(server.url))) == "{}" {
                whole.withLock { $0 += 1 }
            }
        }
        #expect(whole.withLock { $0 } == 320)
        #expect(server.requests.count == 320)
        #expect((1...16).contains(server.connectionCount))
    }

    /// The provider closed it while it was idle: nothing was sent, so a new one serves.
    @Test func aStaleConnectionIsReplaced() throws {
        let isClosed = DispatchSemaphore(value: 0)
        let server = try RawServer { connection in
            _ = connection.request()
            connection.answer("\(connection.index)")
            if connection.index == 0 { connection.endWriting() }
            isClosed.signal()
            connection.waitForClose()
        }
        let transport = makeTransport()
        #expect(body(transport.send(request(server.url))) == "0")
        isClosed.wait()
        #expect(body(transport.send(request(server.url))) == "1")
        #expect(server.requests.count == 2)
    }

    /// A lane keeps what does not change from request to request.
    @Test func oneLaneServesManyAddresses() throws {
        let (one, two) = (
            try RawServer(script: answering("one")), try RawServer(script: answering("two"))
        )
        let transport = makeTransport()
        for _ in 0..<2 {
            #expect(body(transport.send(request(one.url))) == "one")
            #expect(body(transport.send(request(two.url, contentType: "text/plain"))) == "two")
            #expect(body(transport.send(request(two.url + "/else"))) == "two")
        }
        #expect(one.requests.count == 2)
        let lines = ["POST /cdr HTTP/1.1", "POST /cdr/else HTTP/1.1"]
        #expect(two.requests.map(\.line) == lines + lines)
        #expect(
            two.requests.map { $0.headers["content-type"] }
                == ["text/plain", "application/json", "text/plain", "application/json"])
    }

    /// libcurl by itself would send it again, and a drain would lose its records.
    @Test(arguments: [false, true]) func aRequestIsNeverSentAgain(isReset: Bool) throws {
        let server = try RawServer { connection in
            _ = connection.request()
            connection.answer("first")
            _ = connection.request()
            if isReset { connection.reset() }
        }
        let transport = makeTransport()
        #expect(body(transport.send(request(server.url, "one"))) == "first")
        let second = transport.send(request(server.url, "two"))
        #expect(kind(second) == .cutOff)
        #expect(text(second).hasPrefix("127.0.0.1:\(server.port): "))
        #expect(server.requests.map { String(decoding: $0.body, as: UTF8.self) } == ["one", "two"])
        // And the lane serves on.
        #expect(body(transport.send(request(server.url, "three"))) == "first")
        #expect(server.requests.count == 3)
    }

    @Test(arguments: [false, true]) func aFirstRequestIsNeverSentAgain(isReset: Bool) throws {
        let server = try RawServer { connection in
            _ = connection.request()
            if isReset { connection.reset() }
        }
        #expect(kind(send(to: server)) == .cutOff)
        #expect(server.requests.count == 1)
    }

    @Test func internetProtocolVersion6() throws {
        let server = try RawServer(isIPv6: true) { connection in
            _ = connection.request()
            connection.answer("six")
        }
        let url = "http://[::1]:\(server.port)/cdr"
        #expect(body(makeTransport().send(request(url))) == "six")
    }

    // MARK: No connection

    @Test func aRefusedConnectionNamesHostAndPort() throws {
        let port = try RawServer(script: nil).port
        let outcome = makeTransport().send(request("http://127.0.0.1:\(port)/cdr"))
        #expect(kind(outcome) == .refused)
        #expect(text(outcome).hasPrefix("127.0.0.1:\(port): the connection was refused"))
    }

    @Test func anUnknownHostIsNamed() {
        let outcome = makeTransport().send(request("https://nobody.invalid/cdr"))
        #expect(kind(outcome) == .unknownHost)
        #expect(text(outcome).hasPrefix("nobody.invalid:443: the host's name cannot be resolved"))
    }

    /// Multicast has no route for TCP.
    @Test func anUnreachableHostIsNamed() {
        let outcome = makeTransport().send(request("http://224.0.0.1:81/cdr"))
        #expect(kind(outcome) == .notConnected)
        #expect(text(outcome).hasPrefix("224.0.0.1:81: no connection"))
    }

    @Test(arguments: ["ftp://127.0.0.1/x", "file:///etc/passwd", "http://", "http://a b/"])
    func whatIsNoURLOfTheWebIsNotAsked(url: String) {
        #expect(kind(makeTransport().send(request(url))) == .invalidURL)
    }

    // MARK: Time-outs

    /// TCP stands, but TLS does not answer.
    @Test func aConnectionHasATimeOutOfItsOwn() throws {
        let server = try RawServer { $0.waitForClose() }
        let transport = makeTransport(connectMilliseconds: 50)
        let outcome = transport.send(request("https://127.0.0.1:\(server.port)/cdr"))
        #expect(kind(outcome) == .connectTimeout)
        #expect(text(outcome) == "127.0.0.1:\(server.port): no connection in time")
    }

    @Test func aSilentProviderIsLeftAfterTheTimeOut() throws {
        let server = try RawServer { connection in
            _ = connection.request()
            connection.waitForClose()
        }
        let start = ContinuousClock.now
        #expect(kind(send(to: server, timeout: 50)) == .timeout)
        #expect(ContinuousClock.now - start >= .milliseconds(50))
    }

    /// A body that keeps trickling in is ended by the time-out of the whole.
    @Test func aSlowLorisIsLeftAfterTheTimeOut() throws {
        let server = try RawServer { connection in
            _ = connection.request()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while connection.trickle("x", milliseconds: 5) {}
        }
        #expect(kind(send(to: server, timeout: 100)) == .timeout)
    }

    @Test func aResponseThatStandsStillIsLeft() throws {
        let server = try RawServer { connection in
            _ = connection.request()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
            connection.waitForClose()
        }
        let outcome = makeTransport(stallMilliseconds: 50).send(request(server.url))
        #expect(kind(outcome) == .stalled)
        #expect(text(outcome).hasSuffix(": the response began and then stood still"))
    }

    /// Providers may think longer than a response may stand still.
    @Test func thinkingIsNotStandingStill() throws {
        let server = try RawServer { connection in
            _ = connection.request()
            _ = connection.trickle("", milliseconds: 120)
            connection.answer("thought")
        }
        let outcome = makeTransport(stallMilliseconds: 30).send(request(server.url))
        #expect(body(outcome) == "thought")
    }

    // MARK: Stopping

    /// A machine that does something else meanwhile is given a few attempts.
    @Test func aStopEndsARequestInFlightAtOnce() throws {
        #expect(try (0..<10).contains { _ in try timeToStop() < .milliseconds(100) })
    }

    private func timeToStop() throws -> Duration {
        let stop = StopToken()
        let isWaiting = DispatchSemaphore(value: 0)
        let server = try RawServer { connection in
            _ = connection.request()
            isWaiting.signal()
            connection.waitForClose()
        }
        let transport = makeTransport(stop: stop)
        let stopped = Mutex<ContinuousClock.Instant?>(nil)
        Thread.detachNewThread {
            isWaiting.wait()
            stopped.withLock { $0 = .now }
            stop.stop()
        }
        let outcome = transport.send(request(server.url, timeout: 50_000))
        let start = try #require(stopped.withLock { $0 })
        let time = ContinuousClock.now - start
        #expect(kind(outcome) == .interrupted)
        // Nothing is sent afterwards.
        #expect(kind(transport.send(request(server.url))) == .interrupted)
        #expect(server.requests.count == 1)
        return time
    }

    // MARK: Helpers

    private func answering(_ text: String) -> @Sendable (RawServer.Connection) -> Void {
        { connection in while connection.request() != nil { connection.answer(text) } }
    }

    private func send(
        to server: RawServer, _ text: String = "{}", contentType: String = "application/json",
        timeout: Int64 = 20_000
    ) -> TransportOutcome {
        makeTransport().send(
            request(server.url, text, contentType: contentType, timeout: timeout))
    }
}

func makeTransport(
    stop: StopToken = StopToken(), limit: Int = 64 << 20, connectMilliseconds: Int64 = 10_000,
    stallMilliseconds: Int64 = 30_000
) -> HTTPTransport {
    HTTPTransport(
        userAgent: "cdrx/test", stop: stop, bodyByteLimit: limit,
        patience: HTTPTransport.Patience(
            connectMilliseconds: connectMilliseconds, stallMilliseconds: stallMilliseconds))
}

func request(
    _ url: String, _ text: String = "{}", contentType: String = "application/json",
    timeout: Int64 = 20_000
) -> ProviderRequest {
    ProviderRequest(
        url: url, contentType: contentType, body: Array(text.utf8), timeoutMilliseconds: timeout)
}

/// nil for a failure.
func body(_ outcome: TransportOutcome) -> String? {
    guard case .answer(let answer) = outcome else { return nil }
    return String(decoding: answer.body, as: UTF8.self)
}

/// nil for an answer.
func kind(_ outcome: TransportOutcome) -> TransportFailure.Kind? {
    guard case .failure(let failure) = outcome else { return nil }
    return failure.kind
}

func text(_ outcome: TransportOutcome) -> String {
    guard case .failure(let failure) = outcome else { return "" }
    return failure.text
}
