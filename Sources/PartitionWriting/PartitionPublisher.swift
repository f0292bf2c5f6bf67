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

    /// The runs of the pipeline that left something in staging.
    public func stagedRuns() throws(PartitionError) -> Set<String> {
        try store.stagedRuns()
    }

    /// Removes what earlier runs left in staging, and ends publications that a crash interrupted.
    /// To be called before the first window.
    ///
    /// - Parameter runs: whose processes are known to be gone; stagings of others stay.
    public func recoverStaging(of runs: Set<String>) throws(PartitionError) -> [RecoveredStaging] {
        try store.recover(runs)
    }

    /// The highest sequence among the run files; 0 where there are none.
    public func newestRunSequence() throws(PartitionError) -> Int {
        try store.runFileNames().compactMap(RunFile.sequence(inName:)).max() ?? 0
    }

    /// Begins a new version of a window's partition.
    ///
    /// - Parameter defersCompression: see ``StagedPartition/takeCompressionJobs()``.
    /// - Throws: ``PartitionError/Code/formatUnknown``, or storage errors.
    public func stage(
        _ description: PartitionDescription, defersCompression: Bool = false
    ) throws(PartitionError) -> StagedPartition {
        try StagedPartition(
            description, options: options, run: run, store: store, fileSystem: fileSystem,
            defersCompression: defersCompression)
    }

    /// The manifest of a window's partition that readers see now; nil where there is none, or none
    /// that can be read.
    public func standingManifest(of description: PartitionDescription) -> Manifest? {
        store.standingManifest(
            at: PartitionLocation(
                stream: description.stream, account: description.account,
                window: description.window.key))
    }

    /// Writes a run file, replacing an earlier one of the same run; it is on disk when the call
    /// returns.
    ///
    /// - Returns: its path.
    @discardableResult
    public func write(_ file: RunFile) throws(PartitionError) -> String {
        try store.writeRunFile(file)
    }
}

/// Which run writes, for manifests and names of stagings.
struct RunIdentity: Hashable, Sendable {
    var id: String
    /// `cdrx/<version>`
    var tool: String
}
