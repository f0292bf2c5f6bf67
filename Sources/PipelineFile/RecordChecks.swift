import ExportModel

/// What must hold of the places that an entry's fields are read from.
extension EntryChecks {
    static func records(_ endpoint: Endpoint) -> [String] {
        expansion(endpoint) + sources(endpoint) + total(endpoint) + cells(endpoint)
            + endpoint.fields.filter { $0.type.mayLose && $0.column != nil && !$0.staysInExtra }.map
        {
            "the column of the field `\($0.name)` holds whole seconds only, so the field must have "
                + "`stays_in_extra: true`"
        }
    }

    /// `participants[].sessions[]`: keys, with the list of the last one expanded.
    private static func expansion(_ endpoint: Endpoint) -> [String] {
        guard let expand = endpoint.response.expand else { return [] }
        let isSound =
            expand.steps.last == .each && expand.steps.first != .each
            && zip(expand.steps, expand.steps.dropFirst()).allSatisfy {
                $0 != .each || $1 != .each
            }
        if isSound { return [] }
        return [
            "`expand` must be the path of a list inside the record that ends in `[]`, as in "
                + "`legs[]` or `participants[].sessions[]`"
        ]
    }

    private static func sources(_ endpoint: Endpoint) -> [String] {
        let identifying = Set(endpoint.key + [endpoint.timeField])
        let expanded = endpoint.response.expand?.steps ?? []
        var found: [String] = []
        for field in endpoint.fields {
            for source in field.sources where source.hasEach {
                let list = source.steps.prefix(through: source.steps.lastIndex(of: .each) ?? 0)
                if !expanded.starts(with: list) {
                    found.append(
                        "the field `\(field.name)` reads `\(source)`, but `expand` "
                            + (expanded.isEmpty
                                ? "is not given" : "is `\(JSONPath(steps: expanded))`"))
                } else if identifying.contains(field.name) {
                    found.append(
                        "the field `\(field.name)` is the record's key or time, so it cannot lie in "
                            + "the list that `expand` names")
                }
            }
            if field.sources.contains(where: \.steps.isEmpty) {
                found.append("the field `\(field.name)` has an empty source")
            }
        }
        return found
    }

    /// A list of lines has no place for a total.
    private static func total(_ endpoint: Endpoint) -> [String] {
        let response = endpoint.response
        guard response.body != .json, let path = response.total.bodyPath else { return [] }
        return [
            "a body of `\(response.body.rawValue)` has no place for the total `\(path)`: name a header "
                + "(`total: {header: X-Total-Count}`), or leave it out"
        ]
    }

    /// The cells of a CSV body have a name and nothing inside.
    private static func cells(_ endpoint: Endpoint) -> [String] {
        guard endpoint.response.body == .csv else { return [] }
        var found: [String] = []
        if endpoint.response.expand != nil { found.append("a CSV body has no list to `expand`") }
        for field in endpoint.fields {
            let isColumn = field.sources.allSatisfy { $0.steps.count == 1 && $0.keys.count == 1 }
            if !isColumn {
                found.append(
                    "the field `\(field.name)` reads a path, but a CSV body has only columns: quote a "
                        + "name with dots, as in `'\"from.number\"'`")
            }
        }
        return found
    }
}
