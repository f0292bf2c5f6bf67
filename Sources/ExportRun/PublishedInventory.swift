import ExportModel
import Publication
import RunLedger
import WarehouseSchema

/// The version of a partition that stands published.
public struct PublishedVersion: Hashable, Sendable {
    public var name: PartitionName
    /// Another one whenever other content was published.
    public var version: Int
    public var rows: Int
    /// Relative to the output path.
    public var directory: String
    /// Accounts that failed, so that it lacks their rows.
    public var missingCount = 0
}

/// The partitions of a pipeline that the ledger says are published and that stand in the output.
struct PublishedInventory: Sendable {
    /// By stream, start and account; request lists come first.
    private(set) var versions: [PublishedVersion] = []
    /// Partitions that were published and whose directories are gone.
    private(set) var notes: [String] = []
    private var outcomes: [PartitionName: PartitionOutcome] = [:]

    /// Nothing was published.
    init() {}

    /// - Throws: `output_missing` where the whole output is gone: a disk that is not mounted must
    ///   not empty a warehouse.
    init(
        of pipeline: Pipeline, in ledger: Ledger, _ output: any PublishedOutput
    ) throws(ExportError) {
        let partitions = try storing(try ledger.partitions(pipeline: pipeline.name))
        let directories = partitions.map(\.published.directory)
        let standing = try publishing(try output.standing(among: directories))
        for partition in partitions {
            let published = partition.published
            let name = PartitionName(partition.identity)
            guard standing.contains(published.directory) else {
                notes.append(
                    "\(name): it was published, but \(output.name(of: published.directory)) is gone"
                )
                continue
            }
            outcomes[name] = published
            versions.append(
                PublishedVersion(
                    name: name, version: published.version, rows: published.rows,
                    directory: published.directory, missingCount: published.missingCount))
        }
        // A killed run leaves partitions without `_runs`, a disk that is not mounted has neither.
        if versions.isEmpty, !notes.isEmpty { try Self.checkRoot(output) }
    }

    /// A step as a warehouse takes it. The files of the partition are read and compared with its
    /// manifest, and that with the ledger.
    ///
    /// - Throws: `published_differs`.
    func partition(
        _ step: LoadStep, of stream: ExportModel.Stream, in pipeline: Pipeline,
        _ output: any PublishedOutput, at location: String
    ) throws(ExportError) -> LoadPartition {
        var partition = LoadPartition(
            account: step.name.account ?? LoadPartition.allAccounts, window: step.name.window,
            directory: "", files: [], rows: 0, runID: "")
        guard let published = step.published, let outcome = outcomes[step.name] else {
            return partition
        }
        let directory = output.name(of: published.directory)
        let found = try publishing(
            try PartitionVerifier(output).examine(at: published.directory))
        if let finding = found.findings.first {
            throw Self.differs(step.name, "\(finding.path): \(finding.message)")
        }
        guard let manifest = found.manifest else {
            preconditionFailure("a manifest that cannot be read is a finding")
        }
        guard outcome.holds(manifest) else {
            throw Self.differs(
                step.name,
                "\(directory) holds what run \(manifest.runID) published "
                    + "(\(manifest.rows) rows), the ledger recorded other content "
                    + "(\(outcome.rows) rows)")
        }
        guard manifest.schemaSHA256 == stream.columns.schema.sha256,
            manifest.files.allSatisfy({ $0.path.hasSuffix(pipeline.output.fileSuffix) })
        else {
            throw Self.differs(
                step.name,
                "\(directory) has other columns or another format than the pipeline "
                    + "file asks for now")
        }
        partition.directory = location + "/" + published.directory
        partition.files = manifest.files.map(\.path)
        partition.rows = manifest.rows
        partition.runID = manifest.runID
        return partition
    }

    private static func checkRoot(_ output: any PublishedOutput) throws(ExportError) {
        let runs = "_runs"
        guard try publishing(try output.directory(at: runs)) == nil else { return }
        throw ExportError(
            .storage, code: .outputMissing,
            message:
                "\(output.name(of: runs)) is not there, although the ledger knows of published "
                + "partitions; check that the output is mounted, or name its place with --out")
    }

    private static func differs(_ name: PartitionName, _ what: String) -> ExportError {
        ExportError(
            .storage, code: .publishedDiffers,
            message: "\(name): \(what); cdrx run finishes a window whose run was killed, else "
                + "export it again with backfill --force; then load")
    }
}

extension OutputOptions {
    /// How names of parts end.
    fileprivate var fileSuffix: String {
        let stem = "." + format.rawValue
        if format == .parquet { return stem }
        return switch compression {
        case .gzip: stem + ".gz"
        case .zstd: stem + ".zst"
        case .none: stem
        }
    }
}
