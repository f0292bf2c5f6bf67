import Foundation
import Testing

@testable import ProviderSimulator

@Suite struct RefusalTests {
    let client = ExchangeClient()

    /// Path, parameters, code, and where its text stands.
    static let refusals: [(String, [String: any Sendable], Int, String, String)] = [
        (
            "/v1/outanswered", ["appid": 1, "token": "wrong-1"], 404, "msg",
            "Invalid app id or secret, authentication failed"
        ),
        ("/v1/outanswered", ["appid": 1], 404, "msg", "Missing parameter"),
        (
            "/v1/agentOutMissed", ["token": "dead-1", "from": 1, "to": 2, "page": 1], 404, "msg",
            "Invalid agent token, authentication failed"
        ),
        (
            "/v1/agentOutMissed", ["token": "a", "from": 1, "to": 2], 404, "msg",
            "Missing parameter"
        ),
        (
            "/v2/user/out_missed", ["token": "wrong", "from": 1, "to": 2], 404, "message",
            "Failed to authenticate token."
        ),
        (
            "/v2/user/out_missed", ["token": "a", "from": 1, "to": 2, "limit": 11], 400, "message",
            "Parameter limit lesser then equals 10"
        ),
        ("/v2/user/out_missed", ["token": "a", "from": 1], 400, "message", "Parameter missing"),
        (
            "/v1/piopiy/requestid_cdr", ["appid": 1, "secret": "wrong", "request_id": "x"], 404,
            "msg", "Invalid app id or secret"
        ),
        (
            "/v1/piopiy/requestid_cdr", ["appid": 1, "secret": "s", "request_id": "rid-1-0000"],
            404, "msg", "request_id not found"
        ),
        (
            "/v1/piopiy/requestid_cdr", ["appid": 1, "secret": "s", "request_id": "rid-2-0001"],
            404, "msg", "request_id not found"
        ),
        (
            "/v1/agentLogin", ["id": "103_1", "password": "wrong"], 404, "msg",
            "Invalid id or password"
        ),
        (
            "/v2/user/login", ["id": "103_1", "password": "wrong"], 404, "msg",
            "Authentication Failed"
        ),
    ]

    @Test(arguments: refusals.indices)
    func errorsComeInsideStatus200(index: Int) throws {
        let (path, parameters, code, textName, text) = Self.refusals[index]
        let reply = try client.post(path, parameters)
        #expect(reply.status == 200)
        #expect(try reply.int("code") == code)
        #expect(try reply.object()["error"] as? Bool == true)
        #expect(try reply.object()[textName] as? String == text)
        var options = SimulatorOptions()
        options.repeatsCodeAsStatus = true
        #expect(try ExchangeClient(options).post(path, parameters).status == code)
    }

    /// Parameters over a right query, and the `ret` they give.
    static let commoRefusals: [([String: String], Int)] = [
        (["token": "wrong"], 600), (["token": ""], 600), (["service": "App.Nothing"], 400),
        (["itemsperpage": "1001"], 400), (["itemsperpage": "0"], 400), (["syncflag": "4"], 400),
        (["direction": "0"], 400), (["callmethod": "7"], 400), (["starttime": ""], 400),
        (["endtime": "2026-02-30 00:00:00"], 400), (["starttime": "1767225600000"], 400),
        (["service": "App.Sip_Auth.Login", "appid": "wrong", "accesskey": "k"], 601),
    ]

    @Test(arguments: commoRefusals.indices)
    func commoErrorsHaveAnEmptyListAsData(index: Int) throws {
        let (parameters, code) = Self.commoRefusals[index]
        let object = try client.commo(parameters).object()
        #expect(object["ret"] as? Int == code)
        #expect((object["data"] as? [Any])?.isEmpty == true)
        #expect(object["msg"] as? String != "")
    }

    @Test func commoSecondLevelErrorsHaveTextCodes() throws {
        let object = try client.commo([
            "service": "App.Sip_Auth.Login", "appid": "a", "accesskey": "wrong",
        ]).object()
        #expect(object["ret"] as? Int == 200)
        let data = try #require(object["data"] as? [String: Any])
        #expect(data["status"] as? Int == 1)
        #expect((data["errors"] as? [String: String])?["code"] == "1003")
    }

    @Test func unknownRoutesAreHTML() throws {
        let reply = try client.post("/v3/nothing", [:])
        #expect(reply.status == 404)
        #expect(String(decoding: reply.body, as: UTF8.self).contains("Cannot POST /v3/nothing"))
    }
}
