import BoundedDispatch
import ExportModel

/// Walks one window of time: cuts it into slices, keeps the lanes busy over slice borders, and hands
/// verified slices out in time order.
struct WindowWalk: PageWalk {
    /// Slices that may hold pages at once; bounds memory.
    static let maximumActiveSlices = 3
    /// How often a window whose records moved between slices is walked again from the start.
    static let maximumRestarts = 3

    private struct Slot {
        var identifier: Int
        var range: TimeRange
        /// nil until the slice is begun.
        var walk: SliceWalk?
        /// Waits to be handed out.
        var verified: AssembledSlice?
        /// Of its pages, as they were counted last.
        var heldByteCount = 0
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
    private(set) var rewalkCount = 0
    private(set) var heldByteCount = 0

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

    mutating func claim(_ kind: LaneKind) -> LaneClaim<WalkJob> {
        if failure != nil { return .done }
        for bound in borders.keys {
            if let job = borders[bound]?.claim(kind) { return .item(job) }
        }
        if kind == .request, let index = nextToBegin {
            slots[index].walk = SliceWalk(
                range: slots[index].range, asked: padding.padded(slots[index].range),
                rules: rules)
            let identifier = slots[index].identifier
            if let job = slots[index].walk?.claim(kind, as: identifier) { return .item(job) }
        }
        for index in slots.indices.prefix(Self.maximumActiveSlices)
        where slots[index].verified == nil {
            let identifier = slots[index].identifier
            if let job = slots[index].walk?.claim(kind, as: identifier) {
                return .item(job)
            }
        }
        guard kind == .request, slots.isEmpty, !restartIsDue else { return .wait }
        if let (index, range) = check.claim(window, tally) {
            let fetch = PageFetch(
                .page(number: 1, size: rules.pageSize, range: padding.padded(range)), number: 1,
                isRepeat: true)
            return .item(WalkJob(part: .total(index), round: restarts, work: .page(fetch)))
        }
        return check.isFinished ? .done : .wait
    }

    /// The next slice, once so few pages are left of those before it that its first page is there,
    /// and may be cut, by the time the lanes need more.
    private var nextToBegin: Int? {
        var unclaimedCount = 0
        for index in slots.indices.prefix(Self.maximumActiveSlices) {
            guard let walk = slots[index].walk else { return index }
            unclaimedCount += walk.unclaimedPageCount
            if unclaimedCount >= 2 * rules.pagesInFlight { return nil }
        }
        return nil
    }

    mutating func complete(_ job: WalkJob, with outcome: WalkOutcome) {
        if case .fetched(let fetched) = outcome { requestCount += fetched.requestCount }
        if case .total(let index) = job.part {
            if job.round == restarts { receiveTotal(outcome, at: index) }
            return
        }
        // What an abandoned round still brings no longer matters, its failures neither: it may have
        // asked for pages that do not exist.
        guard case .slice(let identifier) = job.part else { return }
        if let index = slots.firstIndex(where: { $0.identifier == identifier }) {
            guard slots[index].walk?.round == job.round, slots[index].verified == nil else {
                return
            }
            let before = slots[index].walk?.rewalkCount ?? 0
            if let decision = slots[index].walk?.decide(on: outcome, of: job) {
                rewalkCount += (slots[index].walk?.rewalkCount ?? 0) - before
                countHeldBytes(slots[index].walk?.heldByteCount ?? 0, at: index)
                apply(decision, to: index)
            }
        } else if let bound = borders.first(where: { $0.value.identifier == identifier })?.key {
            failure = borders[bound]?.receive(outcome, of: job) ?? failure
        }
    }

    mutating func collect() -> LaneClaim<WalkEvent> {
        if failure != nil { return .done }
        if restartIsDue {
            restartIsDue = false
            tally = WindowTally()
            check = WindowCheck()
            borders = [:]
            insert([window], at: 0)
            return .item(.restart)
        }
        if let assembled = slots.first?.verified {
            guard let foreign = foreignRows(of: assembled) else { return .wait }
            countHeldBytes(0, at: 0)
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

    private mutating func apply(_ decision: SliceWalk.Decision, to index: Int) {
        switch decision {
        case .goOn: break
        case .verified(let assembled):
            slots[index].verified = assembled
            for bound in bounds(near: assembled) where borders[bound] == nil {
                guard let zone = padding.shared(at: bound) else { continue }
                borders[bound] = BorderWalk(
                    at: bound, in: zone, identifier: nextIdentifier + 1, rules: rules)
                nextIdentifier += BorderWalk.identifierCount
            }
        case .failed(let error): failure = failure ?? error
        case .split(let parts):
            countHeldBytes(0, at: index)
            slots.remove(at: index)
            insert(parts, at: index)
        }
    }

    private mutating func countHeldBytes(_ byteCount: Int, at index: Int) {
        heldByteCount += byteCount - slots[index].heldByteCount
        slots[index].heldByteCount = byteCount
    }

    /// The window's bounds at which a slice may have records that a neighboring window sets aside.
    private func bounds(near assembled: AssembledSlice) -> [Timestamp] {
        guard !assembled.untimed.isEmpty, let range = assembled.slice.range else { return [] }
        let asked = padding.padded(range)
        return [window.start, window.end].filter { bound in
            guard let zone = padding.shared(at: bound) else { return false }
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
            return Slot(identifier: nextIdentifier, range: range)
        }
        slots.insert(contentsOf: added, at: index)
    }

    /// The window's total cannot agree where a slice's does not, and one slice was just verified.
    private mutating func beginCheck(from sliceCount: Int) {
        check = WindowCheck()
        if tally.mismatch == nil, tally.slices.count >= sliceCount { check.begin() }
    }

    private mutating func receiveTotal(_ outcome: WalkOutcome, at index: Int) {
        guard case .fetched(let fetched) = outcome else { return }
        switch fetched.content {
        case .failed(let error): failure = failure ?? error
        case .unknownID: failure = failure ?? .unknownIDWithoutID
        case .page(let page):
            guard let found = check.receive(page.total, at: index, tally) else { return }
            if restarts < Self.maximumRestarts {
                restarts += 1
                rewalkCount += 1
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
    /// The next piece of work for a lane of this kind.
    mutating func claim(_ kind: LaneKind, as identifier: Int) -> WalkJob? {
        let work: WalkJob.Work? =
            switch kind {
            case .request: claimPage().map { .page($0) }
            case .compute: claimAssembly().map { .assemble($0, range: range) }
            case .storage: nil
            }
        return work.map { WalkJob(part: .slice(identifier), round: round, work: $0) }
    }

    /// Takes what a lane brought back.
    mutating func decide(on outcome: WalkOutcome, of job: WalkJob) -> Decision {
        switch outcome {
        case .again: .goOn
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

extension WalkJob {
    /// Number of the page that is asked for; 0 where none is.
    fileprivate var pageNumber: Int {
        if case .page(let fetch) = work { fetch.number } else { 0 }
    }
}
