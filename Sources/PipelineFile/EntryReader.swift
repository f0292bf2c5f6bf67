import ExportModel

/// Reads one entry of a catalog file.
struct EntryReader {
    let provider: String
    let defaultBaseURL: String?

    /// nil where the entry has a mistake, which is then among the findings.
    func read(_ item: YAMLValue) -> Located<Endpoint>? {
        guard let entry = MappingReader(item, keys: CatalogKeys.entry) else { return nil }
        let errors = item.context.findings.errorCount
        let idItem = entry.required("endpoint", remedy: "name it `<provider>.<version>.<call>`")
        let id = idItem?.text()
        let title = entry.required("title", remedy: "say in a few words what it lists")?.text()
        let document = entry.required("document", remedy: "name the provider's document")?.text()
        let inferred = entry.value("inferred").map { $0.textList(of: "texts") } ?? []
        let request = entry.required("request", remedy: "say how it is asked")
            .flatMap(RequestShapeReader.read)
        let response = entry.required("response", remedy: "say where the rows lie")
            .flatMap(ResponseShapeReader.read)
        let key = entry.required("key", remedy: "name the fields that identify a record")?
            .textList(of: "field names")
        let time = entry.required("time", remedy: "name the field with a record's start")?.text()
        let nullValues = entry.value("null_values")?.textList(of: "texts").map { $0.map(\.value) }
        let fields = entry.required("fields", remedy: "list every documented field")?
            .each(of: "fields") { FieldReader.read($0, nullValues: nullValues ?? []) }
        let zone = entry.value("source_timezone").map(SourceZoneText.read)
        let constants = entry.value("constants").map(ConstantsReader.read) ?? []
        let login = entry.value("login").map(RequestShapeReader.readLogin)
        let report = entry.value("report").flatMap(ReportReader.read)
        let hasOrdinal = entry.value("key_has_ordinal")?.bool() ?? false
        guard let id, let idItem, let title, let document, let inferred, let request, let response,
            let key,
            let time, let fields, let constants,
            item.context.findings.errorCount == errors
        else { return nil }
        let endpoint = Endpoint(
            id: id, title: title, document: document, provider: provider,
            defaultBaseURL: defaultBaseURL, request: request, response: response,
            key: key.map(\.value), keyHasOrdinal: hasOrdinal, timeField: time,
            sourceZone: (zone ?? nil) ?? SourceZone(identifier: "Z", offsetSeconds: 0),
            fields: fields, constants: constants, login: login ?? nil, report: report,
            inferred: inferred.map(\.value))
        for message in EntryChecks.mistakes(in: endpoint) {
            item.context.findings.add(.error, idItem.location, message)
        }
        guard item.context.findings.errorCount == errors else { return nil }
        return Located(value: endpoint, location: idItem.location)
    }
}

/// Reads the unified columns that an entry itself implies.
enum ConstantsReader {
    /// In the file's order: `direction: outbound`, or a word for presence and one for absence of a
    /// field.
    static func read(_ item: YAMLValue) -> [ConstantColumn]? {
        item.entries(of: "columns")?.compactMap { entry in
            guard let column = UnifiedColumn(rawValue: entry.name) else {
                let names = UnifiedColumn.allCases.map(\.rawValue)
                entry.key.fail(
                    "`\(entry.name)` is no unified column"
                        + NearestName.suggestion(for: entry.name, among: names))
                return nil
            }
            guard entry.value.isMapping else {
                return entry.value.text().map { ConstantColumn(column: column, value: .text($0)) }
            }
            return presence(entry.value).map { ConstantColumn(column: column, value: $0) }
        }
    }

    private static func presence(_ item: YAMLValue) -> ConstantColumn.Value? {
        guard let presence = MappingReader(item, keys: CatalogKeys.presence),
            let field = presence.required("field", remedy: "name the field")?.text(),
            let present = presence.required("present", remedy: "give the word")?.text(),
            let absent = presence.required("absent", remedy: "give the word")?.text()
        else { return nil }
        return .presence(field: field, present: present, absent: absent)
    }
}
