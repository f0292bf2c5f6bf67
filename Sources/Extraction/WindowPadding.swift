import ExportModel

/// How far a request reaches over the range it is for.
///
/// Where the document says that a bound is included, nothing is needed; where it does not say, or
/// says the contrary, the request reaches a second further, or a day where bounds are days. Records
/// that are selected by their end are asked for until the longest of them has ended.
struct WindowPadding: Sendable {
    private let startBound: WindowParameters.Bound
    private let endBound: WindowParameters.Bound
    private let reachMilliseconds: Int64
    /// Of local times; nil where there are none.
    private let zone: SourceZone?
    /// What bounds are whole multiples of in their zone: 1 s, 1 min, 1 h or a day.
    private let unit: Int64

    private static let second: Int64 = 1_000
    static let day: Int64 = 86_400_000

    /// - Parameters:
    ///   - window: nil where records are asked for by id.
    ///   - sourceZone: of the provider's zone-less times.
    init(_ window: WindowParameters?, sourceZone: SourceZone) {
        startBound = window?.startBound ?? .unknown
        endBound = window?.endBound ?? .unknown
        reachMilliseconds = window?.reachMilliseconds ?? 0
        unit = max(window?.format.unitMilliseconds ?? 0, Self.second)
        zone = window?.isLocal == true ? window?.timeZone ?? sourceZone : nil
    }

    /// What a request for a range says.
    ///
    /// Each bound by itself, so that a window's first and last slice reach as far as the window.
    func padded(_ range: TimeRange) -> TimeRange {
        let end = range.end.advanced(milliseconds: reachMilliseconds)
        if unit == Self.day, let zone {
            let first = zone.localDay(of: range.start) - (startBound == .inclusive ? 0 : 1)
            let isMidnight = zone.start(ofLocalDay: zone.localDay(of: end)) == end
            let after =
                zone.localDay(of: end) + (isMidnight ? 0 : 1) + (endBound == .unknown ? 1 : 0)
            return TimeRange(
                start: zone.start(ofLocalDay: first),
                end: zone.start(ofLocalDay: max(after, first)))
        }
        return TimeRange(
            start: range.start.advanced(
                milliseconds: -excess(of: range.start)
                    - padding(startBound == .inclusive ? 0 : unit, at: range.start)),
            end: end.advanced(
                milliseconds: (excess(of: end) == 0 ? 0 : unit - excess(of: end))
                    + padding(endBound == .unknown ? unit : 0, at: end)))
    }

    /// Where the records lie that a request for a range may list.
    func listed(_ range: TimeRange) -> TimeRange {
        let asked = padded(range)
        return TimeRange(
            start: asked.start.advanced(milliseconds: -reachMilliseconds), end: asked.end)
    }

    /// What the requests of two neighboring windows both ask for; nil where that is nothing.
    func shared(at bound: Timestamp) -> TimeRange? {
        let zone = padded(TimeRange(start: bound, end: bound))
        if zone.start < zone.end { return zone }
        return endBound == .inclusive && unit < Self.day ? zone : nil
    }

    /// How long after a moment that can be written exactly this one is, where seconds are not
    /// fine enough.
    private func excess(of moment: Timestamp) -> Int64 {
        guard unit > Self.second else { return 0 }
        let milliseconds = moment.epochMilliseconds
        let fraction = milliseconds.flooredDivision(by: Self.second).remainder
        let local = zone.map { $0.localSeconds(of: moment) * Self.second + fraction }
        return (local ?? milliseconds).flooredDivision(by: unit).remainder
    }

    /// A clock change makes local times near it ambiguous; an hour more covers both readings.
    private func padding(_ milliseconds: Int64, at bound: Timestamp) -> Int64 {
        let hour: Int64 = 3_600_000
        let nearby = TimeRange(
            start: bound.advanced(milliseconds: -hour), end: bound.advanced(milliseconds: hour))
        return zone?.changes(within: nearby) == true ? max(hour, milliseconds) : milliseconds
    }
}
