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

    @Test(
        arguments: [
            ("iso8601", #""2026-11-19T07:05:00.2509+05:30""#, 1_795_052_100_250),
            ("iso8601", #""2026-11-19T07:05:00""#, 1_795_043_100_000),
            ("rfc2822", #""Thu, 19 Nov 2026 07:05:00 GMT""#, 1_795_071_900_000),
            ("pattern(dd/MM/yyyy HH:mm:ssXXX)", #""19\/11\/2026 07:05:00Z""#, 1_795_071_900_000),
            ("epoch_s", "1795071900", 1_795_071_900_000),
            ("epoch_s", #""1795071900.5""#, 1_795_071_900_500),
            ("epoch_us", "1795071900000999", 1_795_071_900_000),
            ("date", #""2026-11-19""#, 1_795_017_600_000),
            ("iso8601", "1795071900", IdentifiedPage.noTime),
            ("iso8601", #""2026-11-19""#, IdentifiedPage.noTime),
            ("rfc2822", "null", IdentifiedPage.noTime),
        ] as [(String, String, Int64)])
    func everyTypeOfTimeIsRead(name: String, value: String, expected: Int64) throws {
        var endpoint = Catalog.userOutMissed
        endpoint.sourceZone = SourceZone(identifier: "+08:00", offsetSeconds: 28_800)
        let format = try #require(TimeFormat(named: name))
        let place = try #require(endpoint.fieldIndex("time"))
        endpoint.fields[place] = Field(
            name: "time", sources: [JSONPath(["at", "start"])], type: .time(format),
            isRequired: true)
        let page = try identified(
            #"{"cdr":[{"cmiuid":"a","at":{"start":\#(value)}}]}"#, endpoint)
        #expect(page.times == [expected])
        #expect(page.isIdentified(0) == (expected != IdentifiedPage.noTime))
    }

    // MARK: Ordinals

    /// PIOPIY's `cmiuuid_cdr`: one object, and the request is its key.
    @Test func requestIDAloneMayBeTheKey() throws {
        var endpoint = Catalog.requestIDs
        endpoint.key = []
        endpoint.keyHasOrdinal = false
        let page = try identified(
            #"{"cdr":{"time":1637069609000,"to":1}}"#, endpoint, requestID: "one")
        #expect(keys(page) == ["one"])
        #expect(page.isIdentified(0))
        let other = try identified(
            #"{"cdr":{"time":1637069609000,"to":1}}"#, endpoint, requestID: "two")
        #expect(keys(page) != keys(other))
    }

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
