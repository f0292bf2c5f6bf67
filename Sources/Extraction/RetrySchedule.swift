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
        guard let moment = date(Array(trimmed.utf8)) else { return nil }
        return max(moment.epochMilliseconds - now.epochMilliseconds, 0)
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The preferred form, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
    private static func date(_ bytes: [UInt8]) -> Timestamp? {
        guard bytes.count >= 29, bytes[3] == UInt8(ascii: ","),
            let day = number(bytes[5..<7]), let year = number(bytes[12..<16]),
            let hour = number(bytes[17..<19]), let minute = number(bytes[20..<22]),
            let second = number(bytes[23..<25]), hour < 24, minute < 60, second <= 60,
            let month = months.firstIndex(of: String(decoding: bytes[8..<11], as: UTF8.self)),
            let date = CivilDate(year: year, month: month + 1, day: day),
            String(decoding: bytes[26..<29], as: UTF8.self) == "GMT"
        else { return nil }
        let seconds = date.daysSinceEpoch * 86_400 + hour * 3_600 + minute * 60 + second
        return Timestamp(epochMilliseconds: Int64(seconds) * 1_000)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        Int(String(decoding: bytes, as: UTF8.self))
    }
}
