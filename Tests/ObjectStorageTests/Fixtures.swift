import BoundedDispatch
import ExportModel
import FileSystem
import Foundation
import Synchronization
import TestServer

@testable import ObjectStorage

/// 2026-11-22T04:00:00Z
let testMoment: Int64 = 1_795_320_000_000

/// Keys that open nothing.
let testKeys = ["AWS_ACCESS_KEY_ID": "ID", "AWS_SECRET_ACCESS_KEY": "SECRET"]

/// What a client notes while it works.
final class Notes: Sendable {
    private let state = Mutex<(retries: [StoreRetry], now: Int64)>(([], testMoment))

    var retries: [StoreRetry] { state.withLock { $0.retries } }
    var now: Int64 {
        get { state.withLock { $0.now } }
        set { state.withLock { $0.now = newValue } }
    }

    func note(_ retry: StoreRetry) {
        state.withLock { $0.retries.append(retry) }
    }
}

/// An environment whose pauses take no time.
func testEnvironment(
    _ variables: [String: String] = testKeys, _ notes: Notes = Notes(),
    stop: StopToken = StopToken(),
    runCommand: @escaping @Sendable (String) -> StoreCommandEnding = { _ in .failed("is not run") }
) -> StoreEnvironment {
    let apart = [
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent", "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_EC2_METADATA_DISABLED": "true",
    ]
    return StoreEnvironment(
        now: { notes.now }, random: { $0 }, sleep: { _, stop in !stop.isStopped }, stop: stop,
        variables: apart.merging(variables) { $1 }, disk: SystemDisk(), runCommand: runCommand,
        userAgent: "cdrx/test", onRetry: { notes.note($0) })
}

func testLocation(_ server: RawServer, prefix: String = "exports") -> ObjectStoreLocation {
    ObjectStoreLocation(
        bucket: "bucket", prefix: prefix, endpoint: "http://127.0.0.1:\(server.port)",
        region: "us-east-1", pathStyle: true)
}

/// What a scripted store answers.
struct Reply: Sendable {
    var status: String
    var headers: String
    var body: String
    /// Ends the connection instead, after so many bytes of the answer.
    var cutAfter: Int?

    init(_ status: String, _ headers: String = "", _ body: String = "", cutAfter: Int? = nil) {
        self.status = status
        self.headers = headers
        self.body = body
        self.cutAfter = cutAfter
    }

    static let stored = Reply("200 OK", "ETag: \"abc\"\r\n")
    static let lost = Reply("200 OK", "ETag: \"abc\"\r\n", cutAfter: 0)

    static func error(_ status: String, _ code: String, headers: String = "") -> Reply {
        Reply(
            status, headers,
            "<?xml version=\"1.0\"?><Error><Code>\(code)</Code><Message>Its words</Message></Error>"
        )
    }
}

/// A store that answers one after the other; the last one again and again.
func scripted(_ replies: Reply...) throws -> RawServer {
    let place = Mutex(0)
    return try RawServer { connection in
        while let request = connection.request() {
            let reply = place.withLock { place in
                defer { place += 1 }
                return replies[min(place, replies.count - 1)]
            }
            let isHead = request.line.hasPrefix("HEAD")
            let head =
                "HTTP/1.1 \(reply.status)\r\n\(reply.headers)"
                + (isHead ? "\r\n" : "Content-Length: \(reply.body.utf8.count)\r\n\r\n")
            let answer = head + (isHead ? "" : reply.body)
            if let count = reply.cutAfter {
                connection.write(Array(answer.utf8.prefix(count)))
                return
            }
            connection.write(answer)
        }
    }
}
