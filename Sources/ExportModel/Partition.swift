/// What the ledger remembers a partition by.
public struct PartitionIdentity: Hashable, Sendable, CustomStringConvertible {
    public var pipeline: String
    public var stream: String
    /// nil for a partition of all accounts, or of those of a bucket.
    public var account: String?
    /// ``Bucket/index`` for a partition of a bucket's accounts.
    public var bucket: Int?
    /// ``WindowKey/description``
    public var window: String

    public init(
        pipeline: String, stream: String, account: String?, bucket: Int? = nil, window: String
    ) {
        self.pipeline = pipeline
        self.stream = stream
        self.account = account
        self.bucket = bucket
        self.window = window
    }

    /// Which accounts it holds: the name of the one, or ``Bucket/directoryName``; nil: all.
    public var share: String? { account ?? bucket.map(Bucket.directoryName(of:)) }

    /// `stream/account/window`, `stream/bucket=03/window` or `stream/window`, for messages.
    public var description: String {
        [stream, share, window].compactMap(\.self).joined(separator: "/")
    }
}

/// A partition whose files were made with other settings than today's.
public struct OutdatedPartition: Hashable, Sendable {
    public var identity: PartitionIdentity
    /// nil for a request list.
    public var range: TimeRange?
    /// Whether the archive has all that the partition holds, so that it can be made again without
    /// a request.
    public var hasArchive: Bool

    public init(identity: PartitionIdentity, range: TimeRange?, hasArchive: Bool) {
        self.identity = identity
        self.range = range
        self.hasArchive = hasArchive
    }
}

/// An account window that has rejects.
public struct RejectedWindow: Hashable, Sendable {
    public var identity: WindowIdentity
    /// Whether its last attempt failed because of them: what was verified is in the archive and was
    /// refused.
    public var isRefused: Bool

    public init(identity: WindowIdentity, isRefused: Bool) {
        self.identity = identity
        self.isRefused = isRefused
    }
}
