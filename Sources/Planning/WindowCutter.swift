public import ExportModel
import Foundation

/// Cuts time into the windows of a grid, by the clocks of one time zone.
///
/// The windows of a grid follow each other without gap or overlap, and no two share a key:
/// - A day starts at the first moment at which clocks show its midnight or later, so days are 23 or
///   25 hours long where clocks change, and a date that a zone left out has no window.
/// - An hour is a stretch in which clocks show one hour. A skipped hour has no window. An hour that
///   comes twice has two, the second marked `isRepeated`. Where clocks change within an hour (by
///   30 minutes in Australia/Lord_Howe) it is shorter, or longer: going back into an hour that is
///   still running lengthens it.
/// - A month runs from the start of its first day to the start of the next month's.
public struct WindowCutter: Sendable {
    /// Windows of one grid that one call may cut; 22 years of hours.
    public static let windowLimit = 200_000

    public let timeZoneIdentifier: String
    private let zone: TimeZone

    /// - Throws: `unknown_time_zone` where the system's zone database has no such name.
    public init(timeZoneIdentifier: String) throws(PlanningError) {
        guard let zone = TimeZone(identifier: timeZoneIdentifier) else {
            throw PlanningError(
                code: .unknownTimeZone,
                message: "time zone '\(timeZoneIdentifier)' is not known here; "
                    + "use an IANA name such as Asia/Kolkata, and install tzdata")
        }
        self.zone = zone
        self.timeZoneIdentifier = timeZoneIdentifier
    }

    /// The windows of `[from, to)` in order.
    ///
    /// - Throws: `range_off_grid` with the nearest valid dates, `empty_range`, `too_many_windows`.
    public func windows(
        every grid: WindowGrid, from: LocalHour, to: LocalHour
    ) throws(PlanningError) -> [Window] {
        for (name, border) in [("from", from), ("to", to)] where !border.isBorder(of: grid) {
            let before = border.border(atOrBefore: grid).text
            throw PlanningError(
                code: .rangeOffGrid,
                message: "'\(name)' \(border.text) is not the start of a \(grid.rawValue); "
                    + "the nearest are \(before) and \(border.border(after: grid).text)")
        }
        guard from < to else {
            throw PlanningError(
                code: .emptyRange,
                message: "'to' \(to.text) is not after 'from' \(from.text); 'to' is exclusive")
        }
        return try windows(
            every: grid, startingIn: TimeRange(start: start(of: from), end: start(of: to)))
    }

    /// The first moment at which clocks show `border` or later.
    public func start(of border: LocalHour) -> Timestamp {
        let local = border.localSeconds
        let offsets = offsets(around: local, local)
        return Timestamp(epochMilliseconds: offsets.firstUTC(reaching: local) * 1_000)
    }

    /// The windows that start within `range`, in order.
    ///
    /// - Throws: `too_many_windows`.
    public func windows(
        every grid: WindowGrid, startingIn range: TimeRange
    ) throws(PlanningError) -> [Window] {
        let from = Self.ceilingSeconds(range.start)
        let to = Self.ceilingSeconds(range.end)
        guard from < to else { return [] }
        guard (to - from) / Self.secondsAtLeast(grid) <= Self.windowLimit else {
            throw PlanningError(
                code: .tooManyWindows,
                message: "\(range.start.iso8601) to \(range.end.iso8601) holds more than "
                    + "\(Self.windowLimit) windows (\(grid.rawValue)); choose a shorter stretch")
        }
        let offsets = offsets(around: from, to)
        switch grid {
        case .hour: return hours(offsets, from: from, to: to)
        case .day, .month: return dates(offsets, every: grid, from: from, to: to)
        }
    }

    /// The newest `count` windows that end at `moment` or before, oldest first.
    ///
    /// - Throws: `too_many_windows`.
    public func windows(
        every grid: WindowGrid, before moment: Timestamp, count: Int
    ) throws(PlanningError) -> [Window] {
        guard count > 0 else { return [] }
        guard count <= Self.windowLimit else {
            throw PlanningError(
                code: .tooManyWindows,
                message: "\(count) windows (\(grid.rawValue)) were asked for, at most "
                    + "\(Self.windowLimit) can be; choose a shorter stretch")
        }
        // Three more than asked for, and three days, since windows may be longer than usual.
        let seconds = Int64(count + 3) * Self.secondsAtMost(grid) + 3 * 86_400
        let range = TimeRange(start: moment.advanced(milliseconds: -seconds * 1_000), end: moment)
        let found = try windows(every: grid, startingIn: range)
        return Array(found.filter { ($0.range?.end ?? moment) <= moment }.suffix(count))
    }

