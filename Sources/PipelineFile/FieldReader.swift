import ExportModel

/// Reads one field of a catalog entry.
enum FieldReader {
    /// `nullValues` are the texts that mean "nothing" in every field of the entry.
    static func read(_ item: YAMLValue, nullValues: [String]) -> Field? {
        guard let field = MappingReader(item, keys: CatalogKeys.field),
            let name = field.required("name", remedy: "as documented")?.text(),
            let type = field.required("type", remedy: "one of \(typeNames)").flatMap(type),
            let summary = field.required("summary", remedy: "say what it holds")?.text()
        else { return nil }
        let own = field.value("null_values")?.textList(of: "texts")?.map(\.value) ?? []
        let sources = sources(field)
        let column = field.value("column").flatMap { $0.word(UnifiedColumn.self) }
        let translation = field.value("translation").flatMap(translation)
        let notes = field.value("notes").flatMap(notes)
        return Field(
            name: name, sources: sources, type: type, column: column,
            isRequired: field.value("required")?.bool() ?? false,
            sentinels: nullValues + own.filter { !nullValues.contains($0) },
            translation: translation, staysInExtra: field.value("stays_in_extra")?.bool() ?? false,
            notes: notes, mayBeAbsent: field.value("may_be_absent")?.bool() ?? false,
            summary: summary)
    }

    static let typeNames = YAMLValue.alternatives(
        ["text", "digits", "int", "decimal(p,s)", "bool"] + TimeFormat.names
            + DurationFormat.allCases.map { "duration(\($0.rawValue))" } + ["json"])

    /// `source: from.number`, or `first_of: [from.number, from.extension]`; nil: neither.
    private static func sources(_ field: MappingReader) -> [JSONPath]? {
        let source = field.value("source")
        let list = field.value("first_of")
        if let source, let list {
            list.fail("a field has either `source` or `first_of`, not both")
            return source.isScalar ? nil : []
        }
        if let source { return ResponseShapeReader.path(source).map { [$0] } }
        guard let list, let paths = list.each(of: "paths", ResponseShapeReader.path) else {
            return nil
        }
        if paths.isEmpty { list.fail("\(list.name) must name at least one path") }
        return paths
    }

    /// The type by the name that catalog files use; `decimal(p,s)` has 1…18 digits.
    static func type(named text: String) -> FieldType? {
        switch text {
        case "text": return .text
        case "digits": return .digits
        case "int": return .int
        case "bool": return .bool
        case "json": return .json
        default: break
        }
        if let format = TimeFormat(named: text) { return .time(format) }
        if text.hasPrefix("duration("), text.hasSuffix(")") {
            return DurationFormat(rawValue: String(text.dropFirst(9).dropLast()))
                .map(FieldType.duration)
        }
        guard text.hasPrefix("decimal("), text.hasSuffix(")") else { return nil }
        let parts = text.dropFirst(8).dropLast().split(
            separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 2, let precision = Int(parts[0]), let scale = Int(parts[1]),
            (1...18).contains(precision), (0...precision).contains(scale)
        else { return nil }
        return .decimal(precision: precision, scale: scale)
    }

    private static func type(_ item: YAMLValue) -> FieldType? {
        guard let text = item.text("a type") else { return nil }
        if let type = type(named: text) { return type }
        if text.hasPrefix("pattern(") {
            failAsPattern(item)
            return nil
        }
        item.fail("\(item.name) must be one of \(typeNames)")
        return nil
    }

    /// How moments are written, also those that bound a window.
    static func timeFormat(_ item: YAMLValue) -> TimeFormat? {
        guard let text = item.text("a time format") else { return nil }
        if let format = TimeFormat(named: text) { return format }
        if text.hasPrefix("pattern(") {
            failAsPattern(item)
        } else {
            item.fail(
                "\(item.name) must be one of \(YAMLValue.alternatives(TimeFormat.names))"
                    + NearestName.suggestion(for: text, among: TimeFormat.names))
        }
        return nil
    }

    private static func failAsPattern(_ item: YAMLValue) {
        item.fail(
            "\(item.name) is no pattern that cdrx reads: it needs `yyyy`, `MM` and `dd`, may have "
                + "HH hh mm ss S a X Z, and text between apostrophes")
    }

    private static func translation(_ item: YAMLValue) -> Translation? {
        guard let translation = MappingReader(item, keys: CatalogKeys.translation),
            let others = translation.required("others", remedy: "keep, null or reject")?
                .word(Translation.Others.self),
            let entries = translation.required("values", remedy: "give the words")?
                .entries(of: "words")
        else { return nil }
        var values: [String: String] = [:]
        for entry in entries {
            values[entry.name] = entry.value.text()
        }
        return Translation(values: values, others: others)
    }

    private static func notes(_ item: YAMLValue) -> NoteFields? {
        guard let notes = MappingReader(item, keys: CatalogKeys.notes),
            let message = notes.required("message", remedy: "name the key")?.text(),
            let createdAt = notes.required("created_at", remedy: "name the key")?.text(),
            let agent = notes.required("agent", remedy: "name the key")?.text()
        else { return nil }
        return NoteFields(message: message, createdAt: createdAt, agent: agent)
    }
}
