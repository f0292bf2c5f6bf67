/// Has a ``LaneGroup`` run on the calling thread alone, one job at a time, in an order that is
/// drawn: the same draws give the same run.
///
/// Every lane holds a job as ever, and the draw decides whose job is worked off next: other lanes
/// see the board as if that job had taken long. Jobs must not wait for each other.
public struct LaneSchedule: Sendable {
    /// What takes the place of ``LaneGroup/coreCount``, so that a run is the same on every machine.
    public var coreCount: Int
    /// Draws which of so many jobs in flight is worked off next: `0..<count`.
    public var draw: @Sendable (_ count: Int) -> Int
    /// Called where nothing can be done for so many milliseconds.
    public var pause: @Sendable (_ milliseconds: Int64) -> Void
    /// Called where nothing can be done ever again although the board is not done: threads would
    /// wait forever. The group then ends.
    public var onStall: @Sendable () -> Void

    public init(
        coreCount: Int, draw: @escaping @Sendable (_ count: Int) -> Int,
        pause: @escaping @Sendable (_ milliseconds: Int64) -> Void,
        onStall: @escaping @Sendable () -> Void
    ) {
        self.coreCount = coreCount
        self.draw = draw
        self.pause = pause
        self.onStall = onStall
    }
}

/// A board and its lanes on one thread; see ``LaneSchedule``.
struct ScheduledLanes<Board: LaneBoard, Context> {
    private struct Lane {
        let kind: LaneKind
        var context: Context?
        var job: Board.Job?
    }

    /// As it stands now.
    private(set) var board: Board
    private var lanes: [Lane]
    private let schedule: LaneSchedule
    private var isStopped = false
    private var isClosed = false

    /// - Parameter laneCounts: by ``LaneKind``.
    init(_ board: Board, laneCounts: [Int], schedule: LaneSchedule) {
        self.board = board
        self.schedule = schedule
        lanes = LaneKind.allCases.flatMap { kind in
            (0..<laneCounts[kind.rawValue]).map { _ in Lane(kind: kind) }
        }
    }

    /// See ``LaneGroup/run(_:stop:makeContext:perform:consume:)``.
    mutating func run<Failure: Error>(
        stop: StopToken, makeContext: () -> Context,
        perform: (inout Context, Board.Job) -> Board.Outcome,
        consume: (Board.Output) throws(Failure) -> Void
    ) throws(Failure) {
        var failure: Failure?
        while true {
            if stop.isStopped, !isStopped {
                isStopped = true
                if !board.stop() { isClosed = true }
            }
            do throws(Failure) {
                if failure == nil { try collect(consume) }
            } catch {
                failure = error
                isClosed = true
            }
            let pause = claim()
            let busy = lanes.indices.filter { lanes[$0].job != nil }
            if busy.isEmpty {
                if isClosed { break }
                guard let pause else {
                    schedule.onStall()
                    break
                }
                schedule.pause(pause)
                continue
            }
            work(on: busy[schedule.draw(busy.count)], makeContext, perform)
        }
        if let failure { throw failure }
    }

    private mutating func collect<Failure: Error>(
        _ consume: (Board.Output) throws(Failure) -> Void
    ) throws(Failure) {
        while true {
            switch board.collect() {
            case .item(let output): try consume(output)
            case .done:
                isClosed = true
                return
            case .wait, .pause: return
            }
        }
    }

    /// Gives jobs to the lanes that have none.
    ///
    /// - Returns: after how many milliseconds the board should be asked again.
    private mutating func claim() -> Int64? {
        var pause: Int64?
        for kind in LaneKind.allCases where !isClosed {
            for index in lanes.indices where lanes[index].kind == kind && lanes[index].job == nil {
                let claim = board.claim(kind)
                if case .item(let job) = claim {
                    lanes[index].job = job
                    continue
                }
                if case .pause(let milliseconds) = claim {
                    pause = min(pause ?? milliseconds, milliseconds)
                }
                break
            }
        }
        return pause
    }

    private mutating func work(
        on index: Int, _ makeContext: () -> Context,
        _ perform: (inout Context, Board.Job) -> Board.Outcome
    ) {
        guard let job = lanes[index].job else { return }
        var context = lanes[index].context ?? makeContext()
        board.complete(job, with: perform(&context, job))
        lanes[index].context = context
        lanes[index].job = nil
    }
}
