import BoundedDispatch
import Compression
import Extraction
import Planning

/// What a run holds at once, at most.
enum RunLimits {
    /// Memory of pages; above it only the oldest account window asks for more.
    static let heldByteCount = 64 << 20
    /// Account windows that are walked, or wait to be archived.
    static let activeWindows = 1_000
    /// Partitions that hold files open.
    static let openPartitions = 240
    /// Publications at once: each waits for the disk most of its time, and the disk serves many at
    /// once as fast as one.
    static let storageLanes = 16
    /// Account windows that are archived with one sync: so many, or what came in so long.
    static let commitCount = 256
    static let commitMilliseconds: Int64 = 200
}

/// How many windows of a stream are walked at once.
struct StreamBound: Sendable {
    var windowsInFlight: Int
    /// Windows of a drain touch their neighbors' partitions, so they go one by one to the end.
    var isDrain: Bool
}

/// An account window whose walk has ended.
struct WalkedWindow<Run: Sendable>: Sendable {
    /// Into the plan's windows.
    var index: Int
    var run: Run
    var walk: AccountWalk?
    /// Why the window could not go on.
    var failure: ExportError?

    /// Whether its walk did not come to its end.
    var isFailing: Bool { failure != nil || !(walk?.isFinished ?? true) }
}

/// Decides what every lane of a run does next: request lanes ask for the next page of any active
/// account window, compute lanes begin account windows, take what their walks bring and make
/// partitions of what is archived, storage lanes archive and publish.
///
/// Account windows become active in the plan's order, no more of a stream than its
/// `windows_in_flight`, and as long as the pages held leave room. ``PartitionQueue`` decides what
/// happens once they have been walked.
///
/// `Run` is what does an account window's steps; the board only passes it on.
struct RunBoard<Run: Sendable>: LaneBoard, Sendable {
    /// What a lane does.
    enum Job: Sendable {
        /// By its index into the plan's windows.
        case begin(Int)
        /// A page for a request lane, or its assembly for a compute lane.
        case walk(Int, Run, WalkJob)
        case take(Int, Run, WalkEvent)
        case compress(Int, CompressionJob)
        /// A whole account window of a drain, on a request lane.
        case drain(Int, Run)
        /// The account windows of one partition that have been walked.
        case archive(partition: Int, [WalkedWindow<Run>])
        /// A step of making a partition of archived account windows.
        case make(partition: Int, [AccountEnd])
        case compressPart(partition: Int, CompressionJob)
        case publish(partition: Int, [AccountEnd])
    }

    /// What a lane brings back.
    enum Outcome: Sendable {
        /// The account window is walked from now on.
        case begun(Run, AccountWalk)
        case drains(Run)
        case walked(WalkOutcome)
        /// What is to be compressed before the next event is taken, or why nothing can be.
        case taken(Result<[CompressionJob], ExportError>)
        case compressed
        /// The account window has ended without a walk, or by its drain.
        case ended(AccountEnd)
        /// Some are walked once more, the others have ended.
        case archived(again: [WalkedWindow<Run>], ended: [AccountEnd])
        /// What is to be compressed before the next step; the last step says that it was the last.
        case made([CompressionJob], isLast: Bool)
        case published(FinishedPartition)
    }

    /// The windows of one stream that have not been begun.
    private struct Queue {
        var stream: Int
        /// In the plan's order.
        var waiting: ArraySlice<Int>
    }

    private struct Active {
        enum Phase {
            case beginning, walking
            /// Waits for a request lane.
            case drainable
            case draining
        }

        let index: Int
        let stream: Int
        var phase = Phase.beginning
        var run: Run?
        var walk: AccountWalk?
        /// What the window itself could not take.
        var failure: ExportError?
        /// Pages and assemblies that lanes work on.
        var inFlight = 0
        var isTaking = false
        var compressions: [CompressionJob] = []
        var compressingCount = 0
        /// Memory of the slice that is taken.
        var takenByteCount = 0
        /// Of everything, as it was counted last.
        var heldByteCount = 0
        /// False as long as the walk has no page to ask for.
        var mayRequest = false
        /// False as long as there is nothing to compute.
        var mayCompute = false

        /// Whether it counts as walked side by side with others.
        var isWalking: Bool {
            phase != .walking || failure != nil || !(walk?.isFinished ?? true)
        }

