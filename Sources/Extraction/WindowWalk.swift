import BoundedDispatch
import ExportModel

/// Walks one window of time: cuts it into slices, keeps the lanes busy over slice borders, and hands
/// verified slices out in time order.
struct WindowWalk: PageWalk {
    /// Slices that may hold pages at once; bounds memory.
    static let maximumActiveSlices = 3
    /// The same for each page in flight where a slice has one at a time.
    static let maximumActiveChains = 4
    /// How often a window whose records moved between slices is walked again from the start.
    static let maximumRestarts = 3

    private struct Slot {
        var identifier: Int
        var range: TimeRange
        /// nil until the slice is begun.
        var walk: (any SliceWalking)?
        /// Of a chain that was read already, and is to be read again.
        var former: ChainPass?
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
    /// What its slices showed of the window's chains.
    private var cutting = ChainCutting()
    /// Pages that were handed out and have not come back.
    private var openPageCount = 0

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
        insert(gaps.flatMap { rules.askable($0, padding) }.map { ChainPart(range: $0) }, at: 0)
        beginCheck(from: 1)
    }

    /// Whether every slice has been handed out and the whole agrees with the provider's total.
    var isFinished: Bool {
        slots.isEmpty && !restartIsDue && check.isFinished && openMismatch == nil
    }

    mutating func claim(_ kind: LaneKind) -> LaneClaim<WalkJob> {
        if failure != nil { return .done }
        if let job = claimOfSlice(kind) {
            if kind == .request { openPageCount += 1 }
            return .item(job)
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

    private mutating func claimOfSlice(_ kind: LaneKind) -> WalkJob? {
        for bound in borders.keys {
            if let job = borders[bound]?.claim(kind) { return job }
        }
        // Chains that were begun go on first, so that pages are held as short as can be.
        if rules.walksChains, let job = claimOfActive(kind) { return job }
        if kind == .request, let index = nextToBegin {
            let slot = slots[index]
            slots[index].walk = rules.walk(
                slot.range, asked: padding.padded(slot.range), cutting: cutting,
                former: slot.former)
            slots[index].former = nil
            if let job = slots[index].walk?.claim(kind, as: slot.identifier) { return job }
        }
        return rules.walksChains ? nil : claimOfActive(kind)
    }

    private mutating func claimOfActive(_ kind: LaneKind) -> WalkJob? {
        for index in activeIndices where slots[index].verified == nil {
            let identifier = slots[index].identifier
            if let job = slots[index].walk?.claim(kind, as: identifier) { return job }
        }
        return nil
    }

    private var activeIndices: Range<Int> {
        let maximum =
            rules.walksChains
            ? Self.maximumActiveChains * rules.pagesInFlight : Self.maximumActiveSlices
        return slots.indices.prefix(maximum)
    }

    /// The next slice, once so few pages are left of those before it that its first page is there,
    /// and may be cut, by the time the lanes need more.
    private var nextToBegin: Int? {
        if rules.walksChains {
            let isFull = heldByteCount >= ChainCutting.maximumByteCount
            let index = activeIndices.first { slots[$0].walk == nil }
            return isFull && index != slots.startIndex ? nil : index
        }
        var unclaimedCount = 0
        for index in activeIndices {
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
        if case .page = job.work { openPageCount -= 1 }
        if let index = slots.firstIndex(where: { $0.identifier == identifier }) {
            guard slots[index].walk?.round == job.round, slots[index].verified == nil else {
                return
            }
            let before = slots[index].walk?.rewalkCount ?? 0
            cutting.idleLaneCount = idleLaneCount(besides: index)
            slots[index].walk?.note(cutting)
            if let decision = slots[index].walk?.decide(on: outcome, of: job) {
                rewalkCount += (slots[index].walk?.rewalkCount ?? 0) - before
                countHeldBytes(slots[index].walk?.heldByteCount ?? 0, at: index)
                slots[index].walk?.teach(&cutting)
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
            insert(rules.askable(window, padding).map { ChainPart(range: $0) }, at: 0)
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

    /// Lanes that find no page to ask for while the chain of a slice goes on.
    private func idleLaneCount(besides walking: Int) -> Int {
        guard rules.walksChains else { return 0 }
        let unclaimed = slots.indices.reduce(1) { count, index in
            if index == walking || slots[index].verified != nil { return count }
            return count + (slots[index].walk.map(\.unclaimedPageCount) ?? 1)
        }
        return max(rules.pagesInFlight - openPageCount - unclaimed, 0)
    }

    private var openMismatch: ExtractionError? {
        mismatchIsOut ? nil : tally.mismatch ?? mismatch
    }

    private mutating func apply(_ decision: SliceDecision, to index: Int) {
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
        case .split(let parts): replace(index, with: parts.map { ChainPart(range: $0) })
        case .divided(let parts): replace(index, with: parts)
        }
    }

    private mutating func replace(_ index: Int, with parts: [ChainPart]) {
        countHeldBytes(0, at: index)
        slots.remove(at: index)
        insert(parts, at: index)
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

    private mutating func insert(_ parts: [ChainPart], at index: Int) {
        let added = parts.map { part in
            nextIdentifier += 1
            return Slot(identifier: nextIdentifier, range: part.range, former: part.former)
        }
        slots.insert(contentsOf: added, at: index)
    }

    /// The window's total cannot agree where a slice's does not, and one slice was just verified.
    private mutating func beginCheck(from sliceCount: Int) {
        check = WindowCheck(isBySlices: rules.askable(window, padding).count > 1)
        if rules.hasTotal, tally.mismatch == nil, tally.slices.count >= sliceCount { check.begin() }
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
