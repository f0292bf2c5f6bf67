import ExportModel

/// Writes the bounds of what is asked for, as the endpoint's document wants them.
struct WindowText: Sendable {
    private let window: WindowParameters
    /// Of the local times and days that are sent.
    private let zone: SourceZone

    /// - Parameter sourceZone: of the provider's zone-less times.
    init(_ window: WindowParameters, sourceZone: SourceZone) {
        self.window = window
        zone = window.timeZone ?? sourceZone
    }

    /// The parameters of a window, in order; bounds are rounded down to the format's unit.
    func parameters(_ asked: TimeRange) -> [NamedValue] {
        switch window.names {
        case .bounds(let start, let end):
            return [
                NamedValue(name: start, value: value(asked.start)),
                NamedValue(name: end, value: value(lastMoment(of: asked))),
            ]
        case .interval(let name, let template):
            let text = (PathTemplate(template)?.parts ?? []).map { part in
                switch part {
                case .text(let text): text
                case .name("start"): value(asked.start).text
                case .name: value(lastMoment(of: asked)).text
                }
            }
            return [NamedValue(name: name, value: .text(text.joined()))]
        case .days(let date, let count):
            let days =
                zone.localDay(of: asked.end.advanced(milliseconds: -1))
                - zone.localDay(of: asked.start)
            return [
                NamedValue(name: date, value: value(asked.start)),
                NamedValue(name: count, value: .int(max(days, 0) + 1)),
            ]
        }
    }

    /// What the end says: a day that is not said to be excluded is a whole one.
    private func lastMoment(of asked: TimeRange) -> Timestamp {
        window.format.unitMilliseconds == WindowPadding.day && window.endBound != .exclusive
            ? asked.end.advanced(milliseconds: -1) : asked.end
    }

    private func value(_ moment: Timestamp) -> ParameterValue {
        let text = window.format.text(of: moment, in: zone)
        if window.format.isNumber, let number = Int64(text) { return .int(number) }
        return .text(text)
    }
}
