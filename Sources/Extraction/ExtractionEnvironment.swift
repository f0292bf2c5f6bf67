public import ExportModel

/// Clock and randomness, passed in so that tests decide both.
public struct ExtractionEnvironment: Sendable {
    /// Milliseconds of a clock that never jumps back; only differences mean something.
    public var monotonicMilliseconds: @Sendable () -> Int64
    /// The time of day, for `Retry-After` dates.
    public var now: @Sendable () -> Timestamp
    /// A number in `0...bound`, for jitter.
    public var random: @Sendable (_ bound: Int64) -> Int64

    public init(
        monotonicMilliseconds: @escaping @Sendable () -> Int64,
        now: @escaping @Sendable () -> Timestamp,
        random: @escaping @Sendable (_ bound: Int64) -> Int64
    ) {
        self.monotonicMilliseconds = monotonicMilliseconds
        self.now = now
        self.random = random
    }
}
