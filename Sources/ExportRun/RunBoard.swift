import BoundedDispatch
import Compression
import Extraction
import Planning

/// What a run holds at once, at most.
enum RunLimits {
    /// Memory of pages; above it only the oldest window asks for more.
    static let heldByteCount = 64 << 20
    /// Windows that hold files open.
    static let activeWindows = 240
    /// Publications at once: each waits for the disk most of its time, and the disk serves many at
    /// once as fast as one.
    static let storageLanes = 16
}

/// How many windows of a stream are walked at once.
struct StreamBound: Sendable {
    var windowsInFlight: Int
    /// Windows of a drain touch their neighbors' partitions, so they go one by one to the end.
    var isDrain: Bool
}

/// What became of a window, by its index into the plan's windows.
struct FinishedWindow: Sendable {
    var index: Int
    var result: WindowResult
}

/// Decides what every lane of a run does next: request lanes ask for the next page of any active
/// window, compute lanes begin windows and take what their walks bring, storage lanes publish.
///
/// Windows become active in the plan's order, no more of a stream than its `windows_in_flight`, and
/// as long as the pages held leave room.
///
/// `Run` is what does a window's steps; the board only passes it on.
struct RunBoard<Run: Sendable>: LaneBoard, Sendable {
    /// What a lane does.
    enum Job: Sendable {
        /// By its index into the plan's windows.
        case begin(Int)
        /// A page for a request lane, or its assembly for a compute lane.
        case walk(Int, Run, WalkJob)
        case take(Int, Run, WalkEvent)
        case compress(Int, CompressionJob)
        /// With the walk as it ended, and why the window could not go on.
        case finish(Int, Run, AccountWalk?, ExportError?)
        /// A whole window of a drain, on a request lane.
        case drain(Int, Run)
    }

    /// What a lane brings back.
    enum Outcome: Sendable {
        /// The window is walked from now on.
        case begun(Run, AccountWalk)
        case drains(Run)
        case walked(WalkOutcome)
        /// What is to be compressed before the next event is taken, or why nothing can be.
        case taken(Result<[CompressionJob], ExportError>)
        case compressed
        /// The window is walked once more.
        case again(AccountWalk)
        case ended(WindowResult)
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
            /// Waits for a storage lane.
            case walked
            case finishing
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
        /// Its walk did not come to its end.
        var isFailing = false
        /// False as long as the walk has no page to ask for.
        var mayRequest = false
        /// False as long as there is nothing to compute.
        var mayCompute = false

        /// Whether it counts as walked side by side with others. A walk that failed counts until
        /// its window has ended: what it brought to light may concern the next one.
        var isWalking: Bool {
            switch phase {
            case .beginning, .drainable, .draining: true
            case .walking: failure != nil || !(walk?.isFinished ?? true)
            case .walked, .finishing: isFailing
            }
        }

        /// Whether no lane works on it, and its walk brings nothing more.
        var isWalked: Bool {
            phase == .walking && inFlight == 0 && !isTaking
                && compressions.isEmpty && compressingCount == 0
                && (failure != nil || walk?.isEnded ?? true)
        }

        mutating func end() {
            isFailing = isWalking
            phase = .walked
        }
    }

    private let bounds: [StreamBound]
    private let streamOf: [Int]
    private let lanes: Int
    private var queues: [Queue] = []
    /// In the order they were begun.
    private var active: [Active] = []
    private var finished: [FinishedWindow] = []
    private var heldByteCount = 0
    private var isStopped = false

    /// - Parameters:
    ///   - bounds: by stream index.
    ///   - lanes: request lanes of the run.
    init(_ windows: [PlannedWindow], bounds: [StreamBound], lanes: Int) {
        self.bounds = bounds
        self.lanes = lanes
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
            case .storage: claimFinish()
            }
        if case .wait = claim, isDone { return .done }
        return claim
    }

    mutating func complete(_ job: Job, with outcome: Outcome) {
        let index = job.index
        guard let position = active.indices.first(where: { active[$0].index == index }) else {
            return
        }
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
        case .again(let walk):
            active[position].walk = walk
            active[position].phase = .walking
        case .ended(let result):
            heldByteCount -= active[position].heldByteCount
            active.remove(at: position)
            finished.append(FinishedWindow(index: index, result: result))
            return
        }
        active[position].mayRequest = true
        active[position].mayCompute = true
        countHeldBytes(position)
        if active[position].failure != nil || active[position].walk?.isFinished ?? false,
            active[position].isWalked
        {
            active[position].end()
        }
    }

    mutating func collect() -> LaneClaim<FinishedWindow> {
        if let next = finished.popLast() { return .item(next) }
        return isDone ? .done : .wait
    }

    /// Windows that were begun come to their end: what is verified is kept, the rest interrupted.
    mutating func stop() -> Bool {
        isStopped = true
        for position in active.indices { active[position].mayCompute = true }
        return true
    }

    private var isDone: Bool {
        active.isEmpty && (isStopped || queues.allSatisfy(\.waiting.isEmpty))
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
        for position in active.indices
        where active[position].phase == .walking && active[position].mayCompute {
            if let job = computation(position) { return .item(job) }
            active[position].mayCompute = false
            if active[position].isWalked { active[position].end() }
        }
        return begin().map { .item($0) } ?? .wait
    }

    /// The end of the oldest window that has been walked.
    private mutating func claimFinish() -> LaneClaim<Job> {
        for position in active.indices where active[position].phase == .walked {
            guard let run = active[position].run else { continue }
            active[position].phase = .finishing
            let walk = active[position].walk
            active[position].walk = nil
            return .item(.finish(active[position].index, run, walk, active[position].failure))
        }
        return .wait
    }

    /// By position, so that no element is copied.
    private func activeCount(where isCounted: (Int) -> Bool) -> Int {
        active.indices.reduce(0) { $0 + (isCounted($1) ? 1 : 0) }
    }

    /// The next window, if it may begin.
    private mutating func begin() -> Job? {
        guard !isStopped, heldByteCount < RunLimits.heldByteCount,
            active.count < min(RunLimits.activeWindows, 2 * lanes + bounds.count)
        else { return nil }
        for position in queues.indices where !queues[position].waiting.isEmpty {
            let stream = queues[position].stream
            let bound = bounds[stream]
            let count = activeCount {
                active[$0].stream == stream && (bound.isDrain || active[$0].isWalking)
            }
            guard count < (bound.isDrain ? 1 : bound.windowsInFlight) else { continue }
            let index = queues[position].waiting.removeFirst()
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

extension RunBoard.Job {
    /// Of the window it is for, into the plan's windows.
    fileprivate var index: Int {
        switch self {
        case .begin(let index), .walk(let index, _, _), .take(let index, _, _),
            .compress(let index, _), .finish(let index, _, _, _), .drain(let index, _):
            index
        }
    }
}
