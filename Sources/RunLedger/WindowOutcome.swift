public import ExportModel

/// A published part.
public struct PublishedFile: Hashable, Codable, Sendable {
    /// File name inside the partition.
    public var path: String
    public var rows: Int
    public var bytes: Int64
    public var uncompressedBytes: Int64
    /// Lower-case hexadecimal.
    public var sha256: String

    public init(
        path: String, rows: Int, bytes: Int64, uncompressedBytes: Int64, sha256: String
    ) {
        self.path = path
        self.rows = rows
        self.bytes = bytes
        self.uncompressedBytes = uncompressedBytes
        self.sha256 = sha256
    }

    private enum CodingKeys: String, CodingKey {
        case path, rows, bytes
        case uncompressedBytes = "uncompressed_bytes"
        case sha256
    }
}

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
    /// What was exported and how (endpoint, parameters, columns, format), as one comparable text.
    public var fingerprint: String
    public var files: [PublishedFile]

    public init(
        runID: String, publishedAt: Timestamp, directory: String, rows: Int, rejects: Int,
        duplicates: Int, outsideWindow: Int, reportedTotal: Int, requests: Int, byteCount: Int64,
        lateRows: Int = 0, changedRows: Int = 0, fingerprint: String, files: [PublishedFile]
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
        self.files = files
    }
}
