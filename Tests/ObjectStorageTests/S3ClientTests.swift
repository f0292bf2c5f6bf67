import BoundedDispatch
import ExportModel
import FileSystem
import Foundation
import TestServer
import Testing

@testable import ObjectStorage

/// What goes over the wire, and what the client makes of scripted answers.
@Suite(.timeLimit(.minutes(10))) struct S3ClientTests {
    // MARK: Requests

    @Test func aPutIsOneSignedRequestWithItsHash() throws {
        let server = try scripted(.stored)
        var location = testLocation(server)
        location.sse = .managedKey
        location.kmsKey = "key-1"
        location.storageClass = "STANDARD_IA"
        let client = try S3Client(location, environment: testEnvironment())
        let status = try client.put(.bytes(Array("x".utf8)), at: "dt=1/a b.json", if: .ifAbsent)
        #expect(status.etag == ETag("abc"))
        #expect(client.uri == "s3://bucket/exports")
        let request = try #require(server.requests.first)
        #expect(request.line == "PUT /bucket/exports/dt%3D1/a%20b.json HTTP/1.1")
        #expect(request.body == Array("x".utf8))
        let hash = ContentDigest.hexadecimal(of: Array("x".utf8))
        #expect(status.sha256 == hash)
        for (name, value) in [
            "x-amz-content-sha256": hash, "x-amz-meta-cdrx-sha256": hash, "if-none-match": "*",
            "content-length": "1", "content-type": "application/json",
            "x-amz-server-side-encryption": "aws:kms", "x-amz-storage-class": "STANDARD_IA",
            "x-amz-server-side-encryption-aws-kms-key-id": "key-1", "user-agent": "cdrx/test",
            "x-amz-date": "20261122T040000Z",
        ] {
            #expect(request.headers[name] == value, "\(name)")
        }
        #expect(request.headers["expect"] == nil)
        #expect(request.headers["accept-encoding"] == nil)
        let signed = try #require(request.headers["authorization"])
        #expect(signed.contains("if-none-match;x-amz-content-sha256;x-amz-date"))
        #expect(!signed.contains("SECRET"))
    }

    @Test func aFileIsSentFromTheDisk() throws {
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID())"
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let server = try scripted(.stored)
        let client = try S3Client(testLocation(server), environment: testEnvironment())
        let hash = ContentDigest.hexadecimal(of: bytes)
        let body = ObjectBody.file(path: path, byteCount: bytes.count, sha256: hash)
        #expect(try client.put(body, at: "a", if: .none).byteCount == bytes.count)
        #expect(server.requests.first?.body == bytes)
        #expect(server.requests.first?.headers["x-amz-content-sha256"] == hash)
        #expect(server.requests.first?.headers["transfer-encoding"] == nil)
        let longer = ObjectBody.file(path: path, byteCount: bytes.count + 1, sha256: hash)
        #expect(code { try client.put(longer, at: "a", if: .none) } == .file)
        let missing = ObjectBody.file(path: path + "-", byteCount: 1, sha256: hash)
        #expect(code { try client.put(missing, at: "a", if: .none) } == .file)
    }

    /// A lane's next request has nothing of the one before.
    @Test func methodsFollowEachOther() throws {
        let server = try scripted(Reply("200 OK", "ETag: \"abc\"\r\nContent-Length: 0\r\n"))
        let plain = try scripted(.stored)
        let headClient = try S3Client(testLocation(server), environment: testEnvironment())
        #expect(try headClient.head("a")?.etag == ETag("abc"))
        let client = try S3Client(testLocation(plain), environment: testEnvironment())
        for _ in 0..<2 {
            _ = try client.put(.bytes([1]), at: "a", if: .none)
            _ = try client.get("a", ifMatch: nil, maximumByteCount: 10)
            try client.delete("a")
            _ = try client.put(.bytes([]), at: "a", if: .ifMatch(ETag("e")))
        }
        let lines = plain.requests.map { $0.line.prefix(6) }
        #expect(
            lines == [
                "PUT /b", "GET /b", "DELETE", "PUT /b", "PUT /b", "GET /b", "DELETE", "PUT /b",
            ])
        #expect(
            plain.requests.map { $0.headers["content-length"] } == [
                "1", nil, nil, "0", "1", nil, nil, "0",
            ])
        #expect(plain.requests[3].headers["if-match"] == "\"e\"")
        #expect(plain.connectionCount == 1)
        _ = try client.quoting(.unquoted).put(.bytes([]), at: "a", if: .ifMatch(ETag("e")))
        #expect(plain.requests.last?.headers["if-match"] == "e")
    }

    @Test func dotSegmentsOfAKeyStay() throws {
        let server = try scripted(.stored)
        let client = try S3Client(testLocation(server, prefix: ""), environment: testEnvironment())
        _ = try client.put(.bytes([]), at: "a/../b//./c", if: .none)
        #expect(server.requests.first?.line == "PUT /bucket/a/../b//./c HTTP/1.1")
    }

    // MARK: Repeating

    @Test(arguments: [
        Reply.error("503 Slow", "SlowDown"), .error("500 Oops", "InternalError"), Reply("502 Bad"),
        .error("429 Many", "TooManyRequests"), .error("409 Both", "ConditionalRequestConflict"),
        .error("400 Late", "RequestTimeout"), .lost,
        Reply("200 OK", "ETag: \"abc\"\r\n", cutAfter: 20),
        Reply("200 OK"),
    ]) func whatMayPassIsRepeated(reply: Reply) throws {
        let server = try scripted(reply, reply, .stored)
        let notes = Notes()
        let client = try S3Client(
            testLocation(server), environment: testEnvironment(testKeys, notes))
        #expect(try client.put(.bytes([1]), at: "a", if: .none).etag == ETag("abc"))
        #expect(server.requests.count == 3)
        #expect(notes.retries.map(\.pauseMilliseconds) == [200, 400])
        #expect(
            notes.retries.first?.request == "PUT s3://bucket/exports/a at 127.0.0.1:\(server.port)")
    }

    @Test func repetitionsEnd() throws {
        let server = try scripted(.error("500 Oops", "InternalError"))
        let client = try S3Client(testLocation(server), environment: testEnvironment())
        let error = #expect(throws: ObjectStorageError.self) { try client.head("a") }
        #expect(error?.reason == .failing)
        #expect(server.requests.count == 8)
        let refused = try S3Client(
            ObjectStoreLocation(bucket: "b", endpoint: "http://127.0.0.1:1", pathStyle: true),
            environment: testEnvironment())
        #expect(code { try refused.head("a") } == .unreachable)
    }

    @Test func retryAfterIsHonored() throws {
        let server = try scripted(
            .error("503 Slow", "SlowDown", headers: "Retry-After: 7\r\n"), .stored)
        let notes = Notes()
        let client = try S3Client(
            testLocation(server), environment: testEnvironment(testKeys, notes))
        _ = try client.put(.bytes([]), at: "a", if: .none)
        #expect(notes.retries.map(\.pauseMilliseconds) == [7_000])
    }

    @Test(arguments: [
        (Reply.error("403 No", "AccessDenied"), ObjectStorageError.Code.accessDenied),
        (.error("403 No", "SignatureDoesNotMatch"), .accessDenied),
        (.error("403 No", "InvalidAccessKeyId"), .accessDenied),
        (.error("404 No", "NoSuchBucket"), .noBucket),
        (.error("412 No", "PreconditionFailed"), .conditionFailed),
        (.error("404 No", "NoSuchKey"), .conditionFailed),
        (.error("400 No", "InvalidStorageClass"), .refused),
        (.error("400 No", "EntityTooLarge"), .tooLarge),
        (.error("501 No", "NotImplemented"), .refused), (Reply("501 No"), .refused),
        (Reply("404 No", "", "<!DOCTYPE html><html>"), .unreadable),
        (Reply("302 Else"), .unreadable),
    ]) func whatCannotPassIsNotRepeated(reply: Reply, code: ObjectStorageError.Code) throws {
        let server = try scripted(reply)
        let client = try S3Client(testLocation(server), environment: testEnvironment())
        let error = #expect(throws: ObjectStorageError.self) {
            try client.put(.bytes([1]), at: "a", if: .ifMatch(ETag("e")))
        }
        #expect(error?.reason == code)
        #expect(server.requests.count == 1)
        #expect(error?.message.contains("PUT s3://bucket/exports/a at 127.0.0.1") == true)
        #expect(error?.message.contains("SECRET") == false)
    }

    /// The first attempt was stored; its answer was lost. Callers compare the hash.
    @Test func aLostAnswerOfAConditionalPutIsAConflict() throws {
        let server = try scripted(.lost, .error("412 No", "PreconditionFailed"))
        let client = try S3Client(testLocation(server), environment: testEnvironment())
        #expect(code { try client.put(.bytes([1]), at: "a", if: .ifAbsent) } == .conditionFailed)
        #expect(server.requests.count == 2)
    }

    @Test func aDamagedBodyIsSentAgainAndThenRefused() throws {
        let server = try scripted(.error("400 No", "XAmzContentSHA256Mismatch"))
        let client = try S3Client(testLocation(server), environment: testEnvironment())
        #expect(code { try client.put(.bytes([1]), at: "a", if: .ifAbsent) } == .refused)
        #expect(server.requests.count == 8)
    }

    @Test func anotherRegionIsNamed() throws {
        let server = try scripted(
            .error("301 Moved", "PermanentRedirect", headers: "x-amz-bucket-region: eu-west-3\r\n"))
        let client = try S3Client(testLocation(server), environment: testEnvironment())
        let error = #expect(throws: ObjectStorageError.self) { try client.head("a") }
        #expect(error?.reason == .refused)
        #expect(error?.message.contains("eu-west-3") == true)
    }

    @Test func aStopEndsItAtOnce() throws {
        let stop = StopToken()
        let server = try RawServer { connection in
            _ = connection.request()
            stop.stop()
            connection.waitForClose()
        }
        let client = try S3Client(
            testLocation(server), environment: testEnvironment(testKeys, stop: stop))
        #expect(code { try client.head("a") } == .stopped)
        #expect(code { try client.head("a") } == .stopped)
        #expect(server.requests.count == 1)
    }

    // MARK: The clock

    @Test func aWrongClockIsCorrectedOnce() throws {
        let skewed = Reply.error(
            "403 No", "RequestTimeTooSkewed", headers: "Date: Sun, 22 Nov 2026 06:00:00 GMT\r\n")
        let server = try scripted(skewed, .stored)
        let client = try S3Client(testLocation(server), environment: testEnvironment())
        #expect(client.storeTime == nil)
        _ = try client.put(.bytes([]), at: "a", if: .none)
        _ = try client.put(.bytes([]), at: "b", if: .none)
        #expect(
            server.requests.map { $0.headers["x-amz-date"] }
                == ["20261122T040000Z", "20261122T060000Z", "20261122T060000Z"])
        #expect(client.storeTime == testMoment + 2 * 3_600_000)
        let stubborn = try scripted(skewed)
        let other = try S3Client(testLocation(stubborn), environment: testEnvironment())
        #expect(code { try other.put(.bytes([]), at: "a", if: .none) } == .skewed)
        #expect(stubborn.requests.count == 2)
    }

    /// The answer to HEAD has no words.
    @Test func aSkewIsSeenByTheDateOfAnAnswerWithoutWords() throws {
        let server = try scripted(
            Reply("403 No", "Date: Sun, 22 Nov 2026 03:00:00 GMT\r\n"),
            Reply("200 OK", "ETag: \"abc\"\r\nContent-Length: 3\r\n"))
        let client = try S3Client(testLocation(server), environment: testEnvironment())
        #expect(try client.head("a")?.byteCount == 3)
        #expect(server.requests.last?.headers["x-amz-date"] == "20261122T030000Z")
    }

    // MARK: Reading

    @Test func whatIsMissingIsNil() throws {
        let server = try scripted(.error("404 No", "NoSuchKey"))
        let client = try S3Client(testLocation(server), environment: testEnvironment())
        #expect(try client.get("a", ifMatch: nil, maximumByteCount: 10)?.bytes == nil)
        #expect(try client.head("a") == nil)
        #expect(try client.read("a", { _ in }) == nil)
        try client.delete("a")
        let cut = try scripted(Reply("404 No"))
        let other = try S3Client(testLocation(cut), environment: testEnvironment())
        #expect(try other.get("a", ifMatch: nil, maximumByteCount: 10)?.bytes == nil)
        let empty = try scripted(.error("404 No", "NoSuchBucket"))
        let third = try S3Client(testLocation(empty), environment: testEnvironment())
        #expect(code { try third.get("a", ifMatch: nil, maximumByteCount: 10) } == .noBucket)
        #expect(code { try third.delete("a") } == .noBucket)
    }

    @Test func anObjectWithAllThatIsSaidOfIt() throws {
        let server = try scripted(
            Reply(
                "200 OK",
                "ETag: \"abc\"\r\nx-amz-version-id: v1\r\nx-amz-meta-cdrx-sha256: 12\r\n"
                    + "Date: Sun, 22 Nov 2026 04:00:10 GMT\r\n"
                    + "Last-Modified: Sun, 22 Nov 2026 04:00:00 GMT\r\n", "hello"))
        let client = try S3Client(testLocation(server), environment: testEnvironment())
        let object = try #require(try client.get("a", ifMatch: nil, maximumByteCount: 5))
        #expect(object.bytes == Array("hello".utf8))
        #expect(
            object.status
                == ObjectStatus(
                    key: "a", byteCount: 5, etag: ETag("abc"), versionID: "v1",
                    lastModified: testMoment, storeDate: testMoment + 10_000, sha256: "12"))
        #expect(code { try client.get("a", ifMatch: nil, maximumByteCount: 4) } == .tooLarge)
    }

    @Test func aListThatIsNoneIsRefused() throws {
        let server = try scripted(Reply("200 OK", "", "<html></html>"))
        let client = try S3Client(testLocation(server), environment: testEnvironment())
        #expect(code { try client.list("", after: nil, isFlat: true) } == .unreadable)
    }

    private func code(_ body: () throws -> Any?) -> ObjectStorageError.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? ObjectStorageError)?.reason
        }
    }
}
