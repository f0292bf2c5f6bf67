import ExportModel

/// What `_manifest.json` says of the partition it lies in. Its shape is a contract (DESIGN.md,
/// "Output on disk"): names and meanings stay within one ``manifestVersion``.
public struct Manifest: Codable, Hashable, Sendable {
    /// The version this code writes and reads.
    public static let version = 1
    /// Name of the file in the partition's directory.
    public static let fileName = "_manifest.json"

    public var manifestVersion = Manifest.version
    public var pipeline: String
    public var stream: String
    public var endpoint: String
    public var account: String
    public var window: ManifestWindow
    /// Always `complete`: what is not is not published.
    public var status = "complete"
    public var rows: Int
    public var rejects: Int
    public var duplicates: Int
    public var outsideWindow: Int
    /// The provider's own total, padding included.
    public var reportedTotal: Int
    /// Whether the records found are as many as the provider reports; false only where the pipeline
    /// says `on_mismatch: publish`.
    public var reconciled = true
    /// nil without rows, or where the caller did not know.
    public var firstStartedAt: ManifestTime?
    public var lastStartedAt: ManifestTime?
    public var columns: [ManifestColumn]
    /// SHA-256 over `name:type` and a line break for each column, in hexadecimal.
    public var schemaSHA256: String
    /// The parts in the order of their rows.
    public var files: [ManifestFile]
    /// Name of the file with the rejects; nil where there are none.
    public var rejectsFile: String?
    public var runID: String
    public var extractedAt: ManifestTime
    /// `cdrx/<version>`
    public var tool: String

    enum CodingKeys: String, CodingKey {
        case manifestVersion = "manifest_version"
        case pipeline, stream, endpoint, account, window, status, rows, rejects, duplicates
        case outsideWindow = "outside_window"
        case reportedTotal = "reported_total"
        case reconciled
        case firstStartedAt = "first_started_at"
        case lastStartedAt = "last_started_at"
        case columns
        case schemaSHA256 = "schema_sha256"
        case files
        case rejectsFile = "rejects_file"
        case runID = "run_id"
        case extractedAt = "extracted_at"
        case tool
    }
}

/// The window of a manifest; a request list has no bounds.
public struct ManifestWindow: Codable, Hashable, Sendable {
    /// ``WindowKey/description``
    public var key: String
    public var start: ManifestTime?
    public var end: ManifestTime?
    /// The zone the window was cut in.
    public var timezone: String

    init(_ window: Window) {
        key = window.key.description
        start = (window.range?.start).map(ManifestTime.init)
        end = (window.range?.end).map(ManifestTime.init)
        timezone = window.timeZoneIdentifier
    }
}

/// A column of a manifest, its type by ``ColumnType/name``.
public struct ManifestColumn: Codable, Hashable, Sendable {
    public var name: String
    public var type: String

    init(_ column: Column) {
        name = column.name
        type = column.type.name
    }
}

/// A part file of a manifest.
public struct ManifestFile: Codable, Hashable, Sendable {
    /// Relative to the partition's directory.
    public var path: String
    public var rows: Int
    /// Size as stored.
    public var bytes: Int
    /// Size before compression.
    public var uncompressedBytes: Int
    /// Of the bytes as stored, in hexadecimal.
    public var sha256: String

    enum CodingKeys: String, CodingKey {
        case path, rows, bytes
        case uncompressedBytes = "uncompressed_bytes"
        case sha256
    }

    public init(path: String, rows: Int, bytes: Int, uncompressedBytes: Int, sha256: String) {
        self.path = path
        self.rows = rows
        self.bytes = bytes
        self.uncompressedBytes = uncompressedBytes
        self.sha256 = sha256
    }

    var json: JSONNode {
        .object([
            ("path", .text(path)), ("rows", .integer(rows)), ("bytes", .integer(bytes)),
            ("uncompressed_bytes", .integer(uncompressedBytes)), ("sha256", .text(sha256)),
        ])
    }
}
