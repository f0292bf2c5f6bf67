import BoundedDispatch
import ExportModel

/// The board of one window: cuts it into slices, keeps the lanes busy over slice borders, and hands
/// verified slices out in time order.
struct WindowWalk: LaneBoard, Sendable {
    /// Slices that may hold pages at once; bounds memory.
    static let mostActiveSlices = 3
    /// How often a window whose records moved between slices is walked again from the start.
    static let mostRestarts = 3

    /// A piece of work, and whose it is.
    struct Job: Sendable {
        enum Work: Sendable {
            case slice(SliceWalk.Work)
            /// The total of the whole window, when all its slices are in.
            case total(PageJob)
        }

        var slot: Int
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

    private enum Check {
        case notNeeded, due, inFlight, passed
    }

    private let window: TimeRange
    private let padding: WindowPadding
    private let pageSize: Int
    private let slicePages: Int
    /// In time order; delivered slices are gone.
    private var slots: [Slot] = []
    private var nextIdentifier = 0
    private var restarts = 0
    private var restartIsDue = false
    private var check = Check.notNeeded
    private var tally: WindowTally
    private(set) var failure: ExtractionError?
    /// Requests and retries of everything, thrown-away rounds included.
    private(set) var requestCount = 0

    /// - Parameters:
    ///   - gaps: what is still to be walked, in time order.
    ///   - tally: what earlier runs verified already.
    init(
        window: TimeRange, gaps: [TimeRange], tally: WindowTally, padding: WindowPadding,
        pageSize: Int, slicePages: Int
    ) {
        self.window = window
        self.padding = padding
        self.pageSize = pageSize
        self.slicePages = slicePages
        self.tally = tally
        insert(gaps, at: 0)
        if tally.sliceCount > 0 { check = .due }
    }

    /// Whether every slice has been handed out and the whole agrees with the provider's total.
    var isFinished: Bool {
        slots.isEmpty && !restartIsDue && (check == .notNeeded || check == .passed)
    }

    mutating func claim(_ kind: LaneKind) -> LaneClaim<Job> {
        if failure != nil { return .done }
        var active = 0
        for index in slots.indices {
            switch slots[index].state {
            case .verified: active += 1
            case .active(var walk):
                active += 1
                if let job = claim(from: &walk, slot: index) { return .item(job) }
            case .pending where active < Self.mostActiveSlices:
                active += 1
                var walk = SliceWalk(
                    range: slots[index].range, asked: padding.padded(slots[index].range),
                    pageSize: pageSize, slicePages: slicePages)
                if let job = claim(from: &walk, slot: index) { return .item(job) }
            case .pending: return .wait
            }
        }
        guard slots.isEmpty, !restartIsDue else { return .wait }
        switch check {
        case .due:
            check = .inFlight
            return .item(Job(slot: -1, round: 0, work: .total(totalJob)))
        case .inFlight: return .wait
        case .notNeeded, .passed: return .done
        }
    }

    mutating func complete(_ job: Job, with outcome: Outcome) {
        if case .fetched(let fetched) = outcome { requestCount += fetched.requestCount }
        if case .total = job.work {
            finishCheck(outcome)
            return
        }
        // What an abandoned round still brings no longer matters, its failures neither: it may have
        // asked for pages that do not exist.
        guard let index = slots.firstIndex(where: { $0.identifier == job.slot }),
            case .active(var walk) = slots[index].state, walk.round == job.round
        else { return }
        let decision: SliceWalk.Decision
        switch outcome {
        case .assembled(let assembled): decision = walk.receive(assembled, round: job.round)
        case .fetched(let fetched):
            switch fetched.content {
            case .page(let page): decision = walk.receive(page, round: job.round)
            case .failed(let error): decision = .failed(error)
            case .unknownID: decision = .failed(.unknownIDWithoutID)
            }
        }
        apply(decision, of: walk, to: index)
    }

