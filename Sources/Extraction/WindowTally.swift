import ExportModel

/// Records of a window's verified slices, counted as the provider's total counts them.
public struct WindowTally: Sendable {
    /// What was found in one slice with its padding: that many its total must still report.
    struct SliceCount: Sendable {
        var range: TimeRange
        var foundCount: Int
    }

    /// In time order.
    private(set) var slices: [SliceCount] = []
    /// Why some slice is published although its records are not as many as reported.
    private(set) var mismatch: ExtractionError?
    private var inRange = 0
    private var beforeWindow = 0
    private var afterWindow = 0
    private var unidentified = 0
    /// Identities of the records without a readable time so far: neighboring slices both see those
    /// of their padding.
    private var untimed: Set<[UInt8]> = []

    init() {}

    /// Different records, as the provider counts them.
    var foundCount: Int { inRange + beforeWindow + afterWindow + unidentified }

    /// Counts a verified slice in; slices come in time order.
    ///
    /// - Parameter foreign: rows that a neighboring window sets aside.
    /// - Returns: the slice without them, without rejects that an earlier one has already, and with
    ///   the share of the window's total and padding that falls to it: added up over the slices
    ///   they are the same however the window is sliced.
    mutating func add(
        _ assembled: AssembledSlice, of window: TimeRange, foreign: [RowReference] = []
    ) -> ExtractedSlice {
        var slice = assembled.slice
        let known = Set(assembled.untimed.filter { untimed.contains($0.identity) }.map(\.row))
        untimed.formUnion(assembled.untimed.map(\.identity))
        slice.unidentified.removeAll { known.contains($0) }
        if let range = slice.range {
            slices.append(SliceCount(range: range, foundCount: assembled.foundCount))
        }
        mismatch = mismatch ?? assembled.mismatch
        inRange += slice.rows.count
        unidentified += slice.unidentified.count
        let before = slice.range?.start == window.start ? assembled.beforeCount : 0
        let after = slice.range?.end == window.end ? assembled.afterCount : 0
        beforeWindow += before
        afterWindow += after
        // The padding between two slices is no padding of the window.
        let disagreement = slice.counts.reportedTotal - assembled.foundCount
        slice.counts.outsideWindow = before + after
        slice.counts.reportedTotal =
            slice.rows.count + slice.unidentified.count + before + after + disagreement
        slice.foreign = foreign
        slice.unidentified.removeAll { foreign.contains($0) }
        return slice
    }
}
