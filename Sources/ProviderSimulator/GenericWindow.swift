import ExportModel
import Foundation

/// Reads which time a request is about.
struct GenericWindow {
    /// How it has to be said.
    let window: WindowParameters
    /// Of values without an offset, unless the window says otherwise.
    let zone: SourceZone
    /// What is true of bounds that the entry does not know.
    let includesStart: Bool
    let includesEnd: Bool

    private var time: GenericTime {
        GenericTime(name: window.format.name, zone: window.timeZone ?? zone)
    }

    /// Both inclusive, in epoch milliseconds; nil if they are not written as they must be, or the
    /// range is longer than it may be. An empty range has its end before its start.
    func moments(_ parameters: RequestParameters) -> (from: Int64, to: Int64)? {
        guard let range = written(parameters) else { return nil }
        if let maximum = window.maximumSpanMilliseconds, range.to - range.from > maximum {
            return nil
        }
        if case .days = window.names { return (range.from, range.to - 1) }
        let isDay = time.name == "date"
        // A day that belongs to the range belongs to it whole.
        let from = isIncluded(window.startBound, includesStart) ? range.from : next(range.from)
        guard isIncluded(window.endBound, includesEnd) else { return (from, range.to - 1) }
        return (from, isDay ? next(range.to) - 1 : range.to)
    }

    private func isIncluded(_ bound: WindowParameters.Bound, _ other: Bool) -> Bool {
        switch bound {
        case .inclusive: true
        case .exclusive: false
        case .unknown: other
        }
    }

    private func next(_ moment: Int64) -> Int64 {
        time.name == "date" ? day(after: moment, count: 1) : moment + 1
    }

    private func day(after midnight: Int64, count: Int) -> Int64 {
        let local = CivilDate(iso8601: time.text(of: midnight))
        return local.map { time.midnight(CivilDate(daysSinceEpoch: $0.daysSinceEpoch + count)) }
            ?? midnight
    }

    private func written(_ parameters: RequestParameters) -> (from: Int64, to: Int64)? {
        switch window.names {
        case .bounds(let start, let end):
            guard let from = parameters.text(start).flatMap(time.moment),
                let to = parameters.text(end).flatMap(time.moment)
            else { return nil }
            return (from, to)
        case .interval(let name, let template):
            let pattern = PathPattern(template.replacing("/", with: "\u{1}"))
            guard let text = parameters.text(name),
                let values = pattern.values(in: text.replacing("/", with: "\u{1}")),
                let from = values["start"].flatMap(time.moment),
                let to = values["end"].flatMap(time.moment)
            else { return nil }
            return (from, to)
        case .days(let date, let count):
            guard let from = parameters.text(date).flatMap(time.moment),
                let days = parameters.text(count).flatMap({ Int($0) }), days >= 1
            else { return nil }
            return (from, day(after: from, count: days))
        }
    }
}

/// The offset of a zone that an entry names, asked of Foundation and not of the client's own
/// tables.
enum GenericZone {
    /// Seconds east of UTC.
    static func offset(_ zone: SourceZone, atEpochSeconds seconds: Int64) -> Int64 {
        let text = zone.identifier
        let parts = text.dropFirst().split(separator: ":").compactMap { Int64($0) }
        if text.hasPrefix("+") || text.hasPrefix("-"), parts.count == 2 {
            return (text.hasPrefix("-") ? -1 : 1) * (parts[0] * 3_600 + parts[1] * 60)
        }
        let moment = Date(timeIntervalSince1970: TimeInterval(seconds))
        return Int64(TimeZone(identifier: text)?.secondsFromGMT(for: moment) ?? 0)
    }
}
