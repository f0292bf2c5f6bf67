public import BoundedDispatch
public import ExportModel

/// A piece of work of a walk; ``WindowExtractor/perform(_:readers:)`` does it.
public struct WalkJob: Sendable {
    /// What its result is for.
    enum Part: Hashable, Sendable {
        /// A slice of the window, by its identifier.
        case slice(Int)
        /// A total that is asked for again when all slices are in, by its index in the check.
        case total(Int)
        /// An id of a request list.
        case id
        /// An id that is known, asked for again to see whether the credentials still hold.
        case proof
    }

    enum Work: Sendable {
        case page(PageFetch)
        /// Put the pages together and count what they hold.
        case assemble([IdentifiedPage?], range: TimeRange?)
    }

    var part: Part
    /// Results of an earlier round are ignored.
    var round = 0
    var work: Work
}

/// What came of a ``WalkJob``.
public enum WalkOutcome: Sendable {
    case fetched(FetchedPage)
    /// The page is to be asked for again, after so many milliseconds.
    case again(PageFetch, pauseMilliseconds: Int64)
    case assembled(AssembledSlice)
}

/// What a walk reports as it goes on.
public enum WalkEvent: Sendable {
    /// The next verified slice, in time order.
    case slice(ExtractedSlice)
    /// Records moved between slices: forget all slices so far.
    case restart
    /// The last, only with `on_mismatch: publish`: records and totals do not agree.
    case unreconciled(ExtractionError)
}

/// Decides which pages of one account window are asked for, and what they add up to.
protocol PageWalk: LaneBoard, Sendable
where Job == WalkJob, Outcome == WalkOutcome, Output == WalkEvent {
    /// Why the walk cannot go on.
    var failure: ExtractionError? { get }
    /// Whether everything has been handed out and is verified.
    var isFinished: Bool { get }
    /// Requests and retries of everything, thrown-away rounds included.
    var requestCount: Int { get }
    /// How often slices, or the window, were walked again because records moved.
    var rewalkCount: Int { get }
    /// Memory of the pages that have not been handed out.
    var heldByteCount: Int { get }
}

/// The walk of one account window: its pages for request lanes, what puts them together for compute
/// lanes.
///
/// It asks for no more pages at once than `pages_in_flight`, spends the account's budgets before a
/// request is handed out, and keeps a page that is to be asked for again until its pause is over:
/// no lane waits for either.
public struct AccountWalk: LaneBoard, Sendable {
    private struct PausedPage {
        var job: WalkJob
        /// On the clock of ``ExtractionEnvironment/monotonicMilliseconds``.
        var dueAt: Int64
    }

    private var walk: any PageWalk
    private let session: AccountSession
    private let pagesInFlight: Int
    private let observer: any ExtractionObserver
    private let clock: @Sendable () -> Int64
    /// Pages asked for and not there yet, those that wait for another attempt included.
    private var openPageCount = 0
    /// The next page; it waits for the budgets only.
    private var ready: WalkJob?
    private var paused: [PausedPage] = []

    init(
        _ walk: any PageWalk, session: AccountSession, pagesInFlight: Int,
        environment: ExtractionEnvironment, observer: any ExtractionObserver
    ) {
        self.walk = walk
        self.session = session
        self.pagesInFlight = pagesInFlight
        self.observer = observer
        clock = environment.monotonicMilliseconds
    }

    /// Memory of the pages that have not been handed out, in bytes.
    public var heldByteCount: Int { walk.heldByteCount }

    /// Whether everything has been handed out and is verified.
    public var isFinished: Bool { walk.isFinished }

    /// Whether nothing more is asked for: everything is there, or the walk failed, or was stopped.
    public var isEnded: Bool {
        walk.failure != nil || walk.isFinished || session.stop.isStopped
    }

    /// How the walk ended.
    ///
    /// - Returns: requests sent.
    /// - Throws: why it is not finished.
    public func result() throws(ExtractionError) -> Int {
        if let failure = walk.failure {
            if failure.kind == .authentication { session.refuse(failure) }
            throw failure
        }
        guard walk.isFinished else { throw session.refusal ?? .interrupted }
        return walk.requestCount
    }

    public mutating func claim(_ kind: LaneKind) -> LaneClaim<WalkJob> {
        guard kind == .request else { return walk.claim(.compute) }
        if session.stop.isStopped { return .done }
        let now = clock()
        if ready == nil, let index = paused.firstIndex(where: { $0.dueAt <= now }) {
            ready = paused.remove(at: index).job
        }
        var claim = LaneClaim<WalkJob>.wait
        if ready == nil, openPageCount < pagesInFlight {
            claim = walk.claim(.request)
            if case .item(let job) = claim {
                openPageCount += 1
                ready = job
            }
        }
        guard let job = ready else {
            guard let dueAt = paused.map(\.dueAt).min() else { return claim }
            return .pause(milliseconds: dueAt - now)
        }
        let pause = session.budgetPauseMilliseconds(at: now)
        if pause > 0 { return .pause(milliseconds: pause) }
        session.spendBudgets(at: now)
        ready = nil
        return .item(job)
    }

    public mutating func complete(_ job: WalkJob, with outcome: WalkOutcome) {
        switch outcome {
        case .again(let fetch, let pauseMilliseconds):
            var next = job
            next.work = .page(fetch)
            paused.append(PausedPage(job: next, dueAt: clock() + pauseMilliseconds))
        case .fetched:
            openPageCount -= 1
            take(outcome, of: job)
        case .assembled: take(outcome, of: job)
        }
    }

    private mutating func take(_ outcome: WalkOutcome, of job: WalkJob) {
        let before = walk.rewalkCount
        walk.complete(job, with: outcome)
        if walk.rewalkCount > before { observer.observe(.rewalking) }
    }

    public mutating func collect() -> LaneClaim<WalkEvent> {
        walk.collect()
    }
}
