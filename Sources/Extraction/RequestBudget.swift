import BoundedDispatch

/// How many requests a second may leave: for one account, or for all together.
///
/// Shared by every lane that spends from it.
public final class RequestBudget: Sendable {
    /// What the pipeline allows.
    public let requestsPerSecond: Double
    private let bucket: Guarded<TokenBucket>
    private let environment: ExtractionEnvironment

    /// - Parameter requestsPerSecond: greater than 0.
    public init(requestsPerSecond: Double, environment: ExtractionEnvironment) {
        self.requestsPerSecond = requestsPerSecond
        bucket = Guarded(TokenBucket(requestsPerSecond: requestsPerSecond))
        self.environment = environment
    }

    /// Waits for its turn.
    ///
    /// - Returns: false if the token stopped first.
    func acquire(stop: StopToken) -> Bool {
        let now = environment.monotonicMilliseconds()
        let pause = bucket.withLock { $0.reserve(now: Double(now)) }
        return environment.sleep(Int64(pause.rounded(.up)), stop)
    }

    /// How long a request that comes at `now` should wait; none is counted.
    func pauseMilliseconds(at now: Int64) -> Double {
        bucket.withLock { $0.pause(now: Double(now)) }
    }

    /// Counts a request that leaves at `now`.
    func spend(at now: Int64) {
        _ = bucket.withLock { $0.reserve(now: Double(now)) }
    }

    /// The provider answered 429: half the rate, and nothing before the pause is over.
    ///
    /// - Returns: requests a second from now on.
    @discardableResult
    func throttle(pauseMilliseconds: Int64) -> Double {
        let now = environment.monotonicMilliseconds()
        return bucket.withLock { bucket in
            bucket.throttle(now: Double(now), until: Double(now + pauseMilliseconds))
            return bucket.perSecond
        }
    }

    /// Requests a second that are allowed now: fewer than ``requestsPerSecond`` after complaints.
    public var currentRequestsPerSecond: Double { bucket.withLock { $0.perSecond } }

    /// An answer came without complaint: the rate recovers a little.
    func recover() {
        bucket.withLock { $0.recover() }
    }
}

/// The arithmetic of a budget; times are milliseconds of the caller's clock.
struct TokenBucket: Sendable {
    /// What the pipeline allows.
    let maximumPerSecond: Double
    /// What is allowed now.
    private(set) var perSecond: Double
    /// When the next request would leave if requests came without a pause.
    private var next: Double = -.infinity
    private var halvedAt: Double = -.infinity

    init(requestsPerSecond: Double) {
        maximumPerSecond = requestsPerSecond
        perSecond = requestsPerSecond
    }

    /// Takes the next place and returns how long to wait for it.
    ///
    /// A tenth of a second's worth of places may be taken at once, which evens out late wake-ups.
    mutating func reserve(now: Double) -> Double {
        let interval = 1_000 / perSecond
        let tolerance = max(100 - interval, 0)
        let place = max(next, now - tolerance)
        next = place + interval
        return max(place - now, 0)
    }

    /// How long to wait for a place; where places come fast, until there are several, so that lanes
    /// do not wake for one each. Places that may be taken at once are not lost meanwhile.
    func pause(now: Double) -> Double {
        var copy = self
        let pause = copy.reserve(now: now)
        return pause > 0 ? max(pause, min(10, 100 - 1_000 / perSecond)) : 0
    }

    /// Halves the rate, once for all the complaints that come within a second: they answer requests
    /// that left before the first of them.
    mutating func throttle(now: Double, until moment: Double) {
        if now - halvedAt >= 1_000 {
            perSecond = max(perSecond / 2, maximumPerSecond / 64)
            halvedAt = now
        }
        next = max(next, moment)
    }

    /// Gives back a fiftieth of the full rate.
    mutating func recover() {
        perSecond = min(perSecond + maximumPerSecond / 50, maximumPerSecond)
    }
}
