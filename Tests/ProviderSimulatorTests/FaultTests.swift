import Foundation
import Testing

@testable import ProviderSimulator

/// Faults that show in the answer itself.
@Suite struct FaultTests {
    private let query: [String: Any] = [
        "token": "abc", "from": newYear, "to": newYear + day - 1, "page": 2,
    ]

    private func client(_ fault: SimulatorFault, rate: Double = 1) -> ExchangeClient {
        var options = SimulatorOptions()
        options.rowsPerDay = 200
        options.faults = [fault: rate]
        return ExchangeClient(options)
    }

    private func page(_ fault: SimulatorFault) throws -> Reply {
        try client(fault).post("/v2/user/out_missed", query)
    }

    @Test func emptyPageHasTheRightTotal() throws {
        #expect(try page(.emptyPage).rows().isEmpty)
        #expect(try page(.emptyPage).int("count") == 200)
    }

    @Test func duplicateRowComesTwiceInARowAndNoneIsMissing() throws {
        let ids = try page(.duplicateRow).rows().texts("cmiuid")
        #expect(ids.count == 11)
        #expect(Set(ids).count == 10)
        #expect(zip(ids, ids.dropFirst()).contains { $0 == $1 })
    }

    @Test func totalLieIsOneTooMany() throws {
        #expect(try page(.totalLie).int("count") == 201)
    }

    @Test(arguments: [
        (SimulatorFault.totalLow, 199), (.totalLowPage, 190), (.totalOfPage, 10),
        (.totalCap, 200), (.totalLie, 201),
    ])
    func totalsLieAsTheirNamesSay(fault: SimulatorFault, total: Int) throws {
        #expect(try page(fault).int("count") == total)
        #expect(try page(fault).rows().count == 10)
    }

