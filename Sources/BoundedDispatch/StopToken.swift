import Dispatch
import Synchronization

/// Asks work to end early: a run by a signal, an account by a refused credential.
///
/// A child stops with its parent, never the other way round.
public final class StopToken: Sendable {
    private struct State {
        var nextIdentifier = 0
        var handlers: [Int: @Sendable () -> Void] = [:]
        var inParent: Registration?
    }

    /// What ``remove(_:)`` takes back.
    public struct Registration: Sendable {
        fileprivate let identifier: Int
    }

    private let state = Guarded(State())
    /// Changed under the lock; read without it, since every lane asks for every page.
    private let stopped = Atomic(false)
    private let parent: StopToken?

    public init() {
        parent = nil
    }

    /// A token that stops when `parent` does.
    public init(childOf parent: StopToken) {
        self.parent = parent
        let registration = parent.onStop { [weak self] in self?.stop() }
        state.withLock { $0.inParent = registration }
    }

    deinit {
        if let parent, let registration = state.withLock({ $0.inParent }) {
            parent.remove(registration)
        }
    }

    /// Whether ``stop()`` was called here or on the parent.
    public var isStopped: Bool { stopped.load(ordering: .acquiring) }

    /// Stops; further calls do nothing. Handlers run on the calling thread.
    public func stop() {
        let handlers = state.withLock { state -> [@Sendable () -> Void] in
            if isStopped { return [] }
            stopped.store(true, ordering: .releasing)
            defer { state.handlers = [:] }
            return Array(state.handlers.values)
        }
        for handler in handlers { handler() }
    }

    /// Runs `handler` once when the token stops; at once if it has.
    public func onStop(_ handler: @escaping @Sendable () -> Void) -> Registration {
        let (identifier, wasStopped) = state.withLock { state in
            state.nextIdentifier += 1
            let isStopped = self.isStopped
            if !isStopped { state.handlers[state.nextIdentifier] = handler }
            return (state.nextIdentifier, isStopped)
        }
        if wasStopped { handler() }
        return Registration(identifier: identifier)
    }

    /// Takes a handler back; nothing happens if it has run.
    public func remove(_ registration: Registration) {
        _ = state.withLock { $0.handlers.removeValue(forKey: registration.identifier) }
    }

    /// Sleeps, at most until the token stops.
    ///
    /// - Returns: true if it slept to the end.
    public func sleep(milliseconds: Int64) -> Bool {
        guard milliseconds > 0 else { return !isStopped }
        let semaphore = DispatchSemaphore(value: 0)
        let registration = onStop { semaphore.signal() }
        defer { remove(registration) }
        let result = semaphore.wait(timeout: .now() + .milliseconds(Int(milliseconds)))
        return result == .timedOut
    }
}
