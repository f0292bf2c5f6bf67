/// One of the equal parts into which a window's accounts are dealt, so that each is a partition of
/// its own, and shards share a window's work.
///
/// An account's name decides its bucket, as it decides its ``Shard``: where the number of buckets is
/// a multiple of the number of shards, all accounts of a bucket are in one shard.
public struct Bucket: Hashable, Sendable {
    /// What a number of buckets may be at most.
    public static let maximumCount = Shard.maximumCount

    /// 0..<``count``
    public let index: Int
    public let count: Int

    /// The one of `count` buckets that holds an account.
    public init(holding account: String, among count: Int) {
        index = Shard.place(of: account, among: count)
        self.count = count
    }

    /// Whether an account is one of the bucket.
    public func holds(account name: String) -> Bool {
        Shard.place(of: name, among: count) == index
    }

    /// Names the bucket's directory: `bucket=03`.
    public var directoryName: String { Self.directoryName(of: index) }

    /// Names the directory of the bucket with an index; no account has such a name.
    public static func directoryName(of index: Int) -> String {
        directoryPrefix + (index < 10 ? "0\(index)" : "\(index)")
    }

    /// What a ``directoryName`` begins with.
    public static let directoryPrefix = "bucket="
}
