import FileSystem
import Foundation
import Synchronization
import TestServer
import Testing

@testable import ObjectStorage

/// Transfers that do not end well, and many at once.
@Suite(.timeLimit(.minutes(10))) struct StoreTransportTests {
    /// The store takes the first bytes and no more; the time-out of the whole may be hours.
    @Test func anUploadThatStandsStillIsLeft() throws {
        let server = try RawServer(script: nil)
        let transport = StoreTransport(
            testEnvironment(), usesProxy: true, stallMilliseconds: 300)
        let fault = #expect(throws: StoreFault.self) {
            try transport.send(call("PUT", server, .file(Zeros(), byteCount: 64 << 20)))
        }
        #expect(fault?.kind == .cut)
        #expect(fault?.text == "the transfer stood still")
    }

    /// A store that has taken everything may think longer than a transfer may stand still.
    @Test func thinkingIsNotStandingStill() throws {
        let server = try RawServer { connection in
            _ = connection.request()
            _ = connection.trickle("", milliseconds: 1_000)
            connection.answer("done")
        }
        let transport = StoreTransport(
            testEnvironment(), usesProxy: true, stallMilliseconds: 100)
        let answer = try transport.send(call("PUT", server, .file(Zeros(), byteCount: 1 << 20)))
        #expect(answer.body == Array("done".utf8))
        #expect(server.requests.first?.body.count == 1 << 20)
    }

    /// The store ends connections that were kept, with no word; each request is sent once.
    @Test func connectionsThatEndAreReplaced() throws {
        let server = try scripted(Reply("200 OK", "ETag: \"abc\"\r\n", cutAfter: .max))
        let client = try S3Client(testLocation(server), environment: testEnvironment())
        for _ in 0..<20 { _ = try client.put(.bytes([1]), at: "a", if: .none) }
        #expect(server.requests.count == 20)
        #expect(server.connectionCount >= 20)
    }

    @Test func oneClientServesManyThreads() throws {
        let source = try scripted(
            Reply("200 OK", "", "{\"AccessKeyId\": \"ID\", \"SecretAccessKey\": \"SECRET\"}"))
        let server = try RawServer { connection in
            while let request = connection.request() {
                let isWell = connection.index % 3 != 0
                connection.answer(
                    String(request.line.split(separator: " ")[1]), headers: "ETag: \"e\"\r\n",
                    status: isWell ? "200 OK" : "503 Slow")
                if !isWell { return }
            }
        }
        let client = try S3Client(
            testLocation(server),
            environment: testEnvironment([
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:\(source.port)/"
            ]))
        let right = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 16) { lane in
            for number in 0..<20 {
                let key = "\(lane)-\(number)"
                let object = try? client.get(key, ifMatch: nil, maximumByteCount: 100)
                if object?.bytes == Array("/bucket/exports/\(key)".utf8) {
                    right.withLock { $0 += 1 }
                }
            }
        }
        #expect(right.withLock { $0 } == 320)
        #expect(source.requests.count == 1)
    }

    private func call(
        _ method: String, _ server: RawServer, _ body: StoreCall.Body
    ) -> StoreCall {
        StoreCall(
            method: method, url: "http://127.0.0.1:\(server.port)/", body: body,
            timeoutMilliseconds: 20_000)
    }
}

/// A file without end.
private final class Zeros: DiskFile {
    func byteCount() throws(FileSystemError) -> Int { .max }

    func read(at offset: Int, byteCount: Int) throws(FileSystemError) -> [UInt8] {
        [UInt8](repeating: 0, count: byteCount)
    }

    func write(_ bytes: RawSpan, at offset: Int) throws(FileSystemError) {
        throw .irregular("zeros")
    }

    func truncate(to byteCount: Int) throws(FileSystemError) { throw .irregular("zeros") }

    func sync(evictsCache: Bool) throws(FileSystemError) { throw .irregular("zeros") }
}