    @Test func aCappedTotalStaysAtAThousand() throws {
        var options = SimulatorOptions()
        options.rowsPerDay = 1_500
        options.faults = [.totalCap: 1]
        #expect(
            try ExchangeClient(options).post("/v2/user/out_missed", query).int("count") == 1_000)
    }

    /// One leaves, one enters, so the total stays; after a hundred swaps nothing moves any more.
    @Test func leaveSwapsARecordAtEveryRequest() throws {
        let client = client(.leave)
        var seen: [Set<String>] = []
        for requests in [0, 1, 30, 200, 10] {
            for _ in 0..<requests {
                #expect(try client.post("/v2/user/out_missed", query).int("count") == 200)
            }
            seen.append(
                Set(try client.truth("telecmi.v2.user.out_missed", "abc").texts("cmiuid")))
        }
        #expect(seen.allSatisfy { $0.count == 200 })
        let gone = seen.map { seen[0].subtracting($0).count }
        #expect(gone[1] == 1)
        #expect((25...31).contains(gone[2]))
        #expect(gone[3] == 100)
        #expect(seen[3] == seen[4])
    }

    @Test func missingTotalLeavesTheRows() throws {
        let object = try page(.missingTotal).object()
        #expect(Set(object.keys) == ["cdr", "code"])
    }

    @Test func codeIn200IsTheProvidersOwn() throws {
        let reply = try page(.codeIn200)
        #expect(reply.status == 200)
        #expect(try reply.int("code") == 502)
        #expect(try client(.codeIn200).commo([:]).int("ret") == 500)
    }

    @Test func badJSONIsHTMLOrHalfABody() throws {
        var kinds: Set<String> = []
        let client = client(.badJSON)
        for _ in 0..<20 {
            let body = try client.post("/v2/user/out_missed", query).body
            #expect(throws: (any Error).self) { try JSONSerialization.jsonObject(with: body) }
            kinds.insert(String(decoding: body.prefix(2), as: UTF8.self))
        }
        #expect(kinds == ["<h", "{\""])
    }

    @Test func driftAddsRecordsUntilItsBudgetIsSpent() throws {
        var options = SimulatorOptions()
        options.rowsPerDay = 200
        options.driftRows = 7
        options.faults = [.drift: 1]
        let client = ExchangeClient(options)
        let totals = try (0..<10).map { _ in
            try client.post("/v2/user/out_missed", query).int("count")
        }
        #expect(totals == [201, 202, 203, 204, 205, 206, 207, 207, 207, 207])
        let truth = try client.truth("telecmi.v2.user.out_missed", "abc")
        #expect(truth.count == 207)
        #expect(truth.ints("time") == truth.ints("time").sorted())
        let served = try client.walk("/v2/user/out_missed", query)
        #expect(Set(served.texts("cmiuid")) == Set(truth.texts("cmiuid")))
        #expect(served.count == 207)
        #expect(served.ints("time") == served.ints("time").sorted(by: >))
        let newest = try #require(served.ints("time").first)
        #expect(Int64(newest) > newYear + day - 12_100)
        let next = try client.truth(
            "telecmi.v2.user.out_missed", "abc", from: newYear + day, to: newYear + 2 * day)
        #expect(next.count == 200, "drift stays in the window asked for")
        _ = try client.post("/_reset", [:])
        #expect(try client.truth("telecmi.v2.user.out_missed", "abc").count == 200)
    }

    @Test func dirtyRowsAreTheSameInEveryAnswerAndMarkedInTheTruth() throws {
        for (path, id, key) in [
            ("/v2/user/out_missed", "telecmi.v2.user.out_missed", "time"),
            ("/v1/agentOutMissed", "telecmi.v1.agentOutMissed", "time"),
        ] {
            let client = client(.dirtyRows, rate: 0.1)
            let first = try client.walk(path, query)
            let again = try client.walk(path, query)
            #expect(first as NSArray == again as NSArray)
            let truth = try client.truth(id, "abc")
            let dirty = truth.filter { $0["_dirty"] != nil }
            #expect((5...40).contains(dirty.count))
            let clean = try ExchangeClient(cleanOptions()).walk(path, query)
            let changed = zip(first, clean).filter { $0 as NSDictionary != $1 as NSDictionary }
            #expect(Set(changed.map { $0.0[key] as? Int }) == Set(dirty.map { $0[key] as? Int }))
        }
    }

    private func cleanOptions() -> SimulatorOptions {
        var options = SimulatorOptions()
        options.rowsPerDay = 200
        return options
    }

    @Test func drawsFollowFromTheRequestNotFromTheOrder() {
        var options = SimulatorOptions()
        options.faults = [.http429: 0.5, .emptyPage: 0.5]
        func plans(_ order: [UInt64]) -> [UInt64: [Set<SimulatorFault>]] {
            let injector = FaultInjector(options: options)
            return order.reduce(into: [:]) { found, request in
                let plan = injector.plan(requestIdentity: request, isLogin: false)
                found[request, default: []].append(plan.faults)
            }
        }
        let requests = Array(UInt64(1)...50)
        let forward = plans(requests + requests)
        #expect(forward == plans(requests.reversed() + requests))
        #expect(forward.values.contains { $0[0] != $0[1] }, "a retry draws anew")
    }

    @Test(arguments: [0.05, 0.5])
    func ratesHoldOverManyRequests(rate: Double) {
        var options = SimulatorOptions()
        options.faults = [.http503: rate]
        let injector = FaultInjector(options: options)
        let count = (0..<20_000).count {
            injector.plan(requestIdentity: UInt64($0), isLogin: false).has(.http503)
        }
        #expect(abs(Double(count) / 20_000 - rate) < 0.01)
    }

    @Test func loginsMeetTransportFaultsOnly() {
        var options = SimulatorOptions()
        options.faults = Dictionary(uniqueKeysWithValues: SimulatorFault.allCases.map { ($0, 1) })
        let plan = FaultInjector(options: options).plan(requestIdentity: 1, isLogin: true)
        #expect(plan.faults == [.hang])
        options.faults = [.emptyPage: 1, .tokenDeath: 1]
        #expect(
            FaultInjector(options: options).plan(requestIdentity: 1, isLogin: true).faults.isEmpty)
    }

    @Test func statisticsCountRequestsAndFaults() throws {
        let client = client(.totalLie)
        for _ in 0..<3 { _ = try client.post("/v2/user/out_missed", query) }
        let object = try client.get("/_stats").object()
        let requests = try #require(object["requests"] as? [String: Int])
        let faults = try #require(object["faults"] as? [String: Int])
        #expect(requests == ["telecmi.v2.user.out_missed": 3])
        #expect(faults == ["total-lie": 3])
    }
}
