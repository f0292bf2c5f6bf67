/// TeleCMI v1 `outanswered`: an application's answered outgoing calls.
///
/// Document: telecmi-v1-outanswered. The page size has no documented maximum.
struct TelecmiOutAnswered: Provider {
    /// Rows of a page at most; a limit of the simulator, not of the document.
    static let largestPage: Int64 = 10_000

    /// Writes envelopes and errors.
    let reply: TelecmiReply

    var id: String { "telecmi.v1.outanswered" }

    func read(_ form: RequestForm, context: ReadContext) -> ReadRequest {
        guard let application = form.text("appid"), let secret = form.text("token") else {
            return .refused(reply.error(404, "Missing parameter"))
        }
        guard Int64(application) != nil, context.credentials.isRight(secret) else {
            return .refused(refusal())
        }
        let now = context.nowMilliseconds
        guard let from = form.int("start_date", or: now - 86_400_000),
            let to = form.int("end_date", or: now), let page = form.int("page", or: 1),
            let limit = form.int("limit", or: 10)
        else { return .refused(reply.error(404, "Missing parameter")) }
        return .records(
            RecordQuery(
                account: application, token: nil, selection: .window(from: from, to: to),
                page: page, size: limit < 1 ? 10 : min(limit, Self.largestPage)))
    }

    func write(_ call: Call, to writer: inout JSONWriter) {
        var draw = call.draw()
        let isRecorded = !draw.oneIn(25)
        let agent = CallPool.agent(&draw, application: call.account)
        writer.text("_id", call.objectID)
        writer.int("to", CallPool.phoneNumber(&draw))
        writer.int("time", call.time)
        writer.text("from", agent)
        if draw.oneIn(3) { writer.text("agent", agent) }
        let seconds = CallPool.talkSeconds(&draw)
        writer.int("billedsec", seconds)
        writer.text("rate", CallPool.cost(ofSeconds: seconds, &draw))
        writer.text("record", isRecorded ? "true" : "false")
        if isRecorded {
            let random = draw.within(1_000_000_000...9_999_999_999)
            writer.text("filename", "\(call.time)\(random)_\(call.account).mp3")
        }
        writer.text("name", CallPool.name(&draw))
        if draw.oneIn(50) { writer.text("region", draw.pick(CallPool.regions)) }
    }

    func spoil(of call: Call) -> JSONWriter.Spoil {
        var draw = call.draw(1)
        switch draw.below(3) {
        case 0: return JSONWriter.Spoil(name: "billedsec", json: "\"a while\"")
        case 1: return JSONWriter.Spoil(name: "rate", json: "\"1,50\"")
        default: return JSONWriter.Spoil(name: "_id", json: "null")
        }
    }

    func identifier(of call: Call) -> String { call.objectID }

    func answer(_ page: AnsweredPage, query: RecordQuery, epochSeconds: Int64)
        -> SimulatedResponse
    {
        reply.list(totalName: "total", total: page.total, rows: page.rows)
    }

    func refusal() -> SimulatedResponse {
        reply.error(404, "Invalid app id or secret, authentication failed")
    }

    func passingFailure() -> SimulatedResponse { reply.failure() }
}
