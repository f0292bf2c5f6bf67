import Foundation

/// The offsets of a time zone over a stretch of time, as a table.
///
/// The table comes from probing the zone, not from its list of daylight saving transitions: a zone
/// also changes its standard offset (Pacific/Apia left out a whole day in 2011).
struct ZoneOffsets {
    /// From `start` (UTC seconds) on, local = UTC + `offset` seconds.
    struct Period: Equatable {
        var start: Int64
        var offset: Int64
    }

    /// Two changes that cancel each other within this many seconds are not seen.
    private static let probeSeconds: Int64 = 3 * 3_600

    /// Ordered by start; the first one reaches back without end, the last one forward.
    private(set) var periods: [Period]

    /// Reads the offsets that hold in `[from, to]`, given in UTC seconds.
    init(_ zone: TimeZone, from: Int64, to: Int64) {
        var known = Self.offset(of: zone, at: from)
        periods = [Period(start: .min, offset: known)]
        var moment = from
        while moment < to {
            let next = min(moment + Self.probeSeconds, to)
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
    func end(ofPeriod index: Int) -> Int64 {
        index + 1 < periods.count ? periods[index + 1].start : .max
    }

    /// Local seconds since 1970-01-01 00:00:00 local.
    func local(atUTC seconds: Int64) -> Int64 {
        seconds + (periods.last { $0.start <= seconds } ?? periods[0]).offset
    }

    /// The first UTC second at which local clocks show `local` or a later time.
    ///
    /// It is the first of two where the time comes twice, and the moment of the change where a
    /// change skips it.
    func firstUTC(reaching local: Int64) -> Int64 {
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
