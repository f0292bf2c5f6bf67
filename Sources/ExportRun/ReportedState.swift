import ExportModel
public import RunLedger

/// What a window is called in every report, table and calendar: one word for one state.
public enum ReportedState: String, CaseIterable, Sendable {
    /// Published, every record there.
    case complete
    /// Complete, with files that were made with other settings than the pipeline file's.
    case outdated
    /// Published although its records are not as many as the provider reports.
    case unreconciled
    /// Published, and the provider has fewer rows now: what stands stays.
    case shrunk
    case failed
    /// A run was stopped or killed; the next one resumes the window.
    case interrupted
    /// A run works at it.
    case running
    /// Verified and in the archive; its partition waits for other accounts.
    case archived
    /// This run did not begin it, because its provider could not be reached.
    case skipped
    /// Due, and never begun.
    case missing
    /// Its end and settle time have not passed.
    case notDue = "not_due"

    /// What the ledger says of an account window.
    ///
    /// - Parameters:
    ///   - isOutdated: whether its files were made with other settings than today's.
    ///   - runningRun: the run that works now; nil where none does.
    public init(_ record: WindowRecord, isOutdated: Bool, runningRun: String?) {
        switch record.state {
        case .complete: self = isOutdated ? .outdated : .complete
        case .failed: self = record.isPublishedUnreconciled ? .unreconciled : .failed
        case .shrunk: self = .shrunk
        case .interrupted: self = .interrupted
        case .running: self = record.runID == runningRun ? .running : .interrupted
        case .archived: self = .archived
        }
    }

    /// Whether readers lack what the provider has, or may have, of a window that is due.
    public var isGap: Bool {
        switch self {
        case .complete, .outdated, .notDue: false
        default: true
        }
    }

    /// Whether the last attempt ended with a failure.
    public var isFailure: Bool {
        switch self {
        case .failed, .unreconciled, .shrunk: true
        default: false
        }
    }
}

extension WindowRecord {
    /// Whether the attempt that did not reconcile is what a partition holds: `on_mismatch: publish`.
    fileprivate var isPublishedUnreconciled: Bool {
        guard let failure, failure.kind == .unreconciled, published != nil else { return false }
        return archived?.runID == failure.runID
    }
}

extension WindowResult {
    /// What the window is after the run.
    public var state: ReportedState {
        switch status {
        case .published, .unchanged: .complete
        case .archived: .archived
        case .unreconciled: .unreconciled
        case .shrunk: .shrunk
        case .failed: .failed
        case .interrupted: .interrupted
        case .skipped: .skipped
        }
    }
}
