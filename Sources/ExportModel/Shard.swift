/// Some of a pipeline's accounts, for runs that share its work: one of `count` shards.
///
/// An account's name decides its shard, so that it stays where it is when its secret is rotated, and
/// whatever else the pipeline file has.
public struct Shard: Hashable, Sendable, CustomStringConvertible {
    /// What a number of shards may be at most.
    public static let maximumCount = 1_024

    /// 1…``count``
    public let index: Int
    /// 1…``maximumCount``
    public let count: Int

    /// nil for numbers out of their range.
    public init?(index: Int, count: Int) {
        guard (1...Self.maximumCount).contains(count), (1...count).contains(index) else {
            return nil
        }
        self.index = index
        self.count = count
    }

    /// The one of `count` shards that holds an account; nil for a number out of its range.
    public init?(holding account: String, among count: Int) {
        guard (1...Self.maximumCount).contains(count) else { return nil }
        self.init(index: Self.place(of: account, among: count) + 1, count: count)
    }

    /// Reads a ``description``; nil for any other text.
    public init?(_ text: String) {
        let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let index = numbers[0], let count = numbers[1],
            let shard = Shard(index: index, count: count), shard.description == text
        else { return nil }
        self = shard
    }

    /// `2/4`
    public var description: String { "\(index)/\(count)" }

    /// `2-of-4`, for names of files.
    public var fileName: String { "\(index)-of-\(count)" }

    /// Whether an account is one of the shard.
    public func holds(account name: String) -> Bool {
        Self.place(of: name, among: count) == index - 1
    }

    /// Deals accounts into equal parts: the first eight bytes of the SHA-256 of the name, taken as
    /// one number (the first byte is the highest), modulo `count`.
    ///
    /// - Returns: 0..<`count`
    static func place(of account: String, among count: Int) -> Int {
        if count == 1 { return 0 }
        let digest = ContentDigest.hexadecimal(of: Array(account.utf8))
        guard let number = UInt64(digest.prefix(16), radix: 16) else {
            preconditionFailure("a digest is hexadecimal")
        }
        return Int(number % UInt64(count))
    }
}