        /// Whether no lane works on it, and its walk brings nothing more.
        var isWalked: Bool {
            phase == .walking && inFlight == 0 && !isTaking
                && compressions.isEmpty && compressingCount == 0
                && (failure != nil || walk?.isEnded ?? true)
        }
    }

    private let bounds: [StreamBound]
    private let streamOf: [Int]
    private let lanes: Int
    private var queues: [Queue] = []
    /// In the order they were begun.
    private var active: [Active] = []
    private var partitions: PartitionQueue<Run>
    private var heldByteCount = 0
    private var isStopped = false

    /// - Parameters:
    ///   - partitions: of the windows, in their order.
    ///   - bounds: by stream index.
    ///   - lanes: request lanes of the run.
    ///   - clock: milliseconds of a monotonic clock.
    init(
        _ windows: [PlannedWindow], partitions: [PlannedPartition], bounds: [StreamBound],
        lanes: Int, clock: @escaping @Sendable () -> Int64
    ) {
        self.bounds = bounds
        self.lanes = lanes
        self.partitions = PartitionQueue(partitions, clock: clock)
        streamOf = windows.map(\.streamIndex)
        for (index, stream) in streamOf.enumerated() {
            if let last = queues.indices.last, queues[last].stream == stream {
                queues[last].waiting.append(index)
            } else {
                queues.append(Queue(stream: stream, waiting: [index]))
            }
        }
    }

    mutating func claim(_ kind: LaneKind) -> LaneClaim<Job> {
        let claim =
            switch kind {
            case .request: claimRequest()
            case .compute: claimComputation()
            case .storage: partitions.claimStorage(isStopped: isStopped)
            }
        if case .wait = claim, isDone { return .done }
        return claim
    }

    mutating func complete(_ job: Job, with outcome: Outcome) {
        switch job {
        case .begin(let index), .walk(let index, _, _), .take(let index, _, _),
            .compress(let index, _), .drain(let index, _):
            let position = active.indices.first { active[$0].index == index }
            if let position { complete(job, with: outcome, at: position) }
        case .archive, .make, .compressPart, .publish:
            for window in partitions.complete(job, with: outcome) { walkAgain(window) }
        }
    }

    mutating func collect() -> LaneClaim<FinishedPartition> {
        if let next = partitions.popFinished() { return .item(next) }
        return isDone ? .done : .wait
    }

    /// Account windows that were begun come to their end: what is verified is kept, the rest
    /// interrupted.
    mutating func stop() -> Bool {
        isStopped = true
        for position in active.indices { active[position].mayCompute = true }
        for queue in queues { partitions.drop(queue.waiting) }
        for position in queues.indices { queues[position].waiting = [] }
        return true
    }

    private var isDone: Bool {
        active.isEmpty && queues.allSatisfy(\.waiting.isEmpty) && partitions.isDone
    }

    // MARK: - What lanes bring back

    private mutating func complete(_ job: Job, with outcome: Outcome, at position: Int) {
        switch outcome {
        case .begun(let run, let walk):
            active[position].run = run
            active[position].walk = walk
            active[position].phase = .walking
        case .drains(let run):
            active[position].run = run
            active[position].phase = .drainable
        case .walked(let walked):
            active[position].inFlight -= 1
            if case .walk(_, _, let work) = job {
                active[position].walk?.complete(work, with: walked)
            }
        case .taken(let result):
            active[position].isTaking = false
            active[position].takenByteCount = 0
            switch result {
            case .success(let jobs): active[position].compressions = jobs
            case .failure(let error): active[position].failure = error
            }
        case .compressed: active[position].compressingCount -= 1
        case .ended(let end):
            remove(position)
            partitions.add(end)
            return
        case .archived, .made, .published: preconditionFailure("an outcome of another job")
        }
        active[position].mayRequest = true
        active[position].mayCompute = true
        countHeldBytes(position)
        if active[position].failure != nil || active[position].walk?.isFinished ?? false {
            leaveIfWalked(position)
        }
    }

    /// Hands a window that has been walked over to its partition.
    private mutating func leaveIfWalked(_ position: Int) {
        guard active[position].isWalked, let run = active[position].run else { return }
        let walked = WalkedWindow(
            index: active[position].index, run: run, walk: active[position].walk,
            failure: active[position].failure)
        remove(position)
        partitions.add(walked)
    }

    private mutating func remove(_ position: Int) {
        heldByteCount -= active[position].heldByteCount
        active.remove(at: position)
    }

