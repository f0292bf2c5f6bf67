import ExportModel
public import FileSystem
public import ObjectStorage
import Synchronization

/// One machine's way to a ``FakeBucket``: its requests can be lost, fail, and end at any of them.
///
/// Like the real client it repeats what failed for the moment. Rejects what no caller may do: keys
/// with an empty component, and bodies that are not what they are said to be.
public final class FakeObjectStore: ObjectStore {
    /// A request, before it is made.
    public struct Request: Hashable, Sendable {
        public enum Kind: String, CaseIterable, Sendable {
            case get, read, head, put, delete, list
        }

        /// From 1, of this machine.
        public var number: Int
        public var kind: Kind
        /// Or the prefix of a list.
        public var key: String
    }

    /// What becomes of a request.
    public enum Fate: Hashable, Sendable {
        case answered
        /// It is done, its answer is lost, and the client makes it again.
        case repeated
        /// It is done, its answer is lost, and so are those of all repetitions.
        case unanswered
        /// It is not done, at no attempt.
        case unreachable
        /// The machine is gone before it is done: this one and all later ones fail.
        case killedBefore
        /// The machine is gone when it is done.
        case killedAfter
    }

    public let uri = "s3://bucket/exports"
    public let bucket: FakeBucket
    public let quoting: ETagQuoting
    private let disk: any Disk
    private let line: Line

    /// What the clients of one machine share.
    public final class Line: Sendable {
        private let state = Mutex((count: 0, isDead: false))
        private let decide: @Sendable (Request) -> Fate

        /// - Parameter decide: called before each request, on its thread; it may wait.
        public init(_ decide: @escaping @Sendable (Request) -> Fate = { _ in .answered }) {
            self.decide = decide
        }

        /// Requests so far.
        public var requestCount: Int { state.withLock { $0.count } }

        fileprivate func fate(_ kind: Request.Kind, _ key: String) -> Fate {
            let number: Int? = state.withLock { state in
                state.count += 1
                return state.isDead ? nil : state.count
            }
            guard let number else { return .unreachable }
            let fate = decide(Request(number: number, kind: kind, key: key))
            if fate == .killedBefore || fate == .killedAfter {
                state.withLock { $0.isDead = true }
            }
            return fate
        }
    }

    /// - Parameter disk: holds the files that are stored.
    public init(
        _ bucket: FakeBucket, disk: any Disk, line: Line = Line(), quoting: ETagQuoting = .quoted
    ) {
        self.bucket = bucket
        self.disk = disk
        self.line = line
        self.quoting = quoting
    }

    public var storeTime: Int64? { bucket.now }

    // MARK: - Requests

    public func get(
        _ key: String, ifMatch etag: ETag?, maximumByteCount: Int
    ) throws(ObjectStorageError) -> StoredObject? {
        try make(.get, key) { () throws(ObjectStorageError) in
            guard let object = bucket.objects[key] else { return nil }
            if let etag, object.etag != etag {
                throw ObjectStorageError(.conditionFailed, "\(key): 412")
            }
            guard object.bytes.count <= maximumByteCount else {
                throw ObjectStorageError(.tooLarge, "\(key): too large")
            }
            return StoredObject(status: status(key, object), bytes: object.bytes)
        }
    }

    public func read(
        _ key: String, _ receive: (UnsafeRawBufferPointer) -> Void
    ) throws(ObjectStorageError) -> ObjectStatus? {
        try make(.read, key) { () throws(ObjectStorageError) in
            guard let object = bucket.objects[key] else { return nil }
            object.bytes.withUnsafeBytes { receive($0) }
            return status(key, object)
        }
    }

    public func head(_ key: String) throws(ObjectStorageError) -> ObjectStatus? {
        try make(.head, key) { () throws(ObjectStorageError) in
            bucket.objects[key].map { status(key, $0) }
        }
    }

    @discardableResult
    public func put(
        _ body: ObjectBody, at key: String, if condition: PutCondition
    ) throws(ObjectStorageError) -> ObjectStatus {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        precondition(!parts.contains(""), "\(key) has an empty component")
        let bytes = try bytes(of: body)
        return try make(.put, key) { () throws(ObjectStorageError) in
            var status = status(key, try bucket.put(bytes, at: key, if: condition, quoting))
            status.lastModified = status.storeDate ?? 0
            return status
        }
    }

    public func delete(_ key: String) throws(ObjectStorageError) {
        try make(.delete, key) { () throws(ObjectStorageError) in bucket.delete(key) }
    }

    public func list(
        _ prefix: String, after token: String?, isFlat: Bool
    ) throws(ObjectStorageError) -> ObjectPage {
        try make(.list, prefix) { () throws(ObjectStorageError) in
            var page = ObjectPage(objects: [])
            var prefixes: Set<String> = []
            var last: String?
            let objects = bucket.objects.filter { $0.key.hasPrefix(prefix) }
            let keys = objects.keys.filter { isAfter(token, $0, isFlat: isFlat) }
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            for key in keys {
                guard page.objects.count + prefixes.count < bucket.traits.pageSize else {
                    page.next = last
                    break
                }
                let slash = key.dropFirst(prefix.count).firstIndex(of: "/")
                last = !isFlat ? slash.map { String(key[...$0]) } ?? key : key
                if !isFlat, let slash {
                    prefixes.insert(String(key[...slash]))
                } else if let object = objects[key] {
                    var listed = status(key, object)
                    listed.sha256 = nil
                    page.objects.append(listed)
                }
            }
            page.commonPrefixes = prefixes.sorted()
            return page
        }
    }

    /// A folder that was listed is not listed again.
    private func isAfter(_ token: String?, _ key: String, isFlat: Bool) -> Bool {
        guard let token else { return true }
        if !isFlat, token.hasSuffix("/"), key.hasPrefix(token) { return false }
        return token.utf8.lexicographicallyPrecedes(key.utf8)
    }

    // MARK: - What goes wrong

    private func make<Answer>(
        _ kind: Request.Kind, _ key: String, _ body: () throws(ObjectStorageError) -> Answer
    ) throws(ObjectStorageError) -> Answer {
        switch line.fate(kind, key) {
        case .answered: return try body()
        case .repeated:
            _ = try body()
            return try body()
        case .unanswered, .killedAfter: _ = try body()
        case .unreachable, .killedBefore: break
        }
        throw ObjectStorageError(.unreachable, "\(uri)/\(key): no connection")
    }

    private func bytes(of body: ObjectBody) throws(ObjectStorageError) -> [UInt8] {
        switch body {
        case .bytes(let bytes): return bytes
        case .file(let path, let byteCount, let sha256):
            let bytes: [UInt8]
            do {
                bytes = try Files<FileSystemError>(disk).contents(of: path)
            } catch {
                throw ObjectStorageError(.refused, "\(path) cannot be read", cause: error)
            }
            precondition(
                bytes.count == byteCount && ContentDigest.hexadecimal(of: bytes) == sha256,
                "\(path) is not what it is said to be")
            return bytes
        }
    }

    private func status(_ key: String, _ object: FakeBucket.Object) -> ObjectStatus {
        ObjectStatus(
            key: key, byteCount: object.bytes.count, etag: object.etag,
            versionID: object.versionID, lastModified: object.lastModified, storeDate: bucket.now,
            sha256: object.sha256)
    }
}
