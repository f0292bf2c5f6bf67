import ExportModel
import Testing

@testable import Extraction

@Suite struct IdentifiedPageTests {
    @Test func keysAndTimesAreReadFromNumbersAndTexts() throws {
        let page = try identified(
            #"{"cdr":[{"cmiuid":"a","time":1570633217848},{"cmiuid":22670,"time":"5"},"#
                + #"{"cmiuid":"\u0061","time":-1}]}"#, Catalog.userOutMissed)
        #expect(keys(page) == ["a", "22670", "a"])
        #expect(page.times == [1_570_633_217_848, 5, -1])
        #expect((0..<3).allSatisfy(page.isIdentified))
        #expect(page.repeatedKeyCount == 1)
    }

    @Test(arguments: [
        #"{"time":1}"#, #"{"cmiuid":null,"time":1}"#, #"{"cmiuid":"","time":1}"#,
        #"{"cmiuid":["a"],"time":1}"#, #"{"cmiuid":true,"time":1}"#, #"{"cmiuid":"a"}"#,
        #"{"cmiuid":"a","cmiuid":"b","time":1}"#, #"{"cmiuid":"\ud800","time":1}"#,
        #"{"cmiuid":"a","time":"soon"}"#, #"{"cmiuid":"a","time":null}"#,
        #"{"cmiuid":"a","time":99999999999999999999}"#, #"7"#, "{}", "null",
    ])
    func rowsWithoutReadableKeyAndTimeAreNotIdentified(row: String) throws {
        let page = try identified(#"{"cdr":[\#(row)]}"#, Catalog.userOutMissed)
        #expect(page.rowCount == 1)
        #expect(!page.isIdentified(0))
        #expect(page.repeatedKeyCount == 0)
    }

    @Test func localTimesAreReadInTheSourceZone() throws {
        let page = try identified(
            bills(#"{"id":22670,"starttime":"2019-09-27 14:58:37"}"#), Catalog.getBill)
        #expect(page.times == [1_569_567_517_000])
    }

    /// They would otherwise lie in 1970, be dropped as outside the window, and never be rejects.
    @Test(arguments: ["1970-01-01 08:00:00", ""])
    func aSentinelIsNoTime(text: String) throws {
        let page = try identified(bills(#"{"id":1,"starttime":"\#(text)"}"#), Catalog.getBill)
        #expect(!page.isIdentified(0))
    }

    // MARK: Ordinals

    @Test func legsThatLookTheSameStayDifferentRecords() throws {
        let leg = #"{"leg":"b","to":9100000000,"time":1637069609000}"#
        let page = try identified(
            #"{"cdr":[\#(leg),\#(leg),{"leg":"a","to":9100000000,"time":1637069609000}]}"#,
            Catalog.requestIDs, requestID: "one")
        #expect(Set(keys(page)).count == 3)
        #expect(page.repeatedKeyCount == 0)
        #expect(keys(page)[0].hasSuffix("\u{1F}1"))
        #expect(keys(page)[1].hasSuffix("\u{1F}2"))
        #expect(keys(page)[2].hasSuffix("\u{1F}1"))
    }

    @Test func keyPartsDoNotRunIntoEachOther() throws {
        let page = try identified(
            #"{"cdr":[{"leg":"b1","to":2,"time":1},{"leg":"b","to":12,"time":1},"#
                + #"{"to":2,"time":1}]}"#,
            Catalog.requestIDs)
        #expect(Set(keys(page)).count == 3)
    }

    @Test func theRequestIDIsPartOfTheKey() throws {
        let body = #"{"cdr":[{"leg":"a","to":1,"time":1}]}"#
        let keysOfIDs = try ["x", "y", "x\u{1F}a"].map {
            keys(try identified(body, Catalog.requestIDs, requestID: $0))[0]
        }
        #expect(Set(keysOfIDs).count == 3)
        var endpoint = Catalog.requestIDs
        endpoint.key = ["leg"]
        let first = try identified(
            #"{"cdr":[{"leg":"bc","time":1}]}"#, endpoint, requestID: "a")
        let second = try identified(
            #"{"cdr":[{"leg":"c","time":1}]}"#, endpoint, requestID: "ab")
        #expect(keys(first) != keys(second))
    }

    @Test func anOrdinalMakesNoKeyOfNothing() throws {
        var endpoint = Catalog.requestIDs
        endpoint.fields[0].isRequired = true
        let page = try identified(
            #"{"cdr":[{"to":1,"time":1}]}"#, endpoint, requestID: "one")
        #expect(!page.isIdentified(0))
    }

    @Test func equalRecordsInAnotherOrderAreNotTheSamePage() throws {
        let rows = [Row(id: "a", offset: 1), Row(id: "b", offset: 2)]
        let first = try page(rows, total: 2)
        #expect(first.hasSameRecords(as: try page(rows, total: 9)))
        #expect(!first.hasSameRecords(as: try page(rows.reversed(), total: 2)))
        #expect(!first.hasSameRecords(as: try page([rows[0]], total: 2)))
    }

    private func keys(_ page: IdentifiedPage) -> [String] {
        (0..<page.rowCount).map { String(decoding: page.key($0), as: UTF8.self) }
    }

    private func bills(_ row: String) -> String {
        #"{"ret":200,"data":{"status":0,"result":{"totalitems":1,"bills":[\#(row)]}}}"#
    }
}