    private mutating func walkAgain(_ window: WalkedWindow<Run>) {
        var again = Active(index: window.index, stream: streamOf[window.index])
        again.run = window.run
        again.walk = window.walk
        again.phase = .walking
        (again.mayRequest, again.mayCompute) = (true, true)
        active.insert(again, at: 0)
    }

    private mutating func countHeldBytes(_ position: Int) {
        let now =
            (active[position].walk?.heldByteCount ?? 0) + active[position].takenByteCount
        heldByteCount += now - active[position].heldByteCount
        active[position].heldByteCount = now
    }

    // MARK: - Request lanes

    private mutating func claimRequest() -> LaneClaim<Job> {
        var shortestPause: Int64?
        for position in active.indices {
            switch active[position].phase {
            case .drainable:
                guard let run = active[position].run else { continue }
                active[position].phase = .draining
                return .item(.drain(active[position].index, run))
            case .walking where active[position].mayRequest && active[position].failure == nil:
                switch active[position].walk?.claim(.request) {
                case .item(let work):
                    guard let run = active[position].run else { continue }
                    active[position].inFlight += 1
                    return .item(.walk(active[position].index, run, work))
                case .pause(let milliseconds):
                    shortestPause = min(shortestPause ?? milliseconds, milliseconds)
                case .done:
                    active[position].mayRequest = false
                    active[position].mayCompute = true
                case .wait, nil: active[position].mayRequest = false
                }
            default: break
            }
            // Only the oldest window may go on while pages hold too much.
            if heldByteCount >= RunLimits.heldByteCount, active[position].isWalking { break }
        }
        return shortestPause.map { .pause(milliseconds: $0) } ?? .wait
    }

    // MARK: - Compute lanes

    private mutating func claimComputation() -> LaneClaim<Job> {
        if activeCount(where: { active[$0].isWalking }) < lanes, let job = begin() {
            return .item(job)
        }
        var position = 0
        while position < active.count {
            if active[position].phase == .walking, active[position].mayCompute {
                if let job = computation(position) { return .item(job) }
                active[position].mayCompute = false
                let count = active.count
                leaveIfWalked(position)
                if active.count < count { continue }
            }
            position += 1
        }
        if let job = partitions.claimComputation(isStopped: isStopped) { return .item(job) }
        return begin().map { .item($0) } ?? .wait
    }

    /// By position, so that no element is copied.
    private func activeCount(where isCounted: (Int) -> Bool) -> Int {
        active.indices.reduce(0) { $0 + (isCounted($1) ? 1 : 0) }
    }

    /// The next account window, if it may begin.
    private mutating func begin() -> Job? {
        guard !isStopped, heldByteCount < RunLimits.heldByteCount,
            active.count < 2 * lanes + bounds.count,
            active.count + partitions.walkedCount < RunLimits.activeWindows
        else { return nil }
        for position in queues.indices {
            guard let index = queues[position].waiting.first else { continue }
            let stream = queues[position].stream
            let bound = bounds[stream]
            // What a walk that failed brought to light may concern the next one.
            let count =
                activeCount { active[$0].stream == stream && active[$0].isWalking }
                + partitions.failingCount(stream: stream)
            if bound.isDrain {
                guard activeCount(where: { active[$0].stream == stream }) == 0,
                    !partitions.isBusy(besides: index, stream: stream)
                else { continue }
            } else if count >= bound.windowsInFlight {
                continue
            }
            guard partitions.open(index) else { continue }
            queues[position].waiting.removeFirst()
            active.append(Active(index: index, stream: stream))
            return .begin(index)
        }
        return nil
    }

    private mutating func computation(_ position: Int) -> Job? {
        guard let run = active[position].run, active[position].failure == nil else { return nil }
        let index = active[position].index
        if let compression = active[position].compressions.popLast() {
            active[position].compressingCount += 1
            return .compress(index, compression)
        }
        if case .item(let work) = active[position].walk?.claim(.compute) {
            active[position].inFlight += 1
            return .walk(index, run, work)
        }
        guard !active[position].isTaking, active[position].compressingCount == 0,
            case .item(let event) = active[position].walk?.collect()
        else { return nil }
        let remaining = active[position].walk?.heldByteCount ?? 0
        active[position].isTaking = true
        active[position].takenByteCount = active[position].heldByteCount - remaining
        active[position].mayRequest = true
        return .take(index, run, event)
    }
}
