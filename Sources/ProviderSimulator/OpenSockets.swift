import CSocket
import Synchronization

/// The sockets of a running server, so that one call ends every thread that waits on one.
final class OpenSockets: Sendable {
    private struct State {
        var isStopped = false
        var descriptors: Set<Int32> = []
    }

    private let state = Mutex(State())

    /// False once the server is stopped; the socket is then the caller's to close.
    func insert(_ descriptor: Int32) -> Bool {
        state.withLock { state in
            guard !state.isStopped else { return false }
            state.descriptors.insert(descriptor)
            return true
        }
    }

    /// Closes a socket.
    ///
    /// - Parameter resets: whether the client sees a reset instead of an end.
    func close(_ descriptor: Int32, resets: Bool = false) {
        state.withLock { state in
            state.descriptors.remove(descriptor)
            csocket_close(descriptor, resets ? 1 : 0)
        }
    }

    /// Makes every call on a socket return.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            for descriptor in state.descriptors { csocket_shutdown(descriptor) }
        }
    }
}
