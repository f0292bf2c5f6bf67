import ExportModel
import FileSystem
import Foundation
import TestStore
import Testing

@testable import ObjectStorage

/// What every store must do. Of the one in memory, on which the tests of publication rest; and of a
/// server where one is named: Tests/endtoend/test_object_store.py starts moto and radosgw, puts
/// faults in between, and runs these.
@Suite(.timeLimit(.minutes(10))) struct ObjectStoreConformanceTests {
    @Test func objectsAreStoredReadAndDeleted() throws {
        let client = try Subject.store()
        #expect(try client.head("a") == nil)
        #expect(try client.get("a", ifMatch: nil, maximumByteCount: 10)?.bytes == nil)
        let stored = try client.put(.bytes(Array("hello".utf8)), at: "a", if: .none)
        let found = try #require(try client.get("a", ifMatch: stored.etag, maximumByteCount: 10))
        #expect(found.bytes == Array("hello".utf8))
        #expect(found.status.etag == stored.etag)
        #expect(found.status.sha256 == ContentDigest.hexadecimal(of: Array("hello".utf8)))
        let status = try #require(try client.head("a"))
        #expect(status.byteCount == 5)
        #expect(status.sha256 == stored.sha256)
        #expect(abs(status.lastModified - (status.storeDate ?? 0)) < 60_000)
        try client.delete("a")
        try client.delete("a")
        #expect(try client.head("a") == nil)
    }

    @Test func anEmptyObject() throws {
        let client = try Subject.store()
        _ = try client.put(.bytes([]), at: "empty", if: .none)
        #expect(try client.get("empty", ifMatch: nil, maximumByteCount: 0)?.bytes == [])
        #expect(try client.read("empty", { _ in })?.byteCount == 0)
    }

    /// Fifteen megabytes: more than one piece, and more than any buffer on the way.
    @Test func aLargeFileComesBackInPieces() throws {
        let client = try Subject.store()
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID())"
        let bytes = (0..<15_000_001).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let hash = ContentDigest.hexadecimal(of: bytes)
        let body = ObjectBody.file(path: path, byteCount: bytes.count, sha256: hash)
        let stored = try client.put(body, at: "dt=1/part", if: .none)
        let digest = ContentDigest()
        let status = try client.read("dt=1/part") { digest.append($0) }
        #expect(digest.hexadecimal == hash)
        #expect(digest.byteCount == bytes.count)
        #expect(status?.etag == stored.etag)
        #expect(status?.sha256 == hash)
    }

    /// What cdrx asks for: the probe's questions. A lost answer may turn a success into a conflict.
    @Test func conditionsAreHonored() throws {
        let client = try Subject.store()
        try put("one", .ifAbsent, client)
        #expect(code { try client.put(.bytes([2]), at: "k", if: .ifAbsent) } == .conditionFailed)
        let standing = try #require(try client.head("k")?.etag)
        try put("two", .ifMatch(standing), client)
        #expect(
            code { try client.put(.bytes([3]), at: "k", if: .ifMatch(standing)) }
                == .conditionFailed)
        #expect(
            code { try client.get("k", ifMatch: standing, maximumByteCount: 9) } == .conditionFailed
        )
        #expect(
            code { try client.put(.bytes([3]), at: "none", if: .ifMatch(standing)) }
                == .conditionFailed)
        #expect(try client.head("none") == nil)
        let last = try client.get("k", ifMatch: nil, maximumByteCount: 9)
        #expect(last?.bytes == Array("two".utf8))
    }

    @Test func listsComeInPagesAndInOrder() throws {
        let client = try Subject.store(listCount: 3)
        let keys = (0..<8).map { "l/dt=\($0 % 4)/part-\($0)" }
        for key in keys { _ = try client.put(.bytes([1, 2]), at: key, if: .none) }
        let (objects, prefixes) = try listed("l/", isFlat: true, client)
        #expect(objects.map(\.key) == keys.sorted())
        #expect(prefixes.isEmpty)
        #expect(objects.allSatisfy { $0.byteCount == 2 })
        #expect(try objects.first?.etag == client.head(keys[0])?.etag)
        let (none, folders) = try listed("l/", isFlat: false, client)
        #expect(none.isEmpty)
        #expect(folders == (0..<4).map { "l/dt=\($0)/" })
        #expect(try listed("nothing/", isFlat: true, client).0.isEmpty)
    }

    @Test func oddKeysComeBackAsTheyAre() throws {
        let client = try Subject.store()
        let keys =
            [
                "a b", "a+b", "a%20b", "a%2Fb", "a&b=c", "a?b#c", "a<b>\"c'", "a~b-._c",
                "a!$()*,;:@",
                "aß漢字😀", "\u{e9}", "a[1]{2}|\\^`", "dt=2026-01-01/cdrx_account=x/part-00000.csv.gz",
            ].map { "odd/" + $0 } + Subject.decomposedKeys
        for key in keys { _ = try client.put(.bytes(Array(key.utf8)), at: key, if: .none) }
        for key in keys {
            let found = try client.get(key, ifMatch: nil, maximumByteCount: 100)
            #expect(found?.bytes == Array(key.utf8), "\(key)")
        }
        let (objects, _) = try listed("odd/", isFlat: true, client)
        #expect(
            objects.map { Array($0.key.utf8) }
                == keys.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
        for key in keys { try client.delete(key) }
        #expect(try listed("odd/", isFlat: true, client).0.isEmpty)
    }

    // MARK: What a server must refuse; only without faults in between.

    @Test(.enabled(if: Subject.isServer && Subject.isCalm)) func aWrongSecretIsRefused() throws {
        let client = try Subject.client(["AWS_SECRET_ACCESS_KEY": "wrong"])
        let error = #expect(throws: ObjectStorageError.self) {
            try client.put(.bytes([1]), at: "x", if: .none)
        }
        #expect(error?.reason == .accessDenied)
        #expect(error?.message.contains("the secret key is wrong") == true)
        #expect(code { try client.head("x") } == .accessDenied)
        let stranger = try Subject.client(["AWS_ACCESS_KEY_ID": "STRANGER"])
        #expect(code { try stranger.put(.bytes([1]), at: "x", if: .none) } == .accessDenied)
        #expect(try Subject.client().head("x") == nil)
    }

    @Test(.enabled(if: Subject.isServer && Subject.isCalm)) func aBucketThatIsNotThereIsNamed()
        throws
    {
        let client = try Subject.client(bucket: "cdrx-not-there")
        #expect(code { try client.put(.bytes([1]), at: "x", if: .none) } == .noBucket)
        #expect(code { try client.list("", after: nil, isFlat: true) } == .noBucket)
        #expect(code { try client.get("x", ifMatch: nil, maximumByteCount: 9) } == .noBucket)
    }

    /// Of a store that checks (radosgw; moto does not).
    @Test(.enabled(if: Subject.isStrict)) func aBodyThatIsNotWhatWasHashedIsRefused()
        throws
    {
        let client = try Subject.client()
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID())"
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let body = ObjectBody.file(
            path: path, byteCount: 3, sha256: ContentDigest.hexadecimal(of: [1, 2, 4]))
        #expect(code { try client.put(body, at: "wrong", if: .none) } == .refused)
        #expect(try client.head("wrong") == nil)
    }

    @Test(.enabled(if: Subject.isStrict), arguments: [-7_200_000, 7_200_000] as [Int64])
    func aWrongClockIsCorrected(skew: Int64) throws {
        let prefix = "t-\(UUID())"
        let client = try Subject.client(prefix: prefix, skew: skew)
        _ = try client.put(.bytes([1]), at: "skew", if: .none)
        let other = try Subject.client(prefix: prefix, skew: skew)
        #expect(try other.head("skew")?.byteCount == 1)
        let third = try Subject.client(prefix: prefix, skew: skew)
        #expect(try third.list("skew", after: nil, isFlat: true).objects.count == 1)
        let time = try #require(third.storeTime)
        #expect(abs(time - Subject.now()) < 60_000)
    }

    // MARK: Helpers

    /// Stores a text at `k`; what a lost answer hides is found by the hash.
    private func put(_ text: String, _ condition: PutCondition, _ client: any ObjectStore) throws {
        let bytes = Array(text.utf8)
        guard let code = code({ try client.put(.bytes(bytes), at: "k", if: condition) }) else {
            return
        }
        #expect(code == .conditionFailed && !Subject.isCalm)
        #expect(try client.head("k")?.sha256 == ContentDigest.hexadecimal(of: bytes))
    }

    private func listed(
        _ prefix: String, isFlat: Bool, _ client: any ObjectStore
    ) throws -> ([ObjectStatus], [String]) {
        var (objects, prefixes): ([ObjectStatus], [String]) = ([], [])
        var token: String?
        repeat {
            let page = try client.list(prefix, after: token, isFlat: isFlat)
            objects += page.objects
            prefixes += page.commonPrefixes
            token = page.next
        } while token != nil
        return (objects, prefixes)
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

/// The store that is tested: the server that the environment names, else the one in memory.
private enum Subject {
    private static let environment = ProcessInfo.processInfo.environment

    static let isServer = environment["CDRX_TEST_STORE"] != nil
    /// No faults in between.
    static let isCalm = environment["CDRX_TEST_STORE_FAULTS"] == nil
    /// Checks the body's hash and the time.
    static let isStrict = isServer && isCalm && environment["CDRX_TEST_STORE_STRICT"] != nil

    static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }

    /// The one in memory holds keys as texts, for which letters of equal meaning are the same.
    static let decomposedKeys = isServer ? ["odd/e\u{301}"] : []

    static func store(listCount: Int = 1_000) throws -> any ObjectStore {
        if isServer { return try client(listCount: listCount) }
        var traits = FakeBucket.Traits()
        traits.pageSize = listCount
        return FakeObjectStore(FakeBucket(traits: traits), disk: SystemDisk())
    }

    /// A client below a prefix of its own in the bucket that the environment names.
    static func client(
        _ variables: [String: String] = [:], bucket: String? = nil,
        prefix: String = "t-\(UUID())", listCount: Int = 1_000, skew: Int64 = 0
    ) throws -> S3Client {
        let location = ObjectStoreLocation(
            bucket: bucket ?? environment["CDRX_TEST_STORE_BUCKET"] ?? "",
            prefix: prefix, endpoint: environment["CDRX_TEST_STORE"], region: "us-east-1",
            pathStyle: environment["CDRX_TEST_STORE_STYLE"] != "virtual")
        var own = testEnvironment(environment.merging(variables) { $1 })
        own.now = { now() + skew }
        return try S3Client(location, environment: own, listCount: listCount).quoting(
            environment["CDRX_TEST_STORE_ETAGS"] == "unquoted" ? .unquoted : .quoted)
    }
}
