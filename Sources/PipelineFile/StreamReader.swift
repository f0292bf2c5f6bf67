import ExportModel

/// Reads one stream against the catalog and the pipeline's own settings.
struct StreamReader {
    let catalog: EndpointCatalog
    let files: FileAccess
    let windows: WindowSettings
    let extract: ExtractSettings
    /// Of the run.
    let lanes: Int
    let columns: ColumnPlanReader

    /// The stream's name as far as it could be read, and the stream if it has no mistake.
    func read(_ item: YAMLValue) -> ForEachReader.ReadStream {
        var read = ForEachReader.ReadStream()
        guard let mapping = MappingReader(item, keys: PipelineKeys.stream) else { return read }
        let errors = item.context.findings.errorCount
        let name = mapping.required("stream", remedy: "name it: it becomes a directory")
            .flatMap(Self.name)
        let endpoint = mapping.required("endpoint", remedy: "`cdrx endpoints` lists them")
            .flatMap(endpoint)
        let shown = name?.value ?? "?"
        let baseURL = baseURL(mapping, endpoint: endpoint)
        let loginURL = loginURL(mapping, endpoint: endpoint)
        let zone = sourceZone(mapping, endpoint: endpoint)
        let parameters = parameters(mapping, endpoint: endpoint)
        let accounts =
            mapping.required("accounts", remedy: "list them, or name a CSV file")
            .map(AccountsReader(endpoint: endpoint, files: files).read) ?? []
        read.name = name
        read.forEach = mapping.value("for_each").flatMap(ForEachReader.read)
        let requests = requests(mapping, endpoint: endpoint, read.forEach)
        let windowOptions = windowOptions(mapping, requests: requests)
        let isDrain = isDrain(mapping, endpoint: endpoint, parameters: parameters)
        let ownExtract =
            mapping.value("extract").map { ExtractSettings($0, files: files) } ?? ExtractSettings()
        let extractOptions = ownExtract.resolved(
            over: extract, stream: shown, endpoint: endpoint, isDrain: isDrain, lanes: lanes,
            findings: item.context.findings)
        let plan = columns.read(
            mapping, endpoint: endpoint, stream: shown, accountCount: accounts.count)
        guard let name, let endpoint, let baseURL, let zone, let plan,
            item.context.findings.errorCount == errors
        else { return read }
        read.stream = Stream(
            name: name.value, endpoint: endpoint, baseURL: baseURL, loginURL: loginURL,
            sourceZone: zone,
            accounts: accounts, parameters: parameters, requests: requests ?? nil,
            windows: windowOptions, extract: extractOptions, columns: plan)
        return read
    }

    private static func name(_ item: YAMLValue) -> Located<String>? {
        guard let text = item.text("a name") else { return nil }
        guard NameRule.isPathComponent(text) else {
            item.fail("\(item.name) must be \(AccountsReader.nameForm)")
            return nil
        }
        return Located(value: text, location: item.location)
    }

    private func endpoint(_ item: YAMLValue) -> Endpoint? {
        guard let id = item.scalar(as: "the id of an endpoint") else { return nil }
        if let endpoint = catalog.endpoint(id.text) { return endpoint }
        // It may be one of the entries with mistakes; those are reported already.
        if catalog.isIncomplete { return nil }
        let ids = catalog.endpoints.map(\.id)
        let suggestion =
            id.hasReferences ? "" : NearestName.suggestion(for: id.text, among: ids)
        item.fail(
            "no endpoint has the id \(id.quoted)"
                + (suggestion.isEmpty ? "; `cdrx endpoints` lists them" : suggestion))
        return nil
    }

    private func baseURL(_ mapping: MappingReader, endpoint: Endpoint?) -> String? {
        if let item = mapping.value("base_url") { return BaseURL.read(item) }
        guard let endpoint else { return nil }
        if let standard = endpoint.defaultBaseURL { return standard }
        _ = mapping.required(
            "base_url",
            remedy: "`\(endpoint.id)` has a different address for every customer")
        return nil
    }

