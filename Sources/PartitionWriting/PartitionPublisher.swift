public import ExportModel

/// Publishes the partitions of one run.
///
/// A window goes through types that allow only the next step: ``stage(_:)`` →
/// ``StagedPartition`` (rows and rejects are appended) → ``StagedPartition/prepare(_:)`` →
/// ``PreparedPartition`` (durable, read back, manifest written) → ``PreparedPartition/publish()``
/// → ``PublishedPartition``. Nothing is visible before the last step. May be used by many threads,
/// each with windows of its own.
public struct PartitionPublisher: Sendable {
    private let options: OutputOptions
    private let run: RunIdentity
    private let store: DirectoryStore
    private let fileSystem: any FileSystem

    /// - Parameters:
    ///   - options: `path` is the export's root.
    ///   - pipeline: name of the pipeline.
    ///   - runID: unique; a part of file names.
    ///   - tool: `cdrx/<version>`
    public init(
        options: OutputOptions, pipeline: String, runID: String, tool: String,
        fileSystem: any FileSystem = SystemFileSystem()
    ) {
        self.options = options
        run = RunIdentity(id: runID, tool: tool)
        store = DirectoryStore(root: options.path, pipeline: pipeline, fileSystem: fileSystem)
        self.fileSystem = fileSystem
    }

    /// Removes what earlier runs of the pipeline left in staging, and ends publications that a
    /// crash interrupted. To be called before the first window, under the ledger's lock.
    public func recoverStaging() throws(PartitionError) -> [RecoveredStaging] {
        try store.recover()
    }

    /// Begins a new version of a window's partition.
    ///
    /// - Throws: ``PartitionError/Code/formatUnknown``, or storage errors.
    public func stage(
        _ description: PartitionDescription
    ) throws(PartitionError) -> StagedPartition {
        try StagedPartition(
            description, options: options, run: run, store: store, fileSystem: fileSystem)
    }

    /// Writes `_runs/<run id>.json`, replacing an earlier one of the same run.
    public func write(_ file: RunFile) throws(PartitionError) {
        try store.writeRunFile(file.json, name: file.runID + ".json")
    }
}

/// Which run writes, for manifests and names of stagings.
struct RunIdentity: Hashable, Sendable {
    var id: String
    /// `cdrx/<version>`
    var tool: String
}
