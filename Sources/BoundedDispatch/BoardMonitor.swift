import Dispatch
import Synchronization

/// Guards a board and puts threads to sleep until it has something for them.
///
/// Every sleeper has a semaphore of its own: with a shared one, a late sleeper could take the
/// signal that an earlier one was meant to get.
final class BoardMonitor<Board: LaneBoard & Sendable>: Sendable {
    private struct State {
        var board: Board
        var sleepers: [DispatchSemaphore] = []
        var isClosed = false
        /// Jobs claimed and not yet completed.
        var inFlight = 0
    }

    private let state: Mutex<State>

    init(board: Board) {
        state = Mutex(State(board: board))
    }

    /// The next job for a lane; nil once there will be none.
    func nextJob() -> Board.Job? {
        waiting { state in
            if state.isClosed { return .done }
            let claim = state.board.claim()
            if case .item = claim { state.inFlight += 1 }
            return claim
        }
    }

    /// Hands a result to the board and wakes whoever waits for one.
    func complete(_ job: Board.Job, with outcome: Board.Outcome) {
        let sleepers = state.withLock { state in
            state.board.complete(job, with: outcome)
            state.inFlight -= 1
            return Self.takeSleepers(&state)
        }
        for sleeper in sleepers { sleeper.signal() }
    }

    /// The next output; nil once there will be none, or after ``close()`` when no job is in flight.
    func nextOutput() -> Board.Output? {
        let output: Board.Output? = waiting { state in
            let claim = state.board.collect()
            if case .wait = claim, state.isClosed, state.inFlight == 0 { return .done }
            return claim
        }
        wakeAll()
        return output
    }

    /// No job is claimed from now on.
    func close() {
        state.withLock { $0.isClosed = true }
        wakeAll()
    }

    /// The board, once the lanes have ended.
    func finalBoard() -> Board {
        state.withLock { $0.board }
    }

    private func wakeAll() {
        let sleepers = state.withLock { Self.takeSleepers(&$0) }
        for sleeper in sleepers { sleeper.signal() }
    }

    private func waiting<Item: Sendable>(for ask: (inout State) -> LaneClaim<Item>) -> Item? {
        let sleeper = DispatchSemaphore(value: 0)
        while true {
            let claim = state.withLock { state in
                let claim = ask(&state)
                if case .wait = claim { state.sleepers.append(sleeper) }
                return claim
            }
            switch claim {
            case .item(let item): return item
            case .done: return nil
            case .wait: sleeper.wait()
            }
        }
    }

    private static func takeSleepers(_ state: inout State) -> [DispatchSemaphore] {
        defer { state.sleepers.removeAll(keepingCapacity: true) }
        return state.sleepers
    }
}
