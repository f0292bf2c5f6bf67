import ExportModel

/// Reads how an endpoint, or its login, is asked.
enum RequestShapeReader {
    static func read(_ item: YAMLValue) -> RequestShape? {
        guard let request = MappingReader(item, keys: CatalogKeys.request),
            let shape = common(request)
        else { return nil }
        var read = shape
        read.window = request.value("window").flatMap(WindowParametersReader.read)
        read.requestID = request.value("request_id").flatMap(RequestParametersReader.requestID)
        if let optional = request.value("optional") {
            read.optional =
                optional.each(of: "parameters", RequestParametersReader.optional) ?? []
        }
        read.paging = request.value("paging").flatMap(PagingReader.read)
        RequestChecks(shape: read, request: request).run()
        return read
    }

    static func readLogin(_ item: YAMLValue) -> Login? {
        guard let login = MappingReader(item, keys: CatalogKeys.login) else { return nil }
        let baseURL = login.value("base_url").flatMap { BaseURL.read($0) }
        let shape = common(login)
        let rules = login.required("rules", remedy: "say what its answers mean")
            .flatMap(ResponseShapeReader.rules)
        let token = login.required("token", remedy: "say where the answer holds the token")
            .flatMap(ResponseShapeReader.path)
        let lifetime = login.value("expires_in").flatMap(ResponseShapeReader.path)
        let issues = login.required("issues", remedy: "name the credential that the token becomes")?
            .text()
        guard let shape, let rules, let token, let issues else { return nil }
        RequestChecks(shape: shape, request: login).run()
        return Login(
            baseURL: baseURL, request: shape, response: rules, tokenPath: token,
            lifetimePath: lifetime, issues: issues)
    }

    /// What an endpoint and its login have in common.
    private static func common(_ request: MappingReader) -> RequestShape? {
        let method: RequestShape.Method? =
            if let item = request.value("method") {
                item.word(RequestShape.Method.self)
            } else {
                .post
            }
        let path = request.required("path", remedy: "it may be empty: `path: \"\"`")
            .flatMap(path)
        let encoding = method.flatMap { bodyEncoding(request, method: $0) }
        let auth = request.value("auth").map(RequestParametersReader.auth)
        let fixed = request.value("fixed").map(RequestParametersReader.fixed) ?? []
        let credentials = request.required("credentials", remedy: "list them by documented name")?
            .each(of: "credentials", RequestParametersReader.credential)
        guard let method, let path, let encoding, let fixed, let credentials else { return nil }
        return RequestShape(
            method: method, path: path, encoding: encoding, auth: auth ?? nil, fixed: fixed,
            credentials: credentials, window: nil, requestID: nil, optional: [], paging: nil)
    }

    private static func bodyEncoding(
        _ request: MappingReader, method: RequestShape.Method
    ) -> RequestShape.BodyEncoding? {
        guard method == .get else {
            return request.required("encoding", remedy: "json, form or multipart")?
                .word(RequestShape.BodyEncoding.self)
        }
        if let item = request.value("encoding") {
            item.fail("\(item.name) is of a body, and a GET has none; remove it")
        }
        return .json
    }

    /// Empty, or a path from the root without query and fragment; names of parameters in braces.
    static func path(_ item: YAMLValue) -> String? {
        guard let path = item.scalar(as: "a path")?.text else { return nil }
        guard path.isEmpty || path.hasPrefix("/"),
            !path.contains(where: { "?# \\".contains($0) || !$0.isASCII })
        else {
            item.fail("\(item.name) must be empty or start with `/`, without query or fragment")
            return nil
        }
        guard PathTemplate(path) != nil else {
            item.fail(
                "\(item.name) must have the name of a parameter in each pair of braces, as in "
                    + "`/accounts/{account_id}/calls`")
            return nil
        }
        return path
    }
}
