import ExportModel
import PageDecoding
import Testing

@Suite struct PageDecoderTests {
    @Test func knownFieldsKeepTheirRawText() throws {
        let decoded = try decode(
            #"{"cdr": [{"id": "a", "to": 9.10e9, "time" : null}, {"time":true,"id":"b\n"}]}"#)
        #expect(decoded.rowsKind == .array)
        #expect(
            cells(decoded.page, row: 0) == [#"0: string "a""#, "1: number 9.10e9", "2: null null"])
        #expect(cells(decoded.page, row: 1) == [#"0: string "b\n""#, "2: true true"])
        #expect(!decoded.page.cell(row: 0, field: 0).isEscaped)
        #expect(decoded.page.cell(row: 1, field: 0).isEscaped)
        #expect(decoded.page.cell(row: 1, field: 0).position == 1)
        #expect(decoded.page.cell(row: 1, field: 2).position == 0)
        #expect(!decoded.hasTrailingComma)
    }

    @Test func rowsAreTheirWholeRawText() throws {
        let decoded = try decode(#" {"cdr":[ {"id":1 } ,{} , 7,[ {"id":2}],"x"]}"#)
        let rows = decoded.page.rows.map { String(decoding: decoded.page.body[$0], as: UTF8.self) }
        #expect(rows == [#"{"id":1 }"#, "{}", "7", #"[ {"id":2}]"#, #""x""#])
        #expect(decoded.page.cells.count == 15)
        for row in 1...4 { #expect(cells(decoded.page, row: row).isEmpty) }
    }

    @Test func unknownFieldsKeepOrderAndPlace() throws {
        let decoded = try decode(
            #"{"cdr":[{"a":1,"id":2,"b":{"id":3},"idx":[4]},{"id":5},{"i":"6"}]}"#)
        let page = decoded.page
        let unknown = page.unknownFields.map {
            let name = String(decoding: page.body[$0.name], as: UTF8.self)
            let value = String(decoding: page.body[$0.value.range], as: UTF8.self)
            return "\($0.row).\($0.value.position) \(name) \($0.value.kind) \(value)"
        }
        #expect(
            unknown == [
                #"0.0 "a" number 1"#, #"0.2 "b" object {"id":3}"#, #"0.3 "idx" array [4]"#,
                #"2.0 "i" string "6""#,
            ])
        #expect(cells(page, row: 0) == ["0: number 2"])
    }

    @Test func escapedNamesMatchToo() throws {
        let decoded = try decode(
            #"{"\u0063dr":[{"\u0069d":1,"t\u006f":2,"ti\u006De":3,"\ud83d":4}]}"#)
        #expect(cells(decoded.page, row: 0) == ["0: number 1", "1: number 2", "2: number 3"])
        #expect(decoded.page.unknownFields.count == 1)
    }

    @Test func namesThatNeedEscapesMatchOnlyEscaped() throws {
        let names = ["a\"b", "tab\t", "\u{1F600}", "back\\"]
        let decoded = try decode(
            #"{"cdr":[{"a\"b":1,"tab\t":2,"\ud83d\ude00":3,"back\\":4,"a":5}]}"#, fields: names)
        #expect(
            cells(decoded.page, row: 0) == [
                "0: number 1", "1: number 2", "2: number 3", "3: number 4",
            ])
        #expect(decoded.page.unknownFields.count == 1)
    }

    @Test func backslashAtTheEndOfANameIsNoEscape() throws {
        let decoded = try decode(#"{"cdr":[{"back\"x":1}]}"#, fields: ["back\\"])
        #expect(cells(decoded.page, row: 0).isEmpty)
        #expect(decoded.page.unknownFields.count == 1)
    }

    @Test func fieldNamedTwiceIsRepeated() throws {
        let decoded = try decode(#"{"cdr":[{"id":1,"to":2,"i\u0064":1,"id":3}]}"#)
        #expect(decoded.page.cell(row: 0, field: 0).kind == .repeated)
        #expect(decoded.page.cell(row: 0, field: 1).kind == .number)
        #expect(decoded.page.unknownFields.isEmpty)
    }

    @Test func anyOrderOfFieldsIsFound() throws {
        let decoded = try decode(
            #"{"cdr":[{"time":1,"to":2,"id":3},{"to":4,"time":5,"id":6},{"id":7,"time":8}]}"#)
        #expect(cells(decoded.page, row: 0) == ["0: number 3", "1: number 2", "2: number 1"])
        #expect(cells(decoded.page, row: 1) == ["0: number 6", "1: number 4", "2: number 5"])
        #expect(cells(decoded.page, row: 2) == ["0: number 7", "2: number 8"])
    }

    @Test func valuesAfterBreakAreNotTaken() throws {
        // The same names outside the rows, and deeper inside one, belong to nobody.
        let decoded = try decode(#"{"id":1,"x":{"cdr":[{"id":2}]},"cdr":[{"y":{"id":3}}]}"#)
        #expect(decoded.page.rows.count == 1)
        #expect(cells(decoded.page, row: 0).isEmpty)
    }

    // MARK: Rows path

    @Test(arguments: [
        (#"{"count":1}"#, RowsKind.absent, 0), ("[]", .absent, 0), ("7", .absent, 0),
        (#"{"cdr":[]}"#, .array, 0), (#"{"cdr":{"id":1}}"#, .object, 1),
        (#"{"cdr":{}}"#, .object, 1), (#"{"cdr":null}"#, .other, 0), (#"{"cdr":"x"}"#, .other, 0),
    ])
    func rowsKindSaysWhatStandsThere(body: String, kind: RowsKind, count: Int) throws {
        let decoded = try decode(body)
        #expect(decoded.rowsKind == kind)
        #expect(decoded.page.rows.count == count)
    }

    @Test func objectInPlaceOfTheArrayIsOneRow() throws {
        let decoded = try decode(#"{"cdr": {"id": "a", "z": 1}, "code": 200}"#)
        #expect(cells(decoded.page, row: 0) == [#"0: string "a""#])
        #expect(decoded.page.unknownFields.count == 1)
        #expect(
            decoded.page.rows.map { String(decoding: decoded.page.body[$0], as: UTF8.self) }
                == [#"{"id": "a", "z": 1}"#])
    }

    @Test func rowsMayLieDeepOrAtTheRoot() throws {
        let deep = try decode(
            #"{"data":{"status":0,"result":{"bills":[{"id":1}],"n":2}}}"#,
            rows: "data.result.bills", captures: ["data.status", "data.result.n", "ret"])
        #expect(cells(deep.page, row: 0) == ["0: number 1"])
        #expect(deep.captures.map { $0?.text } == ["0", "2", nil])
        let layout = PageLayout(endpoint: ["id"], rows: JSONPath([]), captures: [])
        let root = try PageDecoder(layout).decode(Array(#"[{"id":1},{"id":2}]"#.utf8))
        #expect(root.page.rows.count == 2)
    }

    // MARK: Captures

    @Test func capturesHaveKindAndText() throws {
        let paths = ["s", "n", "t", "f", "z", "a", "o", "o.in", "missing", "s.deeper"]
        let decoded = try decode(
            #"{"s":"a\"\u00e9","n":-1.50e2,"t":true,"f":false,"z":null,"a":[1],"o":{"in":"x"}}"#,
            captures: paths)
        #expect(
            decoded.captures == [
                CapturedValue(kind: .string, text: "a\"\u{e9}"),
                CapturedValue(kind: .number, text: "-1.50e2"),
                CapturedValue(kind: .true, text: "true"),
                CapturedValue(kind: .false, text: "false"),
                CapturedValue(kind: .null, text: "null"), CapturedValue(kind: .array, text: ""),
                CapturedValue(kind: .object, text: ""), CapturedValue(kind: .string, text: "x"),
                nil, nil,
            ])
    }

    @Test func samePathMayBeCapturedTwiceAndBeTheRows() throws {
        let decoded = try decode(#"{"cdr":[],"code":200}"#, captures: ["code", "cdr", "code"])
        #expect(decoded.captures.map { $0?.kind } == [.number, .array, .number])
    }

    @Test func decoderForgetsTheLastBody() throws {
        let layout = PageLayout(
            endpoint: ["id"], rows: JSONPath(dotted: "cdr"), captures: [JSONPath(dotted: "code")])
        let decoder = try PageDecoder(layout)
        let first = try decoder.decode(Array(#"{"cdr":[{"id":1,"x":2}],"code":200,}"#.utf8))
        #expect(first.hasTrailingComma)
        #expect(throws: PageDecodingError.self) { try decoder.decode([]) }
        let second = try decoder.decode(Array(#"{"error":true}"#.utf8))
        #expect(second.rowsKind == .absent)
        #expect(second.page.rows.isEmpty && second.page.unknownFields.isEmpty)
        #expect(second.captures == [nil])
        #expect(!second.hasTrailingComma)
    }

    // MARK: Leniency

    @Test(arguments: [
        "{\"cdr\":[{\"id\":1,}]}", "{\"cdr\":[{\"id\":1},]}", "{\"cdr\":[{\"id\":1}],}",
        "{\"cdr\":[{\"id\":1, \n }\t]}", "{\"cdr\":[{\"id\":1}],\"x\":[1,[2,],]}",
    ])
    func trailingCommaIsAcceptedAndFlagged(body: String) throws {
        let decoded = try decode(body)
        #expect(decoded.hasTrailingComma)
        #expect(cells(decoded.page, row: 0) == ["0: number 1"])
    }

    @Test func byteOrderMarkIsPassedOver() throws {
        let decoded = try decode("\u{FEFF}{\"cdr\":[{\"id\":\"a\"}]}")
        #expect(decoded.page.body.prefix(3) == [0xEF, 0xBB, 0xBF])
        #expect(cells(decoded.page, row: 0) == [#"0: string "a""#])
    }

    /// Where a body lies, and what lies behind it, changes nothing.
    @Test(arguments: [
        #"{"cdr":[{"id":1,"to":"x"},{"id":2,"other":[true]}],"n":7}"#, #"{"cdr":[{"id":"#,
        "{\"cdr\":[{\"id\":\"\\u00e9\u{e9}\"}]}", "\u{FEFF}{\"cdr\":[{\"id\":1}]}", "[1", "", "tru",
    ])
    func aPaddedBodyIsDecodedAsAnyOther(text: String) throws {
        var padded = Array(text.utf8)
        PageDecoder.pad(&padded)
        #expect(padded == Array(text.utf8))
        #expect(padded.capacity >= padded.count + PageDecoder.paddingByteCount)
        // Digits, letters and brackets behind the end must not be read on.
        var followed = Array((text + #"1]}e"}}"#).utf8)
        followed.reserveCapacity(followed.count + PageDecoder.paddingByteCount)
        followed.removeLast(7)
        let plain = Result { try decoder().decode(Array(text.utf8)) }
        for body in [padded, followed] {
            let result = Result { try decoder().decode(body) }
            #expect(described(result) == described(plain))
        }
    }

    private func decoder() throws -> PageDecoder {
        try PageDecoder(
            PageLayout(
                endpoint: ["id", "to"], rows: JSONPath(dotted: "cdr"),
                captures: [JSONPath(dotted: "n")]))
    }

    private func described(_ result: Result<DecodedPage, any Error>) -> String {
        switch result {
        case .success(let decoded):
            "\(decoded.page.cells) \(decoded.page.rows) \(decoded.captures) \(decoded.page.body)"
        case .failure(let error): "\(error)"
        }
    }
}
