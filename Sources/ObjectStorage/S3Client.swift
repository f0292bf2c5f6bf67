public import ExportModel
import FileSystem

/// How a store wants an ETag in the `If-Match` of a PUT. In that of a GET all take the standard.
public enum ETagQuoting: Hashable, Sendable {
    /// As the standard has it (RFC 9110, section 8.8.3).
    case quoted
    /// As Ceph's gateway wants it.
    case unquoted
}

/// An S3-compatible store over libcurl.
///
/// One object serves all threads of a run: it keeps the connections, the credentials and what it
/// has learned of the store's clock.
public final class S3Client: ObjectStore {
    /// What one PUT may store.
    public static let maximumPutByteCount = 5 << 30
    /// What is asked for at once by ``read(_:_:)``.
    private static let pieceByteCount = 8 << 20
    /// A thousand keys of 1,024 bytes, each encoded threefold.
    private static let maximumListByteCount = 16 << 20

    private let location: ObjectStoreLocation
    private let session: StoreSession
    private let files: Files<ObjectStorageError>
    private let quoting: ETagQuoting
    /// Keys of a page of a list.
    private let listCount: Int

    /// Reads the files of credentials; sends nothing.
    ///
    /// - Throws: ``ObjectStorageError/Code/credentials`` where a source is named that cannot be used.
    public convenience init(
        _ location: ObjectStoreLocation, environment: StoreEnvironment
    ) throws(ObjectStorageError) {
        try self.init(location, environment: environment, listCount: 1_000)
    }

    init(
        _ location: ObjectStoreLocation, environment: StoreEnvironment, listCount: Int
    ) throws(ObjectStorageError) {
        let profile = try SharedProfile(environment)
        let region = location.region ?? profile.region ?? "us-east-1"
        let address = StoreAddress(location, endpoint: profile.endpoint, region: region)
        let transport = StoreTransport(environment, usesProxy: true)
        let fetcher = CredentialFetcher(environment, transport, region: region)
        session = StoreSession(
            address, region: region, transport, CredentialKeeper(fetcher), environment)
        self.location = location
        files = Files(environment.disk)
        quoting = .quoted
        self.listCount = listCount
    }

    private init(_ client: S3Client, _ quoting: ETagQuoting) {
        location = client.location
        session = client.session
        files = client.files
        listCount = client.listCount
        self.quoting = quoting
    }

    /// The same store with another way to write ETags.
    public func quoting(_ quoting: ETagQuoting) -> S3Client {
        S3Client(self, quoting)
    }

    public var uri: String { location.uri }

    public var storeTime: Int64? { session.storeTime }

    // MARK: Reading

    public func get(
        _ key: String, ifMatch etag: ETag?, maximumByteCount: Int
    ) throws(ObjectStorageError) -> StoredObject? {
        var request = request("GET", key)
        request.maximumByteCount = maximumByteCount
        request.mayBeMissing = true
        request.needsETag = true
        if let etag { request.headers.append(("if-match", etag.quoted)) }
        let answer = try session.send(request)
        guard answer.isSuccess else { return nil }
        guard answer.body.count <= maximumByteCount else {
            throw StoreVerdict.tooLarge(request)
        }
        let status = ObjectStatus(key, answer, byteCount: answer.body.count)
        return StoredObject(status: status, bytes: answer.body)
    }

    public func head(_ key: String) throws(ObjectStorageError) -> ObjectStatus? {
        var request = request("HEAD", key)
        request.mayBeMissing = true
        request.needsETag = true
        let answer = try session.send(request)
        guard answer.isSuccess else { return nil }
        guard let byteCount = answer.headers["content-length"].flatMap({ Int($0) }) else {
            throw ObjectStorageError(.unreadable, "\(request): the answer has no Content-Length")
        }
        return ObjectStatus(key, answer, byteCount: byteCount)
    }

