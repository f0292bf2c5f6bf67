public import ExportModel

/// A window under the name that the ledger remembers it by.
public struct LedgerEntry: Hashable, Sendable {
    public var identity: WindowIdentity
    public var window: Window

    public init(identity: WindowIdentity, window: Window) {
        self.identity = identity
        self.window = window
    }
}

/// Why a window's last attempt did not complete.
public struct FailureRecord: Hashable, Sendable {
    public var runID: String
    public var failedAt: Timestamp
    /// What the window is from then on: `failed` or `shrunk`.
    public var state: WindowState
    public var kind: FailureKind
    /// ``ErrorContract/code``
    public var code: String
    /// ``ErrorContract/message``
    public var message: String

    public init(
        runID: String, failedAt: Timestamp, state: WindowState = .failed, kind: FailureKind,
        code: String, message: String
    ) {
        self.runID = runID
        self.failedAt = failedAt
        self.state = state
        self.kind = kind
        self.code = code
        self.message = message
    }
}

/// All that the ledger says of one window.
///
/// `state` describes the last attempt, `published` what readers find on disk: a window that was
/// complete and whose refresh failed is `failed` and still published.
public struct WindowRecord: Hashable, Sendable {
    public var identity: WindowIdentity
    /// nil for a request list.
    public var range: TimeRange?
    public var timeZoneIdentifier: String
    public var state: WindowState
    /// Attempts begun since the window is known.
    public var attempts: Int
    /// The run of the last attempt.
    public var runID: String
    public var startedAt: Timestamp
    /// nil while the attempt runs, and for ever if its process died.
    public var finishedAt: Timestamp?
    /// nil if it was never published.
    public var published: WindowOutcome?
    /// nil unless the last finished attempt failed.
    public var failure: FailureRecord?

    init(
        identity: WindowIdentity, range: TimeRange?, timeZoneIdentifier: String,
        state: WindowState, attempts: Int, runID: String, startedAt: Timestamp,
        finishedAt: Timestamp?, published: WindowOutcome?, failure: FailureRecord?
    ) {
        self.identity = identity
        self.range = range
        self.timeZoneIdentifier = timeZoneIdentifier
        self.state = state
        self.attempts = attempts
        self.runID = runID
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.published = published
        self.failure = failure
    }
}

/// Narrows a look into the ledger; what is nil narrows nothing.
public struct WindowFilter: Hashable, Sendable {
    public var streams: Set<String>?
    public var accounts: Set<String>?
    /// Windows whose standing version was published by this run.
    public var publishedBy: String?

    public init(
        streams: Set<String>? = nil, accounts: Set<String>? = nil, publishedBy: String? = nil
    ) {
        self.streams = streams
        self.accounts = accounts
        self.publishedBy = publishedBy
    }
}
