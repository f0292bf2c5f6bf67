/// Which partition is written: what its manifest, its directory and its encoder must know.
public struct PartitionDescription: Hashable, Sendable {
    public var pipeline: String
    public var stream: String
    /// Id of the catalog entry.
    public var endpoint: String
    /// nil for a partition of all accounts of a window, or of those of a bucket.
    public var account: String?
    /// nil but for a partition of a bucket's accounts.
    public var bucket: Bucket?
    public var window: Window
    public var schema: TableSchema
    /// `cdrx/<version>`, for formats whose files name their writer.
    public var tool = "cdrx/0.0.0"
    /// Digest of the settings that decide what the files hold; empty where nobody compares them.
    public var settingsSHA256 = ""

    public init(
        pipeline: String, stream: String, endpoint: String, account: String?,
        bucket: Bucket? = nil, window: Window, schema: TableSchema
    ) {
        self.pipeline = pipeline
        self.stream = stream
        self.endpoint = endpoint
        self.account = account
        self.bucket = bucket
        self.window = window
        self.schema = schema
    }
}
