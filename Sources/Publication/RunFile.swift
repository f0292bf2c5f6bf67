public import ExportModel
import Foundation

/// What a run published: the file `_runs/<sequence>-<run id>.json` lists it for loaders. Its shape
/// is a contract (`pipelines/run-file.schema.json`).
public struct RunFile: Codable, Hashable, Sendable {
    static let directoryName = "_runs"
    /// The version this code writes and reads.
    public static let version = 2

    public var runFileVersion = RunFile.version
    /// Counts the runs of one ledger, whatever the time: files sort by it.
    public var sequence: Int
    public var runID: String
    public var pipeline: String
    public var startedAt: ManifestTime
    public var finishedAt: ManifestTime
    /// `cdrx/<version>`
    public var tool: String
    /// Ids of the runs of which ``merged(_:tool:)`` made it, sorted; nil for the file of one run.
    public var mergedFrom: [String]?
    /// In the order they were published, or any other that is stable.
    public var partitions: [RunPartition]

    enum CodingKeys: String, CodingKey {
        case runFileVersion = "run_file_version"
        case sequence
        case runID = "run_id"
        case pipeline
        case startedAt = "started_at"
        case finishedAt = "finished_at"
        case tool
        case mergedFrom = "merged_from"
        case partitions
    }

    public init(
        sequence: Int, runID: String, pipeline: String, startedAt: Timestamp,
        finishedAt: Timestamp, tool: String, partitions: [RunPartition]
    ) {
        self.sequence = sequence
        self.runID = runID
        self.pipeline = pipeline
        self.startedAt = ManifestTime(startedAt)
        self.finishedAt = ManifestTime(finishedAt)
        self.tool = tool
        self.partitions = partitions
    }

    /// Reads a run file.
    ///
    /// - Parameter path: for the message.
    public init(json: [UInt8], path: String) throws(PartitionError) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(json))
        } catch {
            throw PartitionError(
                .manifestUnreadable, "\(path) is not a run file; run again to publish a new one",
                cause: error)
        }
        guard runFileVersion == Self.version else {
            throw PartitionError(
                .manifestUnreadable,
                "\(path) has run file version \(runFileVersion), this cdrx reads "
                    + "\(Self.version); use the version that wrote it")
        }
    }

    /// `<sequence>-<run id>.json`, the sequence in eight digits.
    public var name: String {
        let digits = String(sequence)
        let padding = String(repeating: "0", count: max(8 - digits.count, 0))
        return "\(padding)\(digits)-\(runID).json"
    }

    /// The sequence in a file's ``name``; nil for other names.
    static func sequence(inName name: String) -> Int? {
        guard name.hasSuffix(".json"), let dash = name.firstIndex(of: "-") else { return nil }
        return Int(name[..<dash])
    }

    /// The file's bytes.
    public var json: [UInt8] {
        JSONNode.object([
            ("run_file_version", .integer(runFileVersion)), ("sequence", .integer(sequence)),
            ("run_id", .text(runID)), ("pipeline", .text(pipeline)),
            ("started_at", startedAt.json), ("finished_at", finishedAt.json),
            ("tool", .text(tool)),
            ("merged_from", mergedFrom.map { .list($0.map { .text($0) }) } ?? .null),
            ("partitions", .list(partitions.map(\.json))),
        ]).prettyPrinted
    }
}

/// A partition of a run file.
public struct RunPartition: Codable, Hashable, Sendable {
    public var stream: String
    public var endpoint: String
    /// nil for a partition of all accounts, or of those of a bucket.
    public var account: String?
    /// Counts from 0; nil but for a partition of a bucket's accounts.
    public var bucket: Int?
    /// ``WindowKey/description``
    public var window: String
    /// Relative to the export's root.
    public var directory: String
    public var rows: Int
    public var rejects: Int
    /// Whether every account of the partition is in it.
    public var complete: Bool
    /// Accounts that are in it.
    public var accountCount: Int
    /// Names of those that are not, sorted.
    public var missing: [String]
    /// False where the content was there already.
    public var changed: Bool
    public var columns: [ManifestColumn]
    /// ``Manifest/schemaSHA256``
    public var schemaSHA256: String
    /// ``Manifest/contentSHA256``
    public var contentSHA256: String
    /// Paths are relative to ``directory``.
    public var files: [ManifestFile]

    enum CodingKeys: String, CodingKey {
        case stream, endpoint, account, bucket, window, directory, rows, rejects, complete
        case accountCount = "account_count"
        case missing, changed, columns
        case schemaSHA256 = "schema_sha256"
        case contentSHA256 = "content_sha256"
        case files
    }

    public init(_ partition: PublishedPartition) {
        self.init(
            partition.manifest, directory: partition.location.relativePath,
            changed: partition.changed)
    }

    /// - Parameters:
    ///   - directory: relative to the export's root.
    ///   - changed: false where the content was there already.
    public init(_ manifest: Manifest, directory: String, changed: Bool) {
        stream = manifest.stream
        endpoint = manifest.endpoint
        let isOfAccount = PartitionLocation.isOfAccount(directory)
        account = isOfAccount ? manifest.accounts.first?.account : nil
        bucket = manifest.bucket?.index
        window = manifest.window.key
        self.directory = directory
        rows = manifest.rows
        rejects = manifest.rejects
        complete = manifest.complete
        missing = manifest.accounts.filter { $0.state == .missing }.map(\.account)
        accountCount = manifest.accounts.count - missing.count
        self.changed = changed
        columns = manifest.columns
        schemaSHA256 = manifest.schemaSHA256
        contentSHA256 = manifest.contentSHA256
        files = manifest.files
    }

    fileprivate var json: JSONNode {
        .object([
            ("stream", .text(stream)), ("endpoint", .text(endpoint)),
            ("account", .optional(account)), ("bucket", bucket.map { .integer($0) } ?? .null),
            ("window", .text(window)),
            ("directory", .text(directory)), ("rows", .integer(rows)),
            ("rejects", .integer(rejects)), ("complete", .bool(complete)),
            ("account_count", .integer(accountCount)),
            ("missing", .list(missing.map { .text($0) })), ("changed", .bool(changed)),
            ("columns", .list(columns.map(\.json))), ("schema_sha256", .text(schemaSHA256)),
            ("content_sha256", .text(contentSHA256)),
            ("files", .list(files.map(\.json))),
        ])
    }
}
