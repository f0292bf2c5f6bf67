import ExportModel
import PageDecoding
import Testing

/// Records whose bytes are not UTF-8.
@Suite struct InvalidTextTests {
    private let decoder: PageDecoder

    init() throws {
        decoder = try PageDecoder(
            PageLayout(
                endpoint: ["id", "name"], rows: JSONPath(dotted: "cdr"),
                captures: [JSONPath(dotted: "msg")]))
    }

    /// Three rows, the second one with these bytes as its name.
    private func body(_ name: [UInt8], message: [UInt8] = []) -> [UInt8] {
        Array(#"{"cdr":[{"id":"a","name":"x"},{"id":"b","name":""#.utf8) + name
            + Array(#""},{"id":"c","name":"\#u{e9}"}],"msg":""#.utf8) + message + Array("\"}".utf8)
    }

    /// Zhang San in GBK, and every way of breaking RFC 3629.
    @Test(
        arguments: [
            [0xD5, 0xC5, 0xC8, 0xFD], [0xFF], [0xC3], [0x80], [0xC0, 0x80], [0xC1, 0xBF],
            [0xE0, 0x80, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF0, 0x9F, 0x98], [0x78, 0xE9],
        ] as [[UInt8]])
    func onlyTheirRowIsMarked(name: [UInt8]) throws {
        var sent = body(name)
        PageDecoder.pad(&sent)
        let page = try decoder.decode(sent).page
        #expect(page.rows.count == 3)
        #expect(page.invalidRows == [1])
        #expect(page.body == body(name))
        #expect(Array(page.body[page.cell(row: 1, field: 1).unquotedRange]) == name)
        #expect(cells(page, row: 2) == ["0: string \"c\"", "1: string \"\u{e9}\""])
    }

    @Test(
        arguments: [
            [0x7F], [0xC2, 0x80], [0xDF, 0xBF], [0xE0, 0xA0, 0x80], [0xED, 0x9F, 0xBF],
            [0xEE, 0x80, 0x80], [0xEF, 0xBF, 0xBF], [0xF0, 0x90, 0x80, 0x80],
            [0xF4, 0x8F, 0xBF, 0xBF],
        ] as [[UInt8]])
    func validTextIsNotMarked(name: [UInt8]) throws {
        #expect(try decoder.decode(body(name)).page.invalidRows == [])
        // The same beside text that is not valid.
        #expect(try decoder.decode(body(name, message: [0xFF])).page.invalidRows == [])
    }

    @Test func theEnvelopeMayHoldSuchBytes() throws {
        let decoded = try decoder.decode(body(Array("y".utf8), message: [0xD5, 0xC5]))
        #expect(decoded.page.invalidRows == [])
        #expect(decoded.captures.first??.text == "\u{FFFD}\u{FFFD}")
    }

    /// The second byte of a character in GBK may be a backslash.
    @Test func aSecondByteThatLooksLikeABackslashEscapesNothing() throws {
        let page = try decoder.decode(body([0xD5, 0x5C])).page
        #expect(page.rows.count == 3)
        #expect(page.invalidRows == [1])
        // Where it does escape, it stays an escape.
        let escaped = try decoder.decode(body([0xD5, 0x5C, 0x22])).page
        #expect(escaped.invalidRows == [1])
        #expect(escaped.cell(row: 1, field: 1).byteCount == 5)
    }

    @Test func everyMarkIsForgottenWithTheNextBody() throws {
        #expect(try decoder.decode(body([0xFF])).page.invalidRows == [1])
        #expect(try decoder.decode(body([])).page.invalidRows == [])
    }
}
