import ExportModel

/// Reads which stretch of time a run covers.
enum WindowRangeText {
    static let forms =
        "`yesterday`, `today`, `last N hours`, `last N days`, `last N months` "
        + "or `{from: 2026-01-01, to: 2026-02-01}`"

    static func read(_ item: YAMLValue) -> Located<WindowRange>? {
        if item.isMapping {
            return between(item).map { Located(value: $0, location: item.location) }
        }
        guard let scalar = item.scalar(as: forms) else { return nil }
        guard let range = parse(scalar.text) else {
            let suggestion =
                scalar.hasReferences
                ? "" : NearestName.suggestion(for: scalar.text, among: ["yesterday", "today"])
            item.fail("\(item.name) must be \(forms), not \(scalar.quoted)\(suggestion)")
            return nil
        }
        return Located(value: range, location: item.location)
    }

    /// The forms of one line; nil for any other text.
    static func parse(_ text: String) -> WindowRange? {
        if text == "yesterday" { return .yesterday }
        if text == "today" { return .today }
        let words = text.split(separator: " ")
        guard words.count == 3, words[0] == "last",
            let count = YAMLValue.wholeNumber(String(words[1])), (1...100_000).contains(count)
        else { return nil }
        let unit = words[2].hasSuffix("s") ? words[2].dropLast() : words[2]
        return WindowGrid(rawValue: String(unit)).map { .last(count: Int(count), unit: $0) }
    }

    /// Why a grid cannot cut a range; nil if it can.
    static func mistake(in range: WindowRange, grid: WindowGrid) -> String? {
        let every = "`every: \(grid.rawValue)`"
        switch range {
        case .yesterday, .today:
            guard grid == .month else { return nil }
            let name = range == .today ? "today" : "yesterday"
            return "range `\(name)` is no whole month, which \(every) asks for; "
                + "use `range: last 1 months`, or `every: day`"
        case .last(let count, let unit):
            guard size(unit) < size(grid) else { return nil }
            return "range `last \(count) \(unit.rawValue)s` is finer than \(every); "
                + "use `last N \(grid.rawValue)s`, or `every: \(unit.rawValue)`"
        case .between(let from, let to):
            for (name, hour) in [("from", from), ("to", to)]
            where !LocalHourText.isOnGrid(hour, grid) {
                return "range: `\(name)` must be the start of a \(grid.rawValue), "
                    + "since windows are cut \(every)"
            }
            guard from < to else {
                return "range: `from` must be before `to`, which is the first moment not covered"
            }
            let days = to.date.daysSinceEpoch - from.date.daysSinceEpoch
            let count = days * (grid == .hour ? 24 : 1) / (grid == .month ? 28 : 1)
            guard count <= WindowSettings.windowLimit else {
                return "range has about \(count) windows; "
                    + "at most \(WindowSettings.windowLimit) are planned at once"
            }
            return nil
        }
    }

    private static func size(_ grid: WindowGrid) -> Int {
        switch grid {
        case .hour: 0
        case .day: 1
        case .month: 2
        }
    }

    private static func between(_ item: YAMLValue) -> WindowRange? {
        guard let range = MappingReader(item, keys: PipelineKeys.between) else { return nil }
        let from = range.required("from", remedy: "say where it starts, as in `from: 2026-01-01`")
            .flatMap(LocalHourText.read)
        let to = range.required("to", remedy: "say the first day not covered")
            .flatMap(LocalHourText.read)
        guard let from, let to else { return nil }
        return .between(from: from.value, to: to.value)
    }
}
