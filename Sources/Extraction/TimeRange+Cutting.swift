import ExportModel

extension TimeRange {
    /// Shorter slices are not cut again: providers' bounds may be whole seconds.
    static let shortestCutMilliseconds: Int64 = 2_000
    /// Records so far outside what was asked for are still put down to a provider that rounds its
    /// bounds.
    static let strayToleranceMilliseconds: Int64 = 60_000

    /// Parts of about the same length, in order; nil where the range is too short to be cut.
    func cut(into count: Int) -> [TimeRange]? {
        let length = durationMilliseconds
        let parts = min(Int64(count), length / (Self.shortestCutMilliseconds / 2))
        guard length >= Self.shortestCutMilliseconds, parts >= 2 else { return nil }
        let borders = (0...parts).map { index in
            // Whole seconds, so that providers that count seconds cut at the same place.
            index == parts
                ? end : start.advanced(milliseconds: length * index / parts / 1_000 * 1_000)
        }
        return zip(borders, borders.dropFirst()).filter { $0 < $1 }.map {
            TimeRange(start: $0, end: $1)
        }
    }

    /// Whether a moment (epoch milliseconds) lies further outside than rounding explains.
    func isFar(_ time: Int64) -> Bool {
        time < start.epochMilliseconds - Self.strayToleranceMilliseconds
            || time > end.epochMilliseconds + Self.strayToleranceMilliseconds
    }
}