    /// Asks for the object in ranges, each of the same version, so that a lost connection costs one
    /// range.
    public func read(
        _ key: String, _ receive: (UnsafeRawBufferPointer) -> Void
    ) throws(ObjectStorageError) -> ObjectStatus? {
        guard let status = try head(key) else { return nil }
        var start = 0
        while start < status.byteCount {
            let end = min(start + Self.pieceByteCount, status.byteCount)
            var request = request("GET", key)
            request.maximumByteCount = Self.pieceByteCount
            request.headers = [
                ("if-match", status.etag.quoted), ("range", "bytes=\(start)-\(end - 1)"),
            ]
            let piece = try session.send(request).body
            guard piece.count == end - start else {
                throw ObjectStorageError(
                    .unreadable,
                    "\(request): \(piece.count) bytes came for the \(end - start) that were asked for"
                )
            }
            piece.withUnsafeBytes(receive)
            start = end
        }
        return status
    }

    public func list(
        _ prefix: String, after token: String?, isFlat: Bool
    ) throws(ObjectStorageError) -> ObjectPage {
        var request = request("GET", nil)
        request.place = uri + "/" + prefix
        request.maximumByteCount = Self.maximumListByteCount
        request.query = [
            ("list-type", "2"), ("encoding-type", "url"), ("prefix", whole(prefix)),
            ("max-keys", "\(listCount)"),
        ]
        if !isFlat { request.query.append(("delimiter", "/")) }
        if let token { request.query.append(("continuation-token", token)) }
        let answer = try session.send(request)
        guard let page = ObjectPage(answer, below: whole("")) else {
            throw ObjectStorageError(
                .unreadable, "\(request): the answer is no list of S3; check `endpoint`")
        }
        return page
    }

    // MARK: Writing

    @discardableResult
    public func put(
        _ body: ObjectBody, at key: String, if condition: PutCondition
    ) throws(ObjectStorageError) -> ObjectStatus {
        var request = request("PUT", key)
        request.needsETag = true
        switch body {
        case .bytes(let bytes):
            request.body = .bytes(bytes)
            request.bodyHash = ContentDigest.hexadecimal(of: bytes)
        case .file(let path, let byteCount, let sha256):
            request.body = .file(try files.require(path, .read).file, byteCount: byteCount)
            request.bodyHash = sha256
        }
        guard request.body.byteCount <= Self.maximumPutByteCount else {
            throw ObjectStorageError(
                .tooLarge,
                "\(request): \(request.body.byteCount) bytes are more than one PUT stores (5 GiB); "
                    + "cut the windows smaller")
        }
        request.headers = headers(of: key, request.bodyHash)
        switch condition {
        case .none: break
        case .ifAbsent: request.headers.append(("if-none-match", "*"))
        case .ifMatch(let etag):
            request.headers.append(("if-match", quoting == .quoted ? etag.quoted : etag.text))
        }
        var status = ObjectStatus(
            key, try session.send(request), byteCount: request.body.byteCount)
        status.sha256 = request.bodyHash
        return status
    }

    public func delete(_ key: String) throws(ObjectStorageError) {
        var request = request("DELETE", key)
        request.mayBeMissing = true
        _ = try session.send(request)
    }

    // MARK: Parts of requests

    private func request(_ method: String, _ key: String?) -> StoreRequest {
        var request = StoreRequest(method: method, key: key.map(whole))
        request.place = key.map { "\(uri)/\($0)" } ?? uri
        return request
    }

    /// The key in the bucket.
    private func whole(_ key: String) -> String {
        location.prefix.isEmpty ? key : "\(location.prefix)/\(key)"
    }

    private func headers(of key: String, _ sha256: String) -> [(name: String, value: String)] {
        let type = key.hasSuffix(".json") ? "application/json" : "application/octet-stream"
        var headers = [("content-type", type), ("x-amz-meta-cdrx-sha256", sha256)]
        if let sse = location.sse {
            headers.append(("x-amz-server-side-encryption", sse.rawValue))
        }
        if let key = location.kmsKey {
            headers.append(("x-amz-server-side-encryption-aws-kms-key-id", key))
        }
        if let storageClass = location.storageClass {
            headers.append(("x-amz-storage-class", storageClass))
        }
        return headers.map { (name: $0.0, value: $0.1) }
    }
}
