public import ExportModel

/// Learns what happens to the requests of an account, to count and report it.
///
/// Called on lanes, many at once, for every request; it must neither block nor wait.
public protocol ExtractionObserver: Sendable {
    /// Takes note of an event as it happens.
    func observe(_ event: ExtractionEvent)
}

/// What happens to the requests of an account.
public enum ExtractionEvent: Sendable {
    case requestSent
    /// A response came, whatever is in it.
    case responseReceived(byteCount: Int)
    case pageRead(PageReading)
    case retrying(RequestRetry)
    /// Records moved while a slice, or the window, was read: it is walked again.
    case rewalking
    /// The provider complained about the rate; so many requests a second are allowed from now on,
    /// none before the pause is over.
    case throttled(requestsPerSecond: Double, pauseMilliseconds: Int64)
    /// A login brought a token, the first one or one that takes the place of a dead one.
    case loggedIn(isRenewal: Bool)
}

/// A page that was read.
public struct PageReading: Sendable {
    /// From 1; for request lists the id's place in the list.
    public var number: Int
    public var rowCount: Int
    /// Records that the response reports for ``range``.
    public var total: Int
    /// What was asked for, padding included; nil where an id was.
    public var range: TimeRange?
    /// Whether the page was asked for again only to see if its records moved.
    public var isRepeat: Bool
}

/// A request that will be repeated.
public struct RequestRetry: Sendable {
    /// Number of the page, or place of the id in its list; nil for a login.
    public var page: Int?
    /// Attempts that failed so far, from 1.
    public var attempt: Int
    /// Attempts in all.
    public var maximumAttempts: Int
    public var pauseMilliseconds: Int64
    /// Why the last attempt was no success.
    public var reason: ExtractionError
}

/// Takes no note of anything.
public struct SilentObserver: ExtractionObserver {
    public init() {}

    public func observe(_ event: ExtractionEvent) {}
}
