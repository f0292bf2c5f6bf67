import Foundation
import Testing

@testable import ProviderSimulator

@Suite struct WalkTests {
    private func options(rowsPerDay: Int = 137) -> SimulatorOptions {
        var options = SimulatorOptions()
        options.rowsPerDay = rowsPerDay
        return options
    }

    @Test func everyRecordComesOnceNewestFirst() throws {
        let client = ExchangeClient(options())
        let rows = try client.walk(
            "/v2/user/out_missed",
            ["token": "abc", "from": newYear, "to": newYear + 3 * day - 1])
        let truth = try client.truth(
            "telecmi.v2.user.out_missed", "abc", to: newYear + 3 * day)
        #expect(rows.count == 3 * 137)
        #expect(Set(rows.texts("cmiuid")).count == rows.count)
        #expect(Set(rows.texts("cmiuid")) == Set(truth.texts("cmiuid")))
        #expect(rows.ints("time") == rows.ints("time").sorted(by: >))
        #expect(truth.ints("time") == truth.ints("time").sorted())
    }

    @Test func bothBoundsBelongToTheWindow() throws {
        let client = ExchangeClient(options())
        let times = try client.truth("telecmi.v2.user.out_missed", "abc").ints("time")
        let distinct = Array(Set(times)).sorted()
        let reply = try client.post(
            "/v2/user/out_missed", ["token": "abc", "from": distinct[3], "to": distinct[5]])
        let inside = times.filter { (distinct[3]...distinct[5]).contains($0) }
        #expect(try reply.int("count") == inside.count)
        #expect(Set(try reply.rows().ints("time")) == Set(distinct[3...5]))
    }

    @Test(arguments: SimulatorOptions.WindowBounds.allCases)
    func boundsFollowTheOption(bounds: SimulatorOptions.WindowBounds) throws {
        var options = options()
        options.bounds = bounds
        let client = ExchangeClient(options)
        let times = Set(try client.truth("telecmi.v2.user.out_missed", "abc").ints("time")).sorted()
        let reply = try client.post(
            "/v2/user/out_missed", ["token": "abc", "from": times[3], "to": times[5]])
        let expected =
            switch bounds {
            case .closed: Set(times[3...5])
            case .halfOpen: Set(times[3..<5])
            case .open: Set([times[4]])
            }
        #expect(Set(try reply.rows().ints("time")) == expected)
    }

    @Test(arguments: [0, -3, 15, Int(Int64.max)])
    func pagesOutsideTheListAreEmptyWithTheRightTotal(page: Int) throws {
        let reply = try ExchangeClient(options()).post(
            "/v2/user/out_missed",
            ["token": "abc", "from": newYear, "to": newYear + day - 1, "page": page])
        #expect(try reply.rows().isEmpty)
        #expect(try reply.int("count") == 137)
    }

    @Test func lastPageHasTheRest() throws {
        let reply = try ExchangeClient(options()).post(
            "/v2/user/out_missed",
            ["token": "abc", "from": newYear, "to": newYear + day - 1, "page": 14])
        #expect(try reply.rows().count == 7)
    }

    @Test func pageSizeIsCappedSilently() throws {
        var options = options()
        options.pageSizeCap = 4
        let reply = try ExchangeClient(options).post(
            "/v1/outanswered",
            [
                "appid": 1, "token": "abc", "start_date": newYear, "end_date": newYear + day,
                "limit": 100,
            ])
        #expect(try reply.rows().count == 4)
    }

    @Test func adminWindowDefaultsToTheLastDay() throws {
        let client = ExchangeClient(options())
        let reply = try client.post("/v1/outanswered", ["appid": 7, "token": "abc"])
        let expected = try client.truth(
            "telecmi.v1.outanswered", "7", from: ExchangeClient.now - day,
            to: ExchangeClient.now + 1)
        #expect(try reply.int("total") == expected.count)
        #expect(try reply.rows().count == 10)
    }

    @Test func accountsAndSeedsHaveRecordsOfTheirOwn() throws {
        let client = ExchangeClient(options())
        var other = options()
        other.seed = 2
        let endpoint = "telecmi.v2.user.out_missed"
        let mine = Set(try client.truth(endpoint, "a").texts("cmiuid"))
        let again = Set(try ExchangeClient(options()).truth(endpoint, "a").texts("cmiuid"))
        let yours = Set(try client.truth(endpoint, "b").texts("cmiuid"))
        let elsewhere = Set(try ExchangeClient(other).truth(endpoint, "a").texts("cmiuid"))
        #expect(mine == again)
        #expect(mine.isDisjoint(with: yours))
        #expect(mine.isDisjoint(with: elsewhere))
    }

    @Test func noDataOutsideTheDays() throws {
        var options = options()
        options.endDay = options.firstDay
        let reply = try ExchangeClient(options).post(
            "/v2/user/out_missed", ["token": "abc", "from": 0, "to": 4_000_000_000_000])
        #expect(try reply.int("count") == 0)
    }
}
