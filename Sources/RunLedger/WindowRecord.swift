public import ExportModel

/// An account window under the name that the ledger remembers it by.
public struct LedgerEntry: Hashable, Sendable {
    public var identity: WindowIdentity
    public var window: Window

    public init(identity: WindowIdentity, window: Window) {
        self.identity = identity
        self.window = window
    }
}

/// Why the last attempt at an account window did not complete.
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

/// A verified version of an account window.
public struct ArchivedOutcome: Hashable, Sendable {
    /// Names the version in the archive: `<run id>.<number>`. The number is 0 where an older cdrx
    /// published the window without an archive.
    public var versionID: String
    public var rows: Int
    public var rejects: Int
    public var duplicates: Int
    public var outsideWindow: Int
    /// The provider's own total.
    public var reportedTotal: Int
    /// Requests that the extraction took, retries included.
    public var requests: Int
    public var archivedAt: Timestamp
    /// The run that verified it; the version's id has the run that began it.
    public var runID: String

    public init(
        versionID: String, rows: Int, rejects: Int, duplicates: Int, outsideWindow: Int,
        reportedTotal: Int, requests: Int, archivedAt: Timestamp, runID: String
    ) {
        self.versionID = versionID
        self.rows = rows
        self.rejects = rejects
        self.duplicates = duplicates
        self.outsideWindow = outsideWindow
        self.reportedTotal = reportedTotal
        self.requests = requests
        self.archivedAt = archivedAt
        self.runID = runID
    }
}

/// All that the ledger says of one account window.
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
    /// nil unless the last finished attempt failed.
    public var failure: FailureRecord?
    /// The newest verified version; nil if there never was one.
    public var archived: ArchivedOutcome?
    /// Whether the archive has that version.
    public var archive: ArchiveState
    /// The version that a published partition holds; nil if none does.
    public var publishedVersionID: String?
    /// The partition that holds it.
    public var published: PartitionOutcome?
}

/// Narrows a look at account windows; what is nil narrows nothing.
public struct WindowFilter: Hashable, Sendable {
    public var streams: Set<String>?
    public var accounts: Set<String>?
    public var states: Set<WindowState>?

    public init(
        streams: Set<String>? = nil, accounts: Set<String>? = nil,
        states: Set<WindowState>? = nil
    ) {
        self.streams = streams
        self.accounts = accounts
        self.states = states
    }
}
