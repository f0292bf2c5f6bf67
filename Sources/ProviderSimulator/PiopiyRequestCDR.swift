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

    /// Two or three legs, b before a as in the document; in most calls they begin together.
    func calls(ofRequestID id: String, account: String, streamSeed: UInt64) -> [Call]? {
        guard let number = requestNumber(id) else { return nil }
        var draw = SeededDraw(seed: SeededDraw.seed(streamSeed, UInt64(number)))
        let start = firstDay * 86_400_000 + Int64(number) * 3_600_000
        let time = start + Int64(draw.below(3_600)) * 1_000
        let count = draw.oneIn(4) ? 3 : 2
        let bridge = Bridge(streamSeed: streamSeed, number: number)
        let gap = Int64(bridge.gapSeconds) * 1_000
        return (0..<count).map { leg in
            Call(
                account: account, number: number, time: leg == count - 1 ? time : time + gap,
                streamSeed: streamSeed, leg: leg, legCount: count)
        }
    }

    /// What the legs of one call have in common. Leg a reaches the agent, the b legs ring the
    /// customer together, and the last of them may be answered; leg a ends with the call.
    private struct Bridge {
        /// From the beginning of leg a to that of the others.
        let gapSeconds: Int
        let ringSeconds: Int
        /// nil: the customer did not answer
        let talkSeconds: Int?
        /// Hundredths that an answered leg costs.
        let cost: Int
        let balance: Int
        let from: Int
        let agent: Int
        let customer: Int
        let isInbound: Bool

        init(streamSeed: UInt64, number: Int) {
            var draw = SeededDraw(seed: SeededDraw.seed(streamSeed, UInt64(number), 7))
            gapSeconds = draw.oneIn(3) ? CallPool.ringSeconds(&draw) : 0
            ringSeconds = CallPool.ringSeconds(&draw)
            talkSeconds = draw.oneIn(4) ? nil : CallPool.talkSeconds(&draw)
            cost = draw.within(1...150)
            balance = draw.within(-500...999_999)
            from = CallPool.phoneNumber(&draw)
            agent = CallPool.phoneNumber(&draw)
            customer = CallPool.phoneNumber(&draw)
            isInbound = draw.oneIn(5)
        }

        /// Legs are paid in the order in which they are served.
        func balance(afterLeg leg: Int, of count: Int) -> Int {
            let paid = (0...leg).filter { isAnswered(leg: $0, of: count) }.count
            return balance - cost * paid
        }

        func isAnswered(leg: Int, of count: Int) -> Bool {
            leg == count - 1 || leg == count - 2 && talkSeconds != nil
        }
    }

    func write(_ call: Call, to writer: inout JSONWriter) {
        let bridge = Bridge(streamSeed: call.streamSeed, number: call.number)
        let isFirstLeg = call.leg == call.legCount - 1
        let isAnswered = bridge.isAnswered(leg: call.leg, of: call.legCount)
        writer.int("duration", seconds(of: call, bridge))
        writer.raw(
            "balance",
            CallPool.hundredths(bridge.balance(afterLeg: call.leg, of: call.legCount)))
        writer.raw("rate", CallPool.hundredths(isAnswered ? bridge.cost : 0))
        writer.int("from", bridge.from)
        // The key of two b legs is the same: only their order differs.
        writer.int("to", isFirstLeg ? bridge.agent : bridge.customer)
        writer.int("time", call.time)
        writer.text("leg", isFirstLeg ? "a" : "b")
        writer.text("direction", bridge.isInbound ? "inbound" : "outbound")
        writer.text("status", isAnswered ? "answered" : "missed")
    }

    /// A b leg rings and talks; leg a lasts from its own beginning to the end of them.
    private func seconds(of call: Call, _ bridge: Bridge) -> Int {
        let talk =
            bridge.isAnswered(leg: call.legCount - 2, of: call.legCount)
            ? bridge.talkSeconds ?? 0 : 0
        if call.leg == call.legCount - 1 { return bridge.gapSeconds + bridge.ringSeconds + talk }
        return bridge.ringSeconds + (call.leg == call.legCount - 2 ? talk : 0)
    }

    func spoil(of call: Call) -> JSONWriter.Spoil {
        var draw = call.draw(1)
        return draw.oneIn(2)
            ? JSONWriter.Spoil(name: "duration", json: "\"long\"")
            : JSONWriter.Spoil(name: "balance", json: "[]")
    }

    func identifier(of call: Call) -> String { String(call.leg) }

    func answer(_ page: AnsweredPage, query: RecordQuery, epochSeconds: Int64)
        -> SimulatedResponse
    {
        reply.list(totalName: "count", total: page.total, rows: page.rows)
    }

    func refusal() -> SimulatedResponse { reply.error(404, "Invalid app id or secret") }

    func unknownID() -> SimulatedResponse { reply.error(404, "request_id not found") }

    func passingFailure() -> SimulatedResponse { reply.failure() }

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
