import ExportModel

/// Where slices may be cut: never finer than the bounds of a request can say.
struct SliceGrid: Hashable, Sendable {
    /// Shorter slices are not cut again where nothing else is known: providers' bounds may be whole
    /// seconds.
    static let shortestCutMilliseconds: Int64 = 2_000

    private var shortestMilliseconds = Self.shortestCutMilliseconds
    /// What borders are whole multiples of, counted from the range's start.
    private var unit: Int64 = 1_000
    /// Of the days at whose begin slices are cut; nil: at whole units.
    private var dayZone: SourceZone?

    /// Whole seconds.
    init() {}

    /// - Parameters:
    ///   - window: nil where records are asked for by id.
    ///   - sourceZone: of the provider's zone-less times.
    init(_ window: WindowParameters?, sourceZone: SourceZone) {
        guard let window else { return }
        unit = max(unit, window.format.unitMilliseconds)
        if unit == WindowPadding.day { dayZone = window.timeZone ?? sourceZone }
        // A request for less lists as many records all the same.
        shortestMilliseconds = max(2 * unit, window.reachMilliseconds)
    }

    /// Parts of about the same length, in order; nil where the range is too short to be cut.
    func cut(_ range: TimeRange, into count: Int) -> [TimeRange]? {
        let length = range.durationMilliseconds
        let parts = min(Int64(count), length / max(shortestMilliseconds / 2, unit))
        guard length >= shortestMilliseconds, parts >= 2 else { return nil }
        var borders = [range.start]
        for index in 1..<parts {
            let border = rounded(
                range.start.advanced(milliseconds: length * index / parts), in: range)
            if border > borders[borders.count - 1] { borders.append(border) }
        }
        guard borders.count > 1 else { return nil }
        borders.append(range.end)
        return zip(borders, borders.dropFirst()).map { TimeRange(start: $0, end: $1) }
    }

    /// The first place after a moment where a range may be cut; its end where there is none.
    func place(after moment: Timestamp, in range: TimeRange) -> Timestamp {
        let before = rounded(moment, in: range)
        guard let dayZone else { return min(before.advanced(milliseconds: unit), range.end) }
        return min(dayZone.start(ofLocalDay: dayZone.localDay(of: moment) + 1), range.end)
    }

    /// The last place at or before a moment where a range may be cut; its start where there is none.
    func rounded(_ moment: Timestamp, in range: TimeRange) -> Timestamp {
        guard let dayZone else {
            // Whole seconds, so that providers that count seconds cut at the same place.
            let length = moment.epochMilliseconds - range.start.epochMilliseconds
            return range.start.advanced(milliseconds: length / unit * unit)
        }
        return max(dayZone.start(ofLocalDay: dayZone.localDay(of: moment)), range.start)
    }
}
