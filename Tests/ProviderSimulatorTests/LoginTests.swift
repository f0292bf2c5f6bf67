import Foundation
import Testing

@testable import ProviderSimulator

@Suite struct LoginTests {
    private func token(_ client: ExchangeClient, _ path: String = "/v2/user/login") throws -> String
    {
        let reply = try client.post(path, ["id": "103_1111113", "password": "secret"])
        #expect(try reply.int("code") == 200)
        return try #require(reply.object()["token"] as? String)
    }

    @Test func tokensOpenTheRecordsOfWhoLoggedIn() throws {
        let client = ExchangeClient()
        let reply = try client.post(
            "/v2/user/out_missed",
            ["token": try token(client), "from": newYear, "to": newYear + day])
        let truth = try client.truth(
            "telecmi.v2.user.out_missed", "103_1111113", to: newYear + day + 1)
        #expect(try reply.int("count") == truth.count)
        #expect(try reply.rows()[0]["cmiuid"] as? String == truth.last?["cmiuid"] as? String)
    }

    @Test func everyLoginGivesAnotherTokenTheSameInEveryRun() throws {
        let client = ExchangeClient()
        let first = try token(client)
        let second = try token(client)
        #expect(first != second)
        #expect(try token(ExchangeClient()) == first)
        #expect(try token(client, "/v1/agentLogin").utf8.count == 32)
    }

    @Test func tokenDeathKillsIssuedTokensOnly() throws {
        var options = SimulatorOptions()
        options.faults = [.tokenDeath: 1]
        let client = ExchangeClient(options)
        let parameters: [String: Any] = ["from": newYear, "to": newYear + day]
        let issued = try token(client)
        let dying = try client.post(
            "/v2/user/out_missed", parameters.merging(["token": issued]) { $1 })
        #expect(try dying.int("code") == 404)
        let fixed = try client.post(
            "/v2/user/out_missed", parameters.merging(["token": "abc"]) { $1 })
        #expect(try fixed.int("code") == 200)
        #expect(try token(client) != issued)
    }

    @Test func resetKillsTokens() throws {
        let client = ExchangeClient()
        let issued = try token(client)
        _ = try client.post("/_reset", [:])
        let reply = try client.post(
            "/v2/user/out_missed", ["token": issued, "from": newYear, "to": newYear + day])
        #expect(try reply.int("code") == 404)
    }

    @Test func commoLoginGivesAToken() throws {
        let client = ExchangeClient()
        let login = client.commo([
            "service": "App.Sip_Auth.Login", "appid": "20000013", "accesskey": "key",
        ])
        let result = try login.result()
        let keys: Set = ["companycode", "companyname", "token", "authtime", "authmodel"]
        #expect(Set(result.keys) == keys)
        let token = try #require(result["token"] as? String)
        let bills = try client.commo(["token": token]).result()
        #expect(
            bills["totalitems"] as? Int == (try client.truth("commo.get_bill", "20000013").count))
    }
}
