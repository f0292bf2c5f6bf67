public import ExportModel

/// How a run stands.
public enum RunStatus: String, CaseIterable, Codable, Sendable {
    case running
    /// Every window is complete.
    case complete
    /// Some window is not complete.
    case incomplete
    /// Stopped by a signal; the next run resumes.
    case interrupted
    /// The process was killed, or lost its power.
    case abandoned
}

/// What became of the windows of a run.
public struct RunTotals: Hashable, Sendable {
    /// Account windows of its plan that it came to.
    public var windows = 0
    public var complete = 0
    public var failed = 0
    /// Rows of the partitions that it published, changed or not.
    public var rows = 0

    public init() {}
}

/// One run as the ledger remembers it.
public struct RunRecord: Hashable, Sendable {
    /// Counts the ledger's runs from 1, in the order they began; 0 before ``Ledger/beginRun(_:after:)``.
    public var sequence = 0
    public var runID: String
    public var pipeline: String
    /// As it was called, without secrets: `run`, `backfill --from … --to …`.
    public var command: String
    public var startedAt: Timestamp
    /// nil while it runs.
    public var finishedAt: Timestamp?
    public var status: RunStatus
    /// Name and version of the program.
    public var tool: String
    public var host: String
    public var processID: Int32
    /// What became of its windows; nil before its end, and for ever if its process died.
    public var totals: RunTotals?
    /// Whether its run file is not known to be on disk.
    public var owesRunFile = true
    /// What it asked its providers for; nil before its end, and for ever if its process died.
    public var traffic: RequestTraffic?

    public init(
        runID: String, pipeline: String, command: String, startedAt: Timestamp,
        finishedAt: Timestamp? = nil, status: RunStatus = .running, tool: String, host: String,
        processID: Int32
    ) {
        self.runID = runID
        self.pipeline = pipeline
        self.command = command
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.status = status
        self.tool = tool
        self.host = host
        self.processID = processID
    }
}
