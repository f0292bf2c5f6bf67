import ExportModel

/// Serves a catalog entry from nothing but its data: method, parameters and where they stand, pages,
/// envelope and fields.
///
/// Optional parameters are accepted and filter nothing. An entry is served at its own path and,
/// where several share one, at `/<id>` followed by its path. What an entry does not say, as the
/// bounds of windows or the order of records, follows from the seed and the entry's id. Every
/// request id is known but those that begin with `unknown`.
struct GenericProvider: Provider {
    /// The entry that says everything.
    let endpoint: Endpoint
    /// For the seed and the first day.
    let options: SimulatorOptions

    var id: String { endpoint.id }

    var resolutionMilliseconds: Int64 {
        records.resolutionMilliseconds
    }

    var hasTotal: Bool { endpoint.response.total != .absent }

    var isChained: Bool { endpoint.request.paging.map { !$0.isNumbered } ?? false }

    private var records: GenericRecord { GenericRecord(endpoint: endpoint) }

    /// A choice among `count` that the entry leaves open.
    func choice(_ what: String, of count: UInt64) -> UInt64 {
        SeededDraw.seed(options.seed, SeededDraw.number(of: id), SeededDraw.number(of: what))
            % count
    }

    /// The parameters of a request to the entry; nil if it is none.
    func parameters(_ request: WireRequest) -> RequestParameters? {
        guard let found = matches(endpoint.request, request) else { return nil }
        // A link to the next page may say nothing but which page it is.
        return found.hasFixed || found.queried(Self.linkParameter) != nil ? found : nil
    }

    /// The parameters of a request to the entry's login; nil if it is none.
    func loginParameters(_ request: WireRequest) -> RequestParameters? {
        guard let login = endpoint.login, let found = matches(login.request, request),
            found.hasFixed
        else { return nil }
        return found
    }

    private func matches(_ shape: RequestShape, _ request: WireRequest) -> RequestParameters? {
        RequestParameters(request, shape: shape, prefix: "/\(id)")
            ?? RequestParameters(request, shape: shape, prefix: "")
    }

    /// Reads a request for records.
    func read(_ parameters: RequestParameters, _ request: WireRequest, context: ReadContext)
        -> ReadRequest
    {
        let shape = endpoint.request
        var account: String?
        var token: String?
        for credential in shape.credentials {
            guard let value = parameters.credential(credential),
                let owner = context.credentials.account(of: value)
            else { return .refused(refusal()) }
            account = account ?? owner
            if endpoint.login?.issues == credential.name { token = value }
        }
        guard shape.method == .post || !parameters.hasBody else { return .refused(badRequest()) }
        let owner = account ?? ""
        var query = RecordQuery(
            account: owner, token: token, selection: .requestID(""), page: 1)
        query.request = request
        query.tokenKey = SeededDraw.seed(
            options.seed, SeededDraw.number(of: id), SeededDraw.number(of: owner))
        query.limit = endpoint.response.maximumResults ?? .max
        query.isOldestFirst = choice("order", of: 2) == 1
        query.selectsEnds = shape.window?.selects == .end
        query.bounds = .closed
        do throws(Refusal) {
            try readSelection(parameters, into: &query)
            try readPage(parameters, into: &query)
        } catch {
            return .refused(badRequest())
        }
        return .records(query)
    }

    /// What a request lacks, or has wrong.
    struct Refusal: Error {}

    private func readSelection(
        _ parameters: RequestParameters, into query: inout RecordQuery
    ) throws(Refusal) {
        if let requestID = endpoint.request.requestID {
            guard let id = parameters.text(requestID.name, in: requestID.place), !id.isEmpty else {
                throw Refusal()
            }
            query.selection = .requestID(id)
        } else if let token = try pageToken(parameters, query) {
            query.selection = .window(from: token.window.lowerBound, to: token.window.upperBound)
        } else if let window = endpoint.request.window {
            let reader = GenericWindow(
                window: window, zone: endpoint.sourceZone,
                includesStart: choice("start", of: 2) == 0, includesEnd: choice("end", of: 2) == 0)
            guard let moments = reader.moments(parameters) else { throw Refusal() }
            query.selection = .window(from: moments.from, to: moments.to)
        }
    }

    private func readPage(
        _ parameters: RequestParameters, into query: inout RecordQuery
    ) throws(Refusal) {
        guard let paging = endpoint.request.paging else { return }
        if let token = try pageToken(parameters, query) {
            query.page = token.page
            query.size = token.size
            query.start =
                choice("cursor", of: 2) == 0 ? .offset(token.offset) : .after(token.anchor)
            return
        }
        query.size = Int64(paging.defaultSize)
        if let name = paging.sizeParameter {
            guard let size = parameters.int(name, or: query.size), size >= 1 else {
                throw Refusal()
            }
            let isClamped = endpoint.response.echoes.contains { $0.parameter == name }
            guard isClamped || size <= paging.maximumSize else { throw Refusal() }
            query.size = min(size, Int64(paging.maximumSize))
        }
        switch paging.step {
        case .page(let name, let first):
            guard let number = parameters.int(name, or: Int64(first)) else { throw Refusal() }
            query.page = number - Int64(first) + 1
        case .offset(let name, let first):
            guard let offset = parameters.int(name, or: Int64(first)) else { throw Refusal() }
            query.start = .offset(offset - Int64(first))
            query.page = (offset - Int64(first)) / query.size + 1
        case .next, .link, .cursor: break
        }
    }

