public import BoundedDispatch
import ExportModel
public import FileSystem
public import ObjectStorage

/// Partitions in an object store. What is staged lies in a local directory.
///
/// ``open(_:)`` comes before the first publication, ``close()`` after the last.
public final class ObjectPartitionStore: PartitionStore {
    /// Makes a client of the store, whose requests end when a token stops: one for each way to
    /// write ETags.
    public typealias MakeStore =
        @Sendable (StopToken) throws(ObjectStorageError) ->
        @Sendable (ETagQuoting) ->
        any ObjectStore

    /// What ``open(_:)`` learned.
    public struct Opening: Sendable {
        public var conditions: WriteConditions
        /// Held the lease before, and is gone without having released it.
        public var formerHolder: LeaseHolder?
    }

    private struct Session {
        /// Ends with the run.
        var stoppable: KnownStore
        var unstoppable: KnownStore
        var lease: StoreLease?
    }

    private let pipeline: String
    /// What ends with the run: a stop must not wait for uploads.
    private let stoppables: @Sendable (ETagQuoting) -> any ObjectStore
    private let makeStore: MakeStore
    private let staging: DirectoryStore
    private let files: Files<PartitionError>
    private let session = Guarded<Session?>(nil)

    /// - Parameters:
    ///   - pipeline: the name of the pipeline; what others published is not overwritten.
    ///   - stateDirectory: local; holds what is staged.
    ///   - stop: ends publications; leases and run files do not end with it.
    public init(
        pipeline: String, stateDirectory: String, disk: any Disk, stop: StopToken,
        makeStore: @escaping MakeStore
    ) throws(PartitionError) {
        self.pipeline = pipeline
        self.makeStore = makeStore
        stoppables = try asking(try makeStore(stop))
        staging = DirectoryStore(root: stateDirectory, pipeline: pipeline, disk: disk)
        files = Files(disk)
    }

    /// For what needs no condition.
    private var stoppable: any ObjectStore { stoppables(.quoted) }

    // MARK: - Lease

    /// Takes the lease.
    ///
    /// - Throws: ``PartitionError/Code/leaseHeld``, and what the store says.
    public func open(_ request: LeaseRequest) throws(PartitionError) -> Opening {
        var contest = LeaseContest(request, try asking(try makeStore(StopToken())))
        let outcome = try contest.run()
        var stoppable = outcome.known
        stoppable.store = stoppables(outcome.quoting)
        let opened = Session(
            stoppable: stoppable, unstoppable: outcome.known, lease: outcome.lease)
        session.withLock { $0 = opened }
        return Opening(
            conditions: outcome.known.conditions, formerHolder: outcome.formerHolder)
    }

    /// Renews the lease; to be called every ``StoreLease/beatMilliseconds``.
    public func beat() {
        session.withLock { $0?.lease }?.beat()
    }

    /// Releases the lease, so that another run may begin at once.
    public func close() throws(PartitionError) {
        try session.withLock { $0?.lease }?.release()
    }

    // MARK: - PartitionStore

    public func makeStaging(
        for location: PartitionLocation, runID: String
    ) throws(PartitionError) -> Staging {
        try staging.makeStaging(for: location, runID: runID)
    }

    public func standingManifest(at location: PartitionLocation) throws(PartitionError) -> Manifest?
    {
        try StandingObjects.manifest(in: location.relativePath, of: stoppable)?.manifest
    }

    public func manifest(in directory: String) throws(PartitionError) -> Manifest {
        try ObjectStoreOutput(stoppable).manifest(in: directory)
    }

    public func publish(
        _ manifest: Manifest, from staging: Staging, at location: PartitionLocation,
        rewriting: Bool
    ) throws(PartitionError) -> StandingVersion {
        let session = opened()
        return try ObjectPublication(
            known: session.stoppable, lease: session.lease, pipeline: pipeline, manifest: manifest,
            staging: staging, directory: location.relativePath, files: files
        ).publish(rewriting: rewriting)
    }

    public func discard(_ staging: Staging) throws(PartitionError) {
        try self.staging.discard(staging)
    }

    public func stagedRuns() throws(PartitionError) -> Set<String> {
        try staging.stagedRuns()
    }

    public func recover(_ runs: Set<String>) throws(PartitionError) -> [RecoveredStaging] {
        try staging.recover(runs)
    }

    /// A run file has a name of its own, so that whatever stands there is this one; an attempt of a
    /// run that was killed lists the same partitions.
    public func writeRunFile(_ file: RunFile) throws(PartitionError) -> String {
        var known = opened().unstoppable
        if known.conditions == .full { known.conditions = .absentOnly }
        let key = "\(RunFile.directoryName)/\(file.name)"
        _ = try asking(try known.put(.bytes(file.json), at: key, replacing: nil))
        return "\(known.store.uri)/\(key)"
    }

    private func opened() -> Session {
        guard let session = session.withLock({ $0 }) else {
            preconditionFailure("the store was not opened")
        }
        return session
    }

    public func runFileNames() throws(PartitionError) -> [String] {
        let prefix = RunFile.directoryName + "/"
        return try asking(try KnownStore(store: stoppable).list(prefix, isFlat: true))
            .map { String($0.key.dropFirst(prefix.utf8.count)) }
    }

    public var owners: any PartitionOwners { ObjectOwners(store: stoppable) }
}
