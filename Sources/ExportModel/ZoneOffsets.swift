public import Foundation

/// The offsets of a time zone over a stretch of time, as a table.
///
/// The table comes from probing the zone, not from its list of daylight saving transitions: a zone
/// also changes its standard offset (Pacific/Apia left out a whole day in 2011).
public struct ZoneOffsets: Hashable, Sendable {
    /// From `start` (UTC seconds) on, local = UTC + `offset` seconds.
    public struct Period: Hashable, Sendable {
        public var start: Int64
        public var offset: Int64
    }

    /// Ordered by start; the first one reaches back without end, the last one forward.
    public private(set) var periods: [Period]

    /// One offset for all times, in seconds east of UTC.
    public init(_ offset: Int64) {
        periods = [Period(start: .min, offset: offset)]
    }

    /// Reads the offsets that hold in `[from, to]`, given in UTC seconds.
    ///
    /// - Parameter probeSeconds: two changes that cancel each other within this time are not seen.
    public init(_ zone: TimeZone, from: Int64, to: Int64, probeSeconds: Int64 = 3 * 3_600) {
        var known = Self.offset(of: zone, at: from)
        periods = [Period(start: .min, offset: known)]
        var moment = from
        while moment < to {
            let next = min(moment + probeSeconds, to)
            let offset = Self.offset(of: zone, at: next)
            if offset != known {
                var before = moment
                var after = next
                while after - before > 1 {
                    let middle = before + (after - before) / 2
                    if Self.offset(of: zone, at: middle) == known {
                        before = middle
                    } else {
                        after = middle
                    }
                }
                known = Self.offset(of: zone, at: after)
                periods.append(Period(start: after, offset: known))
                moment = after
            } else {
                moment = next
            }
        }
    }

    /// The end of a period in UTC seconds; the last one has none.
    public func end(ofPeriod index: Int) -> Int64 {
        index + 1 < periods.count ? periods[index + 1].start : .max
    }

    /// Local seconds since 1970-01-01 00:00:00 local.
    public func local(atUTC seconds: Int64) -> Int64 {
        seconds + periods[index(atUTC: seconds)].offset
    }

    /// The period of a moment, by its index.
    public func index(atUTC seconds: Int64) -> Int {
        var low = 0
        var high = periods.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if periods[middle].start <= seconds { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// The UTC second of a local time, the first where it comes twice; nil where a change skips it.
    public func utc(ofLocal local: Int64) -> Int64? {
        if periods.count == 1 { return local - periods[0].offset }
        // No zone is more than a day from UTC.
        return (index(atUTC: local - 86_400)...index(atUTC: local + 86_400)).lazy.map { candidate in
            (utc: local - periods[candidate].offset, candidate)
        }.first { index(atUTC: $0.utc) == $0.1 }?.utc
    }

    /// The first UTC second at which local clocks show `local` or a later time.
    ///
    /// It is the first of two where the time comes twice, and the moment of the change where a
    /// change skips it.
    public func firstUTC(reaching local: Int64) -> Int64 {
        for (index, period) in periods.enumerated() {
            let moment = max(period.start, local - period.offset)
            if moment < end(ofPeriod: index) { return moment }
        }
        return local - periods[periods.count - 1].offset
    }

    private static func offset(of zone: TimeZone, at seconds: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
    }
}
