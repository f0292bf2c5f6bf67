import ExportModel

extension TimeRange {
    /// Records so far outside what was asked for are still put down to a provider that rounds its
    /// bounds.
    static let strayToleranceMilliseconds: Int64 = 60_000

    /// Whether a moment (epoch milliseconds) lies further outside than rounding explains.
    func isFar(_ time: Int64) -> Bool {
        time < start.epochMilliseconds - Self.strayToleranceMilliseconds
            || time > end.epochMilliseconds + Self.strayToleranceMilliseconds
    }
}
