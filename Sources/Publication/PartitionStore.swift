public import ExportModel

/// Where partitions are published: a local directory or an object store.
///
/// Nothing but a store knows how a version becomes visible. Called from any thread, for one
/// location by one thread at a time. For each version: ``makeStaging(for:runID:)``, files are
/// written into ``Staging/directory``, then ``publish(_:from:at:rewriting:)`` or ``discard(_:)``.
public protocol PartitionStore: Sendable {
    /// An empty local directory for the files of one version.
    func makeStaging(
        for location: PartitionLocation, runID: String
    ) throws(PartitionError) -> Staging

    /// The manifest that readers see now; nil where nothing stands there, or nothing readable.
    ///
    /// - Throws: where that cannot be said now.
    func standingManifest(at location: PartitionLocation) throws(PartitionError) -> Manifest?

    /// The manifest in a directory below the output.
    ///
    /// - Throws: ``PartitionError/Code/storageMissing``,
    ///   ``PartitionError/Code/manifestUnreadable``, or what may pass.
    func manifest(in directory: String) throws(PartitionError) -> Manifest

    /// Makes the staged files the version that readers see, unless the standing one has the same
    /// content and is whole. Until it returns, they see the version before; from then on the new
    /// one, also after a power loss.
    ///
    /// - Parameter rewriting: whether a standing one of the same content is replaced too.
    func publish(
        _ manifest: Manifest, from staging: Staging, at location: PartitionLocation,
        rewriting: Bool
    ) throws(PartitionError) -> StandingVersion

    /// Removes what is left of a staging.
    func discard(_ staging: Staging) throws(PartitionError)

    /// The runs of the pipeline that left something in staging.
    func stagedRuns() throws(PartitionError) -> Set<String>

    /// Removes what these runs left in staging, and ends publications that a crash interrupted.
    func recover(_ runs: Set<String>) throws(PartitionError) -> [RecoveredStaging]

    /// Makes a run file durable, in one step.
    ///
    /// - Returns: where it stands.
    func writeRunFile(_ file: RunFile) throws(PartitionError) -> String

    /// Names of all run files.
    func runFileNames() throws(PartitionError) -> [String]

    /// Says whose partitions stand there.
    var owners: any PartitionOwners { get }
}

/// Which pipelines published what stands in an output.
public protocol PartitionOwners: Sendable {
    /// The pipeline of the partition at a location; nil where there is none, none that can be
    /// read, or where the store looks only when it publishes, to spare a request a window.
    func pipeline(at location: PartitionLocation) throws(PartitionError) -> String?

    /// The pipeline of a partition of a location's stream and, where accounts have partitions of
    /// their own, of its account.
    func pipeline(beside location: PartitionLocation) throws(PartitionError) -> String?

    /// A partition of the location's stream in another layout: of an account where the location is
    /// that of several, of a bucket where it is not, or the other way round. nil if there is none.
    func otherLayout(
        beside location: PartitionLocation
    ) throws(PartitionError) -> FoundPartition?

    /// A partition of the location's window whose accounts are divided in another way than among
    /// `count` buckets.
    func otherBuckets(
        of location: PartitionLocation, count: Int
    ) throws(PartitionError) -> FoundPartition?
}

/// A partition that stands in an output.
public struct FoundPartition: Hashable, Sendable {
    public var path: String
    public var layout: PartitionLayout
    /// How many the accounts of its window are dealt into; 1 for a partition of no bucket.
    public var buckets: Int
}

/// What readers see after a publication.
public struct StandingVersion: Sendable {
    public var manifest: Manifest
    /// How it became visible; nil where it stood before.
    public var way: PublicationWay?
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
    /// Parts were overwritten one by one, then the manifest that names their versions.
    case committed
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
