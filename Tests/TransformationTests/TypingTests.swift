import ExportModel
import Testing
import Transformation

/// One value and what becomes of it: `= value`, or the reason of the reject.
@Suite struct TypingTests {
    private static let identity = [
        Field(name: "id", type: .text), Field(name: "time", type: .epochMilliseconds),
    ]

    private func outcome(
        _ raw: String, as type: FieldType, sentinels: [String] = [], zone: SourceZone? = nil
    ) throws -> String {
        let field = Field(name: "value", type: type, sentinels: sentinels)
        let found = try RawRows(fields: Self.identity + [field]).transform(
            [["id": "\"a\"", "time": "1", "value": raw]], zone: zone)
        if let reject = found.rejects.first {
            #expect(reject.field == "value")
            #expect(found.batch.rowCount == 0)
            return reject.reason.rawValue
        }
        return "= " + (found.column("value").first ?? "no row")
    }

    @Test(arguments: [
        (#""abc""#, "= abc"), (#""""#, "= "), ("null", "= null"), ("9100000000", "= 9100000000"),
        ("1.50e2", "= 1.50e2"), ("-0", "= -0"), (#""a\"b\\\/\n\t\u00e9""#, "= a\"b\\/\n\t\u{e9}"),
        (#""\ud83d\ude00""#, "= \u{1F600}"), (#""a\u0000""#, "malformed_value"),
        (#""\ud83d""#, "malformed_value"),
        (#""\ude00x""#, "malformed_value"), (#""\ud83d\u0041""#, "malformed_value"),
        ("true", "wrong_type"), ("false", "wrong_type"), ("{}", "wrong_type"),
        ("[1]", "wrong_type"),
    ])
    func textTakesStringsAndNumbers(raw: String, expected: String) throws {
        #expect(try outcome(raw, as: .text) == expected)
    }

    @Test(arguments: [
        ("9100000000", "= 9100000000"), (#""+49 (0) 30""#, "= +49 (0) 30"), (#""007""#, "= 007"),
        (#""1.5""#, "= 1.5"), ("9.1e9", "= 9100000000"), ("9100000000.0", "= 9100000000"),
        ("91.5E1", "= 915"), ("120e-1", "= 12"), ("0.0", "= 0"), ("-0.0e5", "= 0"), ("-5", "= -5"),
        ("-1.2e1", "= -12"), ("123456789012345678901234567890", "= 123456789012345678901234567890"),
        ("1.5", "does_not_fit"), ("125e-1", "does_not_fit"), ("1e-1", "does_not_fit"),
        ("1e5000", "does_not_fit"), ("true", "wrong_type"), ("[]", "wrong_type"),
    ])
    func digitsTakeIntegersExactly(raw: String, expected: String) throws {
        #expect(try outcome(raw, as: .digits) == expected)
    }

    @Test(arguments: [
        ("17", "= 17"), (#""17""#, "= 17"), ("-17", "= -17"), ("17.0", "= 17"), ("1.7e1", "= 17"),
        (#""017""#, "= 17"), ("2147483647", "= 2147483647"), ("-2147483648", "= -2147483648"),
        ("2147483648", "does_not_fit"), ("-2147483649", "does_not_fit"), ("1e99", "does_not_fit"),
        ("17.5", "does_not_fit"), (#""""#, "malformed_value"), (#""17s""#, "malformed_value"),
        (#"" 17""#, "malformed_value"), (#""\u0031""#, "= 1"), ("true", "wrong_type"),
        ("{}", "wrong_type"), ("null", "= null"),
    ])
    func intsFit32Bits(raw: String, expected: String) throws {
        #expect(try outcome(raw, as: .int) == expected)
    }

    @Test(arguments: [
        ("0.6", "= 600000"), (#""0.0000""#, "= 0"), ("1135.14", "= 1135140000"),
        ("-0.000001", "= -1"),
        ("0.0231", "= 23100"), ("0.1234560", "= 123456"), ("1e-6", "= 1"),
        ("999999999999.999999", "= 999999999999999999"), ("0.0000001", "does_not_fit"),
        ("1000000000000", "does_not_fit"), (#""free""#, "malformed_value"), ("false", "wrong_type"),
    ])
    func decimalsAreExactOrRejected(raw: String, expected: String) throws {
        #expect(try outcome(raw, as: .decimal(precision: 18, scale: 6)) == expected)
    }

    @Test(arguments: [
        ("true", "= true"), ("false", "= false"), (#""true""#, "= true"), (#""false""#, "= false"),
        (#""True""#, "= true"), (#""False""#, "= false"), (#""tr\u0075e""#, "= true"),
        (#""TRUE""#, "malformed_value"), (#""1""#, "malformed_value"), (#""""#, "malformed_value"),
        ("1", "wrong_type"), ("0", "wrong_type"), ("[]", "wrong_type"), ("null", "= null"),
    ])
    func boolsAreTrueAndFalseAndTheirText(raw: String, expected: String) throws {
        #expect(try outcome(raw, as: .bool) == expected)
    }

    @Test(arguments: [
        ("1654182968809", "= 1654182968809"), (#""1654182968809""#, "= 1654182968809"),
        ("1.654182968809e12", "= 1654182968809"), ("1654182968", "= 1654182968"), ("-1", "= -1"),
        ("253402300799999", "= 253402300799999"), ("253402300800000", "does_not_fit"),
        ("-62135596800000", "= -62135596800000"), ("-62135596800001", "does_not_fit"),
        ("1e30", "does_not_fit"), ("1654182968809.5", "does_not_fit"),
        (#""2022-06-02""#, "malformed_value"), ("true", "wrong_type"), ("{}", "wrong_type"),
    ])
    func epochMillisecondsKeepTheirMagnitude(raw: String, expected: String) throws {
        #expect(try outcome(raw, as: .epochMilliseconds) == expected)
    }

    @Test(arguments: [
        (#""2019-09-27 14:58:37""#, "= 1569567517000"),
        (#""2019-09-27T14:58:37""#, "= 1569567517000"),
        (#""1970-01-01 08:00:00""#, "= 0"), (#""2019-02-29 00:00:00""#, "malformed_value"),
        (#""2019-09-27 24:00:00""#, "malformed_value"), (#""2019-09-27""#, "malformed_value"),
        (#""2019-09-27 14:58:37Z""#, "malformed_value"), (#""""#, "malformed_value"),
        (#""0001-01-01 00:00:00""#, "malformed_value"),
        (#""0001-01-01 08:00:00""#, "= -62135596800000"),
        ("1569567517000", "wrong_type"), ("true", "wrong_type"), ("null", "= null"),
    ])
    func localTimesBecomeUTC(raw: String, expected: String) throws {
        #expect(try outcome(raw, as: .localDateTime) == expected)
    }

    @Test func localTimeThatAClockChangeSkipsIsMalformed() throws {
        let zone = try #require(SourceZone(parsing: "Europe/Berlin"))
        let skipped = try outcome(#""2024-03-31 02:30:00""#, as: .localDateTime, zone: zone)
        #expect(skipped == "malformed_value")
        let before = try outcome(#""2024-03-31 01:30:00""#, as: .localDateTime, zone: zone)
        #expect(before == "= 1711845000000")
    }

    /// Its year in UTC is 10000, which is printed as 0000.
    @Test func localTimeAfterTheYear9999IsMalformed() throws {
        let zone = try #require(SourceZone(parsing: "-08:00"))
        let last = try outcome(#""9999-12-31 15:59:59""#, as: .localDateTime, zone: zone)
        #expect(last == "= 253402300799000")
        let after = try outcome(#""9999-12-31 16:00:00""#, as: .localDateTime, zone: zone)
        #expect(after == "malformed_value")
    }

    @Test(arguments: [
        (#"{ "a" : [ 1 , "x y" ] }"#, #"= {"a":[1,"x y"]}"#), ("[1,]", "= [1]"), ("1.50", "= 1.50"),
        (#""a b""#, #"= "a b""#), ("true", "= true"), ("null", "= null"),
    ])
    func jsonIsMinified(raw: String, expected: String) throws {
        #expect(try outcome(raw, as: .json) == expected)
    }

    @Test(arguments: [
        (#""unknown""#, FieldType.text, "= null"), (#""unknow\u006e""#, .text, "= null"),
        (#""Unknown""#, .text, "= Unknown"), ("0", .text, "= null"), (#""0""#, .int, "= null"),
        ("0", .int, "= null"), ("0.0", .int, "= 0"), ("true", .bool, "= null"),
        (#""1970-01-01 08:00:00""#, .localDateTime, "= null"),
        (#""""#, .decimal(precision: 9, scale: 2), "= null"),
        (#""""#, .json, "= null"), ("0", .digits, "= null"),
    ])
    func sentinelsAreComparedWithTheText(raw: String, type: FieldType, expected: String) throws {
        let sentinels = ["unknown", "0", "true", "1970-01-01 08:00:00", ""]
        #expect(try outcome(raw, as: type, sentinels: sentinels) == expected)
    }
}