    mutating func collect() -> LaneClaim<Output> {
        if failure != nil { return .done }
        if restartIsDue {
            restartIsDue = false
            tally = WindowTally()
            check = .notNeeded
            insert([window], at: 0)
            return .item(.restart)
        }
        if let first = slots.first, case .verified(let assembled) = first.state {
            slots.removeFirst()
            let slice = tally.add(assembled, of: window)
            if tally.sliceCount > 1 { check = .due }
            return .item(.slice(slice))
        }
        return isFinished ? .done : .wait
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
        case .verified(let assembled): slots[index].state = .verified(assembled)
        case .failed(let error): failure = failure ?? error
        case .split(let parts):
            slots.remove(at: index)
            insert(parts, at: index)
        }
    }

    private mutating func insert(_ ranges: [TimeRange], at index: Int) {
        let added = ranges.map { range in
            nextIdentifier += 1
            return Slot(identifier: nextIdentifier, range: range, state: .pending)
        }
        slots.insert(contentsOf: added, at: index)
    }

    private var totalJob: PageJob {
        PageJob(
            subject: .page(number: 1, size: pageSize, range: padding.padded(window)), number: 1,
            expectation: nil)
    }

    /// Slices are verified one after the other; a record that entered an earlier one meanwhile
    /// shows in the window's total.
    private mutating func finishCheck(_ outcome: Outcome) {
        guard case .fetched(let fetched) = outcome else { return }
        switch fetched.content {
        case .failed(let error): failure = failure ?? error
        case .unknownID: failure = failure ?? .unknownIDWithoutID
        case .page(let page) where page.total == tally.foundCount: check = .passed
        case .page(let page) where restarts == Self.mostRestarts:
            failure = .unreconciled(
                reported: page.total, found: tally.foundCount, rounds: restarts + 1)
        case .page:
            restarts += 1
            restartIsDue = true
        }
    }
}

/// How far a request reaches over the range it is for: no provider documents its bounds.
struct WindowPadding: Sendable {
    /// How far it reaches on each side.
    let milliseconds: Int64
    /// Of local times; nil where there are none.
    let zone: SourceZone?

    /// - Parameter zone: of the request's local times; nil where it sends epoch milliseconds.
    init(zone: SourceZone?) {
        milliseconds = 1_000
        self.zone = zone
    }

    /// Each bound by itself, so that a window's first and last slice reach as far as the window.
    func padded(_ range: TimeRange) -> TimeRange {
        TimeRange(
            start: range.start.advanced(milliseconds: -padding(at: range.start)),
            end: range.end.advanced(milliseconds: padding(at: range.end)))
    }

    /// A clock change makes local times near it ambiguous; an hour more covers both readings.
    private func padding(at bound: Timestamp) -> Int64 {
        let hour: Int64 = 3_600_000
        let nearby = TimeRange(
            start: bound.advanced(milliseconds: -hour), end: bound.advanced(milliseconds: hour))
        return zone?.changes(within: nearby) == true ? hour : milliseconds
    }
}

/// Records of a window's verified slices, counted as the provider's total counts them.
public struct WindowTally: Sendable {
    private(set) var sliceCount = 0
    private var inRange = 0
    private var beforeWindow = 0
    private var behindWindow = 0
    private var unidentified = 0
    private var filter = UnidentifiedFilter()

    init() {}

    /// Different records, as the provider counts them.
    var foundCount: Int { inRange + beforeWindow + behindWindow + unidentified }

    /// Counts a verified slice in; slices come in time order.
    ///
    /// - Returns: the slice, without rejects that an earlier one has already, and with the share
    ///   of the window's total and padding that falls to it: added up over the slices they are the
    ///   same however the window is sliced.
    mutating func add(_ assembled: AssembledSlice, of window: TimeRange) -> ExtractedSlice {
        var slice = assembled.slice
        filter.dropKnown(from: &slice)
        sliceCount += 1
        inRange += slice.rows.count
        unidentified += slice.unidentified.count
        let before = slice.range?.start == window.start ? assembled.beforeCount : 0
        let behind = slice.range?.end == window.end ? assembled.behindCount : 0
        beforeWindow += before
        behindWindow += behind
        // The padding between two slices is no padding of the window.
        let outside = before + behind
        let disagreement = slice.counts.reportedTotal - assembled.foundCount
        slice.counts.outsideWindow = outside
        slice.counts.reportedTotal =
            slice.rows.count + slice.unidentified.count + outside + disagreement
        return slice
    }
}
