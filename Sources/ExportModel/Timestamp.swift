/// A moment in UTC, in whole milliseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since the epoch; negative before 1970.
    public var epochMilliseconds: Int64

    public init(epochMilliseconds: Int64) {
        self.epochMilliseconds = epochMilliseconds
    }

    /// Range a timestamp may lie in: the years 0001 to 9999, which ISO 8601 writes in four digits.
    public static let supported =
        Self(
            epochMilliseconds: -62_135_596_800_000)...Self(
            epochMilliseconds: 253_402_300_799_999)

    public static func < (left: Self, right: Self) -> Bool {
        left.epochMilliseconds < right.epochMilliseconds
    }

    /// The moment `milliseconds` later (earlier if negative).
    public func advanced(milliseconds: Int64) -> Self {
        Self(epochMilliseconds: epochMilliseconds + milliseconds)
    }

    /// ISO 8601 in UTC with milliseconds, as in `2022-06-02T15:16:08.809Z`.
    public var iso8601: String {
        var bytes: [UInt8] = []
        TimestampText.appendISO8601(epochMilliseconds, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A half-open stretch of time `[start, end)` in UTC.
public struct TimeRange: Hashable, Sendable {
    public var start: Timestamp
    public var end: Timestamp

    /// - Precondition: `start <= end`.
    public init(start: Timestamp, end: Timestamp) {
        precondition(start <= end, "a time range must not end before it starts")
        self.start = start
        self.end = end
    }

    public func contains(_ moment: Timestamp) -> Bool {
        start <= moment && moment < end
    }

    /// Length of the range in milliseconds.
    public var durationMilliseconds: Int64 {
        end.epochMilliseconds - start.epochMilliseconds
    }
}
