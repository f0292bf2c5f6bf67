import ExportModel

/// Reads how an endpoint, or its login, is asked.
enum RequestShapeReader {
    static func read(_ item: YAMLValue) -> RequestShape? {
        guard let request = MappingReader(item, keys: CatalogKeys.request) else { return nil }
        let path = request.required("path", remedy: "it may be empty: `path: \"\"`")
            .flatMap(path)
        let encoding = request.required("encoding", remedy: "json, form or multipart")?
            .word(RequestShape.BodyEncoding.self)
        let fixed = request.value("fixed").map(fixed) ?? []
        let credentials = request.required("credentials", remedy: "list them by documented name")?
            .each(of: "credentials", credential)
        let window = request.value("window").map(window)
        let requestID = request.value("request_id").map(requestID)
        let optional = request.value("optional").map { $0.each(of: "parameters", parameter) } ?? []
        let paging = request.value("paging").map(PagingReader.read)
        guard let path, let encoding, let fixed, let credentials, let optional else { return nil }
        return RequestShape(
            path: path, encoding: encoding, fixed: fixed, credentials: credentials,
            window: window ?? nil, requestID: requestID ?? nil, optional: optional,
            paging: paging ?? nil)
    }

    static func readLogin(_ item: YAMLValue) -> Login? {
        guard let login = MappingReader(item, keys: CatalogKeys.login) else { return nil }
        let path = login.required("path", remedy: "it may be empty: `path: \"\"`").flatMap(path)
        let encoding = login.required("encoding", remedy: "json, form or multipart")?
            .word(RequestShape.BodyEncoding.self)
        let fixed = login.value("fixed").map(fixed) ?? []
        let credentials = login.required("credentials", remedy: "list them by documented name")?
            .each(of: "credentials", credential)
        let rules = login.required("rules", remedy: "say what its answers mean")
            .flatMap(ResponseShapeReader.rules)
        let token = login.required("token", remedy: "say where the answer holds the token")
            .flatMap(ResponseShapeReader.path)
        let issues = login.required("issues", remedy: "name the credential that the token becomes")?
            .text()
        guard let path, let encoding, let fixed, let credentials, let rules, let token, let issues
        else { return nil }
        let request = RequestShape(
            path: path, encoding: encoding, fixed: fixed, credentials: credentials, window: nil,
            requestID: nil, optional: [], paging: nil)
        return Login(request: request, response: rules, tokenPath: token, issues: issues)
    }

    /// Empty, or a path from the root without query and fragment.
    private static func path(_ item: YAMLValue) -> String? {
        guard let path = item.scalar(as: "a path")?.text else { return nil }
        guard path.isEmpty || path.hasPrefix("/"),
            !path.contains(where: { "?# \\".contains($0) || !$0.isASCII })
        else {
            item.fail("\(item.name) must be empty or start with `/`, without query or fragment")
            return nil
        }
        return path
    }

    private static func fixed(_ item: YAMLValue) -> [NamedValue]? {
        item.entries(of: "parameters")?.compactMap { entry in
            entry.value.scalar(as: "a number or text").map { scalar in
                let number = scalar.isPlain ? YAMLValue.wholeNumber(scalar.text) : nil
                let value = number.map { ParameterValue.int($0) } ?? .text(scalar.text)
                return NamedValue(name: entry.name, value: value)
            }
        }
    }

    private static func credential(_ item: YAMLValue) -> CredentialField? {
        guard let credential = MappingReader(item, keys: CatalogKeys.credential),
            let name = credential.required("name", remedy: "as documented")?.text(),
            let type = credential.required("type", remedy: "int or text")?.word(ParameterType.self)
        else { return nil }
        return CredentialField(
            name: name, type: type, summary: credential.value("summary")?.text() ?? "")
    }

    private static func window(_ item: YAMLValue) -> WindowParameters? {
        guard let window = MappingReader(item, keys: CatalogKeys.window),
            let start = window.required("start", remedy: "name the parameter")?.text(),
            let end = window.required("end", remedy: "name the parameter")?.text(),
            let format = window.required("format", remedy: "epoch_ms or local_datetime")?
                .word(WindowParameters.Format.self)
        else { return nil }
        return WindowParameters(start: start, end: end, format: format)
    }

    private static func requestID(_ item: YAMLValue) -> RequestIDParameter? {
        guard let parameter = MappingReader(item, keys: CatalogKeys.requestID),
            let name = parameter.required("name", remedy: "as documented")?.text()
        else { return nil }
        let column = parameter.value("column").flatMap { $0.word(UnifiedColumn.self) }
        return RequestIDParameter(name: name, column: column)
    }

    private static func parameter(_ item: YAMLValue) -> OptionalParameter? {
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
            name: name, type: type, allowed: allowed, defaultValue: standard ?? nil,
            drainValue: drain ?? nil, drainedValue: drained ?? nil,
            summary: parameter.value("summary")?.text() ?? "")
    }
}
