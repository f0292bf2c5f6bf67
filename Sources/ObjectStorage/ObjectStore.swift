/// A bucket of an S3-compatible store, seen from a prefix: keys are relative to it.
///
/// Calls block; any thread may make them. What failed for the moment is repeated here. A conditional
/// ``put(_:at:if:)`` whose answer was lost is repeated too, so that
/// ``ObjectStorageError/Code/conditionFailed`` may mean that the first attempt was stored: callers
/// compare ``ObjectStatus/sha256``.
public protocol ObjectStore: Sendable {
    /// `s3://bucket/prefix`, for messages and lists of files.
    var uri: String { get }

    /// A small object as a whole.
    ///
    /// - Parameters:
    ///   - etag: ``ObjectStorageError/Code/conditionFailed`` where another one stands there.
    ///   - maximumByteCount: ``ObjectStorageError/Code/tooLarge`` where the object has more.
    /// - Returns: nil where there is no such object.
    func get(
        _ key: String, ifMatch etag: ETag?, maximumByteCount: Int
    ) throws(ObjectStorageError) -> StoredObject?

    /// An object's bytes in pieces, each once and in order, also where the connection was lost in
    /// between.
    ///
    /// - Returns: nil where there is no such object.
    func read(
        _ key: String, _ receive: (UnsafeRawBufferPointer) -> Void
    ) throws(ObjectStorageError) -> ObjectStatus?

    /// - Returns: nil where there is no such object.
    func head(_ key: String) throws(ObjectStorageError) -> ObjectStatus?

    /// Stores an object with one request; readers see the object before or this one.
    ///
    /// - Throws: ``ObjectStorageError/Code/conditionFailed`` where the condition does not hold.
    @discardableResult
    func put(
        _ body: ObjectBody, at key: String, if condition: PutCondition
    ) throws(ObjectStorageError) -> ObjectStatus

    /// Succeeds where there is none.
    func delete(_ key: String) throws(ObjectStorageError)

    /// Keys that begin with a prefix, in the order of their bytes, up to 1,000 a request.
    ///
    /// - Parameters:
    ///   - token: ``ObjectPage/next`` of the page before; nil for the first.
    ///   - isFlat: every key; otherwise only down to the next `/`, see
    ///     ``ObjectPage/commonPrefixes``.
    func list(
        _ prefix: String, after token: String?, isFlat: Bool
    ) throws(ObjectStorageError) -> ObjectPage

    /// The store's clock at its last answer, in epoch milliseconds; nil before the first.
    var storeTime: Int64? { get }
}

/// The version of an object's bytes, as the store names it; mostly no hash of anything.
public struct ETag: Hashable, Codable, Sendable {
    /// Without quotes.
    public var text: String

    public init(_ text: String) {
        self.text = text
    }
}

/// What a store says about an object.
public struct ObjectStatus: Hashable, Sendable {
    /// Relative to the store's prefix.
    public var key: String
    public var byteCount: Int
    public var etag: ETag
    /// Only where the bucket keeps versions.
    public var versionID: String?
    /// Epoch milliseconds by the store's clock. The answer to a put has none: then its
    /// ``storeDate``, or 0.
    public var lastModified: Int64
    /// The store's clock when it answered, in epoch milliseconds.
    public var storeDate: Int64?
    /// Hexadecimal, as the writer declared it (`x-amz-meta-cdrx-sha256`); nil in lists.
    public var sha256: String?

    public init(
        key: String, byteCount: Int, etag: ETag, versionID: String? = nil, lastModified: Int64,
        storeDate: Int64? = nil, sha256: String? = nil
    ) {
        self.key = key
        self.byteCount = byteCount
        self.etag = etag
        self.versionID = versionID
        self.lastModified = lastModified
        self.storeDate = storeDate
        self.sha256 = sha256
    }
}

/// An object with its bytes.
public struct StoredObject: Sendable {
    public var status: ObjectStatus
    public var bytes: [UInt8]

    public init(status: ObjectStatus, bytes: [UInt8]) {
        self.status = status
        self.bytes = bytes
    }
}

/// What is stored.
public enum ObjectBody: Sendable {
    case bytes([UInt8])
    /// The file must not change until it is stored.
    ///
    /// - Parameter sha256: of its bytes, hexadecimal.
    case file(path: String, byteCount: Int, sha256: String)
}

/// What must stand at a key for something to be stored there.
public enum PutCondition: Hashable, Sendable {
    case none
    /// Nothing (`If-None-Match: *`).
    case ifAbsent
    /// This version (`If-Match`).
    case ifMatch(ETag)
}

/// A part of a list.
public struct ObjectPage: Sendable {
    public var objects: [ObjectStatus]
    /// Relative to the store's prefix, with their last `/`.
    public var commonPrefixes: [String]
    /// For the next page; nil after the last.
    public var next: String?

    public init(objects: [ObjectStatus], commonPrefixes: [String] = [], next: String? = nil) {
        self.objects = objects
        self.commonPrefixes = commonPrefixes
        self.next = next
    }
}
