import BoundedDispatch
import ExportModel

/// The board of one window: cuts it into slices, keeps the lanes busy over slice borders, and hands
/// verified slices out in time order.
struct WindowWalk: LaneBoard, Sendable {
    /// Slices that may hold pages at once; bounds memory.
    static let maximumActiveSlices = 3
    /// How often a window whose records moved between slices is walked again from the start.
    static let maximumRestarts = 3

    /// A piece of work, and whose it is.
    struct Job: Sendable {
        enum Work: Sendable {
            case slice(SliceWalk.Work)
            /// A total that is asked for again when all slices are in.
            case total(PageJob)
        }

        /// A slot's identifier; for a total its index in the check.
        var slot: Int
        /// A slice's round; for a total the number of restarts before.
        var round: Int
        var work: Work
    }

    /// What a lane brings back.
    enum Outcome: Sendable {
        case fetched(FetchedPage)
        case assembled(AssembledSlice)
    }

    /// What the caller receives.
    enum Output: Sendable {
        case slice(ExtractedSlice)
        /// Forget all slices so far: the window is walked again.
        case restart
        /// The last: records and totals do not agree, and the pipeline publishes them all the same.
        case unreconciled(ExtractionError)
    }

    private enum SlotState {
        case pending
        case active(SliceWalk)
        case verified(AssembledSlice)
    }

    private struct Slot {
        var identifier: Int
        var range: TimeRange
        var state: SlotState
    }

    private let window: TimeRange
    private let padding: WindowPadding
    private let rules: WalkRules
    /// In time order; delivered slices are gone.
    private var slots: [Slot] = []
    /// Of the window's borders, those with records that have no readable time.
    private var borders: [Timestamp: BorderWalk] = [:]
    private var nextIdentifier = 0
    private var restarts = 0
    private var restartIsDue = false
    private var check = WindowCheck()
    private var tally: WindowTally
    /// The window's own; slices that do not agree are in the tally.
    private var mismatch: ExtractionError?
    private var mismatchIsOut = false
    private(set) var failure: ExtractionError?
    /// Requests and retries of everything, thrown-away rounds included.
    private(set) var requestCount = 0

    /// - Parameters:
    ///   - gaps: what is still to be walked, in time order.
    ///   - tally: what earlier runs verified already.
    init(
        window: TimeRange, gaps: [TimeRange], tally: WindowTally, padding: WindowPadding,
        rules: WalkRules
    ) {
        self.window = window
        self.padding = padding
        self.rules = rules
        self.tally = tally
        insert(gaps, at: 0)
        beginCheck(from: 1)
    }

    /// Whether every slice has been handed out and the whole agrees with the provider's total.
    var isFinished: Bool {
        slots.isEmpty && !restartIsDue && check.isFinished && openMismatch == nil
    }

    mutating func claim(_ kind: LaneKind) -> LaneClaim<Job> {
        if failure != nil { return .done }
        for (bound, border) in borders where border.owned == nil {
            var walk = border.walk
            let work = walk.claim()
            borders[bound]?.update(walk)
            if let work {
                return .item(
                    Job(slot: border.identifier, round: walk.round, work: .slice(work)))
            }
        }
        var active = 0
        for index in slots.indices {
            switch slots[index].state {
            case .verified: active += 1
            case .active(var walk):
                active += 1
                if let job = claim(from: &walk, slot: index) { return .item(job) }
            case .pending where active < Self.maximumActiveSlices:
                active += 1
                var walk = SliceWalk(
                    range: slots[index].range, asked: padding.padded(slots[index].range),
                    rules: rules)
                if let job = claim(from: &walk, slot: index) { return .item(job) }
            case .pending: return .wait
            }
        }
        guard slots.isEmpty, !restartIsDue else { return .wait }
        if let (index, range) = check.claim(window, tally) {
            return .item(Job(slot: index, round: restarts, work: .total(totalJob(range))))
        }
        return check.isFinished ? .done : .wait
    }

    mutating func complete(_ job: Job, with outcome: Outcome) {
        if case .fetched(let fetched) = outcome { requestCount += fetched.requestCount }
        if case .total = job.work {
            if job.round == restarts { receiveTotal(outcome, at: job.slot) }
            return
        }
        // What an abandoned round still brings no longer matters, its failures neither: it may have
        // asked for pages that do not exist.
        if let index = slots.firstIndex(where: { $0.identifier == job.slot }),
            case .active(var walk) = slots[index].state, walk.round == job.round
        {
            let decision = walk.decide(on: outcome, of: job)
            apply(decision, of: walk, to: index)
        } else if let bound = borders.first(where: { $0.value.identifier == job.slot })?.key,
            var walk = borders[bound]?.walk, walk.round == job.round
        {
            let decision = walk.decide(on: outcome, of: job)
            failure = borders[bound]?.receive(decision, of: walk) ?? failure
        }
    }

