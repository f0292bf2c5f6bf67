public import ExportModel

/// What a partition holds since its last publication.
public struct PartitionOutcome: Hashable, Sendable {
    public var runID: String
    public var publishedAt: Timestamp
    /// The partition's directory, relative to the output path.
    public var directory: String
    public var rows: Int
    public var rejects: Int
    /// Of all files together.
    public var byteCount: Int64
    /// Rows that the partition's former version did not have.
    public var lateRows: Int
    /// Rows that replaced an older form of themselves.
    public var changedRows: Int
    /// Digest of the settings that decide what the partition's files hold.
    public var fingerprint: String
    /// Digest of the rows and rejects, as in the manifest.
    public var contentSHA256: String
    /// Whether no account is missing.
    public var isComplete: Bool
    /// Accounts that it holds.
    public var accountCount: Int
    /// Accounts that its manifest names as missing.
    public var missingCount: Int
    /// Given by the ledger: higher than that of any earlier publication of any partition, and the
    /// same as long as the content is. 0 before it is recorded.
    public var version = 0

    public init(
        runID: String, publishedAt: Timestamp, directory: String, rows: Int, rejects: Int,
        byteCount: Int64, lateRows: Int = 0, changedRows: Int = 0, fingerprint: String,
        contentSHA256: String, isComplete: Bool = true, accountCount: Int = 1,
        missingCount: Int = 0
    ) {
        self.runID = runID
        self.publishedAt = publishedAt
        self.directory = directory
        self.rows = rows
        self.rejects = rejects
        self.byteCount = byteCount
        self.lateRows = lateRows
        self.changedRows = changedRows
        self.fingerprint = fingerprint
        self.contentSHA256 = contentSHA256
        self.isComplete = isComplete
        self.accountCount = accountCount
        self.missingCount = missingCount
    }
}

/// A published partition as the ledger remembers it.
public struct PartitionRecord: Hashable, Sendable {
    public var identity: PartitionIdentity
    /// nil for a request list.
    public var range: TimeRange?
    public var timeZoneIdentifier: String
    public var published: PartitionOutcome
}

/// Narrows a look at partitions; what is nil narrows nothing.
public struct PartitionFilter: Hashable, Sendable {
    public var streams: Set<String>?
    /// Partitions whose published version is of this run.
    public var publishedBy: String?

    public init(streams: Set<String>? = nil, publishedBy: String? = nil) {
        self.streams = streams
        self.publishedBy = publishedBy
    }
}
