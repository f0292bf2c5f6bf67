import Testing

@testable import ProviderSimulator

@Suite struct RequestReaderTests {
    private static let post =
        "POST /v2/user/out_missed?a=1 HTTP/1.1\r\nHost: x\r\nCONTENT-type:  application/json\r\n"
        + "Content-Length: 7\r\n\r\n{\"a\":1}"

    private func steps(_ pieces: [String]) -> [String] {
        var reader = RequestReader()
        var found: [String] = []
        for piece in pieces {
            reader.append(Array(piece.utf8))
            while let step = text(reader.next()) { found.append(step) }
        }
        return found
    }

    /// nil where more bytes are needed; a refusal is told once.
    private func text(_ step: RequestReader.Step) -> String? {
        switch step {
        case .incomplete: nil
        case .refused(let status): "refused \(status)"
        case .request(let request, let keepsAlive):
            "\(request.method) \(request.path) [\(request.query)] \(request.contentType) "
                + String(decoding: request.body, as: UTF8.self)
                + (keepsAlive ? "" : " close")
        }
    }

    private func only(_ head: String) -> String? {
        var reader = RequestReader()
        reader.append(Array((head + "\r\n\r\n").utf8))
        return text(reader.next())
    }

    @Test func requestsAreCutWhereverTheirBytesAre() {
        let whole = "POST /v2/user/out_missed [a=1] application/json {\"a\":1}"
        #expect(steps([Self.post + Self.post]) == [whole, whole])
        #expect(steps(Self.post.map(String.init)) == [whole])
        #expect(steps([String(Self.post.dropLast())]) == [])
    }

    @Test(arguments: [
        ("GET /_stats HTTP/1.1", "GET /_stats [] application/json "),
        ("GET /_stats HTTP/1.1\r\nConnection: close", "GET /_stats [] application/json  close"),
        ("GET /_stats HTTP/1.0", "GET /_stats [] application/json  close"),
        ("GET /_stats HTTP/1.0\r\nconnection: Keep-Alive", "GET /_stats [] application/json "),
        ("GET http://127.0.0.1:1/_truth?b=2 HTTP/1.1", "GET /_truth [b=2] application/json "),
        ("GET http://127.0.0.1:1 HTTP/1.1", "GET / [] application/json "),
    ])
    func headsAreRead(head: String, expected: String) {
        #expect(only(head) == expected)
    }

    @Test(arguments: [
        ("GET /", 400), ("GET / HTTP/2", 400), ("", 400), ("GET / HTTP/1.1\r\nno colon", 400),
        ("POST / HTTP/1.1\r\nContent-Length: -1", 400),
        ("POST / HTTP/1.1\r\nContent-Length: seven", 400),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked", 411),
        ("POST / HTTP/1.1\r\nContent-Length: 1048577", 413),
    ])
    func whatCannotBeAnsweredIsRefused(head: String, status: Int) {
        #expect(only(head) == "refused \(status)")
    }

    @Test func anEndlessHeadIsRefused() {
        var reader = RequestReader()
        reader.append([UInt8](repeating: 0x61, count: 65_536))
        #expect(text(reader.next()) == nil)
        reader.append([0x61])
        #expect(text(reader.next()) == "refused 431")
    }
}
