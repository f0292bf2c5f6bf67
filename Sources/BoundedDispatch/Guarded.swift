import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// State that one thread at a time may use.
///
/// A POSIX mutex around a `Synchronization.Mutex`. On Linux the latter alone spins while another
/// thread holds it and then takes a priority-inheritance futex, which costs many lanes a fifth of
/// their time, and ThreadSanitizer cannot see it. Inside the POSIX mutex it is never contended; it
/// stays because the compiler checks through it that the state does not leak.
public final class Guarded<State>: Sendable {
    /// Where the `pthread_mutex_t` lies: pointers are not Sendable.
    private let address: UInt
    private let state: Mutex<State>

    public init(_ initial: sending State) {
        let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        let result = pthread_mutex_init(mutex, nil)
        precondition(result == 0, "pthread_mutex_init fails only without memory")
        address = UInt(bitPattern: mutex)
        state = Mutex(initial)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Waits for the state and uses it. Not reentrant.
    public func withLock<Value, Failure: Error>(
        _ body: (inout sending State) throws(Failure) -> sending Value
    ) throws(Failure) -> sending Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try state.withLock(body)
    }

    private var mutex: UnsafeMutablePointer<pthread_mutex_t> {
        guard let mutex = UnsafeMutablePointer<pthread_mutex_t>(bitPattern: address) else {
            preconditionFailure("an allocated mutex has an address")
        }
        return mutex
    }
}
