import Archive
import ExportModel
import Extraction
import RunLedger

/// How an account window ended in this run.
struct AccountEnd: Sendable {
    /// Into the plan's windows.
    var index: Int
    /// What the ledger remembers the window by.
    var entry: LedgerEntry
    /// For the report; rows and directory are filled in when the partition is published.
    var result: WindowResult
    /// What the archive has of it since now; nil where the window has no new version.
    var version: ArchivedVersion?
    /// What is to be recorded; nil where nothing failed.
    var failure: FailureRecord?
    /// What was seen while it was walked; nil where nothing was.
    var summary: AccountSummary?

    /// What counted its requests; nil where none could be sent.
    private(set) var observer: AccountObserver?

    let runID: String
    private let moment: Timestamp

    init(
        index: Int, entry: LedgerEntry, status: WindowResult.Status, runID: String,
        at moment: Timestamp
    ) {
        self.index = index
        self.entry = entry
        self.runID = runID
        self.moment = moment
        result = WindowResult(entry.identity, status: status)
    }

    /// An end without a new version.
    init(_ run: AccountRun, status: WindowResult.Status) {
        self.init(
            index: run.index, entry: run.entry, status: status, runID: run.shared.runID,
            at: run.shared.environment.clock.now())
        observer = run.observer
    }

    /// An end with a version of the archive.
    init(
        _ run: AccountRun, version: ArchivedVersion, _ summary: AccountSummary? = nil,
        _ requestCount: Int = 0
    ) {
        self.init(run, status: .archived)
        self.version = version
        self.summary = summary
        result.requests = requestCount
    }

    var account: String { entry.identity.account }

    /// Whether all that can be had of the account in this run is known.
    var hasEnded: Bool { result.status != .interrupted }

    /// Notes why the window is not complete.
    mutating func fail(_ error: ExportError, state: WindowState = .failed) {
        if result.status == .archived { result.status = .failed }
        result.failure = WindowResult.Failure(error)
        failure = FailureRecord(
            runID: runID, failedAt: moment, state: state, kind: error.kind, code: error.code,
            message: error.message)
    }
}

/// What ``AccountRun/finish(_:_:)`` comes to.
enum AccountFinish: Sendable {
    case again(AccountWalk)
    case ended(AccountEnd)
}

extension AccountWalk {
    /// Requests of the walk; its failure as an error of the run.
    func requests() throws(ExportError) -> Int {
        do throws(ExtractionError) {
            return try result()
        } catch {
            throw ExportError(error.kind, error)
        }
    }
}
