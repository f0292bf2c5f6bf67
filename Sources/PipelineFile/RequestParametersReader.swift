import ExportModel

/// Reads the parameters of a request, and how it shows who asks.
enum RequestParametersReader {
    /// Values, or values with their place: `{value: 2, in: header}`.
    static func fixed(_ item: YAMLValue) -> [NamedValue]? {
        item.entries(of: "parameters")?.compactMap { entry in
            guard entry.value.isMapping else {
                return value(entry.value).map { NamedValue(name: entry.name, value: $0) }
            }
            guard let placed = MappingReader(entry.value, keys: CatalogKeys.placed),
                let value = placed.required("value", remedy: "give it").flatMap(value)
            else { return nil }
            return NamedValue(name: entry.name, value: value, place: place(placed))
        }
    }

    private static func value(_ item: YAMLValue) -> ParameterValue? {
        item.scalar(as: "a number, a truth value or text").map { scalar in
            guard scalar.isPlain else { return .text(scalar.text) }
            if let number = YAMLValue.wholeNumber(scalar.text) { return .int(number) }
            if let word = Bool(scalar.text) { return .bool(word) }
            return .text(scalar.text)
        }
    }

    static func credential(_ item: YAMLValue) -> CredentialField? {
        guard let credential = MappingReader(item, keys: CatalogKeys.credential),
            let name = credential.required("name", remedy: "as documented")?.text(),
            let type = credential.required("type", remedy: "int or text")?.word(ParameterType.self)
        else { return nil }
        return CredentialField(
            name: name, type: type, place: place(credential),
            summary: credential.value("summary")?.text() ?? "")
    }

    static func requestID(_ item: YAMLValue) -> RequestIDParameter? {
        guard let parameter = MappingReader(item, keys: CatalogKeys.requestID),
            let name = parameter.required("name", remedy: "as documented")?.text()
        else { return nil }
        let column = parameter.value("column").flatMap { $0.word(UnifiedColumn.self) }
        return RequestIDParameter(name: name, place: place(parameter), column: column)
    }

    static func optional(_ item: YAMLValue) -> OptionalParameter? {
        guard let parameter = MappingReader(item, keys: CatalogKeys.optional),
            let name = parameter.required("name", remedy: "as documented")?.text(),
            let type = parameter.required("type", remedy: "int or text")?.word(ParameterType.self)
        else { return nil }
        let allowed =
            parameter.value("allowed").map { list in
                list.each(of: "values") { ParameterReader.value($0, type: type) }
            } ?? []
        let standard = parameter.value("default").map { ParameterReader.value($0, type: type) }
        let drain = parameter.value("drain").map { ParameterReader.value($0, type: type) }
        let drained = parameter.value("drained").map { ParameterReader.value($0, type: type) }
        guard let allowed else { return nil }
        return OptionalParameter(
            name: name, type: type, place: place(parameter), allowed: allowed,
            defaultValue: standard ?? nil, drainValue: drain ?? nil, drainedValue: drained ?? nil,
            summary: parameter.value("summary")?.text() ?? "")
    }

    private static func place(_ parameter: MappingReader) -> ParameterPlace? {
        parameter.value("in").flatMap { $0.word(ParameterPlace.self) }
    }

    /// What each kind of ``auth(_:)`` takes besides its type.
    private enum AuthType: String, CaseIterable {
        case basic, bearer, header, query

        var keys: [String] {
            switch self {
            case .basic: ["user", "password"]
            case .bearer: ["token"]
            case .header: ["name", "value", "prefix"]
            case .query: ["name", "value"]
            }
        }
    }

    static func auth(_ item: YAMLValue) -> RequestAuth? {
        guard let auth = MappingReader(item, keys: CatalogKeys.auth),
            let type = auth.required("type", remedy: "basic, bearer, header or query")?
                .word(AuthType.self)
        else { return nil }
        for key in auth.present where key.value != "type" && !type.keys.contains(key.value) {
            item.context.findings.add(
                .error, key.location,
                "`\(key.value)` is no part of `auth` of type `\(type.rawValue)`, which takes "
                    + YAMLValue.alternatives(type.keys.map { "`\($0)`" }).replacing(
                        " or ", with: " and "))
        }
        func text(_ key: String, _ remedy: String) -> String? {
            auth.required(key, remedy: remedy)?.text()
        }
        let credential = "name the credential"
        switch type {
        case .basic:
            guard let user = text("user", credential), let password = text("password", credential)
            else { return nil }
            return .basic(user: user, password: password)
        case .bearer:
            return text("token", credential).map { .bearer(token: $0) }
        case .header:
            guard let name = text("name", "name the header"), let value = text("value", credential)
            else { return nil }
            let prefix = auth.value("prefix").map { $0.scalar(as: "text")?.text ?? "" } ?? ""
            return .header(name: name, value: value, prefix: prefix)
        case .query:
            guard let name = text("name", "name the parameter"),
                let value = text("value", credential)
            else { return nil }
            return .query(name: name, value: value)
        }
    }
}
