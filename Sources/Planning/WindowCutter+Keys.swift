public import ExportModel

extension WindowCutter {
    /// The bounds of the window that has a key (``WindowKey/description``); nil for a request list,
    /// and for what no window of the zone is called.
    public func range(ofKey text: String) -> TimeRange? {
        let parts = text.split(separator: "T", maxSplits: 1)
        guard let day = parts.first else { return nil }
        let grid: WindowGrid = parts.count == 2 ? .hour : day.count == 7 ? .month : .day
        guard let date = CivilDate(iso8601: grid == .month ? day + "-01" : String(day)) else {
            return nil
        }
        var border = LocalHour(date: date)
        if grid == .hour {
            guard let hour = Int(parts[1].prefix(2)), (0..<24).contains(hour) else { return nil }
            border.hour = hour
        }
        // A window may begin later than its name says, and a repeated hour does.
        let start = start(of: border)
        let search = TimeRange(start: start, end: start.advanced(milliseconds: 4 * 3_600_000))
        let found = try? windows(every: grid, startingIn: search)
        return found?.first { "\($0.key)" == text }?.range
    }
}
