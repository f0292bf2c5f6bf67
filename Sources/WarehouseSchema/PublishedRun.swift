public import ExportModel
public import PartitionWriting

/// What a run published of a stream, as it stands on disk now.
public struct PublishedRun: Sendable {
    public let runID: String
    /// In the run file's order.
    public let partitions: [LoadPartition]
    /// What a reader of the statements should know: partitions that a later run replaced.
    public let notes: [String]

    /// Reads a run file and the manifests of its partitions.
    ///
    /// - Parameters:
    ///   - pipeline: `output.path` is where its run files lie.
    ///   - runID: nil: the pipeline's last run.
    ///   - location: where a warehouse reaches `output.path`: an absolute path or URI.
    /// - Throws: ``WarehouseError/Code/runUnknown``, ``WarehouseError/Code/runUnreadable``,
    ///   ``WarehouseError/Code/publishedDiffers``
    public init(
        of stream: ExportModel.Stream, in pipeline: Pipeline, runID: String?, location: String,
        fileSystem: any FileSystem
    ) throws(WarehouseError) {
        let root = pipeline.output.path
        let file = try Self.runFile(
            runID, pipeline: pipeline.name, root: root, fileSystem: fileSystem)
        let verifier = PartitionVerifier(fileSystem: fileSystem)
        let schema = stream.columns.schema.sha256
        var partitions: [LoadPartition] = []
        var notes: [String] = []
        for partition in file.partitions where partition.stream == stream.name {
            let manifest = try reading { () throws(PartitionError) in
                try verifier.manifest(in: root + "/" + partition.directory)
            }
            guard manifest.schemaSHA256 == schema,
                manifest.files.allSatisfy({ $0.path.hasSuffix(pipeline.output.fileSuffix) })
            else {
                throw WarehouseError(
                    .publishedDiffers,
                    "\(root)/\(partition.directory) has other columns or another format than the "
                        + "pipeline file asks for now; export it again with backfill --force")
            }
            if manifest.files != partition.files {
                notes.append(
                    "\(partition.directory) was replaced by run \(manifest.runID) since; the "
                        + "statements load what stands there now")
            }
            partitions.append(
                LoadPartition(
                    account: manifest.account, window: manifest.window.key,
                    directory: location + "/" + partition.directory,
                    files: manifest.files.map(\.path)))
        }
        self.runID = file.runID
        self.partitions = partitions
        self.notes = notes
    }

    private static func runFile(
        _ runID: String?, pipeline: String, root: String, fileSystem: any FileSystem
    ) throws(WarehouseError) -> RunFile {
        let directory = root + "/_runs"
        guard
            try reading({ () throws(PartitionError) in try fileSystem.status(of: directory) })
                != nil
        else {
            throw WarehouseError(
                .runUnknown, "\(directory) is not there: nothing was published yet; run first")
        }
        let names = try reading { () throws(PartitionError) in try fileSystem.list(directory) }
        if let runID {
            guard names.contains(runID + ".json") else {
                throw WarehouseError(
                    .runUnknown, "\(directory) has no run \(runID); choose one of its files")
            }
            return try read(directory + "/\(runID).json", fileSystem)
        }
        var last: RunFile?
        for name in names where name.hasSuffix(".json") {
            let file = try read(directory + "/" + name, fileSystem)
            guard file.pipeline == pipeline else { continue }
            if let known = last, known.order >= file.order { continue }
            last = file
        }
        guard let last else {
            throw WarehouseError(
                .runUnknown, "\(directory) has no run of pipeline \(pipeline); run it first")
        }
        return last
    }

    private static func read(
        _ path: String, _ fileSystem: any FileSystem
    ) throws(WarehouseError) -> RunFile {
        try reading { () throws(PartitionError) in
            var bytes: [UInt8] = []
            try fileSystem.readFile(at: path) { bytes.append(contentsOf: $0) }
            return try RunFile(json: bytes, path: path)
        }
    }
}

extension RunFile {
    /// Runs of one pipeline never overlap.
    fileprivate var order: (Int64, Int64, String) {
        (startedAt.moment.epochMilliseconds, finishedAt.moment.epochMilliseconds, runID)
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

private func reading<Value>(
    _ body: () throws(PartitionError) -> Value
) throws(WarehouseError) -> Value {
    do {
        return try body()
    } catch {
        throw WarehouseError(.runUnreadable, error.message, cause: error)
    }
}
