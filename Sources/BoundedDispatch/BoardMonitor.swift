import Dispatch
import Synchronization

/// Guards a board and puts threads to sleep until it has something for them.
///
/// After a change the board is asked on behalf of the sleepers, and what it has is handed to them:
/// as many threads wake as there is work, and none wakes for nothing.
final class BoardMonitor<Board: LaneBoard & Sendable>: Sendable {
    private struct State {
        var board: Board
        /// Lanes without a job, by ``LaneKind``; the last one to come is the first to go.
        var lanes = [[Sleeper<Board.Job>]](repeating: [], count: LaneKind.allCases.count)
        /// The sleeping lane of a kind that wakes by itself, and when.
        var timekeepers = [Timekeeper<Board.Job>?](repeating: nil, count: LaneKind.allCases.count)
        var collector: Sleeper<Board.Output>?
        var isClosed = false
        /// Jobs claimed and not yet completed.
        var inFlight = 0
    }

    private let state: Guarded<State>

    init(board: Board) {
        state = Guarded(State(board: board))
    }

    /// The next job for a lane; nil once there will be none.
    func nextJob(_ kind: LaneKind) -> Board.Job? {
        take(kind, after: nil)
    }

    /// Hands a result to the board and takes the lane's next job; nil once there will be none.
    func complete(
        _ job: Board.Job, with outcome: Board.Outcome, next kind: LaneKind
    ) -> Board.Job? {
        take(kind, after: (job, outcome))
    }

    /// The next output; nil once there will be none, or after ``close()`` when no job is in flight.
    func nextOutput() -> Board.Output? {
        let (output, sleeper, wakes) = state.withLock { state in
            var output: Board.Output?
            var sleeper: Sleeper<Board.Output>?
            switch Self.collect(&state) {
            case .item(let item): output = item
            case .done: break
            case .wait, .pause:
                sleeper = Sleeper()
                state.collector = sleeper
            }
            return (output, sleeper, Self.handOut(&state))
        }
        for wake in wakes { wake() }
        return sleeper.map { $0.sleep()?.item } ?? output
    }

    /// No job is claimed from now on.
    func close() {
        let wakes = state.withLock { state in
            state.isClosed = true
            return Self.handOut(&state)
        }
        for wake in wakes { wake() }
    }

    /// Has the board end its work, or closes it.
    func stop() {
        let wakes = state.withLock { state in
            if !state.board.stop() { state.isClosed = true }
            return Self.handOut(&state)
        }
        for wake in wakes { wake() }
    }

    /// The board, once the lanes have ended.
    func finalBoard() -> Board {
        state.withLock { $0.board }
    }

    /// Signals one sleeper; called without the lock.
    private typealias Wake = @Sendable () -> Void

    /// What a lane that asked does now.
    private enum Settled {
        /// It works, or ends where there is no job.
        case ended(Board.Job?)
        /// It sleeps, so many milliseconds at most.
        case asleep(Sleeper<Board.Job>, milliseconds: Int64?)
    }

    private func take(
        _ kind: LaneKind, after done: (job: Board.Job, outcome: Board.Outcome)?
    ) -> Board.Job? {
        var done = done
        while true {
            let finished = done
            done = nil
            let (settled, wakes) = state.withLock { state -> (Settled, [Wake]) in
                if let finished {
                    state.board.complete(finished.job, with: finished.outcome)
                    state.inFlight -= 1
                }
                let settled = Self.settle(kind, Self.claim(kind, &state), &state)
                return (settled, Self.handOut(&state))
            }
            for wake in wakes { wake() }
            switch settled {
            case .ended(let job): return job
            case .asleep(let sleeper, nil):
                if case .given(let item) = sleeper.sleep() { return item }
            case .asleep(let sleeper, let milliseconds?):
                if case .given(let item) = sleeper.sleep(milliseconds: milliseconds) {
                    return item
                }
                leave(sleeper, kind)
                if case .given(let item) = sleeper.sleep(milliseconds: 0) { return item }
            }
        }
    }

    /// Takes a lane that woke by itself out of the sleepers.
    private func leave(_ sleeper: Sleeper<Board.Job>, _ kind: LaneKind) {
        state.withLock { state in
            state.lanes[kind.rawValue].removeAll { $0 === sleeper }
            if state.timekeepers[kind.rawValue]?.sleeper === sleeper {
                state.timekeepers[kind.rawValue] = nil
            }
        }
    }

