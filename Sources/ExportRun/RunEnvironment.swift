public import BoundedDispatch
public import Extraction
public import FileSystem
public import Logging

/// All that a run takes from outside, so that tests decide it.
public struct RunEnvironment: Sendable {
    /// Clock and randomness.
    public var clock: ExtractionEnvironment
    /// Sends requests; shared by all lanes.
    public var transport: any Transport
    /// Holds the partitions.
    public var disk: any Disk
    /// Gets what people should know besides the report.
    public var logger: Logger
    /// Named to whoever finds the ledger held.
    public var hostName: String
    /// Named to whoever finds the ledger held.
    public var processID: Int32
    /// `cdrx/<version>`, for manifests and the `User-Agent`.
    public var tool: String
    /// Called after every window, on the thread that started the run.
    public var onWindow: @Sendable (_ done: Int, _ all: Int, _ result: WindowResult) -> Void
    /// Called at every crash point, on the thread that reached it; for tests.
    public var onReaching: @Sendable (CrashPoint) -> Void
    /// Has a run use the calling thread alone, for tests that run it again; nil: lanes.
    public var schedule: LaneSchedule?

    public init(
        clock: ExtractionEnvironment, transport: any Transport, disk: any Disk,
        logger: Logger, hostName: String, processID: Int32, tool: String,
        onWindow: @escaping @Sendable (_ done: Int, _ all: Int, _ result: WindowResult) -> Void,
        onReaching: @escaping @Sendable (CrashPoint) -> Void = { _ in }
    ) {
        self.clock = clock
        self.transport = transport
        self.disk = disk
        self.logger = logger
        self.hostName = hostName
        self.processID = processID
        self.tool = tool
        self.onWindow = onWindow
        self.onReaching = onReaching
    }
}
