public import ExportModel

/// Which windows of a stream should be complete by now: those of its range, and every one between
/// the first that is known and the newest that is due.
public struct ExpectedWindows: Sendable {
    /// Where the pipeline file says that history begins: `catch_up_from`, or the start of the range;
    /// nil where the range has no window.
    public let start: Timestamp?
    private let grid: WindowGrid
    private let cutter: WindowCutter
    /// A window that ends by then is due.
    private let dueEnd: Timestamp
    /// Windows that end later are not asked for.
    private let end: Timestamp

    /// - Returns: nil for a stream of one request list, which has no dates.
    /// - Throws: any ``PlanningError``.
    public init?(
        of stream: Stream, timeZoneIdentifier: String, now: Timestamp
    ) throws(PlanningError) {
        if stream.requests?.singleBatch != nil { return nil }
        let options = stream.windows
        let cutter = try WindowCutter(timeZoneIdentifier: timeZoneIdentifier)
        let range = try Candidates(of: stream, cutter: cutter, now: now, request: .run).windows
        self.cutter = cutter
        grid = options.every
        dueEnd = now.advanced(milliseconds: -options.settleMilliseconds)
        start = range.first?.window.range?.start
        // Only a range with fixed ends asks for windows that are far from due.
        if case .between(_, let to) = options.range {
            let rangeEnd = cutter.start(of: to)
            end = options.catchUpFrom == nil ? rangeEnd : max(rangeEnd, dueEnd)
        } else {
            end = dueEnd
        }
    }

    /// The windows from `moment` on, oldest first, and whether each is due.
    ///
    /// - Throws: `too_many_windows`.
    public func windows(
        from moment: Timestamp
    ) throws(PlanningError) -> [(window: Window, isDue: Bool)] {
        guard moment < end else { return [] }
        let found = try cutter.windows(
            every: grid, startingIn: TimeRange(start: moment, end: end))
        var expected: [(window: Window, isDue: Bool)] = []
        for window in found {
            guard let windowEnd = window.range?.end, windowEnd <= end else { continue }
            expected.append((window, windowEnd <= dueEnd))
        }
        return expected
    }
}