    // MARK: Cutting

    private func dates(
        _ offsets: ZoneOffsets, every grid: WindowGrid, from: Int64, to: Int64
    ) -> [Window] {
        let day = Int(Self.floor(offsets.local(atUTC: from), 86_400) / 86_400) - 2
        var border = LocalHour(date: CivilDate(daysSinceEpoch: day)).border(atOrBefore: grid)
        var start = offsets.firstUTC(reaching: border.localSeconds)
        var found: [Window] = []
        while start < to {
            let next = border.border(after: grid)
            let end = offsets.firstUTC(reaching: next.localSeconds)
            if start >= from, end > start {
                found.append(window(Self.key(of: border, grid), start: start, end: end))
            }
            border = next
            start = end
        }
        return found
    }

    private func hours(_ offsets: ZoneOffsets, from: Int64, to: Int64) -> [Window] {
        var walk = HourWalk()
        // Two days ahead, so that an hour before `from` shows which of two equal hours is repeated.
        let first = from - 2 * 86_400
        for (index, period) in offsets.periods.enumerated() {
            var start = max(period.start, first)
            let periodEnd = offsets.end(ofPeriod: index)
            while start < periodEnd {
                let local = start + period.offset
                let hour = Self.floor(local, 3_600)
                walk.append(hour: hour, isCut: local != hour, start: start)
                if let last = walk.stretches.last, last.start >= to {
                    return windows(walk.stretches, from: from)
                }
                start = min(periodEnd, hour + 3_600 - period.offset)
            }
        }
        return windows(walk.stretches, from: from)
    }

    /// Every stretch but the last, which only ends the one before.
    private func windows(_ stretches: [HourWalk.Stretch], from: Int64) -> [Window] {
        zip(stretches, stretches.dropFirst()).compactMap { stretch, next in
            guard stretch.start >= from else { return nil }
            let day = Self.floor(stretch.hour, 86_400)
            let key = WindowKey.hour(
                CivilDate(daysSinceEpoch: Int(day / 86_400)),
                hour: Int(stretch.hour - day) / 3_600, isRepeated: stretch.isRepeated)
            return window(key, start: stretch.start, end: next.start)
        }
    }

    private func window(_ key: WindowKey, start: Int64, end: Int64) -> Window {
        Window(
            key: key,
            range: TimeRange(
                start: Timestamp(epochMilliseconds: start * 1_000),
                end: Timestamp(epochMilliseconds: end * 1_000)),
            timeZoneIdentifier: timeZoneIdentifier)
    }

    private static func key(of border: LocalHour, _ grid: WindowGrid) -> WindowKey {
        grid == .month
            ? .month(year: border.date.year, month: border.date.month) : .day(border.date)
    }

    /// A table that covers `[from, to]`, taken as local or as UTC seconds, with room for a window
    /// on both sides.
    private func offsets(around from: Int64, _ to: Int64) -> ZoneOffsets {
        ZoneOffsets(zone, from: from - 40 * 86_400, to: to + 40 * 86_400)
    }

    private static func secondsAtLeast(_ grid: WindowGrid) -> Int64 {
        switch grid {
        case .hour: 3_600
        case .day: 86_400
        case .month: 28 * 86_400
        }
    }

    private static func secondsAtMost(_ grid: WindowGrid) -> Int64 {
        switch grid {
        case .hour: 3_600
        case .day: 86_400
        case .month: 31 * 86_400
        }
    }

    private static func floor(_ value: Int64, _ unit: Int64) -> Int64 {
        let remainder = value % unit
        return value - (remainder < 0 ? remainder + unit : remainder)
    }

    /// The first whole second at `moment` or later; windows start at whole seconds.
    private static func ceilingSeconds(_ moment: Timestamp) -> Int64 {
        floor(moment.epochMilliseconds + 999, 1_000) / 1_000
    }
}
