import ExportModel

/// A request as it came over the wire.
struct WireRequest: Sendable {
    /// `GET`, `POST`
    var method: String
    /// Without the query.
    var path: String
    /// What stands after the `?`.
    var query: String
    /// Value of `Content-Type`.
    var contentType: String
    /// All bytes of the body.
    var body: [UInt8]
}

/// An answer and how it travels.
struct WireAnswer: Sendable {
    /// What is sent, if it is.
    var answer: SimulatedResponse
    /// Of these the network shell makes hang, reset, cut-body and slow-body.
    var faults = FaultPlan(seed: 0, faults: [])
}

/// Everything of the simulator but the network: a request in, an answer out.
struct SimulatedExchange: Sendable {
    private enum Route {
        case provider(any Provider)
        case login(String, TelecmiLogin)
        case genericLogin(GenericProvider)
    }

    private let options: SimulatorOptions
    private let documented: [any Provider]
    private let generic: [GenericProvider]
    private let store: CallStore
    private let credentials: CredentialStore
    private let faults: FaultInjector

    init(options: SimulatorOptions) {
        self.options = options
        let reply = TelecmiReply(repeatsCodeAsStatus: options.repeatsCodeAsStatus)
        let userReply = TelecmiReply(
            repeatsCodeAsStatus: options.repeatsCodeAsStatus, textName: "message")
        let documented: [any Provider] = [
            TelecmiOutAnswered(reply: reply), TelecmiAgentOutMissed(reply: reply),
            TelecmiUserOutMissed(reply: userReply),
            PiopiyRequestCDR(
                reply: reply, seed: options.seed,
                firstDay: Int64(options.firstDay.daysSinceEpoch)),
            CommoGetBill(),
        ]
        self.documented = documented
        generic = options.extraEndpoints
            .filter { endpoint in !documented.contains { $0.id == endpoint.id } }
            .map { GenericProvider(endpoint: $0, options: options) }
        store = CallStore(options: options)
        credentials = CredentialStore(seed: options.seed)
        faults = FaultInjector(options: options)
    }

    /// Answers one request.
    func answer(_ request: WireRequest, nowMilliseconds: Int64) -> WireAnswer {
        switch (request.method, request.path) {
        case ("GET", "/_truth"):
            return WireAnswer(answer: truth(RequestForm(query: request.query)))
        case ("GET", "/_stats"):
            return WireAnswer(answer: faults.statistics())
        case ("POST", "/_reset"):
            store.reset()
            credentials.reset()
            faults.reset()
            return WireAnswer(answer: .json { $0.object { $0.int("code", 200) } })
        case ("POST", _):
            return answerProvider(request, nowMilliseconds: nowMilliseconds)
        default:
            return WireAnswer(answer: .noRoute(method: request.method, path: request.path))
        }
    }

    private func answerProvider(_ request: WireRequest, nowMilliseconds: Int64) -> WireAnswer {
        guard let form = RequestForm(body: request.body, contentType: request.contentType) else {
            return WireAnswer(answer: .html(status: 400, "Bad Request"))
        }
        let context = ReadContext(credentials: credentials, nowMilliseconds: nowMilliseconds)
        switch route(request.path, form: form) {
        case .provider(let provider):
            return answer(provider.read(form, context: context), provider, context)
        case .login(let name, let login):
            faults.count(request: name)
            return answerLogin(login.read(form, credentials: credentials), name)
        case .genericLogin(let provider):
            let name = "\(provider.id).login"
            faults.count(request: name)
            return answerLogin(provider.readLogin(form, credentials: credentials), name)
        case nil:
            return WireAnswer(answer: .noRoute(method: "POST", path: request.path))
        }
    }

    private func route(_ path: String, form: RequestForm) -> Route? {
        let reply = TelecmiReply(repeatsCodeAsStatus: options.repeatsCodeAsStatus)
        switch path {
        case "/v1/outanswered": return .provider(documented[0])
        case "/v1/agentOutMissed": return .provider(documented[1])
        case "/v2/user/out_missed": return .provider(documented[2])
        case "/v1/piopiy/requestid_cdr": return .provider(documented[3])
        case "/v1/agentLogin":
            return .login("telecmi.v1.agentLogin", TelecmiLogin(version: .v1, reply: reply))
        case "/v2/user/login":
            return .login("telecmi.v2.user.login", TelecmiLogin(version: .v2, reply: reply))
        default: break
        }
        if let provider = generic.first(where: { $0.serves(path, form) }) {
            return .provider(provider)
        }
        if let provider = generic.first(where: { $0.logsIn(path, form) }) {
            return .genericLogin(provider)
        }
        let isCommo = path == "/" || path == "/commo" || path.hasPrefix("/commo/")
        return isCommo ? .provider(documented[4]) : nil
    }

    private func answerLogin(_ read: ReadRequest, _ name: String) -> WireAnswer {
        switch read {
        case .refused(let answer): return WireAnswer(answer: answer)
        case .login(let answer, let identity):
            let request = SeededDraw.seed(
                SeededDraw.number(of: name), SeededDraw.number(of: identity))
            let plan = faults.plan(requestIdentity: request, isLogin: true)
            return travel(answer, plan)
        case .records: return WireAnswer(answer: .html(status: 500, "Internal Server Error"))
        }
    }

