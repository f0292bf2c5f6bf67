import ExportModel
import Foundation

/// Serves a catalog entry from nothing but its data: path, parameters, envelope and fields.
///
/// Optional parameters are accepted and filter nothing. An entry is served at its own path and,
/// where two share one, at `/<id>` followed by its path. Request ids are the PIOPIY ones.
struct GenericProvider: Provider {
    /// The entry that says everything.
    let endpoint: Endpoint
    /// For the seed and the first day.
    let options: SimulatorOptions

    var id: String { endpoint.id }

    var resolutionMilliseconds: Int64 {
        let field = endpoint.fields.first { $0.name == endpoint.timeField }
        return field?.type == .epochMilliseconds ? 1 : 1_000
    }

    /// Whether a request to `path` is one for the entry.
    func serves(_ path: String, _ form: RequestForm) -> Bool {
        matches(endpoint.request, path, form)
    }

    /// Whether a request to `path` is the entry's login.
    func logsIn(_ path: String, _ form: RequestForm) -> Bool {
        endpoint.login.map { matches($0.request, path, form) } ?? false
    }

    private func matches(_ shape: RequestShape, _ path: String, _ form: RequestForm) -> Bool {
        let own = shape.path.isEmpty ? "/" : shape.path
        guard path == own || path == "/\(id)\(shape.path)" else { return false }
        return shape.fixed.allSatisfy { form.text($0.name) == $0.value.text }
    }

    func read(_ form: RequestForm, context: ReadContext) -> ReadRequest {
        let shape = endpoint.request
        var account: String?
        var token: String?
        for credential in shape.credentials {
            guard let value = form.text(credential.name),
                let owner = context.credentials.account(of: value)
            else { return .refused(refusal()) }
            account = account ?? owner
            if endpoint.login?.issues == credential.name { token = value }
        }
        guard let selection = selection(form) else { return .refused(badRequest()) }
        var query = RecordQuery(account: account ?? "", token: token, selection: selection)
        if let paging = shape.paging {
            guard let page = form.int(paging.numberParameter ?? "", or: 1),
                let size = form.int(paging.sizeParameter ?? "", or: Int64(paging.defaultSize)),
                (1...Int64(paging.maximumSize)).contains(size)
            else { return .refused(badRequest()) }
            query.page = page
            query.size = size
        }
        return .records(query)
    }

    private func selection(_ form: RequestForm) -> RecordQuery.Selection? {
        if let requestID = endpoint.request.requestID {
            return form.text(requestID.name).map { .requestID($0) }
        }
        guard let window = endpoint.request.window,
            case .bounds(let start, let end) = window.names,
            let from = form.text(start).flatMap({ moment($0, window.format) }),
            let to = form.text(end).flatMap({ moment($0, window.format) })
        else { return nil }
        return .window(from: from, to: to)
    }

    private func moment(_ text: String, _ format: TimeFormat) -> Int64? {
        switch format {
        case .epochMilliseconds: return Int64(text)
        case .epochSeconds, .epochMicroseconds, .iso8601, .rfc2822, .date, .pattern: return nil
        case .localDateTime:
            guard let local = CommoTime.localSeconds(text) else { return nil }
            // The offset of that local time, asked for twice so that a change in between counts.
            let guess = local - GenericZone.offset(endpoint.sourceZone, atEpochSeconds: local)
            return (local - GenericZone.offset(endpoint.sourceZone, atEpochSeconds: guess)) * 1_000
        }
    }

    /// Trades the login's credentials for a token of the first of them.
    func readLogin(_ form: RequestForm, credentials: CredentialStore) -> ReadRequest {
        guard let login = endpoint.login else { return .refused(refusal()) }
        let values = login.request.credentials.map { form.text($0.name) ?? "wrong" }
        guard let owner = values.first, values.allSatisfy(credentials.isRight) else {
            return .refused(failure(.authentication, login.response))
        }
        var body = JSONTree()
        body.succeed(login.response)
        body.set(login.tokenPath, .text(credentials.issueToken(to: owner)))
        return .login(.json { body.write(to: &$0) }, identity: owner)
    }

    func calls(ofRequestID id: String, account: String, streamSeed: UInt64) -> [Call]? {
        let piopiy = PiopiyRequestCDR(
            reply: TelecmiReply(repeatsCodeAsStatus: false), seed: options.seed,
            firstDay: Int64(options.firstDay.daysSinceEpoch))
        return piopiy.calls(ofRequestID: id, account: account, streamSeed: streamSeed)
    }

    func write(_ call: Call, to writer: inout JSONWriter) {
        GenericRecord(endpoint: endpoint).write(call, to: &writer)
    }

    func spoil(of call: Call) -> JSONWriter.Spoil {
        let numeric = endpoint.fields.first { field in
            if case .decimal = field.type { return true }
            return field.type == .int
        }
        let name = numeric?.name ?? endpoint.key.first ?? endpoint.timeField
        return JSONWriter.Spoil(name: name, json: numeric == nil ? "null" : "\"many\"")
    }

    func identifier(of call: Call) -> String {
        GenericRecord(endpoint: endpoint).identifier(of: call)
    }

    func answer(rows: [[UInt8]], total: Int?, query: RecordQuery, epochSeconds: Int64)
        -> SimulatedResponse
    {
        var body = JSONTree()
        body.succeed(endpoint.response.rules)
        if let total, let path = endpoint.response.total.bodyPath {
            body.set(path, .raw(String(total)))
        }
        body.set(endpoint.response.rows[0], .rows(rows))
        return .json { body.write(to: &$0) }
    }

    func refusal() -> SimulatedResponse { failure(.authentication, endpoint.response.rules) }

    func unknownID() -> SimulatedResponse { failure(.unknownID, endpoint.response.rules) }

    func passingFailure() -> SimulatedResponse { failure(.retry, endpoint.response.rules) }

    private func badRequest() -> SimulatedResponse { failure(.badRequest, endpoint.response.rules) }

    /// The body that the entry's own rule recognises; an HTTP status where it has no such rule.
    private func failure(_ meaning: AnswerClass, _ rules: AnswerRules) -> SimulatedResponse {
        guard let rule = rules.failures.first(where: { $0.meaning == meaning }),
            let path = rule.path, let code = rule.codes.first?.lowerBound
        else {
            let statuses: [AnswerClass: Int] = [
                .retry: 503, .authentication: 401, .badRequest: 400, .configuration: 403,
            ]
            return .html(status: statuses[meaning] ?? 404, meaning.rawValue)
        }
        var body = JSONTree()
        body.set(path, .raw(String(code)))
        if let path = rules.errorTexts.first {
            body.set(path, .text(rule.texts.first ?? meaning.rawValue))
        }
        return .json { body.write(to: &$0) }
    }
}

/// The offset of a zone that an entry names, asked of Foundation and not of the client's own
/// tables.
enum GenericZone {
    /// Seconds east of UTC.
    static func offset(_ zone: SourceZone, atEpochSeconds seconds: Int64) -> Int64 {
        let text = zone.identifier
        let parts = text.dropFirst().split(separator: ":").compactMap { Int64($0) }
        if text.hasPrefix("+") || text.hasPrefix("-"), parts.count == 2 {
            return (text.hasPrefix("-") ? -1 : 1) * (parts[0] * 3_600 + parts[1] * 60)
        }
        let moment = Date(timeIntervalSince1970: TimeInterval(seconds))
        return Int64(TimeZone(identifier: text)?.secondsFromGMT(for: moment) ?? 0)
    }
}
