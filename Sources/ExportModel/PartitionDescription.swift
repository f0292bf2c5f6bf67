/// Which partition is written: what its manifest, its directory and its encoder must know.
public struct PartitionDescription: Hashable, Sendable {
    public var pipeline: String
    public var stream: String
    /// Id of the catalog entry.
    public var endpoint: String
    /// nil for a partition of all accounts of a window.
    public var account: String?
    public var window: Window
    public var schema: TableSchema
    /// `cdrx/<version>`, for formats whose files name their writer.
    public var tool = "cdrx/0.0.0"

    public init(
        pipeline: String, stream: String, endpoint: String, account: String?, window: Window,
        schema: TableSchema
    ) {
        self.pipeline = pipeline
        self.stream = stream
        self.endpoint = endpoint
        self.account = account
        self.window = window
        self.schema = schema
    }
}
