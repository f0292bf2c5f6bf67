import ExportModel
import Extraction
import Testing

@testable import ExportRun

@Suite struct AccountBudgetsTests {
    /// Four streams of one provider: two customers, the first with one account under two names, and
    /// the same credentials sent to another host.
    private static let text = """
        pipeline: budgets
        windows: {every: day, range: {from: 2026-01-01, to: 2026-01-02}}
        output: {path: unused}
        requests_per_second: 50
        streams:
          - stream: first
            endpoint: telecmi.v1.outanswered
            base_url: https://one.example
            extract: {requests_per_second: 7}
            accounts: [{account: main, appid: 1, token: "${TOKEN}"}]
          - stream: legs
            endpoint: piopiy.requestid_cdr
            base_url: https://one.example/
            extract: {requests_per_second: 3}
            requests: {ids: [a], batch: b}
            accounts: [{account: other-name, appid: 1, secret: "${TOKEN}"}]
          - stream: second
            endpoint: telecmi.v1.outanswered
            base_url: https://one.example
            extract: {requests_per_second: 9}
            accounts: [{account: main, appid: 2, token: "${TOKEN}"}]
          - stream: elsewhere
            endpoint: telecmi.v1.outanswered
            base_url: https://two.example
            accounts: [{account: main, appid: 1, token: "${TOKEN}"}]
        """

    private let budgets: AccountBudgets

    init() throws {
        let workplace = try Workplace()
        defer { workplace.remove() }
        budgets = AccountBudgets(
            of: try workplace.pipeline(Self.text),
            environment: SystemClock.environment())
    }

    @Test func oneSetOfCredentialsAtOneProviderHasOneBudget() {
        #expect(budget(ofStream: 0) === budget(ofStream: 1))
    }

    @Test func theSlowestRateOfTheStreamsThatShareItHolds() {
        #expect(budget(ofStream: 0).requestsPerSecond == 3)
    }

    @Test func twoCustomersOfOneProviderShareNothing() {
        #expect(budget(ofStream: 0) !== budget(ofStream: 2))
        #expect(budget(ofStream: 2).requestsPerSecond == 9)
    }

    @Test func anotherHostIsAnotherProvider() {
        #expect(budget(ofStream: 0) !== budget(ofStream: 3))
        #expect(budget(ofStream: 3).requestsPerSecond == 5)
    }

    @Test func allRequestsShareThePipelinesOwn() {
        #expect(budgets.whole?.requestsPerSecond == 50)
    }

    private func budget(ofStream index: Int) -> RequestBudget {
        budgets.budget(streamIndex: index, accountIndex: 0)
    }
}