    /// nil: the login, if there is one, is at the stream's own base URL.
    private func loginURL(_ mapping: MappingReader, endpoint: Endpoint?) -> String? {
        guard let item = mapping.value("login_url") else { return endpoint?.login?.baseURL }
        if let endpoint, endpoint.login == nil {
            item.fail("\(item.name): `\(endpoint.id)` has no login; remove it")
        }
        return BaseURL.read(item)
    }

    private func sourceZone(_ mapping: MappingReader, endpoint: Endpoint?) -> SourceZone? {
        guard let item = mapping.value("source_timezone") else { return endpoint?.sourceZone }
        if let endpoint, endpoint.request.window?.isLocal != true,
            !endpoint.fields.contains(where: \.type.needsZone)
        {
            item.warn("\(item.name) has no effect: `\(endpoint.id)` sends no times without zone")
        }
        return SourceZoneText.read(item)
    }

    /// The optional parameters in the entry's order, defaults included.
    private func parameters(_ mapping: MappingReader, endpoint: Endpoint?) -> [NamedValue] {
        guard let endpoint else { return [] }
        let options = endpoint.request.optional
        let inPath = PathTemplate(endpoint.request.path)?.names ?? []
        let params = mapping.value("params").flatMap { item in
            MappingReader(item, keys: options.map(\.name))
        }
        return options.compactMap { option in
            guard let item = params?.value(option.name) else {
                return option.defaultValue.map {
                    NamedValue(name: option.name, value: $0, place: option.place)
                }
            }
            guard let value = ParameterReader.value(item, type: option.type) else { return nil }
            guard option.allowed.isEmpty || option.allowed.contains(value) else {
                let allowed = YAMLValue.alternatives(option.allowed.map(\.text))
                item.fail("\(item.name) must be \(allowed)")
                return nil
            }
            if inPath.contains(option.name), let mistake = PathTemplate.mistake(in: value.text) {
                item.fail("\(item.name) \(mistake)")
            }
            return NamedValue(name: option.name, value: value, place: option.place)
        }
    }

    /// nil: not given, or not to be given; `.some(nil)`: mistaken.
    private func requests(
        _ mapping: MappingReader, endpoint: Endpoint?, _ forEach: ForEachReader.Found?
    ) -> RequestList?? {
        if let item = mapping.value("for_each") {
            if let endpoint, endpoint.request.requestID == nil {
                item.fail("\(item.name): `\(endpoint.id)` is asked by time, not by id; remove it")
                return nil
            }
            mapping.value("requests")?.fail(
                "the stream has both `requests` and `for_each`; remove one of them")
            return .some(forEach.map { .forEach($0.parent) })
        }
        guard let item = mapping.value("requests") else {
            if let endpoint, endpoint.request.requestID != nil {
                _ = mapping.required(
                    "requests",
                    remedy: "`\(endpoint.id)` is asked by request id: "
                        + "`requests: {file: \"ids/{window}.txt\"}` or `{ids: […], batch: name}`, "
                        + "or `for_each: {stream: calls, field: id}`")
            }
            return nil
        }
        if let endpoint, endpoint.request.requestID == nil {
            item.fail("\(item.name): `\(endpoint.id)` is asked by time, not by id; remove it")
            return nil
        }
        return .some(RequestListReader(files: files).read(item))
    }

    private func windowOptions(_ mapping: MappingReader, requests: RequestList??) -> WindowOptions {
        let own = mapping.value("windows").map { WindowSettings($0) } ?? WindowSettings()
        if let item = mapping.value("windows"), let list = requests ?? nil, !list.isPerWindow {
            item.warn(
                "\(item.name) has no effect: the stream has one request list, "
                    + "not one for each `{window}`")
        }
        return own.resolved(
            over: windows, fallback: mapping.item.location,
            findings: mapping.item.context.findings)
    }

    private func isDrain(
        _ mapping: MappingReader, endpoint: Endpoint?, parameters: [NamedValue]
    ) -> Bool {
        guard
            let option = endpoint?.request.optional.first(where: { option in
                option.drainValue != nil
                    && parameters.contains {
                        $0.name == option.name && $0.value == option.drainValue
                    }
            })
        else { return false }
        mapping.value("params")?.warn(
            "`\(option.name): \(option.drainValue?.text ?? "")` makes the provider mark "
                + "every record as read: other programs will not see them again; "
                + "pages are asked one by one")
        return true
    }
}
