import ExportModel

/// Decides whether the slices of a window still agree with the provider when all of them are in.
///
/// Slices are verified one after the other; a record that entered or left an earlier one meanwhile
/// shows in the window's total. A total that is lower than what the slices hold may be capped, so
/// then each slice's own total is asked for again instead: those are not, or they would not have
/// been verified.
struct WindowCheck: Sendable {
    /// What is to be asked for, with the records that were found there.
    private var expected: [WindowTally.SliceCount] = []
    private var nextIndex = 0
    private var openCount = 0
    private var isRecount: Bool
    private var isDue = false

    /// - Parameter isBySlices: the window is too long to be asked for at once.
    init(isBySlices: Bool = false) {
        isRecount = isBySlices
    }

    /// Whether nothing is left to ask for.
    var isFinished: Bool { !isDue && openCount == 0 }

    /// Asks for the window's total anew.
    mutating func begin() {
        self = WindowCheck(isBySlices: isRecount)
        isDue = true
    }

    /// The next part whose total is to be asked for, with its index.
    mutating func claim(_ window: TimeRange, _ tally: WindowTally) -> (Int, TimeRange)? {
        if isDue {
            isDue = false
            expected =
                isRecount
                ? tally.slices
                : [WindowTally.SliceCount(range: window, foundCount: tally.foundCount)]
            openCount = expected.count
        }
        guard nextIndex < expected.count else { return nil }
        defer { nextIndex += 1 }
        return (nextIndex, expected[nextIndex].range)
    }

    /// A total arrived.
    ///
    /// - Returns: what was found where it differs; nil as long as nothing does.
    mutating func receive(_ total: Int, at index: Int, _ tally: WindowTally) -> Int? {
        guard index < expected.count else { return nil }
        let found = expected[index].foundCount
        openCount -= 1
        if total == found { return nil }
        guard !isRecount, total < found, tally.slices.count > 1 else { return found }
        isRecount = true
        expected = tally.slices
        nextIndex = 0
        openCount = expected.count
        return nil
    }
}
