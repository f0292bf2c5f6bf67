import ExportModel
import PageDecoding
import Testing

@Suite struct RefusalTests {
    /// Bodies that no end could make valid.
    @Test(arguments: [
        "", " \n", "\u{FEFF}", "<!DOCTYPE html><html>\"</html>", "Bad Gateway", "'a'", "\u{0}",
        "{}{}", "{} x", "[1]]", "{\"a\":1}}", "{}\u{0}", "[1 2]", "[\"a\"\"b\"]", "[\"a\"1]",
        "[1\"a\"]",
        "{\"a\" 1}", "{\"a\"::1}", "{1:2}", "{\"a\":}", "{\"a\",}", "{,}", "[,]", "[1,,2]", "[1,,]",
        "{a:1}",
        "[tru ]", "[trues]", "[nul]", "[True]", "[NaN]", "[Infinity]", "[undefined]", "[truefalse]",
        "[01]", "[-]", "[+1]", "[.5]", "[1.]", "[1.e5]", "[1e]", "[1e+]", "[0x1]", "[1_0]", "[--1]",
        "[1a]", "[-01]", "[1.2.3]", "[1\u{c},2]", "[1\u{1a}2]", "[1\u{a0}]", "[\"\\x\"]",
        "[\"\\u12g4\"]", "[\"\\u12\"]", "{\"a\\q\":1}", "[\"a\nb\"]", "[\"a\u{0}\"]",
        "[\"a\u{1f}\"]",
        "/* c */{}", "[1}", "{\"a\":1]", "]", "}", ",", ":", "[\\\"a]",
    ])
    func brokenGrammarIsNotJSON(body: String) {
        #expect(refusal(body) == .notJSON)
    }

    /// Every proper prefix of this body was cut.
    @Test func everyPrefixOfABodyWasCut() throws {
        let body =
            #"{"cdr": [{"id": "a\u00e9b", "to": -12.5e3, "time": null}, {"id":true}], "code":200}"#
        _ = try decode(body)
        for length in 1..<body.utf8.count {
            let prefix = String(decoding: Array(body.utf8.prefix(length)), as: UTF8.self)
            #expect(refusal(prefix) == .cutBody, "\(length) bytes")
        }
    }

    /// Inside strings such bytes cost one record; here they cost the page.
    @Test(arguments: [[0xFF], [0xC2, 0xA0], [0xA0, 0x31]] as [[UInt8]])
    func bytesOutsideStringsAreNotJSON(bytes: [UInt8]) throws {
        let body = Array("[\"\u{e9}\",".utf8) + bytes + Array("]".utf8)
        let decoder = try PageDecoder(PageLayout(endpoint: [], rows: nil, captures: []))
        #expect(throws: PageDecodingError(kind: .notJSON, byteOffset: 6)) {
            try decoder.decode(body)
        }
    }

    @Test func messageNamesThePlaceAndNotTheContent() {
        #expect(throws: PageDecodingError(kind: .notJSON, byteOffset: 16)) {
            try decode(#"{"to":919100000,secret}"#)
        }
        #expect(throws: PageDecodingError(kind: .notJSON, byteOffset: 10)) {
            try decode("[\"\\\"abc\",\"\u{1}\"]")
        }
        for kind in PageDecodingError.Kind.allCases {
            let error = PageDecodingError(kind: kind, byteOffset: 4711)
            #expect(error.code == kind.rawValue)
            #expect(kind == .outOfMemory || error.message.contains("4711"))
        }
    }

    @Test(arguments: [
        #"{"cdr":[],"cdr":[]}"#, #"{"code":1,"code":1}"#, #"{"code":1,"c\u006fde":1}"#,
        #"{"data":{"status":0},"data":{}}"#, #"{"data":{"status":0,"status":1}}"#,
    ])
    func envelopeKeyNamedTwiceIsRefused(body: String) {
        #expect(refusal(body, captures: ["code", "data.status"]) == .repeatedKey)
    }

    @Test func otherEnvelopeKeysMayRepeat() {
        #expect(refusal(#"{"x":1,"x":2,"y":{"code":1},"cdr":[]}"#, captures: ["code"]) == nil)
    }

    // MARK: Limits

    @Test func depthIsLimited() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(refusal(nested(64)) == nil)
        #expect(refusal(nested(65)) == .tooDeep)
        #expect(refusal(String(repeating: "[", count: 1_000_000)) == .tooDeep)
        #expect(refusal(String(repeating: #"{"cdr":"#, count: 100_000)) == .tooDeep)
        #expect(refusal(#"{"cdr":[{"id":"# + nested(61) + "}]}") == nil)
        #expect(refusal(#"{"cdr":[{"id":"# + nested(62) + "}]}") == .tooDeep)
    }

    @Test func rowsAreLimited() {
        let limits = DecodingLimits(rowCount: 3)
        #expect(refusal(#"{"cdr":[1,2,3]}"#, limits: limits) == nil)
        #expect(refusal(#"{"cdr":[1,2,3,4]}"#, limits: limits) == .tooManyRows)
        #expect(refusal(#"{"cdr":[],"x":[1,2,3,4]}"#, limits: limits) == nil)
    }

    @Test func bytesAreLimited() {
        let limits = DecodingLimits(bodyByteCount: 10)
        #expect(refusal(#"{"a":1234}"#, limits: limits) == nil)
        #expect(refusal(#"{"a":12345}"#, limits: limits) == .tooLarge)
    }

    @Test func fieldsOfARowAreLimited() {
        func row(_ count: Int) -> String {
            let fields = (0..<count).map { "\"f\($0)\":0" }.joined(separator: ",")
            return "{\"cdr\":[{" + fields + "}]}"
        }
        #expect(refusal(row(65_536)) == nil)
        #expect(refusal(row(65_537)) == .tooManyFields)
    }

    @Test func largeBodiesAreDecodedAndReleased() throws {
        let row = #"{"id":"\#(String(repeating: "x", count: 1_000))"}"#
        let body = "{\"cdr\":[" + Array(repeating: row, count: 10_000).joined(separator: ",") + "]}"
        let decoder = try PageDecoder(
            PageLayout(endpoint: ["id"], rows: JSONPath(dotted: "cdr"), captures: []))
        for _ in 0..<2 {
            #expect(try decoder.decode(Array(body.utf8)).page.rows.count == 10_000)
            #expect(try decoder.decode(Array(#"{"cdr":[{"id":1}]}"#.utf8)).page.rows.count == 1)
        }
    }
}
