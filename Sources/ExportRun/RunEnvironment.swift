public import BoundedDispatch
public import Extraction
public import FileSystem

/// All that a run takes from outside, so that tests decide it.
public struct RunEnvironment: Sendable {
    /// Clock and randomness.
    public var clock: ExtractionEnvironment
    /// Sends requests; shared by all lanes.
    public var transport: any Transport
    /// Holds the partitions.
    public var disk: any Disk
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

    public init(
        clock: ExtractionEnvironment, transport: any Transport, disk: any Disk,
        hostName: String, processID: Int32, tool: String, meter: RunMeter = RunMeter(),
        leastLevel: RunEvent.Level = .error,
        onEvent: @escaping @Sendable (RunEvent) -> Void = { _ in },
        onReaching: @escaping @Sendable (CrashPoint) -> Void = { _ in }
    ) {
        self.clock = clock
        self.transport = transport
        self.disk = disk
        self.hostName = hostName
        self.processID = processID
        self.tool = tool
        self.meter = meter
        self.leastLevel = leastLevel
        self.onEvent = onEvent
        self.onReaching = onReaching
    }
}
