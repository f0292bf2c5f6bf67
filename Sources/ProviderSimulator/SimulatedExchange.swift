import ExportModel

/// Everything of the simulator but the network: a request in, an answer out.
struct SimulatedExchange: Sendable {
    private enum Route {
        case provider(any Provider)
        case login(String, TelecmiLogin)
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
        default:
            // Entries share the logins of the documented ones.
            if case .login? = route(request.path) {
                return answerDocumented(request, nowMilliseconds: nowMilliseconds)
            }
            let context = ReadContext(credentials: credentials, nowMilliseconds: nowMilliseconds)
            return answerGeneric(request, context)
                ?? answerDocumented(request, nowMilliseconds: nowMilliseconds)
        }
    }

    /// nil: no catalog entry but the documented ones has such requests.
    private func answerGeneric(_ request: WireRequest, _ context: ReadContext) -> WireAnswer? {
        for provider in generic {
            if let parameters = provider.parameters(request) {
                return answer(
                    provider.read(parameters, request, context: context), provider, context)
            }
            if let parameters = provider.loginParameters(request) {
                let name = "\(provider.id).login"
                faults.count(request: name)
                return answerLogin(
                    provider.readLogin(parameters, credentials: credentials), name)
            }
        }
        return nil
    }

    private func answerDocumented(_ request: WireRequest, nowMilliseconds: Int64) -> WireAnswer {
        guard request.method == "POST" else {
            return WireAnswer(answer: .noRoute(method: request.method, path: request.path))
        }
        guard let form = RequestForm(body: request.body, contentType: request.contentType) else {
            return WireAnswer(answer: .html(status: 400, "Bad Request"))
        }
        let context = ReadContext(credentials: credentials, nowMilliseconds: nowMilliseconds)
        switch route(request.path) {
        case .provider(let provider):
            return answer(provider.read(form, context: context), provider, context)
        case .login(let name, let login):
            faults.count(request: name)
            return answerLogin(login.read(form, credentials: credentials), name)
        case nil:
            return WireAnswer(answer: .noRoute(method: "POST", path: request.path))
        }
    }

    private func route(_ path: String) -> Route? {
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
        var plan = faults.plan(
            requestIdentity: identity, isLogin: false,
            impossible: Self.impossible(query, provider))
        if plan.has(.tokenDeath) {
            if let token = query.token, credentials.kill(token) {
                faults.count(plan.faults)
                return WireAnswer(answer: provider.refusal())
            }
            plan.drop(.tokenDeath)
        }
        if plan.has(.codeIn200) || plan.has(.deadCursor) {
            faults.count(plan.faults)
            return WireAnswer(
                answer: plan.has(.deadCursor) ? provider.deadCursor() : provider.passingFailure())
        }
        if plan.has(.drift), !store.drift(query, of: provider) { plan.drop(.drift) }
        if plan.has(.leave), !store.swap(query, of: provider, draw: plan.draw) { plan.drop(.leave) }
        guard let page = store.page(query, of: provider, marksRead: plan.deliversRows) else {
            return travel(provider.unknownID(), plan)
        }
        var rows = rows(page, query, provider, &plan)
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
        let answered = AnsweredPage(
            page: page, rows: rows, total: total ?? page.total,
            next: next(page, provider, &plan))
        return travel(
            provider.answer(answered, query: query, epochSeconds: epochSeconds), plan)
    }

    /// Faults for which the request gives no occasion.
    private static func impossible(
        _ query: RecordQuery, _ provider: some Provider
    ) -> Set<SimulatorFault> {
        var found: Set<SimulatorFault> = []
        if !provider.hasTotal { found.formUnion(SimulatorFault.ofTotals) }
        if !provider.isChained { found.formUnion([.lostNext, .repeatedCursor, .deadCursor]) }
        if query.page <= 1 { found.formUnion([.repeatedPage, .repeatedCursor, .deadCursor]) }
        if case .requestID = query.selection, !provider.hasTotal {
            // Nothing would show it: such an answer is the only one there is.
            found.formUnion([.emptyPage, .shortPage])
        }
        return found
    }

    /// The records that the answer brings.
    private func rows(
        _ page: RecordPage, _ query: RecordQuery, _ provider: some Provider,
        _ plan: inout FaultPlan
    ) -> [[UInt8]] {
        var calls = page.calls
        if plan.has(.repeatedPage), let former = store.former(query, page, of: provider) {
            calls = former
        } else {
            plan.drop(.repeatedPage)
        }
        if plan.has(.emptyPage), !calls.isEmpty { calls = [] } else { plan.drop(.emptyPage) }
        if plan.has(.shortPage), calls.count > 1 {
            calls.removeLast()
        } else {
            plan.drop(.shortPage)
        }
        return calls.map { provider.record($0, isDirty: store.isDirty($0)) }
    }

    /// What the answer says of the page after it.
    private func next(
        _ page: RecordPage, _ provider: some Provider, _ plan: inout FaultPlan
    ) -> AnsweredPage.Next {
        guard provider.isChained, !page.isLast else {
            plan.drop(.lostNext)
            plan.drop(.repeatedCursor)
            return .none
        }
        if plan.has(.lostNext) { return .none }
        if plan.has(.repeatedCursor) { return .same }
        var draw = plan.draw
        return plan.has(.emptyPage) && draw.oneIn(2) ? .none : .following
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

    /// `/_truth?endpoint=&account=` with `from`, `to` (epoch ms, half-open) or `ids` (commas): all
    /// records as they are, by time and then identifier.
    ///
    /// Of a documented endpoint they are the provider's own, of any other the rows that an export
    /// has to have, by unified column. One that is served dirty has a further member `_dirty` that
    /// names the wrong field, one that was asked for by id a member `_request_id`.
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
                    let objects = provider.truth(
                        call, isDirty: store.isDirty(call), requestID: requestID)
                    for object in objects { writer.element(json: object) }
                }
            }
        }
    }
}
