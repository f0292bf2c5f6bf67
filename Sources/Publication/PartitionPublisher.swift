public import FileSystem

/// Publishes the partitions of one run.
///
/// A partition goes through types that allow only the next step: ``stage(_:)`` →
/// ``StagedPartition`` (files are written) → ``StagedPartition/prepare(_:)`` →
/// ``PreparedPartition`` (durable, read back, manifest written) →
/// ``PreparedPartition/publish(rewriting:)`` → ``PublishedPartition``. Nothing is visible before
/// the last step. May be used by many threads, each with partitions of its own.
public struct PartitionPublisher: Sendable {
    public let runID: String
    /// `cdrx/<version>`
    public let tool: String
    public let store: any PartitionStore
    private let files: Files<PartitionError>

    /// - Parameters:
    ///   - store: holds the partitions.
    ///   - runID: unique; a part of file names.
    ///   - tool: `cdrx/<version>`
    ///   - disk: holds what is staged.
    public init(_ store: any PartitionStore, runID: String, tool: String, disk: any Disk) {
        self.store = store
        self.runID = runID
        self.tool = tool
        files = Files(disk)
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

    /// Begins a new version of a partition.
    public func stage(_ location: PartitionLocation) throws(PartitionError) -> StagedPartition {
        try StagedPartition(at: location, runID: runID, store: store, files: files)
    }

    /// The manifest of a partition that readers see now; nil where there is none, or none that can
    /// be read.
    ///
    /// - Throws: where that cannot be said now.
    public func standingManifest(at location: PartitionLocation) throws(PartitionError) -> Manifest?
    {
        try store.standingManifest(at: location)
    }

    /// Writes a run file, replacing an earlier one of the same run; it is durable when the
    /// call returns.
    ///
    /// - Returns: where it stands.
    @discardableResult
    public func write(_ file: RunFile) throws(PartitionError) -> String {
        try store.writeRunFile(file)
    }
}
