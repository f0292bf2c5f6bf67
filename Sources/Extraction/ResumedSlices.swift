public import ExportModel

/// A slice rebuilt from its archived pages.
public struct RestoredSlice: Sendable {
    /// With the counts that a tally needs.
    let assembled: AssembledSlice
    /// Rows that a neighboring window sets aside.
    let foreign: [RowReference]

    /// What the earlier run handed out.
    public var slice: ExtractedSlice { assembled.slice }
}

/// The slices of a window that an earlier run verified.
public struct ResumedSlices: Sendable {
    private(set) var tally = WindowTally()
    private var ranges: [TimeRange] = []

    public init() {}

    /// Counts a slice in; slices come in time order.
    ///
    /// - Parameter window: the window they belong to.
    /// - Returns: the slice, without rejects that an earlier one already has.
    public mutating func add(_ restored: RestoredSlice, of window: TimeRange) -> ExtractedSlice {
        if let range = restored.slice.range { ranges.append(range) }
        return tally.add(restored.assembled, of: window, foreign: restored.foreign)
    }

    /// What of the window is still to be walked.
    func gaps(in window: TimeRange) -> [TimeRange] {
        var gaps: [TimeRange] = []
        var reached = window.start
        for range in ranges {
            if range.start > reached { gaps.append(TimeRange(start: reached, end: range.start)) }
            reached = max(reached, range.end)
        }
        if reached < window.end { gaps.append(TimeRange(start: reached, end: window.end)) }
        return gaps
    }
}
