import Publication
public import RunLedger

/// What became of one partition of a run.
public struct PartitionResult: Sendable {
    public var stream: String
    /// nil where the partition holds all accounts of the stream, or those of a bucket.
    public var account: String?
    /// Counts from 0; nil but for a partition of a bucket's accounts.
    public var bucket: Int?
    /// ``WindowKey/description``
    public var window: String
    /// Relative to the output path.
    public var directory: String
    /// False where the content was there already.
    public var changed: Bool
    /// Whether every account is in it.
    public var isComplete: Bool
    public var rows: Int
    public var rejects: Int
    public var accountCount: Int
    /// Names of the accounts that are not in it.
    public var missing: [String]
    /// How the rows differ from those of the partition's former version; nil where there was none,
    /// or where nothing is known of its rows.
    public var rowChanges: RowChanges?

    init(
        _ published: PublishedPartition, of account: String?, _ rowChanges: RowChanges?
    ) {
        let manifest = published.manifest
        stream = manifest.stream
        self.account = account
        bucket = manifest.bucket?.index
        window = manifest.window.key
        directory = published.location.relativePath
        changed = published.changed
        isComplete = manifest.complete
        rows = manifest.rows
        rejects = manifest.rejects
        accountCount = manifest.accounts.count
        missing = manifest.accounts.filter { $0.state == .missing }.map(\.account)
        self.rowChanges = rowChanges
    }
}