    private func answer(
        _ read: ReadRequest, _ provider: some Provider, _ context: ReadContext
    ) -> WireAnswer {
        switch read {
        case .refused(let answer):
            faults.count(request: provider.id)
            return WireAnswer(answer: answer)
        case .login:
            faults.count(request: "\(provider.id).login")
            return answerLogin(read, "\(provider.id).login")
        case .records(var query):
            faults.count(request: provider.id)
            if let cap = options.pageSizeCap { query.size = min(query.size, Int64(max(cap, 1))) }
            return answer(query, provider, epochSeconds: context.nowMilliseconds / 1_000)
        }
    }

    private func answer(
        _ query: RecordQuery, _ provider: some Provider, epochSeconds: Int64
    ) -> WireAnswer {
        let identity = query.identity(endpointSeed: SeededDraw.number(of: provider.id))
        var plan = faults.plan(requestIdentity: identity, isLogin: false)
        if plan.has(.tokenDeath) {
            if let token = query.token, credentials.kill(token) {
                faults.count(plan.faults)
                return WireAnswer(answer: provider.refusal())
            }
            plan.drop(.tokenDeath)
        }
        if plan.has(.codeIn200) {
            faults.count(plan.faults)
            return WireAnswer(answer: provider.passingFailure())
        }
        if plan.has(.drift), !store.drift(query, of: provider) { plan.drop(.drift) }
        if plan.has(.leave), !store.swap(query, of: provider, draw: plan.draw) { plan.drop(.leave) }
        guard let page = store.page(query, of: provider, marksRead: plan.deliversRows) else {
            return travel(provider.unknownID(), plan)
        }
        var rows = page.calls.map { record($0, provider) }
        if plan.has(.emptyPage), !rows.isEmpty { rows = [] } else { plan.drop(.emptyPage) }
        if plan.has(.duplicateRow), !rows.isEmpty {
            var draw = plan.draw
            let index = draw.below(rows.count)
            rows.insert(rows[index], at: index)
        } else {
            plan.drop(.duplicateRow)
        }
        let lie = SimulatorFault.ofTotals.first(where: plan.has)
        for fault in SimulatorFault.ofTotals where fault != lie { plan.drop(fault) }
        let total = lie.map {
            $0.total(found: page.total, rowCount: page.calls.count, size: query.size)
        }
        let answer = provider.answer(
            rows: rows, total: total ?? page.total, query: query, epochSeconds: epochSeconds)
        return travel(answer, plan)
    }

    /// Works in the faults that replace the answer; the network shell sees to the others.
    private func travel(_ answer: SimulatedResponse, _ plan: FaultPlan) -> WireAnswer {
        faults.count(plan.faults)
        var draw = plan.draw
        var travelling = answer
        if plan.has(.http429) {
            travelling = .html(status: 429, "Too Many Requests")
            travelling.retryAfter = draw.pick(["0", "0", "0", "0", "0", "0", "1", "date"])
        } else if plan.has(.http503) {
            travelling = .html(status: 503, "Service Unavailable")
        } else if plan.has(.badJSON) {
            if draw.oneIn(2) {
                travelling = .html(status: 200, "Bad Gateway")
            } else {
                travelling.body = Array(answer.body.prefix(answer.body.count / 2))
            }
        }
        return WireAnswer(answer: travelling, faults: plan)
    }

    private func record(_ call: Call, _ provider: some Provider) -> [UInt8] {
        var writer = JSONWriter()
        if store.isDirty(call) { writer.spoil = provider.spoil(of: call) }
        writer.object { provider.write(call, to: &$0) }
        return writer.bytes
    }

    /// `/_truth?endpoint=&account=` with `from`, `to` (epoch ms, half-open) or `ids` (commas): all
    /// records as they are, by time and then identifier.
    ///
    /// A record that is served dirty has a further member `_dirty` that names the wrong field, one
    /// that was asked for by id a member `_request_id`.
    private func truth(_ form: RequestForm) -> SimulatedResponse {
        guard let id = form.text("endpoint"), let account = form.text("account"),
            let provider = (documented + generic).first(where: { $0.id == id })
        else { return .html(status: 400, "endpoint (a known one) and account are needed") }
        if let ids = form.text("ids") {
            let calls = ids.split(separator: ",").flatMap { id in
                store.truth(requestID: String(id), of: provider, account: account)
                    .map { (call: $0, requestID: String(id)) }
            }
            let sorted = calls.sorted {
                ($0.call.time, $0.requestID, $0.call.leg)
                    < ($1.call.time, $1.requestID, $1.call.leg)
            }
            return list(sorted.map { ($0.call, $0.requestID) }, provider)
        }
        guard let from = form.int("from"), let to = form.int("to") else {
            return .html(status: 400, "from and to, or ids, are needed")
        }
        let calls = store.truth(from: from, to: to, of: provider, account: account)
        return list(calls.map { ($0, nil) }, provider)
    }

    private func list(
        _ calls: [(call: Call, requestID: String?)], _ provider: some Provider
    ) -> SimulatedResponse {
        .json { writer in
            writer.array { writer in
                for (call, requestID) in calls {
                    writer.object { writer in
                        provider.write(call, to: &writer)
                        if let requestID { writer.text("_request_id", requestID) }
                        guard store.isDirty(call) else { return }
                        writer.text("_dirty", provider.spoil(of: call).name)
                    }
                }
            }
        }
    }
}
