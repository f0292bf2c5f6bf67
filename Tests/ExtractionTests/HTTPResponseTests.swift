import TestServer
import Testing

@testable import Extraction

/// Responses as bytes, right and wrong, and what the transport makes of them.
@Suite(.timeLimit(.minutes(10))) struct HTTPResponseTests {
    // MARK: Status lines

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, "{}"),
        ("HTTP/1.0 200 OK\r\n\r\nto the end", 200, "to the end"),
        ("HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", 200, "x"),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        ("HTTP/1.1 304 Not Modified\r\n\r\n", 304, ""),
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope", 404, "nope"),
        ("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", 503, ""),
        ("HTTP/1.1 999 Denied\r\nContent-Length: 1\r\n\r\nx", 999, "x"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x"),
        (
            "HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 500 E\r\nContent-Length: 1\r\n\r\nx",
            500, "x"
        ),
    ])
    func wholeResponses(bytes: String, status: Int, body: String) throws {
        let answer = try #require(try answer(to: bytes))
        #expect(answer.status == status)
        #expect(String(decoding: answer.body, as: UTF8.self) == body)
    }

    @Test(arguments: [301, 302, 303, 307, 308]) func redirectsAreNotFollowed(status: Int) throws {
        let server = try RawServer { connection in
            _ = connection.request()
            connection.answer(
                "moved", headers: "Location: /elsewhere\r\n", status: "\(status) Moved")
        }
        let outcome = makeTransport().send(request(server.url))
        guard case .answer(let answer) = outcome else {
            Issue.record("no answer")
            return
        }
        #expect(answer.status == status)
        #expect(server.requests.count == 1)
    }

    /// async-http-client died of these.
    @Test(arguments: ["000", "001", "007", "042", "099", "00", "1", "20", "-20", "abc", ""])
    func aStatusBelow100IsRefused(status: String) throws {
        let bytes = "HTTP/1.1 \(status) Odd\r\nContent-Length: 2\r\n\r\n{}"
        #expect(try failure(of: bytes)?.kind == .invalidResponse)
    }

    @Test(arguments: [
        "{\"code\":200}", "\r\n\r\n{}", "HTTP/0.9 200 OK\r\n\r\n{}", "HTTP/4.2 200 OK\r\n\r\n{}",
        "HTTQ/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "SSH-2.0-OpenSSH_9.2\r\n",
        "\u{0}\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}",
    ])
    func whatIsNoHTTPIsRefused(bytes: String) throws {
        let failure = try #require(try failure(of: bytes))
        #expect(failure.kind == .invalidResponse)
        #expect(failure.text.contains(": what came is no valid HTTP response"))
    }

    @Test func nothingAtAllIsACut() throws {
        #expect(try failure(of: "")?.kind == .cutOff)
    }

    // MARK: Lengths

    @Test func chunks() throws {
        let bytes = """
            HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
            3\r\n{"a\r\n4;ext=1\r\n":1}\r\n0\r\nTrailer: x\r\n\r\n
            """
        #expect(
            String(decoding: try #require(try answer(to: bytes)).body, as: UTF8.self) == #"{"a":1}"#
        )
    }

    @Test(arguments: [
        ("Content-Length: 10\r\n\r\nhalf", TransportFailure.Kind.cutOff),
        ("Transfer-Encoding: chunked\r\n\r\n5\r\nhel", .cutOff),
        ("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", .cutOff),
        ("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", .cutOff),
        ("Content-Le", .cutOff),
        ("Transfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n", .invalidResponse),
        ("Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n", .invalidResponse),
        (
            "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
            .invalidResponse
        ),
        ("Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n", .invalidResponse),
        ("Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ", .invalidResponse),
        ("Content-Length: 2, 3\r\n\r\n{} ", .invalidResponse),
        ("Content-Length: -1\r\n\r\n{}", .invalidResponse),
        ("Content-Length: +2\r\n\r\n{}", .invalidResponse),
        ("Content-Length: 0x2\r\n\r\n{}", .invalidResponse),
        ("Content-Length: 99999999999999999999\r\n\r\n{}", .invalidResponse),
        ("Content-Length:\r\n\r\n{}", .invalidResponse),
    ])
    func cutAndDoubtfulLengths(rest: String, kind: TransportFailure.Kind) throws {
        #expect(try failure(of: "HTTP/1.1 200 OK\r\n" + rest)?.kind == kind)
    }

    @Test func aLengthSaidTwiceIsOne() throws {
        let bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}"
        #expect(try answer(to: bytes)?.body.count == 2)
    }

    /// What comes after a response must not be taken for the next one's beginning.
    @Test(arguments: [
        "Content-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfake",
        """
        Content-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n\
        HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfake
        """,
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ])
    func aSmuggledResponseIsNeverTaken(rest: String) throws {
        let server = try RawServer { connection in
            _ = connection.request()
            connection.write(
                "HTTP/1.1 200 OK\r\n"
                    + (connection.index == 0 ? rest : "Content-Length: 4\r\n\r\ntrue"))
            _ = connection.request()
            connection.answer("fake")
            connection.waitForClose()
        }
        let transport = makeTransport()
        #expect(body(transport.send(request(server.url))) == "{}")
        #expect(body(transport.send(request(server.url))) == "true")
        #expect(server.connectionCount == 2)
    }

    @Test func endlessHeadersAreRefused() throws {
        let server = try RawServer { connection in
            _ = connection.request()
            connection.write("HTTP/1.1 200 OK\r\n")
            for index in 0..<1_000_000 {
                guard connection.trickle("X-\(index): \(String(repeating: "y", count: 1_000))\r\n")
                else { return }
            }
        }
        let failure = try #require(Self.failure(makeTransport().send(request(server.url))))
        #expect(failure.kind == .invalidResponse)
        #expect(failure.text.hasSuffix("(its headers do not end)"))
    }

    @Test func endlessInterimResponsesAreRefused() throws {
        let server = try RawServer { connection in
            _ = connection.request()
            while connection.trickle("HTTP/1.1 102 Processing\r\n\r\n") {}
        }
        #expect(kind(makeTransport().send(request(server.url))) == .invalidResponse)
    }

    // MARK: Encodings

    /// `{"a":1}` by gzip.
    private static let packed: [UInt8] = [
        0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0x02, 0x03, 0xab, 0x56, 0x4a, 0x54, 0xb2, 0x32, 0xac,
        0x05, 0, 0xaf, 0xac, 0x1b, 0x56, 0x07, 0, 0, 0,
    ]

    @Test func gzipIsDecoded() throws {
        #expect(body(try reply(Self.packed)) == #"{"a":1}"#)
    }

    /// libcurl does not miss the end of a member, but half a JSON text is no JSON.
    @Test func cutGzipIsNeverWhole() throws {
        #expect(body(try reply(Self.packed.dropLast(10))) != #"{"a":1}"#)
    }

    @Test func damagedGzipIsRefused() throws {
        var damaged = Self.packed
        damaged[20] ^= 1
        #expect(kind(try reply(damaged)) == .invalidResponse)
        #expect(kind(try reply(Array("no gzip at all".utf8))) == .invalidResponse)
    }

    @Test func anUnknownEncodingIsRefused() throws {
        #expect(kind(try reply(Array("{}".utf8), encoding: "rot13")) == .invalidResponse)
    }

    /// 64 MB of zeros in 420 KB: the body is counted as it is decoded.
    @Test func aBombIsRefused() throws {
        let outcome = try reply(Self.bomb(matches: 260_000), limit: 1 << 20)
        #expect(kind(outcome) == .tooLarge)
    }

    /// A gzip member (RFC 1952) of one block with fixed codes (RFC 1951, section 3.2.6): a zero,
    /// and then matches of 258 bytes at distance 1.
    private static func bomb(matches: Int) -> [UInt8] {
        let zero: [UInt8] = [0, 0, 1, 1, 0, 0, 0, 0]
        let match: [UInt8] = [1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]
        var bits: [UInt8] = [1, 1, 0] + zero
        for _ in 0..<matches { bits += match }
        var bytes: [UInt8] = [0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0xff]
        for start in stride(from: 0, to: bits.count - 7, by: 8) {
            bytes.append((0..<8).reduce(0) { $0 | bits[start + $1] << UInt8($1) })
        }
        return bytes
    }

    @Test func theLimitIsExact() throws {
        let bytes = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n12345678"
        #expect(body(try reply(to: bytes, limit: 8)) == "12345678")
        #expect(kind(try reply(to: bytes, limit: 7)) == .tooLarge)
    }

    /// Without a length the limit counts while the body comes.
    @Test func anEndlessBodyIsRefused() throws {
        let server = try RawServer { connection in
            _ = connection.request()
            connection.write("HTTP/1.1 200 OK\r\n\r\n")
            while connection.trickle(String(repeating: "x", count: 10_000)) {}
        }
        #expect(kind(makeTransport(limit: 1 << 20).send(request(server.url))) == .tooLarge)
    }

    // MARK: Headers

    @Test(arguments: [
        ("Retry-After: 7\r\n", "7"), ("retry-after:   120  \r\n", "120"),
        ("Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("X-Retry-After: 7\r\n", nil), ("Retry-After:\r\n", ""),
    ])
    func retryAfter(header: String, value: String?) throws {
        let bytes = "HTTP/1.1 429 Slow\r\n\(header)Content-Length: 0\r\n\r\n"
        #expect(try answer(to: bytes)?.retryAfter == value)
    }

    /// Of the response itself, not of an interim one before it.
    @Test func retryAfterOfAnInterimResponseIsNotTaken() throws {
        let bytes = """
            HTTP/1.1 103 Early\r\nRetry-After: 9\r\n\r\n\
            HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n
            """
        let answer = try #require(try answer(to: bytes))
        #expect(answer.status == 503)
        #expect(answer.retryAfter == nil)
    }

    // MARK: Helpers

    private func reply(to bytes: String, limit: Int = 64 << 20) throws -> TransportOutcome {
        let server = try RawServer { connection in
            _ = connection.request()
            connection.write(bytes)
        }
        return makeTransport(limit: limit).send(request(server.url))
    }

    private func reply(
        _ body: some Collection<UInt8> & Sendable, encoding: String = "gzip", limit: Int = 64 << 20
    ) throws -> TransportOutcome {
        let server = try RawServer { connection in
            _ = connection.request()
            connection.write(
                """
                HTTP/1.1 200 OK\r\nContent-Encoding: \(encoding)\r\n\
                Content-Length: \(body.count)\r\n\r\n
                """)
            connection.write(Array(body))
        }
        return makeTransport(limit: limit).send(request(server.url))
    }

    private func answer(to bytes: String) throws -> ProviderAnswer? {
        guard case .answer(let answer) = try reply(to: bytes) else { return nil }
        return answer
    }

    private func failure(of bytes: String) throws -> TransportFailure? {
        Self.failure(try reply(to: bytes))
    }

    private static func failure(_ outcome: TransportOutcome) -> TransportFailure? {
        guard case .failure(let failure) = outcome else { return nil }
        return failure
    }
}
