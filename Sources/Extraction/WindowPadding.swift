import ExportModel

/// How far a request reaches over the range it is for: no provider documents its bounds.
struct WindowPadding: Sendable {
    /// How far it reaches on each side.
    let milliseconds: Int64
    /// Of local times; nil where there are none.
    let zone: SourceZone?

    /// - Parameter zone: of the request's local times; nil where it sends epoch milliseconds.
    init(zone: SourceZone?) {
        milliseconds = 1_000
        self.zone = zone
    }

    /// Each bound by itself, so that a window's first and last slice reach as far as the window.
    func padded(_ range: TimeRange) -> TimeRange {
        TimeRange(
            start: range.start.advanced(milliseconds: -padding(at: range.start)),
            end: range.end.advanced(milliseconds: padding(at: range.end)))
    }

    /// A clock change makes local times near it ambiguous; an hour more covers both readings.
    private func padding(at bound: Timestamp) -> Int64 {
        let hour: Int64 = 3_600_000
        let nearby = TimeRange(
            start: bound.advanced(milliseconds: -hour), end: bound.advanced(milliseconds: hour))
        return zone?.changes(within: nearby) == true ? hour : milliseconds
    }
}
