/// PIOPIY `requestid_cdr`: the legs of one call, asked for by its request id.
///
/// Document: piopiy-requestid_cdr. The ids `rid-<seed>-0001` to `rid-<seed>-9999` exist.
struct PiopiyRequestCDR: Provider {
    /// Writes envelopes and errors.
    let reply: TelecmiReply
    /// Part of every known id.
    let seed: UInt64
    /// Day of the first call, in days since 1970-01-01.
    let firstDay: Int64

    var id: String { "piopiy.requestid_cdr" }

    func read(_ form: RequestForm, context: ReadContext) -> ReadRequest {
        guard let application = form.text("appid"), let secret = form.text("secret"),
            let requestID = form.text("request_id")
        else { return .refused(reply.error(404, "Missing parameter")) }
        guard Int64(application) != nil, context.credentials.isRight(secret) else {
            return .refused(refusal())
        }
        return .records(
            RecordQuery(account: application, token: nil, selection: .requestID(requestID)))
    }

    /// Two or three legs, b before a as in the document; most begin together.
    func calls(ofRequestID id: String, account: String, streamSeed: UInt64) -> [Call]? {
        guard let number = requestNumber(id) else { return nil }
        var draw = SeededDraw(seed: SeededDraw.seed(streamSeed, UInt64(number)))
        let start = firstDay * 86_400_000 + Int64(number) * 3_600_000
        let time = start + Int64(draw.below(3_600)) * 1_000
        let count = draw.oneIn(4) ? 3 : 2
        let gap: Int64 = draw.oneIn(3) ? 2_000 : 0
        return (0..<count).map { leg in
            Call(
                account: account, number: number, time: leg == count - 1 ? time : time + gap,
                streamSeed: streamSeed, leg: leg, legCount: count)
        }
    }

    func write(_ call: Call, to writer: inout JSONWriter) {
        var shared = SeededDraw(seed: SeededDraw.seed(call.streamSeed, UInt64(call.number), 7))
        let rate = shared.within(0...150)
        let balance = shared.within(-500...999_999)
        let from = CallPool.phoneNumber(&shared)
        let direction = shared.oneIn(5) ? "inbound" : "outbound"
        let customer = CallPool.phoneNumber(&shared)
        var draw = call.draw()
        let isFirstLeg = call.leg == call.legCount - 1
        writer.int("duration", draw.within(0...600))
        writer.raw("balance", CallPool.hundredths(balance - rate * (call.legCount - call.leg)))
        writer.raw("rate", CallPool.hundredths(rate))
        writer.int("from", from)
        // Two b legs to one number that begin together differ in nothing but their order.
        writer.int("to", isFirstLeg ? CallPool.phoneNumber(&draw) : customer)
        writer.int("time", call.time)
        writer.text("leg", isFirstLeg ? "a" : "b")
        writer.text("direction", direction)
        writer.text("status", draw.oneIn(4) ? "missed" : "answered")
    }

    func spoil(of call: Call) -> JSONWriter.Spoil {
        var draw = call.draw(1)
        return draw.oneIn(2)
            ? JSONWriter.Spoil(name: "duration", json: "\"long\"")
            : JSONWriter.Spoil(name: "balance", json: "[]")
    }

    func identifier(of call: Call) -> String { String(call.leg) }

    func answer(rows: [[UInt8]], total: Int?, query: RecordQuery, epochSeconds: Int64)
        -> ProviderAnswer
    {
        reply.list(totalName: "count", total: total, rows: rows)
    }

    func refusal() -> ProviderAnswer { reply.error(404, "Invalid app id or secret") }

    func unknownID() -> ProviderAnswer { reply.error(404, "request_id not found") }

    func passingTrouble() -> ProviderAnswer { reply.trouble() }

    /// 1…9999; nil for any other text.
    private func requestNumber(_ id: String) -> Int? {
        let digits = id.dropFirst("rid-\(seed)-".count)
        guard id.hasPrefix("rid-\(seed)-"), digits.utf8.count == 4,
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits),
            number > 0
        else { return nil }
        return number
    }
}
