/// TeleCMI v1 `agentOutMissed`: an agent's missed outgoing calls.
///
/// Document: telecmi-v1-agentOutMissed. Window and page are mandatory; the page size has no
/// documented maximum.
struct TelecmiAgentOutMissed: Provider {
    /// Writes envelopes and errors.
    let reply: TelecmiReply

    var id: String { "telecmi.v1.agentOutMissed" }

    func read(_ form: RequestForm, context: ReadContext) -> ReadRequest {
        guard let token = form.text("token"), let from = form.int("from"),
            let to = form.int("to"), let page = form.int("page"),
            let limit = form.int("limit", or: 10)
        else { return .refused(reply.error(404, "Missing parameter")) }
        guard let account = context.credentials.account(of: token) else {
            return .refused(refusal())
        }
        return .records(
            RecordQuery(
                account: account, token: token, selection: .window(from: from, to: to),
                page: page, size: limit < 1 ? 10 : min(limit, TelecmiOutAnswered.largestPage)))
    }

    func write(_ call: Call, to writer: inout JSONWriter) {
        var draw = call.draw()
        writer.text("_id", call.objectID)
        writer.int("to", CallPool.phoneNumber(&draw))
        writer.int("time", call.time)
        writer.text("from", "103_1111113")
        writer.int("billedsec", 0)
        writer.text("rate", draw.pick(CallPool.zeroCosts))
        writer.text("name", CallPool.name(&draw))
        if draw.oneIn(50) { writer.text("region", draw.pick(CallPool.regions)) }
    }

    func spoil(of call: Call) -> JSONWriter.Spoil {
        var draw = call.draw(1)
        switch draw.below(3) {
        case 0: return JSONWriter.Spoil(name: "billedsec", json: "9007199254740993")
        case 1: return JSONWriter.Spoil(name: "rate", json: "{}")
        default: return JSONWriter.Spoil(name: "to", json: "[9100000000]")
        }
    }

    func identifier(of call: Call) -> String { call.objectID }

    func answer(_ page: AnsweredPage, query: RecordQuery, epochSeconds: Int64)
        -> SimulatedResponse
    {
        reply.list(totalName: "count", total: page.total, rows: page.rows)
    }

    func refusal() -> SimulatedResponse {
        reply.error(404, "Invalid agent token, authentication failed")
    }

    func passingFailure() -> SimulatedResponse { reply.failure() }
}