    // MARK: Under the lock

    private static func claim(_ kind: LaneKind, _ state: inout State) -> LaneClaim<Board.Job> {
        if state.isClosed { return .done }
        let claim = state.board.claim(kind)
        if case .item = claim { state.inFlight += 1 }
        return claim
    }

    private static func collect(_ state: inout State) -> LaneClaim<Board.Output> {
        let claim = state.board.collect()
        if case .wait = claim, state.isClosed, state.inFlight == 0 { return .done }
        return claim
    }

    /// Puts a lane that got nothing among the sleepers. One lane of a kind keeps the time.
    private static func settle(
        _ kind: LaneKind, _ claim: LaneClaim<Board.Job>, _ state: inout State
    ) -> Settled {
        switch claim {
        case .item(let job): return .ended(job)
        case .done: return .ended(nil)
        case .wait:
            let sleeper = Sleeper<Board.Job>()
            state.lanes[kind.rawValue].append(sleeper)
            return .asleep(sleeper, milliseconds: nil)
        case .pause(let milliseconds):
            let sleeper = Sleeper<Board.Job>()
            // The first of the sleepers is the last that is given a job.
            state.lanes[kind.rawValue].insert(sleeper, at: 0)
            state.timekeepers[kind.rawValue] = Timekeeper(
                sleeper: sleeper, deadline: .now() + .milliseconds(Int(milliseconds)))
            return .asleep(sleeper, milliseconds: milliseconds)
        }
    }

    /// Asks the board on behalf of everyone who sleeps.
    private static func handOut(_ state: inout State) -> [Wake] {
        var wakes: [Wake] = []
        while let collector = state.collector {
            let claim = collect(&state)
            if case .wait = claim { break }
            state.collector = nil
            wakes.append(collector.give(claim))
        }
        for kind in LaneKind.allCases { handOut(kind, &state, &wakes) }
        return wakes
    }

    private static func handOut(_ kind: LaneKind, _ state: inout State, _ wakes: inout [Wake]) {
        while let sleeper = state.lanes[kind.rawValue].last {
            let claim = claim(kind, &state)
            if case .wait = claim { return }
            if case .pause(let milliseconds) = claim {
                let deadline = DispatchTime.now() + .milliseconds(Int(milliseconds))
                if let known = state.timekeepers[kind.rawValue], known.deadline <= deadline {
                    return
                }
                // It asks again by itself and keeps the time.
            }
            state.lanes[kind.rawValue].removeLast()
            if state.timekeepers[kind.rawValue]?.sleeper === sleeper {
                state.timekeepers[kind.rawValue] = nil
            }
            wakes.append(sleeper.give(claim))
            if case .pause = claim { return }
        }
    }
}

/// A lane that wakes by itself, because the board named a time.
private struct Timekeeper<Job: Sendable>: Sendable {
    let sleeper: Sleeper<Job>
    let deadline: DispatchTime
}

/// A thread that waits for what the board has for it.
private final class Sleeper<Item: Sendable>: Sendable {
    /// What ended a sleep.
    enum Awakening {
        /// An item, or nil where there will be none any more.
        case given(Item?)
        case askAgain

        /// The item that was given.
        var item: Item? {
            if case .given(let item) = self { return item }
            return nil
        }
    }

    private let semaphore = DispatchSemaphore(value: 0)
    private let claim = Mutex<LaneClaim<Item>?>(nil)

    /// Leaves what the board had, under the board's lock.
    ///
    /// - Returns: what wakes the sleeper.
    func give(_ claim: LaneClaim<Item>) -> @Sendable () -> Void {
        self.claim.withLock { $0 = claim }
        return { [semaphore] in semaphore.signal() }
    }

    /// Sleeps until something is given.
    func sleep() -> Awakening? {
        semaphore.wait()
        return awakening
    }

    /// Sleeps until something is given, so many milliseconds at most.
    ///
    /// - Returns: nil where nothing was.
    func sleep(milliseconds: Int64) -> Awakening? {
        _ = semaphore.wait(timeout: .now() + .milliseconds(Int(max(milliseconds, 0))))
        return awakening
    }

    private var awakening: Awakening? {
        switch claim.withLock({ $0 }) {
        case .item(let item): .given(item)
        case .done: .given(nil)
        case .wait, .pause: .askAgain
        case nil: nil
        }
    }
}
