import ExportModel
import PageDecoding
import Testing

/// Bodies that are lists of lines.
@Suite struct LinesTests {
    private func decode(
        _ text: String, as body: ResponseShape.BodyFormat, fields: [String] = ["id", "to"],
        required: [[String]] = [], captures: [String] = []
    ) throws -> DecodedPage {
        try decode(
            Array(text.utf8), as: body, fields: fields, required: required, captures: captures)
    }

    private func decode(
        _ bytes: [UInt8], as body: ResponseShape.BodyFormat, fields: [String] = ["id", "to"],
        required: [[String]] = [], captures: [String] = []
    ) throws -> DecodedPage {
        var layout = PageLayout(
            endpoint: fields, rows: JSONPath([]), captures: captures.map { JSONPath([$0]) })
        layout.body = body
        layout.requiredColumns = required
        return try PageDecoder(layout).decode(bytes)
    }

    private func refusal(
        _ text: String, as body: ResponseShape.BodyFormat, required: [[String]] = []
    )
        -> PageDecodingError.Kind?
    {
        do {
            _ = try decode(text, as: body, required: required)
            return nil
        } catch {
            return (error as? PageDecodingError)?.kind
        }
    }

    private func rows(_ page: RawPage) -> [[String]] {
        page.rows.indices.map { cells(page, row: $0) }
    }

    // MARK: NDJSON

    @Test(arguments: [
        ("", 0), ("\n", 0), (" \r\n\n", 0), (#"{"id":1}"#, 1), ("{\"id\":1}\n", 1),
        ("{\"id\":1}\n{\"id\":2}\n", 2), ("{\"id\":1}\r\n\r\n{\"id\":2}", 2),
        ("1\nnull\n\"a\"\n", 3),
        ("\u{FEFF}{\"id\":1}\n{\"id\":2}", 2),
    ])
    func linesAreRows(text: String, count: Int) throws {
        let decoded = try decode(text, as: .ndjson)
        #expect(decoded.rowsKind == .array)
        #expect(decoded.page.rows.count == count)
        #expect(!decoded.page.receivedBody.isEmpty, "the archive takes no empty page")
    }

    @Test(
        arguments: [
            (#"{"id":1}{"id":2}"#, .notJSON), (#"{"id":1} {"id":2}"#, .notJSON),
            (#"{"id":1},"#, .notJSON), ("{\"id\":1}\n]", .notJSON),
            ("{\"id\":1}\n{\"id\":", .cutBody),
            ("{\"id\":1}\n{\"id\":\"a", .cutBody), ("<html>", .notJSON),
            ("{\"id\":1}\n<", .notJSON),
            ("{\"id\":1}\ntru", .cutBody),
        ] as [(String, PageDecodingError.Kind)])
    func whatIsNoLineIsRefused(text: String, kind: PageDecodingError.Kind) {
        #expect(refusal(text, as: .ndjson) == kind)
    }

    @Test func oneObjectIsALineAndAnEnvelope() throws {
        let one = try decode(#"{"id":1,"error":"no"}"#, as: .ndjson, captures: ["error"])
        #expect(one.captures.map { $0?.text } == ["no"])
        let two = try decode("{\"error\":1}\n{\"error\":2}", as: .ndjson, captures: ["error"])
        #expect(two.captures == [nil])
    }

    @Test func aLineThatIsNotUTF8IsOne() throws {
        let bytes = Array("{\"id\":\"a\"}\n{\"id\":\"".utf8) + [0xC4, 0xE3] + Array("\"}\n".utf8)
        let page = try decode(bytes, as: .ndjson).page
        #expect(page.rows.count == 2)
        #expect(page.invalidRows == [1])
    }

    // MARK: CSV

    @Test func cellsAreTextUnderTheHeader() throws {
        let text = "id,from,to\n1,2,3\r\n\"4\",\"a, \"\"b\"\"\n\\\",\n,\"\",x"
        let page = try decode(text, as: .csv).page
        #expect(
            rows(page) == [
                [#"0: string "1""#, #"1: string "3""#], [#"0: string "4""#, "1: null null"],
                ["0: null null", #"1: string "x""#],
            ])
        #expect(
            page.unknownFields.map { String(decoding: page.body[$0.value.range], as: UTF8.self) }
                == [#""2""#, #""a, \"b\"\n\\""#, #""""#])
        #expect(page.received == Array(text.utf8))
        #expect(page.receivedBody == Array(text.utf8))
    }

    @Test func recordsOfAnotherLengthAreNoRecords() throws {
        let page = try decode("id,to\n1\n1,2,3\n5,6\n", as: .csv).page
        #expect(
            page.rows.map { String(decoding: page.body[$0], as: UTF8.self) }
                == [#"["1"]"#, #"["1","2","3"]"#, #"{"id":"5","to":"6"}"#])
    }

    @Test(
        arguments: [
            ("id,to\n", nil), ("\u{FEFF}\r\nid,to", nil), ("id,when\n1,2", .notCSV), ("", .notCSV),
            ("Not found", .notCSV), ("<html>", .notCSV), ("[]", .notCSV),
            ("id,to\n1,\"2", .cutBody),
            ("id,to\n\"1\"2,3", .notCSV), ("ID,TO\n1,2", .notCSV), ("id,callee\n1,2", nil),
        ] as [(String, PageDecodingError.Kind?)])
    func headerMustHaveKeyAndTime(text: String, kind: PageDecodingError.Kind?) {
        #expect(refusal(text, as: .csv, required: [["id"], ["to", "callee"]]) == kind)
    }

    @Test func anObjectInPlaceOfTheListIsAnEnvelope() throws {
        let decoded = try decode(
            " {\"error\":5}", as: .csv, required: [["id"]], captures: ["error"])
        #expect(decoded.rowsKind == .absent)
        #expect(decoded.captures.map { $0?.text } == ["5"])
    }

    @Test func headerWithANameTwiceRepeatsTheField() throws {
        #expect(try decode("id,id\n1,2", as: .csv).page.cell(row: 0, field: 0).kind == .repeated)
    }

    @Test func bytesThatAreNotUTF8StayInTheirRow() throws {
        let bytes = Array("id,to\n1,a\n2,".utf8) + [0xC4, 0x5C] + Array("\n".utf8)
        let page = try decode(bytes, as: .csv).page
        #expect(page.invalidRows == [1])
    }
}
