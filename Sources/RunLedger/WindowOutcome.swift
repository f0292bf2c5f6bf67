public import ExportModel

/// What a window's partition holds since its last publication.
public struct WindowOutcome: Hashable, Sendable {
    public var runID: String
    public var publishedAt: Timestamp
    /// The partition's directory, relative to the output path.
    public var directory: String
    public var rows: Int
    public var rejects: Int
    public var duplicates: Int
    public var outsideWindow: Int
    /// The provider's own total.
    public var reportedTotal: Int
    /// Requests that the extraction took, retries included.
    public var requests: Int
    /// Of all files together.
    public var byteCount: Int64
    /// Rows that the partition's former version did not have.
    public var lateRows: Int
    /// Rows that replaced an older form of themselves.
    public var changedRows: Int
    /// Digest of the settings that decide what the partition's files hold; nil where an older cdrx
    /// published them.
    public var fingerprint: String?
    /// Digest of the rows and rejects, as in the manifest; nil where an older cdrx published them.
    public var contentSHA256: String?
    /// Given by the ledger: higher than that of any earlier publication of any window, and the
    /// same as long as the content is. 0 before it is recorded.
    public var version = 0

    public init(
        runID: String, publishedAt: Timestamp, directory: String, rows: Int, rejects: Int,
        duplicates: Int, outsideWindow: Int, reportedTotal: Int, requests: Int, byteCount: Int64,
        lateRows: Int = 0, changedRows: Int = 0, fingerprint: String?, contentSHA256: String?
    ) {
        self.runID = runID
        self.publishedAt = publishedAt
        self.directory = directory
        self.rows = rows
        self.rejects = rejects
        self.duplicates = duplicates
        self.outsideWindow = outsideWindow
        self.reportedTotal = reportedTotal
        self.requests = requests
        self.byteCount = byteCount
        self.lateRows = lateRows
        self.changedRows = changedRows
        self.fingerprint = fingerprint
        self.contentSHA256 = contentSHA256
    }
}