    /// What the link or the cursor of a request says; nil without one.
    private func pageToken(
        _ parameters: RequestParameters, _ query: RecordQuery
    ) throws(Refusal) -> PageToken? {
        let text: String?
        switch endpoint.request.paging?.step {
        case .next, .link: text = parameters.queried(Self.linkParameter)
        case .cursor(let cursors):
            let parts = cursors.compactMap { parameters.text($0.parameter) }
            guard parts.isEmpty || parts.count == cursors.count else { throw Refusal() }
            text = parts.isEmpty ? nil : parts.joined()
        case .page, .offset, nil: return nil
        }
        guard let text else { return nil }
        guard let token = PageToken(text, key: query.tokenKey) else { throw Refusal() }
        return token
    }

    /// What links call the page that they lead to.
    static let linkParameter = "page_token"

    /// Trades the login's credentials for a token of the first of them.
    func readLogin(_ parameters: RequestParameters, credentials: CredentialStore) -> ReadRequest {
        guard let login = endpoint.login else { return .refused(refusal()) }
        let values = login.request.credentials.map { parameters.credential($0) ?? "wrong" }
        guard let owner = values.first, values.allSatisfy(credentials.isRight) else {
            return .refused(failure(.authentication, login.response))
        }
        var body = JSONNode.empty
        body.succeed(login.response)
        body.set(login.tokenPath, .text(credentials.issueToken(to: owner)))
        if let path = login.lifetimePath { body.set(path, .raw("3600")) }
        return .login(.json { body.write(to: &$0) }, identity: owner)
    }

    /// One to three legs of a call; an id of an object shows when it was.
    func calls(ofRequestID id: String, account: String, streamSeed: UInt64) -> [Call]? {
        guard !id.hasPrefix("unknown") else { return nil }
        let number = SeededDraw.number(of: id)
        var draw = SeededDraw(seed: SeededDraw.seed(streamSeed, number))
        let day = Int64(options.firstDay.daysSinceEpoch) * 86_400
        let stamped = id.utf8.count == 24 ? Int64(id.prefix(8), radix: 16) : nil
        let start = (stamped ?? day + Int64(draw.below(86_000))) * 1_000
        let legCount = draw.within(1...3)
        // What the id alone identifies is one record.
        let count = endpoint.key.isEmpty ? 1 : legCount
        return (0..<count).map { leg in
            Call(
                account: account, number: Int(number >> 24), time: start + Int64(leg) * 1_000,
                streamSeed: streamSeed, leg: leg, legCount: count)
        }
    }

    func read(_ form: RequestForm, context: ReadContext) -> ReadRequest { .refused(refusal()) }

    func write(_ call: Call, to writer: inout JSONWriter) {
        records.made(of: call).node.write(to: &writer)
    }

    func record(_ call: Call, isDirty: Bool) -> [UInt8] {
        let made = records.made(of: call, isDirty: isDirty)
        return endpoint.response.body == .csv ? records.line(made.node) : made.node.bytes
    }

    func truth(_ call: Call, isDirty: Bool, requestID: String?) -> [[UInt8]] {
        records.made(of: call, isDirty: isDirty).truth(requestID: requestID, endpoint)
    }

    func spoil(of call: Call) -> JSONWriter.Spoil {
        JSONWriter.Spoil(name: records.spoiledField?.name ?? "", json: "")
    }

    func identifier(of call: Call) -> String { records.identifier(of: call) }

    func answer(_ page: AnsweredPage, query: RecordQuery, epochSeconds: Int64)
        -> SimulatedResponse
    {
        GenericAnswer(provider: self, page: page, query: query).response()
    }

    func refusal() -> SimulatedResponse { failure(.authentication, endpoint.response.rules) }

    func unknownID() -> SimulatedResponse { failure(.unknownID, endpoint.response.rules) }

    func passingFailure() -> SimulatedResponse { failure(.retry, endpoint.response.rules) }

    func deadCursor() -> SimulatedResponse {
        [.html(status: 400, "Bad Request"), .html(status: 410, "Gone")][Int(choice("dead", of: 2))]
    }

    private func badRequest() -> SimulatedResponse { failure(.badRequest, endpoint.response.rules) }

    /// The answer that the entry's own rule recognizes; an HTTP status where it has no such rule.
    private func failure(_ meaning: AnswerClass, _ rules: AnswerRules) -> SimulatedResponse {
        let statuses: [AnswerClass: Int] = [
            .retry: 503, .authentication: 401, .badRequest: 400, .configuration: 403,
        ]
        let status = statuses[meaning] ?? 404
        guard let rule = rules.failures.first(where: { $0.meaning == meaning }) else {
            return .html(status: status, meaning.rawValue)
        }
        var body = JSONNode.empty
        if let path = rule.path, let code = rule.codes.first?.lowerBound {
            body.set(path, .raw(String(code)))
        }
        if let path = rules.errorTexts.first {
            body.set(path, .text(rule.texts.first ?? meaning.rawValue))
        }
        let own = rule.statuses.first.map { Int($0.lowerBound) }
        return .json(status: own ?? (rule.path == nil ? status : 200)) { body.write(to: &$0) }
    }
}
