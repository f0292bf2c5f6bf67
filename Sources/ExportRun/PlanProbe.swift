public import BoundedDispatch
public import ExportModel
import Extraction
public import Planning

/// Asks the provider for totals, to see what a plan would take before it is run.
///
/// Each window is asked for with one request; where there are more than ``maximumProbeCount``, as
/// many of them as that, evenly spread, and the others count as the average of their stream.
public struct PlanProbe: Sendable {
    /// What the windows of a stream would take.
    public struct Estimate: Sendable {
        /// nil: of all streams together.
        public var stream: String?
        /// Windows that need requests.
        public var windowCount = 0
        /// Windows whose total is known.
        public var knownCount = 0
        public var rows = 0
        public var requests = 0
        /// Of the bodies of all answers.
        public var byteCount = 0
        /// As long as the requests take at the rates that the pipeline allows.
        public var seconds = 0.0
        /// Why totals could not be had, each reason once.
        public var failures: [WindowResult.Failure] = []
    }

    /// Requests that a probe sends at most, retries aside.
    public static let maximumProbeCount = 200

    fileprivate struct Share {
        var count = 0
        var rows = 0
        var requests = 0
        var byteCount = 0
    }

    private let pipeline: Pipeline
    private let environment: RunEnvironment

    public init(_ pipeline: Pipeline, environment: RunEnvironment) {
        self.pipeline = pipeline
        self.environment = environment
    }

    /// - Returns: an estimate a stream that has windows to ask for, in the plan's order, and the
    ///   whole.
    public func run(
        _ plan: Plan, stop: StopToken
    ) throws(ExportError) -> (streams: [Estimate], whole: Estimate) {
        let windows = plan.windows.filter { !$0.needsNoRequest }
        let paged = windows.filter { pipeline.streams[$0.streamIndex].requests == nil }
        let stride = max((paged.count + Self.maximumProbeCount - 1) / Self.maximumProbeCount, 1)
        let sessions = AccountSessions(pipeline: pipeline, stop: stop, environment: environment)
        var known: [Int: Share] = [:]
        var failures: [Int: [WindowResult.Failure]] = [:]
        let chosen = paged.indices.filter { $0.isMultiple(of: stride) }.map { paged[$0] }
        LaneGroup.map(
            chosen, lanes: pipeline.lanes, label: "cdrx.probe", stop: stop,
            perform: { window in
                (window.streamIndex, Result { () throws(ExportError) in try ask(window, sessions) })
            },
            consume: { (index, result) in
                switch result {
                case .success(let answer): known[index, default: Share()].add(answer)
                case .failure(let error) where error.kind == .interrupted: break
                case .failure(let error):
                    if failures[index]?.contains(where: { $0.code == error.code }) != true {
                        failures[index, default: []].append(WindowResult.Failure(error))
                    }
                }
            })
        if stop.isStopped { throw .interrupted }
        return try estimates(
            windows, known, failures, try ParentIDs.ofLastRun(pipeline, sessions, environment))
    }

    private func ask(
        _ window: PlannedWindow, _ sessions: AccountSessions
    ) throws(ExportError) -> ProbeAnswer {
        guard let range = window.window.range else {
            preconditionFailure("what has pages has bounds")
        }
        let stream = pipeline.streams[window.streamIndex]
        let extractor = WindowExtractor(
            stream: stream.listingDrained ?? stream,
            session: sessions.session(
                streamIndex: window.streamIndex, accountIndex: window.accountIndex),
            transport: environment.transport, environment: environment.clock)
        return try extracting(try extractor.probe(.range(range)))
    }

    /// nil where another stream has them and was not exported yet.
    private func ids(
        of window: PlannedWindow, _ list: RequestList, _ parents: ParentIDs?
    ) throws(ExportError) -> RequestIDs? {
        guard let parent = list.parent else {
            return try RequestIDs(list, window: "\(window.window.key)")
        }
        return try? parents?.ids(parent, account: window.account, window: window.window)
    }

    /// Ids to expect of another stream: the average of its windows.
    private func rows(ofParentIn list: RequestList, _ known: [Int: Share]) -> Double {
        guard
            let index = pipeline.streams.firstIndex(where: { $0.name == list.parent?.stream }),
            let share = known[index]
        else { return 0 }
        return Double(share.rows) / Double(share.count)
    }

    /// Adds up what is known, and takes the average where nothing is.
    private func estimates(
        _ windows: [PlannedWindow], _ known: [Int: Share],
        _ failures: [Int: [WindowResult.Failure]], _ parents: ParentIDs?
    ) throws(ExportError) -> (streams: [Estimate], whole: Estimate) {
        var streams: [Int: Estimate] = [:]
        let budgets = AccountBudgets(of: pipeline, environment: environment.clock)
        var spent: [ObjectIdentifier: Double] = [:]
        var ownSpent: [Int: [ObjectIdentifier: Double]] = [:]
        for window in windows {
            let index = window.streamIndex
            var estimate = streams[index] ?? Estimate(stream: window.stream)
            estimate.windowCount += 1
            streams[index] = estimate
            let requests: Double
            if let list = pipeline.streams[index].requests {
                let ids = try ids(of: window, list, parents)
                requests = ids.map { Double($0.ids.count) } ?? rows(ofParentIn: list, known)
                streams[index]?.requests += Int(requests.rounded(.up))
                streams[index]?.knownCount += ids == nil ? 0 : 1
            } else {
                requests = known[index].map { Double($0.requests) / Double($0.count) } ?? 0
            }
            let budget = budgets.budget(
                streamIndex: index, accountIndex: window.accountIndex)
            let seconds = requests / budget.requestsPerSecond
            spent[ObjectIdentifier(budget), default: 0] += seconds
            ownSpent[index, default: [:]][ObjectIdentifier(budget), default: 0] += seconds
        }
        for index in streams.keys {
            streams[index]?.failures = failures[index] ?? []
            streams[index]?.seconds = ownSpent[index]?.values.max() ?? 0
            guard let share = known[index] else { continue }
            streams[index]?.extrapolate(share)
        }
        let ordered = streams.sorted { $0.key < $1.key }.map(\.value)
        var whole = ordered.reduce(into: Estimate()) { $0.add($1) }
        // Streams run side by side; accounts that share credentials share a rate.
        whole.seconds = max(
            spent.values.max() ?? 0,
            budgets.whole.map { Double(whole.requests) / $0.requestsPerSecond } ?? 0)
        return (ordered, whole)
    }
}

extension PlanProbe.Share {
    fileprivate mutating func add(_ answer: ProbeAnswer) {
        count += 1
        rows += answer.total
        requests += answer.requests
        byteCount += answer.byteCount
    }
}

extension PlanProbe.Estimate {
    fileprivate mutating func extrapolate(_ share: PlanProbe.Share) {
        knownCount += share.count
        func scaled(_ value: Int) -> Int {
            Int((Double(value) * Double(windowCount) / Double(share.count)).rounded())
        }
        rows += scaled(share.rows)
        requests += scaled(share.requests)
        byteCount += scaled(share.byteCount)
    }

    fileprivate mutating func add(_ other: Self) {
        windowCount += other.windowCount
        knownCount += other.knownCount
        rows += other.rows
        requests += other.requests
        byteCount += other.byteCount
        failures += other.failures
    }
}
