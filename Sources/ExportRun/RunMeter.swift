import BoundedDispatch
public import ExportModel
import Extraction
import Planning
import Synchronization

/// Counts what a run does while it does it; whoever shows progress looks at ``progress`` as often as
/// they like.
///
/// Lanes only add to counters: nothing is allocated for a page.
public final class RunMeter: Sendable {
    private struct State {
        var streams: [StreamMeter] = []
        var startedAt: Int64?
        var runID: String?
    }

    private let state = Guarded(State())

    public init() {}

    /// How far the run is.
    public var progress: RunProgress {
        let (streams, startedAt, runID) = state.withLock { ($0.streams, $0.startedAt, $0.runID) }
        return RunProgress(
            streams: streams.filter { $0.windowCount > 0 }.map(\.progress), startedAt: startedAt,
            runID: runID)
    }

    /// Notes what will be done.
    ///
    /// - Parameter moment: on the clock of ``ExtractionEnvironment/monotonicMilliseconds``.
    func begin(_ pipeline: Pipeline, _ plan: Plan, runID: String, at moment: Int64) {
        var counts = Array(repeating: 0, count: pipeline.streams.count)
        for window in plan.windows { counts[window.streamIndex] += 1 }
        let streams = zip(pipeline.streams, counts).map { StreamMeter($0, windowCount: $1) }
        state.withLock { state in
            state.streams = streams
            state.startedAt = moment
            state.runID = runID
        }
    }

    /// Notes anew what will be done of streams of which nothing was begun.
    func update(_ pipeline: Pipeline, _ streams: Set<String>, _ plan: Plan) {
        let counts = Dictionary(grouping: plan.windows, by: \.streamIndex).mapValues(\.count)
        state.withLock { state in
            for (index, stream) in pipeline.streams.enumerated() where streams.contains(stream.name)
            {
                state.streams[index] = StreamMeter(stream, windowCount: counts[index] ?? 0)
            }
        }
    }

    /// The meter of a stream, by its index in the pipeline.
    func stream(_ index: Int) -> StreamMeter { state.withLock { $0.streams[index] } }

    /// What all streams asked their providers for.
    var traffic: RequestTraffic {
        state.withLock { state in
            state.streams.reduce(into: RequestTraffic()) { $0 += $1.traffic }
        }
    }

    /// By stream, for those that have windows or sent requests.
    var trafficOfStreams: [StreamTraffic] {
        state.withLock { state in
            state.streams.compactMap { stream in
                let traffic = stream.traffic
                return stream.windowCount > 0 || traffic.requests > 0
                    ? StreamTraffic(stream: stream.name, traffic: traffic) : nil
            }
        }
    }
}

/// What the requests of one stream came to.
public struct StreamTraffic: Hashable, Sendable {
    public var stream: String
    public var traffic: RequestTraffic
}

/// How far a run is, at one moment.
public struct RunProgress: Sendable {
    /// How an account window stands.
    public enum Window: UInt8, Sendable {
        case waiting, active, complete, incomplete
    }

    /// How far one stream is.
    public struct Stream: Sendable {
        public var name: String
        /// Account windows of the plan.
        public var windowCount = 0
        /// Of these, how many have been walked to their end, whatever came of it.
        public var walkedCount = 0
        /// Of these, how many are done: published, or failed for this run.
        public var endedCount = 0
        /// Of ``walkedCount``, how many are not complete.
        public var incompleteCount = 0
        /// In the plan's order; empty where they are more than ``RunMeter`` keeps.
        public var windows: [Window] = []
        /// Rows of pages that were read, and of windows that have ended.
        public var rows = 0
        /// Pages read, those that are asked for again included.
        public var pages = 0
        /// What ``pages`` will be at the end, as far as responses show it; nil as long as none does.
        public var expectedPages: Int?
        public var traffic = RequestTraffic()
        /// Requests a second that the slowest account is allowed now; nil where none was slowed down.
        public var slowedTo: Double?

        public init(name: String) {
            self.name = name
        }

        /// From 0 to 1.
        public var share: Double {
            guard windowCount > 0, endedCount < windowCount else { return 1 }
            let ofWindows = min(Double(walkedCount) / Double(windowCount), 0.99)
            guard let expectedPages, expectedPages > 0 else { return ofWindows }
            return min(max(Double(pages) / Double(expectedPages), ofWindows), 0.99)
        }
    }

    /// Of the pipeline, without those that have no windows in the plan.
    public var streams: [Stream]
    /// On the clock of ``ExtractionEnvironment/monotonicMilliseconds``; nil before there is a plan.
    public var startedAt: Int64?
    /// nil before there is one.
    public var runID: String?

    public init(streams: [Stream], startedAt: Int64?, runID: String? = nil) {
        self.streams = streams
        self.startedAt = startedAt
        self.runID = runID
    }
}

/// The counters of one stream.
final class StreamMeter: Sendable {
    /// Streams with more windows are shown as a share.
    static let maximumShownWindows = 64

    private struct Windows {
        /// Empty where they are too many to be shown one by one.
        var states: [RunProgress.Window]
        /// Walked to their end, in partitions that wait for others; by index.
        var waiting: Set<Int> = []
        var ended = 0
        /// By index.
        var incomplete: Set<Int> = []

