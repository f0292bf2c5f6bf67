import Dispatch

/// Calls something again and again on a queue of its own, until it is ended.
///
/// Kept and ended by the thread that made it. Calls never overlap; those that a busy machine could
/// not make in time are left out.
public final class PeriodicTick {
    private let source: any DispatchSourceTimer
    private let queue: DispatchQueue

    /// Begins; the first call comes after one interval.
    public init(everyMilliseconds interval: Int, action: @escaping @Sendable () -> Void) {
        queue = DispatchQueue(label: "cdrx.tick")
        source = DispatchSource.makeTimerSource(queue: queue)
        source.schedule(
            deadline: .now() + .milliseconds(interval), repeating: .milliseconds(interval),
            leeway: .milliseconds(interval / 10))
        source.setEventHandler(handler: action)
        source.resume()
    }

    /// Returns when no call is under way, and none will come.
    public func end() {
        source.cancel()
        queue.sync {}
    }
}
