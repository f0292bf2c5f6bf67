/// What is asked of a store, before it is signed.
struct StoreRequest: CustomStringConvertible {
    var method: String
    /// As a whole, with the location's prefix; nil: the bucket itself.
    var key: String?
    /// Not encoded.
    var query: [(name: String, value: String)] = []
    /// Names in lower case.
    var headers: [(name: String, value: String)] = []
    var body = StoreCall.Body.none
    /// SHA-256 of the body in hexadecimal.
    var bodyHash = StoreRequest.emptyHash
    /// Of the body of the answer.
    var maximumByteCount = 1 << 20
    /// Whether 404 is an answer like another.
    var mayBeMissing = false
    /// Whether a success without an ETag is an answer whose head was cut.
    var needsETag = false
    /// `s3://bucket/key at host`
    var place = ""

    /// Of no bytes.
    static let emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    private static let baseTimeoutMilliseconds: Int64 = 60_000
    /// Slower transfers are given up; in bytes a millisecond.
    private static let minimumSpeed: Int64 = 100

    /// `PUT s3://bucket/key at host`
    var description: String { "\(method) \(place)" }

    var timeoutMilliseconds: Int64 {
        Self.baseTimeoutMilliseconds + Int64(max(body.byteCount, maximumByteCount))
            / Self.minimumSpeed
    }
}