        mutating func set(_ index: Int, isComplete: Bool) {
            if !isComplete { incomplete.insert(index) }
            if states.indices.contains(index) {
                states[index] = isComplete ? .complete : .incomplete
            }
        }
    }

    private struct Budgets {
        var all: [RequestBudget] = []
        var known: Set<ObjectIdentifier> = []
    }

    let name: String
    let windowCount: Int
    private let requests = Atomic<Int>(0)
    private let retries = Atomic<Int>(0)
    private let throttles = Atomic<Int>(0)
    private let rewalks = Atomic<Int>(0)
    private let waitMilliseconds = Atomic<Int>(0)
    private let responseBytes = Atomic<Int>(0)
    private let rows = Atomic<Int>(0)
    private let pages = Atomic<Int>(0)
    private let plannedPages = Atomic<Int>(0)
    /// Windows of which ``plannedPages`` holds something.
    private let plannedWindows = Atomic<Int>(0)
    private let windows: Guarded<Windows>
    private let budgets = Guarded(Budgets())

    init(_ stream: Stream, windowCount: Int) {
        name = stream.name
        self.windowCount = windowCount
        let isShown = windowCount <= Self.maximumShownWindows
        windows = Guarded(
            Windows(states: Array(repeating: .waiting, count: isShown ? windowCount : 0)))
    }

    var traffic: RequestTraffic {
        var traffic = RequestTraffic()
        traffic.requests = requests.load(ordering: .relaxed)
        traffic.retries = retries.load(ordering: .relaxed)
        traffic.throttles = throttles.load(ordering: .relaxed)
        traffic.rewalks = rewalks.load(ordering: .relaxed)
        traffic.waitMilliseconds = Int64(waitMilliseconds.load(ordering: .relaxed))
        traffic.responseBytes = Int64(responseBytes.load(ordering: .relaxed))
        return traffic
    }

    var progress: RunProgress.Stream {
        var stream = RunProgress.Stream(name: name)
        stream.windowCount = windowCount
        stream.traffic = traffic
        stream.rows = rows.load(ordering: .relaxed)
        stream.pages = pages.load(ordering: .relaxed)
        let knownWindows = plannedWindows.load(ordering: .relaxed)
        if knownWindows > 0 {
            let planned = max(plannedPages.load(ordering: .relaxed), stream.pages)
            // Windows that were not begun are taken to be like the others.
            stream.expectedPages = planned * max(windowCount, knownWindows) / knownWindows
        }
        windows.withLock { windows in
            stream.endedCount = windows.ended
            stream.walkedCount = windows.ended + windows.waiting.count
            stream.incompleteCount = windows.incomplete.count
            stream.windows = windows.states
        }
        if stream.traffic.throttles > 0 {
            let slowed = budgets.withLock { $0.all }.compactMap { budget in
                let rate = budget.currentRequestsPerSecond
                return rate < budget.requestsPerSecond ? rate : nil
            }
            stream.slowedTo = slowed.min()
        }
        return stream
    }

    /// Notes that requests spend from a budget.
    func add(_ budget: RequestBudget) {
        budgets.withLock { budgets in
            if budgets.known.insert(ObjectIdentifier(budget)).inserted {
                budgets.all.append(budget)
            }
        }
    }

    // MARK: - Account windows

    /// - Parameter index: counts the stream's windows in the plan's order.
    func begin(window index: Int) {
        windows.withLock { windows in
            if windows.states.indices.contains(index) { windows.states[index] = .active }
        }
    }

    /// Notes that an account window is walked to its end: its partition may wait for others.
    func endWalk(window index: Int, isComplete: Bool) {
        windows.withLock { windows in
            windows.waiting.insert(index)
            windows.set(index, isComplete: isComplete)
        }
    }

    func end(window index: Int, isComplete: Bool) {
        windows.withLock { windows in
            windows.waiting.remove(index)
            windows.ended += 1
            windows.set(index, isComplete: isComplete)
        }
    }

    // MARK: - Requests

    /// Counts an event, pages aside.
    func count(_ event: ExtractionEvent) {
        switch event {
        case .requestSent: requests.add(1, ordering: .relaxed)
        case .responseReceived(let byteCount): responseBytes.add(byteCount, ordering: .relaxed)
        case .retrying(let retry):
            retries.add(1, ordering: .relaxed)
            waitMilliseconds.add(Int(retry.pauseMilliseconds), ordering: .relaxed)
        case .throttled: throttles.add(1, ordering: .relaxed)
        case .rewalking: rewalks.add(1, ordering: .relaxed)
        case .pageRead, .loggedIn: break
        }
    }

    /// Adds what changed of a window's pages.
    func add(pages: Int, planned: Int, isNewlyPlanned: Bool, rows: Int) {
        self.pages.add(pages, ordering: .relaxed)
        if planned != 0 { plannedPages.add(planned, ordering: .relaxed) }
        if isNewlyPlanned { plannedWindows.add(1, ordering: .relaxed) }
        if rows != 0 { self.rows.add(rows, ordering: .relaxed) }
    }
}
