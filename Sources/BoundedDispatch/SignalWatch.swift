import Dispatch

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Turns SIGINT and SIGTERM into a stop; a second signal ends the process at once.
///
/// Kept by the thread that made it for as long as signals are to be watched.
public final class SignalWatch {
    private let caught = CaughtSignal()
    private var sources: [any DispatchSourceSignal] = []

    /// Starts to watch, and returns once no signal can be missed any more. `onFirst` runs on a
    /// queue of its own, before the token stops.
    public init(stopping token: StopToken, onFirst: @escaping @Sendable (Int32) -> Void) {
        let queue = DispatchQueue(label: "cdrx.signals")
        for number in [SIGINT, SIGTERM] {
            // Dispatch only sees signals whose default action is off.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [caught] in
                guard caught.isFirst(number) else { _exit(128 + number) }
                onFirst(number)
                token.stop()
            }
            // A source is set up by another thread; a signal before that would be ignored.
            let isWatching = DispatchSemaphore(value: 0)
            source.setRegistrationHandler { isWatching.signal() }
            source.resume()
            isWatching.wait()
            sources.append(source)
        }
    }

    /// The first signal received; nil if there was none.
    public var signalNumber: Int32? { caught.number.withLock { $0 } }
}

private final class CaughtSignal: Sendable {
    /// The first signal received.
    let number = Guarded<Int32?>(nil)

    /// Notes the signal if it is the first.
    func isFirst(_ received: Int32) -> Bool {
        number.withLock { number in
            if number != nil { return false }
            number = received
            return true
        }
    }
}
