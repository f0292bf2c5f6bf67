public import BoundedDispatch
public import ExportModel
public import Extraction
public import FileSystem
public import ObjectStorage

/// All that a run takes from outside, so that tests decide it.
public struct RunEnvironment: Sendable {
    /// Clock and randomness.
    public var clock: ExtractionEnvironment
    /// Sends requests; shared by all lanes.
    public var transport: any Transport
    /// Holds the partitions, and what is staged for an object store.
    public var disk: any Disk
    /// See ``ObjectPartitionStore/MakeStore``.
    public var makeObjectStore: MakeObjectStore
    /// Named to whoever finds the ledger held.
    public var hostName: String
    /// Named to whoever finds the ledger held.
    public var processID: Int32
    /// `cdrx/<version>`, for manifests and the `User-Agent`.
    public var tool: String
    /// Counts what happens.
    public var meter: RunMeter
    /// Events below it are not made.
    public var leastLevel: RunEvent.Level
    /// Called for everything that happens, on the thread on which it does, many at once; it must
    /// not wait.
    public var onEvent: @Sendable (RunEvent) -> Void
    /// Called at every crash point, on the thread that reached it; for tests.
    public var onReaching: @Sendable (CrashPoint) -> Void
    /// Has a run use the calling thread alone, for tests that run it again; nil: lanes.
    public var schedule: LaneSchedule?

    /// See ``makeObjectStore``.
    public typealias MakeObjectStore =
        @Sendable (ObjectStoreLocation, StopToken) throws(ObjectStorageError) ->
        @Sendable (ETagQuoting) -> any ObjectStore

    public init(
        clock: ExtractionEnvironment, transport: any Transport, disk: any Disk,
        makeObjectStore: @escaping MakeObjectStore = { location, _ throws(ObjectStorageError) in
            throw ObjectStorageError(.refused, "\(location.uri): nothing here speaks to stores")
        },
        hostName: String, processID: Int32, tool: String, meter: RunMeter = RunMeter(),
        leastLevel: RunEvent.Level = .error,
        onEvent: @escaping @Sendable (RunEvent) -> Void = { _ in },
        onReaching: @escaping @Sendable (CrashPoint) -> Void = { _ in }
    ) {
        self.clock = clock
        self.transport = transport
        self.disk = disk
        self.makeObjectStore = makeObjectStore
        self.hostName = hostName
        self.processID = processID
        self.tool = tool
        self.meter = meter
        self.leastLevel = leastLevel
        self.onEvent = onEvent
        self.onReaching = onReaching
    }
}
