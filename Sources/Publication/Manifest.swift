public import ExportModel

/// What `_manifest.json` says of the partition it lies in. Its shape is a contract (DESIGN.md,
/// "Output on disk", and `pipelines/manifest.schema.json`): names and meanings stay within one
/// ``manifestVersion``.
public struct Manifest: Codable, Hashable, Sendable {
    /// The version this code writes and reads.
    public static let version = 2
    /// Name of the file in the partition's directory.
    public static let fileName = "_manifest.json"

    public var manifestVersion = Manifest.version
    public var pipeline: String
    public var stream: String
    public var endpoint: String
    public var window: ManifestWindow
    /// nil but for a partition of a bucket's accounts.
    public var bucket: ManifestBucket?
    /// Whether every account of the partition is in it.
    public var complete = true
    /// In the order of their rows; never empty.
    public var accounts: [ManifestAccount]
    /// Of all accounts together, as ``rejects``.
    public var rows: Int
    public var rejects: Int
    public var columns: [ManifestColumn]
    /// SHA-256 over `name:type` and a line break for each column, in hexadecimal.
    public var schemaSHA256: String
    /// What the partition holds, in whatever format: see ``PartitionContent``.
    public var contentSHA256: String
    /// Digest of the settings that decide what the files hold: endpoint, parameters, columns,
    /// format. Empty in manifest version 1.
    public var settingsSHA256: String
    /// The parts in the order of their rows.
    public var files: [ManifestFile]
    /// Name of the file with the rejects; nil where there are none.
    public var rejectsFile: String?
    public var runID: String
    /// When the partition became visible, by the machine's clock.
    public var publishedAt: ManifestTime
    /// `cdrx/<version>`
    public var tool: String

    /// Describes a version that is written, but for its manifest.
    ///
    /// - Parameters:
    ///   - accounts: sorted by the bytes of their names.
    ///   - rejectDigests: see ``PartitionContent/digest(ofReject:)``, one a reject.
    ///   - files: the parts in the order of their rows.
    public init(
        of description: PartitionDescription, accounts: [ManifestAccount],
        rejectDigests: [String], files: [ManifestFile], runID: String, publishedAt: Timestamp
    ) {
        pipeline = description.pipeline
        stream = description.stream
        endpoint = description.endpoint
        window = ManifestWindow(description.window)
        bucket = description.bucket.map { ManifestBucket(index: $0.index, count: $0.count) }
        complete = accounts.allSatisfy { $0.state == .complete }
        self.accounts = accounts
        rows = accounts.reduce(0) { $0 + $1.rows }
        rejects = rejectDigests.count
        columns = description.schema.columns.map(ManifestColumn.init)
        schemaSHA256 = description.schema.sha256
        contentSHA256 = PartitionContent.sha256(accounts: accounts, rejectDigests: rejectDigests)
        settingsSHA256 = description.settingsSHA256
        self.files = files
        rejectsFile = rejectDigests.isEmpty ? nil : Self.rejectsName
        self.runID = runID
        self.publishedAt = ManifestTime(publishedAt)
        tool = description.tool
    }

    enum CodingKeys: String, CodingKey {
        case manifestVersion = "manifest_version"
        case pipeline, stream, endpoint, window, bucket, complete, accounts, rows, rejects, columns
        case schemaSHA256 = "schema_sha256"
        case contentSHA256 = "content_sha256"
        case settingsSHA256 = "settings_sha256"
        case files
        case rejectsFile = "rejects_file"
        case runID = "run_id"
        case publishedAt = "published_at"
        case tool
    }
}

/// What a partition holds of one account, and how that was read.
public struct ManifestAccount: Codable, Hashable, Sendable {
    /// Whether the account's records are in the partition.
    public enum State: String, Codable, CaseIterable, Sendable {
        case complete, missing
    }

