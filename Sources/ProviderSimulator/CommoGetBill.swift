/// Commo `App.Sip_Cdr.GetBill`: call records, with local times at +08:00.
///
/// Document: commo-GetBill. A page has at most 1,000 rows; asking for more is refused.
struct CommoGetBill: Provider {
    /// What the bills say.
    let records = CommoRecord()

    var id: String { "commo.get_bill" }
    var resolutionMilliseconds: Int64 { 1_000 }

    func read(_ form: RequestForm, context: ReadContext) -> ReadRequest {
        switch form.text("service") {
        case "App.Sip_Cdr.GetBill": readBill(form, credentials: context.credentials)
        case "App.Sip_Auth.Login": readLogin(form, context: context)
        default: .refused(Self.error(400, "Illegal request: unknown service"))
        }
    }

    private func readBill(_ form: RequestForm, credentials: CredentialStore) -> ReadRequest {
        guard let token = form.text("token"), let account = credentials.account(of: token) else {
            return .refused(refusal())
        }
        guard let from = form.text("starttime").flatMap(CommoTime.epochMilliseconds),
            let to = form.text("endtime").flatMap(CommoTime.epochMilliseconds),
            let page = form.int("currentpage", or: 1), let size = form.int("itemsperpage", or: 10),
            (1...1_000).contains(size), let filter = filter(form)
        else { return .refused(Self.error(400, "Illegal request: invalid parameter")) }
        return .records(
            RecordQuery(
                account: account, token: token, selection: .window(from: from, to: to),
                page: page, size: size, filter: filter))
    }

    /// The documented defaults hide records: unread ones only, calls by API only.
    private func filter(_ form: RequestForm) -> CallFilter? {
        guard let state = form.int("syncflag", or: 1).flatMap(CallFilter.ReadState.init),
            let direction = form.int("direction", or: 3), (1...3).contains(direction),
            let callMethod = form.int("callmethod", or: 3), (0...6).contains(callMethod)
        else { return nil }
        let extensions = form.text("extnumber").map { $0.split(separator: ",").map(String.init) }
        return CallFilter(
            readState: state, direction: direction, callMethod: callMethod,
            extensions: extensions ?? [], destination: form.text("destnumber"),
            userID: form.text("userid"), memberID: form.text("memberid"))
    }

    private func readLogin(_ form: RequestForm, context: ReadContext) -> ReadRequest {
        guard let application = form.text("appid"), let key = form.text("accesskey") else {
            return .refused(Self.error(400, "Illegal request: missing parameter"))
        }
        guard context.credentials.isRight(application) else {
            return .refused(Self.error(601, "appid is not authorised"))
        }
        guard context.credentials.isRight(key) else { return .refused(Self.operationFailed()) }
        let token = context.credentials.issueToken(to: application)
        let seconds = context.nowMilliseconds / 1_000
        let answer = Self.success(epochSeconds: seconds) { writer in
            writer.text("companycode", "1")
            writer.text("companyname", "Simulator")
            writer.text("token", token)
            writer.text("authtime", CommoTime.text(ofEpochMilliseconds: seconds * 1_000))
            writer.text("authmodel", "1")
        }
        return .login(answer, identity: application)
    }

    func passes(_ call: Call, _ filter: CallFilter) -> Bool {
        records.values(of: call).passes(filter)
    }

    func write(_ call: Call, to writer: inout JSONWriter) {
        records.write(call, to: &writer)
    }

    func spoil(of call: Call) -> JSONWriter.Spoil {
        var draw = call.draw(1)
        switch draw.below(3) {
        case 0: return JSONWriter.Spoil(name: "billsec", json: "\"-\"")
        case 1: return JSONWriter.Spoil(name: "answertime", json: "\"2026-13-45 99:00:00\"")
        default: return JSONWriter.Spoil(name: "duration", json: "12345678901")
        }
    }

    func identifier(of call: Call) -> String { String(records.recordID(of: call)) }

    func answer(_ page: AnsweredPage, query: RecordQuery, epochSeconds: Int64)
        -> SimulatedResponse
    {
        Self.success(epochSeconds: epochSeconds) { writer in
            if let total = page.total { writer.int("totalitems", total) }
            writer.int("currentpage", query.page)
            writer.int("itemsperpage", query.size)
            writer.name("bills")
            writer.array { writer in
                for row in page.rows { writer.element(json: row) }
            }
        }
    }

    func refusal() -> SimulatedResponse { Self.error(600, "token is invalid, log in again") }

    func passingFailure() -> SimulatedResponse { Self.error(500, "server error") }

    /// Level 1 of the errors: `data` is a list.
    private static func error(_ code: Int, _ text: String) -> SimulatedResponse {
        .json { writer in
            writer.object { writer in
                writer.int("ret", code)
                writer.name("data")
                writer.array { _ in }
                writer.text("msg", text)
            }
        }
    }

    /// Level 2: `ret` is 200, `data.status` is not 0, and the code is text.
    private static func operationFailed() -> SimulatedResponse {
        .json { writer in
            writer.object { writer in
                writer.int("ret", 200)
                writer.name("data")
                writer.object { writer in
                    writer.int("status", 1)
                    writer.text("desc", "\u{64CD}\u{4F5C}\u{5931}\u{8D25}")
                    writer.name("errors")
                    writer.object { writer in
                        writer.text("code", "1003")
                        writer.text("codemsg", "operation failed")
                    }
                }
                writer.text("msg", "")
            }
        }
    }

    private static func success(
        epochSeconds: Int64, _ result: (inout JSONWriter) -> Void
    ) -> SimulatedResponse {
        .json { writer in
            writer.object { writer in
                writer.int("ret", 200)
                writer.name("data")
                writer.object { writer in
                    writer.int("status", 0)
                    writer.text("desc", "get success")
                    writer.name("result")
                    writer.object(result)
                    writer.int("reqtime", epochSeconds)
                    writer.int("rsptime", epochSeconds)
                }
                writer.text("msg", "")
            }
        }
    }
}
