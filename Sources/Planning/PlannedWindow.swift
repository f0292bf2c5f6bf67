public import ExportModel

/// One account window that is to be exported, and why.
public struct PlannedWindow: Hashable, Sendable {
    /// Why a window is exported.
    public enum Reason: String, CaseIterable, Sendable {
        /// It is complete and a backfill extracts it again.
        case forced
        /// It was begun before and did not complete.
        case retry
        /// It is verified and in the archive, and no partition holds it.
        case publish
        /// Its partition is published anew for another account, and the archive does not have this
        /// one any more.
        case archivePruned = "archive_pruned"
        /// Its partition was made with other settings, and is made again from the archive.
        case outdated
        /// It was asked for to be made again from the archive.
        case rebuild
        /// It is complete, but its list of request ids is another one now.
        case listChanged = "list_changed"
        /// It is complete, or not in the range, and one of the newest due windows.
        case refresh
        case range
        case catchUp = "catch_up"
        case backfill
    }

    /// Index into the pipeline's streams.
    public var streamIndex: Int
    /// Index into the stream's accounts.
    public var accountIndex: Int
    public var stream: String
    public var account: String
    /// ``Bucket/index`` of the account; nil where partitions are not divided into buckets.
    public var bucket: Int?
    public var window: Window
    public var reason: Reason
    /// What the ledger says of it; nil where it was never begun.
    public var state: WindowState?

    public init(
        streamIndex: Int, accountIndex: Int, stream: String, account: String,
        bucket: Int? = nil, window: Window, reason: Reason, state: WindowState? = nil
    ) {
        self.streamIndex = streamIndex
        self.accountIndex = accountIndex
        self.stream = stream
        self.account = account
        self.bucket = bucket
        self.window = window
        self.reason = reason
        self.state = state
    }

    /// Whether the archive has all that is needed, so that the provider is not asked.
    public var needsNoRequest: Bool {
        switch reason {
        case .publish, .outdated, .rebuild: true
        default: false
        }
    }

    /// What the ledger remembers the window by.
    public func identity(inPipeline pipeline: String) -> WindowIdentity {
        WindowIdentity(
            pipeline: pipeline, stream: stream, account: account, window: "\(window.key)")
    }
}
