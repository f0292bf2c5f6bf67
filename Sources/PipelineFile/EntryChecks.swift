import ExportModel

/// What must hold inside one catalog entry, so that later stages need no check.
enum EntryChecks {
    /// Messages, each a whole sentence about the entry; empty if it is sound.
    static func mistakes(in endpoint: Endpoint) -> [String] {
        request(endpoint) + paging(endpoint) + fields(endpoint) + records(endpoint)
            + columns(endpoint)
            + login(endpoint)
    }

    private static func request(_ endpoint: Endpoint) -> [String] {
        var found: [String] = []
        let parts = endpoint.id.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count < 2 || parts.contains(where: { !NameRule.isPathComponent(String($0)) }) {
            found.append("an endpoint's id must be words joined by dots, as in `acme.v1.calls`")
        }
        let request = endpoint.request
        if (request.window == nil) == (request.requestID == nil) {
            found.append("`request` must have exactly one of `window` and `request_id`")
        }
        if request.requestID != nil, request.paging != nil {
            found.append("an endpoint asked by `request_id` has no `paging`")
        }
        let meanings = endpoint.response.rules.failures.map(\.meaning)
        if request.requestID == nil, meanings.contains(.unknownID) {
            found.append("only an endpoint asked by `request_id` can answer `unknown_id`")
        }
        found += repeated(parameters(of: request)).map {
            "the request parameter `\($0)` is named twice"
        }
        for option in request.optional where !option.allowed.isEmpty {
            let named = [option.defaultValue, option.drainValue, option.drainedValue]
            for value in named.compactMap({ $0 })
            where !option.allowed.contains(value) {
                found.append("`\(value.text)` is not among the allowed values of `\(option.name)`")
            }
        }
        return found
    }

    private static func paging(_ endpoint: Endpoint) -> [String] {
        let (request, response) = (endpoint.request, endpoint.response)
        var found: [String] = []
        let drains = request.optional.contains { $0.drainValue != nil }
        if drains, !response.total.isExact {
            found.append("an endpoint that drains must report a `total` of records")
        }
        if drains, request.paging?.isNumbered == false {
            found.append("an endpoint that drains must have `page` or `offset` in `paging`")
        }
        if let paging = request.paging, let maximum = response.maximumResults,
            maximum < paging.maximumSize
        {
            found.append(
                "`maximum_results` is below `maximum_size`, so no full page could ever be taken")
        }
        if request.paging == nil, case .pageCount = response.total {
            found.append("an endpoint without `paging` has no `page_count`")
        }
        if request.window == nil, response.maximumResults != nil {
            found.append("`maximum_results` goes with `window`: only a stretch of time can be cut")
        }
        if request.window == nil, response.confirmation == .overlap {
            found.append("`confirm: overlap` goes with `window`: only slices of time overlap")
        }
        if let report = endpoint.report { found += mistakes(in: report, of: request) }
        let sent = parameters(of: request)
        for echo in response.echoes where !sent.contains(echo.parameter) {
            found.append(
                "`echoes` names `\(echo.parameter)`, which is no parameter of the request"
                    + NearestName.suggestion(for: echo.parameter, among: sent))
        }
        return found
    }

    private static func fields(_ endpoint: Endpoint) -> [String] {
        let reserved = [UnifiedColumn.extra.rawValue, endpoint.request.requestID?.name]
        var found = repeated(endpoint.fields.map(\.name) + reserved.compactMap { $0 }).map {
            "the field `\($0)` is named twice (`extra` and the request id are columns already)"
        }
        for name in endpoint.key where endpoint.fieldIndex(name) == nil {
            found.append("`key` names `\(name)`, which is not among `fields`")
        }
        if endpoint.key.isEmpty, endpoint.request.requestID == nil {
            found.append(
                "`key` must name at least one field; it may be empty only where the request id "
                    + "identifies the one record of its answer")
        }
        found += repeated(endpoint.key).map { "`key` names `\($0)` twice" }
        guard let index = endpoint.fieldIndex(endpoint.timeField) else {
            return found + ["`time` names `\(endpoint.timeField)`, which is not among `fields`"]
        }
        let time = endpoint.fields[index]
        if time.type.columnType != .timestamp || time.column != .startedAt || !time.isRequired {
            found.append(
                "the field `\(time.name)` named by `time` must be `required`, have a time type "
                    + "and fill the column `started_at`")
        }
        for field in endpoint.fields where (field.notes != nil) != (field.column == .notes) {
            found.append("the field `\(field.name)` needs both `column: notes` and `notes`")
        }
        return found
    }

