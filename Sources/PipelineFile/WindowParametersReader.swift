import ExportModel

/// Reads how a request says which time it is about.
enum WindowParametersReader {
    /// Longest time that `reach` and `maximum_span` may be.
    private static let longest: Int64 = 3_660 * 86_400_000

    static func read(_ item: YAMLValue) -> WindowParameters? {
        guard let window = MappingReader(item, keys: CatalogKeys.window),
            let names = parameterNames(window)
        else { return nil }
        let format = boundFormat(window, names)
        let startBound = word(window, "start_bound", or: WindowParameters.Bound.unknown)
        let endBound = word(window, "end_bound", or: WindowParameters.Bound.unknown)
        let selects = word(window, "selects", or: WindowParameters.Selection.start)
        let reach = duration(window, "reach")
        let span = duration(window, "maximum_span")
        guard let format, let startBound, let endBound, let selects else { return nil }
        var read = WindowParameters(
            names: names, format: format, startBound: startBound, endBound: endBound,
            selects: selects, reachMilliseconds: reach ?? 0, maximumSpanMilliseconds: span)
        if let zone = window.value("timezone") {
            read.timeZone = SourceZoneText.read(zone)
            if !read.isLocal {
                zone.fail("\(zone.name) has no meaning for `\(format.name)`; remove it")
            }
        }
        if selects == .end {
            _ = window.required(
                "reach", remedy: "say how long a record may last at most, as in `24h`")
        } else if let reach = window.value("reach") {
            reach.fail("\(reach.name) is only for `selects: end`; remove it")
        }
        return read
    }

    /// Exactly one of the three pairs.
    private static func parameterNames(_ window: MappingReader) -> WindowParameters.Names? {
        let pairs = [("start", "end"), ("interval", "template"), ("date", "days")]
        let given = pairs.filter { window.value($0.0) != nil || window.value($0.1) != nil }
        guard given.count == 1, let pair = given.first else {
            window.item.fail(
                "\(window.item.name) must have either `start` and `end`, `interval` and "
                    + "`template`, or `date` and `days`")
            return nil
        }
        let remedy = pair.1 == "template" ? "as in `{start}/{end}`" : "name the parameter"
        guard let first = window.required(pair.0, remedy: "name the parameter")?.text(),
            let second = window.required(pair.1, remedy: remedy)?.text()
        else { return nil }
        switch pair.0 {
        case "start": return .bounds(start: first, end: second)
        case "date": return .days(date: first, count: second)
        default:
            guard let template = PathTemplate(second), template.names.sorted() == ["end", "start"]
            else {
                window.value("template")?.fail(
                    "`template` must have `{start}` and `{end}` once each, as in `{start}/{end}`")
                return nil
            }
            return .interval(name: first, template: second)
        }
    }

    /// Days are dates.
    private static func boundFormat(
        _ window: MappingReader, _ names: WindowParameters.Names
    ) -> TimeFormat? {
        guard case .days = names else {
            return window.required("format", remedy: "say how the bounds are written")
                .flatMap(FieldReader.timeFormat)
        }
        guard let item = window.value("format") else { return .date }
        guard let format = FieldReader.timeFormat(item) else { return nil }
        if format.unitMilliseconds != TimeFormat.date.unitMilliseconds {
            item.fail(
                "\(item.name) must be one of days where a window is a day and a count of days")
        }
        return format
    }

    /// nil where the word is none of the known ones.
    private static func word<Word: RawRepresentable & CaseIterable>(
        _ window: MappingReader, _ key: String, or standard: Word
    ) -> Word? where Word.RawValue == String {
        guard let item = window.value(key) else { return standard }
        return item.word(Word.self)
    }

    private static func duration(_ window: MappingReader, _ key: String) -> Int64? {
        window.value(key)?.milliseconds(in: 60_000...longest, shownAs: "from 1m to 3660d")
    }
}
