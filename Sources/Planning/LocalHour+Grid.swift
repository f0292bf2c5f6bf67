import ExportModel

extension LocalHour {
    /// Local seconds since 1970-01-01 00:00:00 local.
    var localSeconds: Int64 {
        Int64(date.daysSinceEpoch) * 86_400 + Int64(hour) * 3_600
    }

    /// `2026-11-19`, or `2026-11-19T07` where it is not midnight.
    var text: String {
        if hour == 0 { return "\(date)" }
        return "\(date)T" + (hour < 10 ? "0\(hour)" : "\(hour)")
    }

    /// Whether a window of the grid starts here (where the hour exists).
    func isBorder(of grid: WindowGrid) -> Bool {
        border(atOrBefore: grid) == self
    }

    /// The latest border of the grid that is not later.
    func border(atOrBefore grid: WindowGrid) -> LocalHour {
        switch grid {
        case .hour: return self
        case .day: return LocalHour(date: date)
        case .month:
            var first = date
            first.day = 1
            return LocalHour(date: first)
        }
    }

    /// The earliest border of the grid that is later than ``border(atOrBefore:)``.
    func border(after grid: WindowGrid) -> LocalHour {
        switch grid {
        case .hour:
            if hour < 23 { return LocalHour(date: date, hour: hour + 1) }
            return LocalHour(date: date.advanced(days: 1))
        case .day: return LocalHour(date: date.advanced(days: 1))
        case .month:
            var first = date
            first.day = 1
            let dayCount = CivilDate.dayCount(year: date.year, month: date.month)
            return LocalHour(date: first.advanced(days: dayCount))
        }
    }
}

extension CivilDate {
    func advanced(days: Int) -> CivilDate {
        CivilDate(daysSinceEpoch: daysSinceEpoch + days)
    }
}
