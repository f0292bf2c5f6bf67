public import ExportModel

/// Local times as pipeline files and windows' keys write them.
public enum LocalHourText {
    /// The forms, for messages.
    public static let forms = "`2026-01-31`, `2026-01-31T07` or `2026-01`"

    /// `yyyy-mm-dd`, `yyyy-mm-ddThh` (also with `:00`) or `yyyy-mm`; nil for any other text.
    public static func parse(_ text: String) -> LocalHour? {
        if text.utf8.count == 7 {
            return CivilDate(iso8601: text + "-01").map { LocalHour(date: $0) }
        }
        guard let date = CivilDate(iso8601: String(text.prefix(10))) else { return nil }
        var rest = text.dropFirst(10)
        if rest.isEmpty { return LocalHour(date: date) }
        guard rest.first == "T" else { return nil }
        rest = rest.dropFirst()
        if rest.hasSuffix(":00"), rest.utf8.count == 5 { rest = rest.dropLast(3) }
        guard rest.utf8.count == 2, !rest.hasPrefix("-"),
            let hour = YAMLValue.wholeNumber(String(rest)),
            (0...23).contains(hour)
        else { return nil }
        return LocalHour(date: date, hour: Int(hour))
    }

    static func read(_ item: YAMLValue) -> Located<LocalHour>? {
        guard let scalar = item.scalar(as: "a day, hour or month such as \(forms)") else {
            return nil
        }
        guard let hour = parse(scalar.text) else {
            item.fail(
                "\(item.name) must be a day, hour or month of the calendar such as \(forms), "
                    + "not \(scalar.quoted)")
            return nil
        }
        return Located(value: hour, location: item.location)
    }

    /// Whether a window of the grid starts then.
    static func isOnGrid(_ hour: LocalHour, _ grid: WindowGrid) -> Bool {
        switch grid {
        case .hour: true
        case .day: hour.hour == 0
        case .month: hour.hour == 0 && hour.date.day == 1
        }
    }
}