    private static func columns(_ endpoint: Endpoint) -> [String] {
        let constants = endpoint.constants.map(\.column)
        let filled =
            endpoint.fields.compactMap(\.column) + constants
            + [endpoint.request.requestID?.column].compactMap { $0 }
        var found = repeated(filled.map(\.rawValue)).map { "two values fill the column `\($0)`" }
        for column in [UnifiedColumn.provider, .endpoint, .account, .extra]
        where filled.contains(column) {
            found.append("the column `\(column.rawValue)` is filled by cdrx itself")
        }
        if !filled.contains(.callID) { found.append("nothing fills the column `call_id`") }
        for field in endpoint.fields {
            guard let column = field.column, !accepts(field, in: column) else { continue }
            found.append(
                "the field `\(field.name)` has a type that the column `\(column.rawValue)` "
                    + "(\(column.type.name)) cannot take")
        }
        for constant in endpoint.constants {
            if constant.column.type != .text {
                found.append("the constant `\(constant.column.rawValue)` is no text column")
            }
            if case .presence(let field, _, _) = constant.value, endpoint.fieldIndex(field) == nil {
                found.append(
                    "`\(constant.column.rawValue)` looks at `\(field)`, which is not among `fields`"
                )
            }
        }
        return found
    }

    private static func accepts(_ field: Field, in column: UnifiedColumn) -> Bool {
        switch column.type {
        case .text:
            switch field.type {
            case .text, .digits, .int, .bool, .decimal: true
            default: false
            }
        case .int: field.type.columnType == .int
        case .decimal:
            if case .decimal(let precision, let scale) = field.type {
                precision <= 18 && scale <= 6
            } else {
                field.type == .int
            }
        case .bool: field.type == .bool
        case .timestamp: field.type.columnType == .timestamp
        case .date: false
        case .json, .notes: field.type == .json
        }
    }

    private static func login(_ endpoint: Endpoint) -> [String] {
        guard let login = endpoint.login else { return [] }
        var found: [String] = []
        let names = endpoint.request.credentials.map(\.name)
        if !names.contains(login.issues) {
            found.append("`login` issues `\(login.issues)`, which is no credential of the endpoint")
        }
        found += repeated(
            login.request.credentials.map(\.name) + login.request.fixed.map(\.name)
        ).map {
            "`login` names the parameter `\($0)` twice"
        }
        if names == login.request.credentials.map(\.name) {
            found.append("`login` must take other credentials than the endpoint itself")
        }
        return found
    }

    private static func mistakes(in report: Report, of request: RequestShape) -> [String] {
        var found: [String] = []
        if request.window == nil || request.paging != nil {
            found.append("an endpoint with a `report` has a `window` and no `paging`")
        }
        let known = [Report.idName] + request.credentials.map(\.name)
        for name in report.paths.flatMap({ PathTemplate($0)?.names ?? [] })
        where !known.contains(name) {
            found.append(
                "a path of `report` names `\(name)`, which is neither `id` nor a credential"
                    + NearestName.suggestion(for: name, among: known))
        }
        return found
    }

    /// Names of everything that a request may send.
    private static func parameters(of request: RequestShape) -> [String] {
        request.fixed.map(\.name) + request.credentials.map(\.name) + request.optional.map(\.name)
            + (request.window?.parameterNames ?? [])
            + [request.requestID?.name].compactMap { $0 }
            + (request.paging?.parameters ?? [])
    }

    /// Names that come more than once, each once.
    private static func repeated(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        var found: [String] = []
        for name in names where !seen.insert(name).inserted && !found.contains(name) {
            found.append(name)
        }
        return found
    }
}
