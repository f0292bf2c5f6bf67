/// What a run, or a part of it, asked its providers for.
public struct RequestTraffic: Hashable, Sendable {
    /// Requests sent, retries and logins included.
    public var requests = 0
    /// Requests that repeated another one after a failure, a complaint about the rate or a token
    /// that had died.
    public var retries = 0
    /// Responses that complained about the rate (HTTP 429, or the provider's code for it).
    public var throttles = 0
    /// How often a slice or a window was walked again because records moved while it was read.
    public var rewalks = 0
    /// How long pages waited before they were asked for again, added up.
    public var waitMilliseconds: Int64 = 0
    /// Bytes of response bodies, decompressed.
    public var responseBytes: Int64 = 0

    public init() {}

    /// Adds another part of the same whole.
    public static func += (left: inout Self, right: Self) {
        left.requests += right.requests
        left.retries += right.retries
        left.throttles += right.throttles
        left.rewalks += right.rewalks
        left.waitMilliseconds += right.waitMilliseconds
        left.responseBytes += right.responseBytes
    }
}
