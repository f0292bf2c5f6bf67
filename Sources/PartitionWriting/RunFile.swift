public import ExportModel
import Foundation

/// What a run published: the file `_runs/<run id>.json` tells a loader what to load now.
public struct RunFile: Codable, Hashable, Sendable {
    static let directoryName = "_runs"

    public var runID: String
    public var pipeline: String
    public var startedAt: ManifestTime
    public var finishedAt: ManifestTime
    /// `cdrx/<version>`
    public var tool: String
    /// In the order they were published, or any other that is stable.
    public var partitions: [RunPartition]

    enum CodingKeys: String, CodingKey {
        case runID = "run_id"
        case pipeline
        case startedAt = "started_at"
        case finishedAt = "finished_at"
        case tool, partitions
    }

    public init(
        runID: String, pipeline: String, startedAt: Timestamp, finishedAt: Timestamp, tool: String,
        partitions: [RunPartition]
    ) {
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
    }

    /// The file's bytes.
    public var json: [UInt8] {
        JSONNode.object([
            ("run_id", .text(runID)), ("pipeline", .text(pipeline)),
            ("started_at", startedAt.json), ("finished_at", finishedAt.json),
            ("tool", .text(tool)), ("partitions", .list(partitions.map(\.json))),
        ]).prettyPrinted
    }
}

/// A partition of a run file.
public struct RunPartition: Codable, Hashable, Sendable {
    public var stream: String
    public var account: String
    /// ``WindowKey/description``
    public var window: String
    /// Relative to the export's root.
    public var directory: String
    public var rows: Int
    public var rejects: Int
    /// False where the content was there already.
    public var changed: Bool
    /// Paths are relative to ``directory``.
    public var files: [ManifestFile]

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
        account = manifest.account
        window = manifest.window.key
        self.directory = directory
        rows = manifest.rows
        rejects = manifest.rejects
        self.changed = changed
        files = manifest.files
    }

    fileprivate var json: JSONNode {
        .object([
            ("stream", .text(stream)), ("account", .text(account)), ("window", .text(window)),
            ("directory", .text(directory)), ("rows", .integer(rows)),
            ("rejects", .integer(rejects)), ("changed", .bool(changed)),
            ("files", .list(files.map(\.json))),
        ])
    }
}
