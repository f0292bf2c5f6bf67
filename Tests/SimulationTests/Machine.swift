import BoundedDispatch
import ExportModel
import ExportRun
import Extraction
import Synchronization

/// What a process can be killed at.
enum KillPlace: Hashable, Sendable {
    /// The n-th request, of all.
    case request
    /// The n-th call of the disk that changes something.
    case disk
    case point(CrashPoint)
}

/// The process, its clock and its chance. A killed process changes nothing any more: every request
/// and every call of the disk fails from that moment on.
final class Machine: Sendable {
    private struct State {
        var milliseconds: Int64
        var draw: Draw
        var isDead = false
        var kill: (place: KillPlace, occurrence: Int)?
        var stop: (place: KillPlace, occurrence: Int)?
        var counts: [KillPlace: Int] = [:]
        var steps = 0
        var complaint: String?
        var onKill: (@Sendable () -> Void)?
        var token = StopToken()
    }

    /// A run that takes more steps does not come to an end.
    private static let maximumSteps = 2_000_000

    private let state: Mutex<State>

    init(_ draw: Draw, at start: Int64) {
        state = Mutex(State(milliseconds: start, draw: draw))
    }

    // MARK: - Life

    /// Starts a process.
    ///
    /// - Parameters:
    ///   - kill: where it ends without a chance to do anything more; nil: nowhere.
    ///   - stop: where its stop token is pulled, as by SIGTERM.
    ///   - onKill: called once when it is killed.
    func begin(
        kill: (place: KillPlace, occurrence: Int)?, stop: (place: KillPlace, occurrence: Int)?,
        onKill: @escaping @Sendable () -> Void
    ) -> StopToken {
        state.withLock { state in
            state.milliseconds += 60_000
            state.isDead = false
            state.kill = kill
            state.stop = stop
            state.counts = [:]
            state.steps = 0
            state.onKill = onKill
            state.token = StopToken()
            return state.token
        }
    }

    var isDead: Bool { state.withLock { $0.isDead } }
    /// What went wrong with the schedule itself.
    var complaint: String? { state.withLock { $0.complaint } }

    /// Reaches a place where the process may be killed.
    ///
    /// - Returns: whether it lives on.
    func isAlive(at place: KillPlace) -> Bool {
        let (isAlive, then) = state.withLock { state -> (Bool, (@Sendable () -> Void)?) in
            if state.isDead { return (false, nil) }
            let count = state.counts[place, default: 0] + 1
            state.counts[place] = count
            if let stop = state.stop, stop.place == place, stop.occurrence == count {
                let token = state.token
                return (true, { token.stop() })
            }
            guard let kill = state.kill, kill.place == place, kill.occurrence == count else {
                return (true, nil)
            }
            state.isDead = true
            let (token, onKill) = (state.token, state.onKill)
            return (
                false,
                {
                    onKill?()
                    // The thread of this process winds down as fast as it can.
                    token.stop()
                }
            )
        }
        then?()
        return isAlive
    }

    // MARK: - Time and chance

    var clock: ExtractionEnvironment {
        ExtractionEnvironment(
            monotonicMilliseconds: { self.look() },
            now: { Timestamp(epochMilliseconds: self.look()) },
            random: { bound in
                self.state.withLock { Int64($0.draw.below(Int(max(bound, 0)) + 1)) }
            },
            sleep: { milliseconds, stop in
                self.pass(milliseconds)
                return !stop.isStopped
            })
    }

    func schedule(coreCount: Int) -> LaneSchedule {
        LaneSchedule(
            coreCount: coreCount,
            draw: { count in
                self.state.withLock { state in
                    state.steps += 1
                    if state.steps == Self.maximumSteps {
                        state.complaint = "the run does not come to an end"
                        state.token.stop()
                    }
                    return state.draw.below(count)
                }
            },
            pause: { self.pass($0) },
            onStall: { self.state.withLock { $0.complaint = "the lanes wait for each other" } })
    }

    private func look() -> Int64 {
        state.withLock { state in
            state.milliseconds += 1
            return state.milliseconds
        }
    }

    private func pass(_ milliseconds: Int64) {
        state.withLock { $0.milliseconds += max(milliseconds, 1) }
    }
}
