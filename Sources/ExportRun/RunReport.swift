public import ExportModel
public import Planning
public import RunLedger

/// What became of one window.
public struct WindowResult: Sendable {
    /// How the window ended.
    public enum Status: String, CaseIterable, Sendable {
        /// Published, new or with changed content.
        case published
        /// Extracted again and found the same; nothing was written.
        case unchanged
        /// Verified and archived; its partition waits for other accounts.
        case archived
        /// Published although its records are not as many as reported; tried again by the next run.
        case unreconciled
        /// The provider has fewer rows than are published; what stands stays.
        case shrunk
        case failed
        /// The run was stopped; the next run resumes the window.
        case interrupted
        /// Not begun, because no connection to its provider could be made for many windows before.
        case skipped
    }

    /// Why a window failed.
    public struct Failure: Sendable {
        public var kind: FailureKind
        public var code: String
        public var message: String

        init(kind: FailureKind, code: String, message: String) {
            self.kind = kind
            self.code = code
            self.message = message
        }

        init(_ error: ExportError) {
            self.init(kind: error.kind, code: error.code, message: error.message)
        }
    }

    /// Name of the stream in the pipeline.
    public var stream: String
    /// Name of the account in the stream.
    public var account: String
    /// ``WindowKey/description``
    public var window: String
    /// How the window ended.
    public var status: Status
    /// Relative to the output path; nil where nothing was published.
    public var directory: String?
    /// Rows of the partition that now stands.
    public var rows = 0
    /// Rows that the provider has, where they are fewer than ``rows`` and were not published.
    public var foundRows: Int?
    /// Records of the partition that are no rows.
    public var rejects = 0
    /// How many rejects each reason has.
    public var rejectReasons: [Reject.Reason: Int] = [:]
    /// Documented fields that none of the window's records has, though some should.
    public var absentFields: [String] = []
    /// Records received again under a known key.
    public var duplicates = 0
    /// Records of the requests' padding.
    public var outsideWindow = 0
    /// Requests sent, retries included.
    public var requests = 0
    /// How the rows differ from those of the partition's former version; nil where there was none,
    /// or where nothing is known of its rows.
    public var rowChanges: RowChanges?
    /// Bodies whose JSON had a comma before a closing bracket.
    public var trailingCommaPages = 0
    /// Present exactly if the window is not complete.
    public var failure: Failure?

    init(_ identity: WindowIdentity, status: Status) {
        stream = identity.stream
        account = identity.account
        window = identity.window
        self.status = status
    }
}

/// What a run did.
public struct RunReport: Sendable {
    /// Names the run in ledger, manifests and run file.
    public var runID: String
    /// The pipeline's name.
    public var pipeline: String
    /// In the plan's order.
    public var windows: [WindowResult]
    /// Those that are published, in the plan's order.
    public var partitions: [PartitionResult]
    /// Windows asked for that were complete already.
    public var skippedComplete: Int
    /// Complete windows whose files were made with other settings than the pipeline's.
    public var outdated: [OutdatedWindows] = []
    /// Windows asked for that are not due yet, as `stream/account/window`.
    public var notDue: [String]
    /// Streams a backfill left out, since their request list has no dates.
    public var streamsWithoutDates: [String]
    /// Windows that were not begun because the run was stopped.
    public var notStarted: Int
    /// What was asked of the providers, for failed and interrupted windows too.
    public var traffic: RequestTraffic
    /// The same by stream, in the pipeline's order.
    public var streams: [StreamTraffic]
    /// Whether a signal ended the run.
    public var isInterrupted: Bool
    /// When it began, in real time.
    public var startedAt: Timestamp
    /// When all was published, in real time.
    public var finishedAt: Timestamp?
    /// How long it took.
    public var milliseconds: Int64 = 0
    /// When a run of the pipeline last ended with every window complete, this one included.
    public var lastCompleteAt: Timestamp?
    /// Path of the run file; nil if it could not be written.
    public var runFile: String?
    /// Whether a rebuild could not make everything that it was asked for.
    public var lacksArchive = false
    /// Why a run file could not be written, of this run or an earlier one; the next run writes it.
    public var unwrittenRunFile: WindowResult.Failure?
    /// Why another run publishes now instead of this one.
    public var lostLease: WindowResult.Failure?

    /// The windows that a stop ended.
    public var interruptedWindows: [WindowResult] { windows.filter { $0.status == .interrupted } }

    /// The windows that are not complete.
    public var failures: [WindowResult] { windows.filter { $0.failure != nil } }

    /// The process's exit code (DESIGN.md, "Commands"), signals aside.
    public var exitCode: Int32 {
        if lostLease != nil { return 75 }
        if unwrittenRunFile != nil { return 74 }
        let kinds = Set(failures.compactMap { $0.failure?.kind })
        if kinds.isEmpty {
            return notStarted == 0 && interruptedWindows.isEmpty && !lacksArchive ? 0 : 1
        }
        return Self.exitCode(of: kinds)
    }
}

extension RunTotals {
    /// What the ledger keeps of a report.
    init(_ report: RunReport) {
        self.init()
        windows = report.windows.count
        complete = report.windows.count { $0.state == .complete }
        failed = report.failures.count
        rows = report.partitions.reduce(0) { $0 + $1.rows }
    }
}

extension RunReport {
    /// Windows in a row without a connection after which a provider's others are skipped.
    public static let failuresBeforeGivingUp = Reachability.failuresBeforeGivingUp

    /// The exit code of failures of these kinds, 0 if there are none.
    public static func exitCode(of kinds: Set<FailureKind>) -> Int32 {
        switch kinds {
        case []: 0
        case [.authentication]: 77
        case [.unreachable]: 69
        default: 1
        }
    }

    /// The exit code of several runs: that of all their failures together.
    public static func exitCode(of reports: [RunReport]) -> Int32 {
        guard var whole = reports.first else { return 0 }
        for report in reports.dropFirst() {
            whole.windows += report.windows
            whole.notStarted += report.notStarted
            whole.unwrittenRunFile = whole.unwrittenRunFile ?? report.unwrittenRunFile
            whole.lostLease = whole.lostLease ?? report.lostLease
            whole.traffic += report.traffic
            whole.lacksArchive = whole.lacksArchive || report.lacksArchive
        }
        return whole.exitCode
    }
}
