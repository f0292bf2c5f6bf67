/// TeleCMI v2 `user/out_missed`: a user's missed outgoing calls.
///
/// Document: telecmi-v2-user-out_missed. A page has at most 10 rows; asking for more is refused.
struct TelecmiUserOutMissed: Provider {
    /// Writes envelopes and errors.
    let reply: TelecmiReply

    var id: String { "telecmi.v2.user.out_missed" }

    func read(_ form: RequestForm, context: ReadContext) -> ReadRequest {
        guard let token = form.text("token") else {
            return .refused(reply.error(400, "Parameter missing"))
        }
        guard let account = context.credentials.account(of: token) else {
            return .refused(refusal())
        }
        guard let from = form.int("from"), let to = form.int("to"),
            let page = form.int("page", or: 1), let limit = form.int("limit", or: 10)
        else { return .refused(reply.error(400, "Parameter missing")) }
        guard limit <= 10 else {
            return .refused(reply.error(400, "Parameter limit lesser then equals 10"))
        }
        return .records(
            RecordQuery(
                account: account, token: token, selection: .window(from: from, to: to),
                page: page, size: limit < 1 ? 10 : limit))
    }

    func write(_ call: Call, to writer: inout JSONWriter) {
        var draw = call.draw()
        writer.text("cmiuid", call.uuid)
        // Some lines are busy: nothing rings.
        writer.int("duration", draw.oneIn(5) ? 0 : CallPool.ringSeconds(&draw))
        if draw.oneIn(8) { writeNotes(call, &draw, to: &writer) }
        writer.int("billedsec", 0)
        writer.raw("rate", draw.oneIn(20) ? draw.pick(CallPool.fees) : "0")
        writer.text("name", CallPool.name(&draw))
        writer.text("from", String(CallPool.phoneNumber(&draw)))
        writer.int("to", CallPool.phoneNumber(&draw))
        writer.int("time", call.time)
        if draw.oneIn(50) { writer.text("region", draw.pick(CallPool.regions)) }
    }

    private func writeNotes(_ call: Call, _ draw: inout SeededDraw, to writer: inout JSONWriter) {
        let notes = (0..<draw.within(1...3)).map { _ in
            (draw.pick(CallPool.notes), draw.within(1_000...86_400_000), draw.within(101...140))
        }
        writer.name("notes")
        writer.array { writer in
            for (message, delay, agent) in notes {
                writer.object { writer in
                    writer.text("msg", message)
                    writer.int("date", call.time + Int64(delay))
                    writer.text("agent", "\(agent)_1111112")
                }
            }
        }
    }

    func spoil(of call: Call) -> JSONWriter.Spoil {
        var draw = call.draw(1)
        switch draw.below(3) {
        case 0: return JSONWriter.Spoil(name: "duration", json: "1.5")
        case 1: return JSONWriter.Spoil(name: "rate", json: "\"free\"")
        default: return JSONWriter.Spoil(name: "cmiuid", json: "{}")
        }
    }

    func identifier(of call: Call) -> String { call.uuid }

    func answer(_ page: AnsweredPage, query: RecordQuery, epochSeconds: Int64)
        -> SimulatedResponse
    {
        reply.list(totalName: "count", total: page.total, rows: page.rows)
    }

    func refusal() -> SimulatedResponse {
        reply.error(404, "Failed to authenticate token.")
    }

    func passingFailure() -> SimulatedResponse { reply.failure() }
}
