import ExportModel
import Testing

@testable import Extraction

/// Every row of the tables of status codes and observed error bodies, and what it must mean.
@Suite struct AnswerReaderTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var status = 200
        var body: String
        /// `page`, `again`, `unknown id`, or the kind and code of a refusal.
        var meaning: String

        init(_ name: String, status: Int = 200, _ body: String, _ meaning: String) {
            self.name = name
            self.status = status
            self.body = body
            self.meaning = meaning
        }

        var testDescription: String { name }
    }

    @Test(arguments: [
        Case("success", #"{"count":0,"cdr":[],"code":200}"#, "page of 0"),
        Case("success, code as text", #"{"count":"3","cdr":[{}],"code":"200"}"#, "page of 3"),
        Case(
            "success, error false", #"{"count":1,"cdr":[],"code":200,"error":false}"#, "page of 1"),
        Case("success, error null", #"{"count":1,"cdr":[],"code":200,"error":null}"#, "page of 1"),
        Case("200, trailing comma", #"{"count":1,"cdr":[{},],"code":200,}"#, "page of 1"),
        // A bad token, inside HTTP 200.
        Case(
            "token", #"{"error":true,"code":404,"message":"Failed to authenticate token."}"#,
            "authentication authentication_failed"),
        Case(
            "login", #"{"error":true,"code":404,"msg":"Authentication Failed"}"#,
            "authentication authentication_failed"),
        Case("code only", #"{"code":404}"#, "authentication authentication_failed"),
        Case("407", #"{"code":407,"error":true}"#, "authentication authentication_failed"),
        Case("401", #"{"code":401}"#, "authentication authentication_failed"),
        Case(
            "HTTP 404 that explains itself", status: 404,
            #"{"code":404,"msg":"Authentication Failed"}"#, "authentication authentication_failed"),
        // The request.
        Case(
            "missing", #"{"code":404,"error":true,"msg":"Parameter missing"}"#,
            "bad_request bad_request"),
        Case("limit over 10", #"{"code":400,"error":true}"#, "bad_request bad_request"),
        Case("HTTP 400", status: 400, #"{"code":400}"#, "bad_request bad_request"),
        // Passing trouble.
        Case("502 inside 200", #"{"code":502,"msg":"Internal Server Error"}"#, "again"),
        Case("429 inside 200", #"{"code":429}"#, "again, throttled"),
        Case("408 inside 200", #"{"code":408}"#, "again"),
        Case("HTTP 500 with a bad token", status: 500, #"{"code":404}"#, "again"),
        Case("HTTP 429", status: 429, #"{"code":429}"#, "again, throttled"),
        Case("HTTP 408", status: 408, "", "again"),
        Case("HTTP 599", status: 599, "<html>", "again"),
        // Not recognised: never retried.
        Case("cmi-200", #"{"code":"cmi-200","cdr":[],"count":0}"#, "unknown_answer unknown_answer"),
        Case("error true", #"{"code":200,"error":true,"cdr":[]}"#, "unknown_answer unknown_answer"),
        Case("code 201", #"{"code":201,"cdr":[],"count":0}"#, "unknown_answer unknown_answer"),
        Case("empty object", "{}", "unknown_answer unknown_answer"),
        Case("an array", "[]", "unknown_answer unknown_answer"),
        Case("msg is no text", #"{"code":999,"msg":{"a":1}}"#, "unknown_answer unknown_answer"),
        Case("HTTP 418", status: 418, "{}", "unknown_answer http_418"),
    ])
    func telecmi(_ row: Case) throws {
        #expect(try meaning(row, Catalog.userOutMissed) == row.meaning)
    }

    @Test(arguments: [
        Case(
            "success", #"{"ret":200,"data":{"status":0,"result":{"totalitems":2,"bills":[{}]}}}"#,
            "page of 2"),
        Case("400", #"{"ret":400,"data":[],"msg":"illegal"}"#, "bad_request bad_request"),
        Case("500", #"{"ret":500,"data":[]}"#, "again"),
        Case("600", #"{"ret":600,"data":[]}"#, "authentication authentication_failed"),
        Case("601", #"{"ret":601,"data":[]}"#, "configuration not_authorised"),
        Case("602", #"{"ret":602,"data":[]}"#, "configuration not_authorised"),
        Case("603", #"{"ret":603,"data":[]}"#, "configuration not_authorised"),
        Case("604", #"{"ret":604,"data":[]}"#, "configuration not_authorised"),
        Case("605", #"{"ret":605,"data":[]}"#, "unknown_answer unknown_answer"),
        Case("1001", #"{"ret":200,"data":{"status":1,"errors":{"code":"1001"}}}"#, "again"),
        Case("1002", #"{"ret":200,"data":{"status":1,"errors":{"code":"1002"}}}"#, "again"),
        Case(
            "1003", #"{"ret":200,"data":{"status":1,"errors":{"code":"1003","codemsg":"x"}}}"#,
            "unknown_answer unknown_answer"),
        Case(
            "1010", #"{"ret":200,"data":{"status":1,"errors":{"code":"1010"}}}"#,
            "authentication authentication_failed"),
        Case(
            "1011", #"{"ret":200,"data":{"status":1,"errors":{"code":1011}}}"#,
            "unknown_answer unknown_answer"),
        Case("status 1 alone", #"{"ret":200,"data":{"status":1}}"#, "again"),
        Case("no code", #"{"ret":200,"data":{"status":1,"errors":{"code":""}}}"#, "again"),
        Case("code null", #"{"ret":200,"data":{"status":1,"errors":{"code":null}}}"#, "again"),
        Case("status 2", #"{"ret":200,"data":{"status":2}}"#, "unknown_answer unknown_answer"),
        Case("data is a list", #"{"ret":200,"data":[]}"#, "unknown_answer unknown_answer"),
        Case("no result", #"{"ret":200,"data":{"status":0}}"#, "again"),
    ])
    func commo(_ row: Case) throws {
        #expect(try meaning(row, Catalog.getBill) == row.meaning)
    }

    @Test(arguments: [
        Case(
            "bad secret", #"{"code":404,"msg":"Invalid secret"}"#,
            "authentication authentication_failed"),
        Case("unknown", #"{"code":404,"msg":"request_id not found"}"#, "unknown id"),
        Case("no words", #"{"code":404}"#, "authentication authentication_doubtful"),
        Case("two legs", #"{"count":2,"cdr":[{},{}],"code":200}"#, "page of 2"),
    ])
    func piopiy(_ row: Case) throws {
        #expect(try meaning(row, Catalog.requestIDs) == row.meaning)
    }

    /// Providers that say no more than the HTTP status, and one whose code means two things.
    @Test(arguments: [
        (404, "{}", "unknown id"), (404, #"{"code":7}"#, "unknown id"),
        (403, #"{"code":7}"#, "configuration not_authorised"),
        (400, #"{"code":7}"#, "bad_request bad_request"), (200, #"{"code":7}"#, "unknown_answer"),
        (410, "{}", "configuration no_such_route"), (404, "<html>", "configuration no_such_route"),
    ])
    func rulesMayLookAtTheStatus(status: Int, body: String, expected: String) throws {
        var endpoint = Catalog.requestIDs
        endpoint.response.rules.failures = [
            AnswerRules.Rule(
                statuses: [403...403], path: JSONPath(dotted: "code"), codes: [7...7], texts: [],
                meaning: .configuration),
            AnswerRules.Rule(
                statuses: [404...404], path: nil, codes: [], texts: [], meaning: .unknownID),
        ]
        let row = Case("", status: status, body, expected)
        #expect(try meaning(row, endpoint).hasPrefix(expected))
    }

    /// A body that is no JSON is judged by its status alone.
    @Test(
        arguments: [
            (200, "again"), (204, "again"), (301, "configuration no_such_route"),
            (400, "bad_request bad_request"), (401, "authentication authentication_failed"),
            (403, "authentication authentication_failed"), (404, "configuration no_such_route"),
            (405, "configuration no_such_route"), (407, "authentication authentication_failed"),
            (408, "again"), (410, "configuration no_such_route"), (418, "unknown_answer http_418"),
            (422, "bad_request bad_request"), (425, "again"), (429, "again, throttled"),
            (500, "again"), (502, "again"), (503, "again"), (504, "again"),
        ], ["<html>Cannot POST</html>", "", #"{"cdr":["#])
    func bodiesThatAreNoJSON(_ expected: (status: Int, meaning: String), body: String) throws {
        let row = Case("", status: expected.status, body, expected.meaning)
        #expect(try meaning(row, Catalog.userOutMissed) == expected.meaning)
    }

    // MARK: Totals and rows

    @Test(arguments: [
        #"{"cdr":[],"code":200}"#, #"{"count":null,"cdr":[],"code":200}"#,
        #"{"count":true,"cdr":[],"code":200}"#, #"{"count":[3],"cdr":[],"code":200}"#,
        #"{"count":"","cdr":[],"code":200}"#, #"{"count":1.5,"cdr":[],"code":200}"#,
        #"{"count":"many","cdr":[],"code":200}"#, #"{"total":3,"cdr":[],"code":200}"#,
        #"{"count":99999999999999999999,"cdr":[],"code":200}"#,
    ])
    func aMissingTotalIsNoEmptyPage(body: String) throws {
        #expect(try trouble(body).code == "missing_total")
    }

    @Test(arguments: ["-1", "-9223372036854775808", "1000000001", "9223372036854775807"])
    func negativeAndAbsurdTotalsAreErrors(total: String) throws {
        let error = try trouble(#"{"count":\#(total),"cdr":[],"code":200}"#)
        #expect(error.code == "absurd_total")
        #expect(error.kind == .unknownAnswer)
    }

    @Test(arguments: [
        #"{"count":0,"code":200}"#, #"{"count":0,"cdr":null,"code":200}"#,
        #"{"count":0,"cdr":"none","code":200}"#, #"{"count":0,"data":[],"code":200}"#,
    ])
    func missingRowsAreNoEmptyPage(body: String) throws {
        let error = try trouble(body)
        #expect(error.code == "missing_rows")
        #expect(error.message.contains("`cdr`"))
        #expect(error.message.contains(Catalog.userOutMissed.document))
    }

    @Test func aBodyThatNestsWithoutEndIsAnError() throws {
        let body =
            #"{"count":1,"code":200,"cdr":["# + String(repeating: "[", count: 1_000_000)
        #expect(try trouble(body).kind == .unknownAnswer)
    }

    // MARK: Messages and pauses

    @Test func errorTextsAreRedacted() throws {
        let body = #"{"code":404,"msg":"token 5d9df5b97a2b952710b030dd of +919100000000 is dead"}"#
        guard case .refused(let error) = try verdict(body) else {
            Issue.record("not refused")
            return
        }
        #expect(error.message.contains("it says: token … of … is dead"))
        #expect(error.message.hasPrefix(Catalog.userOutMissed.id))
    }

    @Test func codesInMessagesAreRedacted() throws {
        let body = #"{"ret":500,"data":{"errors":{"code":"919100000000"}}}"#
        guard case .again(let trouble) = try verdict(body, Catalog.getBill) else {
            Issue.record("not retried")
            return
        }
        #expect(!trouble.error.message.contains("9191"))
        #expect(trouble.error.message.contains("500"))
    }

    @Test(
        arguments: [("30", 30_000), ("Thu, 19 Nov 2026 00:01:00 GMT", 60_000), ("x", nil)]
            as [(String, Int64?)])
    func retryAfterComesAlong(header: String, milliseconds: Int64?) throws {
        for (status, body) in [(503, ""), (429, #"{"code":1}"#), (200, #"{"code":500}"#)] {
            let answer = ProviderAnswer(status: status, retryAfter: header, body: Array(body.utf8))
            let verdict = try reader(Catalog.userOutMissed).verdict(
                on: .answer(answer), to: noQuestion, hiding: SentSecrets())
            guard case .again(let trouble) = verdict else {
                Issue.record("status \(status) is not retried")
                continue
            }
            #expect(trouble.retryAfterMilliseconds == milliseconds)
        }
    }

    @Test(
        arguments: [
            (.notConnected, "again"), (.timeout, "again"), (.cutOff, "again"),
            (.tooLarge, "unknown_answer too_large"), (.invalidURL, "configuration invalid_url"),
        ] as [(TransportFailure.Kind, String)])
    func failuresOfTheTransport(kind: TransportFailure.Kind, meaning: String) throws {
        let failure = TransportFailure(kind: kind, text: "words")
        let verdict = try reader(Catalog.userOutMissed).verdict(
            on: .failure(failure), to: noQuestion, hiding: SentSecrets())
        #expect(described(verdict) == meaning)
    }

    // MARK: Helpers

    private func reader(_ endpoint: Endpoint) throws -> AnswerReader {
        try AnswerReader(endpoint: endpoint, environment: stillEnvironment())
    }

    private func verdict(
        _ body: String, _ endpoint: Endpoint = Catalog.userOutMissed, status: Int = 200
    ) throws -> AnswerVerdict {
        try reader(endpoint).verdict(
            on: .answer(ProviderAnswer(status: status, body: Array(body.utf8))),
            to: noQuestion, hiding: SentSecrets())
    }

    private func meaning(_ row: Case, _ endpoint: Endpoint) throws -> String {
        described(try verdict(row.body, endpoint, status: row.status))
    }

    private func trouble(_ body: String) throws -> ExtractionError {
        guard case .again(let trouble) = try verdict(body) else {
            throw ExtractionError(.unknownAnswer, code: "test", message: "not retried")
        }
        return trouble.error
    }

    private func described(_ verdict: AnswerVerdict) -> String {
        switch verdict {
        case .page(_, let envelope): "page of \(envelope.total ?? -1)"
        case .again(let trouble): trouble.isThrottle ? "again, throttled" : "again"
        case .unknownID: "unknown id"
        case .refused(let error): "\(error.kind.rawValue) \(error.code)"
        }
    }
}
