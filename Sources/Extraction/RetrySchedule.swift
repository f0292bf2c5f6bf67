import ExportModel

/// When a request is repeated: exponential backoff with full jitter, at least as long as the
/// provider's `Retry-After` asks.
struct RetrySchedule: Sendable {
    /// The first pause is at most this; each further one at most twice the one before.
    static let firstMilliseconds: Int64 = 200
    /// No pause is longer, unless `Retry-After` asks.
    static let maximumMilliseconds: Int64 = 30_000
    /// A provider that asks for more is asked again after this.
    static let maximumRetryAfterMilliseconds: Int64 = 120_000

    /// Requests for one page at most, the first included.
    let attempts: Int

    /// Pause before the next attempt; nil when there is none left.
    ///
    /// - Parameters:
    ///   - failed: attempts made so far, from 1.
    ///   - retryAfter: what the answer asked for.
    ///   - random: gives a number in `0...bound`.
    func pauseMilliseconds(
        failed: Int, retryAfter: Int64?, random: (_ bound: Int64) -> Int64
    ) -> Int64? {
        guard failed < attempts else { return nil }
        let bound = min(
            Self.firstMilliseconds << Int64(min(failed - 1, 20)), Self.maximumMilliseconds)
        return max(random(bound), min(retryAfter ?? 0, Self.maximumRetryAfterMilliseconds))
    }
}

/// The `Retry-After` header (RFC 9110, section 10.2.3).
enum RetryAfter {
    /// Milliseconds from `now`; nil if the text is neither seconds nor an HTTP date. A moment that
    /// has passed is 0.
    static func milliseconds(_ text: String, now: Timestamp) -> Int64? {
        let trimmed = text.trimmingPrefix { $0 == " " }
        if let seconds = Int64(trimmed), seconds >= 0 {
            return min(seconds, 1_000_000) * 1_000
        }
        guard let moment = HTTPDate.moment(String(trimmed)) else { return nil }
        return max(moment.epochMilliseconds - now.epochMilliseconds, 0)
    }
}
