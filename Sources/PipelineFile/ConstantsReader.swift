import ExportModel

/// Reads the unified columns that an entry itself implies.
enum ConstantsReader {
    /// In the file's order: `direction: outbound`, or a word for presence and one for absence of a
    /// field.
    static func read(_ item: Item) -> [ConstantColumn]? {
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

    private static func presence(_ item: Item) -> ConstantColumn.Value? {
        guard let presence = MappingReader(item, keys: CatalogKeys.presence),
            let field = presence.required("field", remedy: "name the field")?.text(),
            let present = presence.required("present", remedy: "give the word")?.text(),
            let absent = presence.required("absent", remedy: "give the word")?.text()
        else { return nil }
        return .presence(field: field, present: present, absent: absent)
    }
}