    mutating func collect() -> LaneClaim<Output> {
        if failure != nil { return .done }
        if restartIsDue {
            restartIsDue = false
            tally = WindowTally()
            check = WindowCheck()
            borders = [:]
            insert([window], at: 0)
            return .item(.restart)
        }
        if let first = slots.first, case .verified(let assembled) = first.state {
            guard let foreign = foreignRows(of: assembled) else { return .wait }
            slots.removeFirst()
            let slice = tally.add(assembled, of: window, foreign: foreign)
            beginCheck(from: 2)
            return .item(.slice(slice))
        }
        if slots.isEmpty, check.isFinished, let error = openMismatch {
            mismatchIsOut = true
            return .item(.unreconciled(error))
        }
        return isFinished ? .done : .wait
    }

    private var openMismatch: ExtractionError? {
        mismatchIsOut ? nil : tally.mismatch ?? mismatch
    }

    private mutating func claim(from walk: inout SliceWalk, slot index: Int) -> Job? {
        let work = walk.claim()
        slots[index].state = .active(walk)
        return work.map {
            Job(slot: slots[index].identifier, round: walk.round, work: .slice($0))
        }
    }

    private mutating func apply(_ decision: SliceWalk.Decision, of walk: SliceWalk, to index: Int) {
        switch decision {
        case .goOn: slots[index].state = .active(walk)
        case .verified(let assembled):
            slots[index].state = .verified(assembled)
            for bound in bounds(near: assembled) where borders[bound] == nil {
                borders[bound] = BorderWalk(
                    at: bound, identifier: nextIdentifier + 1, padding: padding, rules: rules)
                nextIdentifier += BorderWalk.identifierCount
            }
        case .failed(let error): failure = failure ?? error
        case .split(let parts):
            slots.remove(at: index)
            insert(parts, at: index)
        }
    }

    /// The window's bounds at which a slice may have records that a neighboring window sets aside.
    private func bounds(near assembled: AssembledSlice) -> [Timestamp] {
        guard !assembled.untimed.isEmpty, let range = assembled.slice.range else { return [] }
        let asked = padding.padded(range)
        return [window.start, window.end].filter { bound in
            let zone = padding.padded(TimeRange(start: bound, end: bound))
            return asked.start <= zone.end && zone.start <= asked.end
        }
    }

    /// Rows that a neighboring window sets aside; nil as long as that is not known.
    private func foreignRows(of assembled: AssembledSlice) -> [RowReference]? {
        var foreign: [RowReference] = []
        for bound in bounds(near: assembled) {
            guard let owned = borders[bound]?.owned else { return nil }
            var others = bound == window.start ? owned.earlier : owned.later
            for untimed in assembled.untimed where others.take(untimed.identity) {
                foreign.append(untimed.row)
            }
        }
        return foreign
    }

    private mutating func insert(_ ranges: [TimeRange], at index: Int) {
        let added = ranges.map { range in
            nextIdentifier += 1
            return Slot(identifier: nextIdentifier, range: range, state: .pending)
        }
        slots.insert(contentsOf: added, at: index)
    }

    /// The window's total cannot agree where a slice's does not, and one slice was just verified.
    private mutating func beginCheck(from sliceCount: Int) {
        check = WindowCheck()
        if tally.mismatch == nil, tally.slices.count >= sliceCount { check.begin() }
    }

    private func totalJob(_ range: TimeRange) -> PageJob {
        PageJob(
            subject: .page(number: 1, size: rules.pageSize, range: padding.padded(range)),
            number: 1, expectation: nil)
    }

    private mutating func receiveTotal(_ outcome: Outcome, at index: Int) {
        guard case .fetched(let fetched) = outcome else { return }
        switch fetched.content {
        case .failed(let error): failure = failure ?? error
        case .unknownID: failure = failure ?? .unknownIDWithoutID
        case .page(let page):
            guard let found = check.receive(page.total, at: index, tally) else { return }
            if restarts < Self.maximumRestarts {
                restarts += 1
                restartIsDue = true
                return
            }
            let error = ExtractionError.unreconciled(
                reported: page.total, found: found, rounds: restarts + 1,
                policy: rules.onMismatch)
            check = WindowCheck()
            if rules.onMismatch == .publish { mismatch = error } else { failure = error }
        }
    }
}

extension SliceWalk {
    /// Takes what a lane brought back.
    fileprivate mutating func decide(
        on outcome: WindowWalk.Outcome, of job: WindowWalk.Job
    ) -> Decision {
        switch outcome {
        case .assembled(let assembled): receive(assembled, round: job.round)
        case .fetched(let fetched):
            switch fetched.content {
            case .page(let page): receive(page, round: job.round)
            case .failed(let error): receive(error, page: job.pageNumber, round: job.round)
            case .unknownID: .failed(.unknownIDWithoutID)
            }
        }
    }
}

extension WindowWalk.Job {
    /// Number of the page that is asked for; 0 where none is.
    fileprivate var pageNumber: Int {
        if case .slice(.page(let job)) = work { job.number } else { 0 }
    }
}
