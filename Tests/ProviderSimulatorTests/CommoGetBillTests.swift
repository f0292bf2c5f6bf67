import Foundation
import Testing

@testable import ProviderSimulator

@Suite struct CommoGetBillTests {
    private func client(rowsPerDay: Int = 200) -> ExchangeClient {
        var options = SimulatorOptions()
        options.rowsPerDay = rowsPerDay
        return ExchangeClient(options)
    }

    private func bills(_ reply: Reply) throws -> [[String: Any]] {
        try #require(reply.result()["bills"] as? [[String: Any]])
    }

    @Test func localWindowIsTheUTCDayAtPlusEight() throws {
        let client = client()
        let truth = try client.truth("commo.get_bill", "abc")
        let served = try bills(client.commo([:]))
        #expect(truth.count == 200)
        #expect(Set(served.ints("id")) == Set(truth.ints("id")))
        #expect(served.texts("starttime") == served.texts("starttime").sorted(by: >))
        #expect(served.texts("starttime").allSatisfy { $0 >= "2026-01-01 08:00:00" })
        #expect(served.texts("starttime").allSatisfy { $0 < "2026-01-02 08:00:00" })
    }

    @Test func documentedDefaultsHideRows() throws {
        let client = client()
        let reply = client.commo([
            "syncflag": "", "direction": "", "callmethod": "", "itemsperpage": "",
        ])
        let result = try reply.result()
        #expect(result["itemsperpage"] as? Int == 10)
        let shown = try #require(result["totalitems"] as? Int)
        #expect(shown > 0 && shown < 200, "callmethod 3 hides the others")
        #expect(try bills(reply).ints("callmethod").allSatisfy { $0 == 3 })
    }

    @Test func readingUnreadMarksAsRead() throws {
        let client = client()
        var drained: [Int] = []
        for _ in 0..<10 {
            let page = try bills(client.commo(["syncflag": "1", "itemsperpage": "30"]))
            drained += page.ints("id")
        }
        #expect(drained.count == 200)
        #expect(Set(drained).count == 200)
        #expect(try bills(client.commo(["syncflag": "1"])).isEmpty)
        #expect(try bills(client.commo(["syncflag": "2"])).count == 200)
        #expect(try bills(client.commo(["syncflag": "3"])).count == 200)
        #expect(try bills(client.commo(["syncflag": "1", "token": "other"])).count == 200)
    }

    @Test func lostAnswersMarkNothing() throws {
        var options = SimulatorOptions()
        options.rowsPerDay = 20
        options.faults = [.cutBody: 1]
        let client = ExchangeClient(options)
        for _ in 0..<2 {
            let reply = client.commo(["syncflag": "1"])
            #expect(try bills(reply).count == 20)
        }
    }

    @Test func directionFilters() throws {
        let client = client()
        let incoming = try bills(client.commo(["direction": "1"]))
        let outgoing = try bills(client.commo(["direction": "2"]))
        #expect(Set(incoming.texts("direction")) == ["callin"])
        #expect(Set(outgoing.texts("direction")) == ["callout"])
        #expect(incoming.count + outgoing.count == 200)
    }

    @Test func extensionListFilters() throws {
        let client = client()
        let all = try bills(client.commo([:]))
        let wanted = Array(Set(all.texts("extnumber")).subtracting([""]).sorted().prefix(2))
        let some = try bills(client.commo(["extnumber": wanted.joined(separator: ",")]))
        #expect(Set(some.texts("extnumber")) == Set(wanted))
        #expect(
            some.count == all.filter { wanted.contains($0["extnumber"] as? String ?? "") }.count)
    }

    @Test func textIsEscapedAsPHPDoes() throws {
        let reply = client(rowsPerDay: 1_000).commo([:])
        #expect(reply.body.allSatisfy { $0 < 0x80 })
        let ids = Set(try bills(reply).texts("customuuid"))
        #expect(ids.contains("\u{1F600} Smiley"))
    }

    @Test(
        arguments: [
            ("1970-01-01 08:00:00", 0), ("2019-09-27 14:58:37", 1_569_567_517_000),
            ("2026-01-01 07:59:59", 1_767_225_599_000),
        ] as [(String, Int64)])
    func timesAreBeijingTime(text: String, moment: Int64) {
        #expect(CommoTime.epochMilliseconds(text) == moment)
        #expect(CommoTime.text(ofEpochMilliseconds: moment) == text)
    }

    @Test(arguments: [
        "", "2026-01-01", "2026-01-01T00:00:00", "2026-1-1 00:00:00", "2026-01-01 24:00:00",
        "2026-01-01 00:60:00", "2026-02-29 00:00:00", "2026-01-01 00:00:00 ",
    ])
    func otherFormsAreNoTimes(text: String) {
        #expect(CommoTime.epochMilliseconds(text) == nil)
    }
}