    /// Name of the account in the stream.
    public var account: String
    public var state = State.complete
    /// Why the account is missing; nil where it is not.
    public var reason: String?
    public var rows: Int
    /// Rows whose column `status` says so; nil where the table has no such column, and for an
    /// account that is missing.
    public var answered: Int?
    public var missed: Int?
    public var rejects: Int
    /// Records received again under a key that was there already.
    public var duplicates: Int
    /// Different records of the requests' padding, just outside the window; they were dropped.
    public var outsideWindow: Int
    /// The provider's own total of the window with its padding, however it was sliced.
    public var reportedTotal: Int
    /// What shows that nothing is lacking; nil for an account that is missing.
    public var verifiedBy: VerificationBasis?
    /// False for an account that is missing, and where records and total disagree and the pipeline publishes all the same.
    public var reconciled: Bool
    /// nil without rows, or where the caller did not know.
    public var firstStartedAt: ManifestTime?
    public var lastStartedAt: ManifestTime?
    /// When the last answer was read, by the machine's clock; nil for an account that is missing.
    public var extractedAt: ManifestTime?
    /// Of the account's rows as canonical bytes, in hexadecimal; independent of format,
    /// compression and parts (README, "Manifest"). nil for an account that is missing, and in
    /// manifest version 1.
    public var sha256: String?

    /// An account whose rows, rejects and ``sha256`` are still to be filled in.
    public init(
        _ account: String, counts: ExtractionCounts, verifiedBy: VerificationBasis,
        reconciled: Bool, extractedAt: Timestamp
    ) {
        self.account = account
        rows = 0
        rejects = 0
        duplicates = counts.duplicates
        outsideWindow = counts.outsideWindow
        reportedTotal = counts.reportedTotal
        self.verifiedBy = verifiedBy
        self.reconciled = reconciled
        self.extractedAt = ManifestTime(extractedAt)
    }

    /// An account that the partition does not hold.
    public init(missing account: String, reason: String) {
        self.account = account
        self.reason = reason
        state = .missing
        (rows, rejects, duplicates, outsideWindow, reportedTotal) = (0, 0, 0, 0, 0)
        reconciled = false
    }

    enum CodingKeys: String, CodingKey {
        case account, state, reason, rows, answered, missed, rejects, duplicates
        case outsideWindow = "outside_window"
        case reportedTotal = "reported_total"
        case verifiedBy = "verified_by"
        case reconciled
        case firstStartedAt = "first_started_at"
        case lastStartedAt = "last_started_at"
        case extractedAt = "extracted_at"
        case sha256
    }
}

/// What shows that an account's window is whole.
public enum VerificationBasis: String, Codable, CaseIterable, Sendable {
    /// As many different records came as the provider says there are.
    case total
    /// No total: two walks in a row brought the same records in the same order.
    case doubleWalk = "double_walk"
    /// No total: the pages came to the provider's own end mark, and the time from the last record
    /// on, asked for by itself, had that record and no other.
    case endMark = "end_mark"
    /// Every request id of the list was answered.
    case requestIDs = "request_ids"
    /// The provider had no unread record left.
    case drain
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

/// Which of the accounts of a window a manifest's partition holds: those whose names the reference
/// deals into bucket `index` of `count`.
public struct ManifestBucket: Codable, Hashable, Sendable {
    /// Counts from 0.
    public var index: Int
    public var count: Int
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
    /// CSV and NDJSON: size before compression. Parquet: bytes of the values in plain encoding.
    public var uncompressedBytes: Int
    /// Of the bytes as stored, in hexadecimal.
    public var sha256: String
    /// What an object store calls the stored bytes; nil on a file system.
    public var etag: String?
    /// Only where the bucket keeps versions.
    public var versionID: String?

    enum CodingKeys: String, CodingKey {
        case path, rows, bytes
        case uncompressedBytes = "uncompressed_bytes"
        case sha256, etag
        case versionID = "version_id"
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
            ("etag", .optional(etag)), ("version_id", .optional(versionID)),
        ])
    }
}
