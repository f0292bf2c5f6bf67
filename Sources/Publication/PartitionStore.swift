/// Where partitions are published: a local directory now, an object store later.
///
/// Nothing but a store knows how a version becomes visible. Called from any thread, for one
/// location by one thread at a time. For each version: ``makeStaging(for:runID:)``, files are
/// written into ``Staging/directory``, then ``publish(_:at:)`` or ``discard(_:)``.
public protocol PartitionStore: Sendable {
    /// An empty local directory for the files of one version.
    func makeStaging(
        for location: PartitionLocation, runID: String
    ) throws(PartitionError) -> Staging

    /// The manifest that readers see now, if it describes the same content as `manifest` and all
    /// its files really are there and whole; it is durable then. nil otherwise.
    func unchangedManifest(
        _ manifest: Manifest, at location: PartitionLocation
    ) throws(PartitionError) -> Manifest?

    /// The manifest that readers see now; nil where nothing stands there, or nothing readable.
    func standingManifest(at location: PartitionLocation) -> Manifest?

    /// Makes the staged files the version that readers see. Until it returns, they see the version
    /// before; from then on the new one, also after a power loss.
    ///
    /// - Parameter accounts: those it holds. What manifest version 1 had of them is taken away
    ///   before, so that no reader counts a row twice; a crash may leave neither.
    func publish(
        _ staging: Staging, at location: PartitionLocation, holding accounts: [String]
    ) throws(PartitionError) -> PublicationWay

    /// Removes what is left of a staging.
    func discard(_ staging: Staging) throws(PartitionError)

    /// The runs of the pipeline that left something in staging.
    func stagedRuns() throws(PartitionError) -> Set<String>

    /// Removes what these runs left in staging, and ends publications that a crash interrupted.
    func recover(_ runs: Set<String>) throws(PartitionError) -> [RecoveredStaging]
}

/// A directory in which one version is built.
public struct Staging: Hashable, Sendable {
    /// Holds the files of the version and nothing else.
    public var directory: String
}

/// How a version became visible.
public enum PublicationWay: String, CaseIterable, Sendable {
    /// Nothing stood there before.
    case first
    /// One atomic step.
    case exchanged
    /// The file system cannot exchange: for a moment readers saw no version.
    case twoRenames = "two_renames"
}

/// What became of a staging that an earlier run left.
public struct RecoveredStaging: Hashable, Sendable {
    public enum Outcome: String, CaseIterable, Sendable {
        /// It was not published and is gone.
        case removed
        /// Its interrupted publication was ended.
        case finished
        /// Its interrupted publication was taken back.
        case undone
    }

    public var outcome: Outcome
    /// The staging's directory; for `finished` and `undone` the partition's.
    public var path: String

    /// What the log should say.
    public var note: String {
        switch outcome {
        case .removed: "removed what an interrupted run left at \(path)"
        case .finished: "finished the interrupted publication of \(path)"
        case .undone:
            "undid the interrupted publication of \(path); its former version stands again"
        }
    }
}
