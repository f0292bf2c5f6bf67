/// A bucket of an S3-compatible store and a prefix in it: where an export lies that lies on no file
/// system. Credentials are no part of it.
public struct ObjectStoreLocation: Hashable, Sendable {
    /// How the store encrypts what it keeps: the values of `x-amz-server-side-encryption`.
    public enum Encryption: String, CaseIterable, Sendable {
        /// Keys of the store itself.
        case storeKeys = "AES256"
        /// A key of its key management service.
        case managedKey = "aws:kms"
        /// The same, in two layers.
        case managedKeyTwice = "aws:kms:dsse"
    }

    /// `s3://`
    public static let scheme = "s3://"

    public var bucket: String
    /// What every key begins with, without a slash at either end; empty for the whole bucket.
    public var prefix: String
    /// Scheme, host and port, without a trailing slash; nil for AWS' own of the region.
    public var endpoint: String?
    /// nil: what AWS' configuration file says, else `us-east-1`.
    public var region: String?
    /// Whether the bucket stands in the path of a URL; if not, in the name of the host.
    public var pathStyle: Bool
    /// nil: as the bucket says.
    public var sse: Encryption?
    /// Name of the key for ``Encryption/managedKey``; nil: the bucket's.
    public var kmsKey: String?
    /// The value of `x-amz-storage-class`; nil: as the bucket says.
    public var storageClass: String?

    public init(
        bucket: String, prefix: String = "", endpoint: String? = nil, region: String? = nil,
        pathStyle: Bool = false, sse: Encryption? = nil, kmsKey: String? = nil,
        storageClass: String? = nil
    ) {
        self.bucket = bucket
        self.prefix = prefix
        self.endpoint = endpoint
        self.region = region
        self.pathStyle = pathStyle
        self.sse = sse
        self.kmsKey = kmsKey
        self.storageClass = storageClass
    }

    /// `s3://bucket/prefix`, or `s3://bucket`
    public var uri: String { Self.scheme + bucket + (prefix.isEmpty ? "" : "/" + prefix) }

    /// Distinguishes this place from all others: buckets of one name lie in many stores.
    public var identity: String { uri + (endpoint.map { " at \($0)" } ?? "") }
}
