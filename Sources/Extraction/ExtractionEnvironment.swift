public import BoundedDispatch
public import ExportModel

/// Clock and randomness, passed in so that tests decide both.
public struct ExtractionEnvironment: Sendable {
    /// Milliseconds of a clock that never jumps back; only differences mean something.
    public var monotonicMilliseconds: @Sendable () -> Int64
    /// The time of day, for `Retry-After` dates.
    public var now: @Sendable () -> Timestamp
    /// A number in `0...bound`, for jitter.
    public var random: @Sendable (_ bound: Int64) -> Int64
    /// Waits on the calling thread, at most until the token stops; false if it stopped.
    public var sleep: @Sendable (_ milliseconds: Int64, _ stop: StopToken) -> Bool

    public init(
        monotonicMilliseconds: @escaping @Sendable () -> Int64,
        now: @escaping @Sendable () -> Timestamp,
        random: @escaping @Sendable (_ bound: Int64) -> Int64,
        sleep: @escaping @Sendable (_ milliseconds: Int64, _ stop: StopToken) -> Bool = {
            $1.sleep(milliseconds: $0)
        }
    ) {
        self.monotonicMilliseconds = monotonicMilliseconds
        self.now = now
        self.random = random
        self.sleep = sleep
    }
}
