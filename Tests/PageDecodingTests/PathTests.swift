import ExportModel
import PageDecoding
import Testing

@Suite struct PathTests {
    /// Fields by their sources; several are joined by `|`.
    private func layout(_ sources: [String], rows: String = "cdr", captures: [String] = [])
        throws -> PageLayout
    {
        let place = try #require(JSONPath(parsing: rows))
        var layout = PageLayout(
            endpoint: [], rows: place,
            captures: try captures.map { try #require(JSONPath(parsing: $0)) })
        layout.cells = CellLayout(
            try sources.enumerated().map { index, paths in
                Field(
                    name: "f\(index)",
                    sources: try paths.split(separator: "|").map {
                        try #require(JSONPath(parsing: String($0)))
                    }, type: .text)
            })
        return layout
    }

    /// A row's cells of fields as written, then the members that stay, as `position:name=value`.
    private func row(_ text: String, _ sources: [String]) throws -> [String] {
        let decoded = try PageDecoder(try layout(sources)).decode(
            Array("{\"cdr\":[\(text)]}".utf8))
        let page = decoded.page
        func raw(_ range: Range<Int>) -> String {
            String(decoding: page.body[range], as: UTF8.self)
        }
        let cells = sources.indices.map { field in
            let cell = page.cell(row: 0, field: field)
            switch cell.kind {
            case .missing: return "-"
            case .repeated: return "twice"
            default: return raw(cell.range)
            }
        }
        return cells
            + page.unknownFields.map {
                "\($0.value.position):\(raw($0.name))=\(raw($0.value.range))"
            }
    }

    @Test(
        arguments: [
            (#"{"from":{"number":"1"}}"#, ["from.number"], [#""1""#]),
            (
                #"{"from":{"number":"1","name":"x"}}"#, ["from.number"],
                [#""1""#, #"0:"from"={"number":"1","name":"x"}"#]
            ),
            (
                #"{"from":{"number":"1","name":"x"}}"#, ["from.number", "from.name"],
                [#""1""#, #""x""#]
            ),
            (#"{"a":{"b":{"c":{"d":1}}}}"#, ["a.b.c.d"], ["1"]),
            (
                #"{"a":{"b":{"c":{"d":1}},"e":2}}"#, ["a.b.c.d"],
                ["1", #"0:"a"={"b":{"c":{"d":1}},"e":2}"#]
            ),
            (#"{"to":[{"phone":1},{"phone":2}]}"#, ["to[0].phone", "to[1].phone"], ["1", "2"]),
            (
                #"{"to":[{"phone":1},{"phone":2}]}"#, ["to[1].phone"],
                ["2", #"0:"to"=[{"phone":1},{"phone":2}]"#]
            ),
            (#"{"to":[]}"#, ["to[0].phone"], ["-"]),
            (#"{"to":[7,[8,9]]}"#, ["to[1][0]", "to[0]", "to[1][1]"], ["8", "7", "9"]),
            (#"{"from":null}"#, ["from.number"], ["-"]),
            (#"{"from":{ }}"#, ["from.number"], ["-"]),
            (#"{"from":"text"}"#, ["from.number"], ["-", #"0:"from"="text""#]),
            (#"{"from":{"number":null}}"#, ["from.number"], ["null"]),
            (#"{"from":{"x":null}}"#, ["from.number"], ["-", #"0:"from"={"x":null}"#]),
            (#"{"from":[{"number":1}]}"#, ["from.number"], ["-", #"0:"from"=[{"number":1}]"#]),
            (
                #"{"@odata.count":3,"@odata":{"count":4}}"#, [#""@odata.count""#, "@odata.count"],
                ["3", "4"]
            ),
            (#"{"\u0066rom":{"n\u0075mber":1}}"#, ["from.number"], ["1"]),
            // The whole and a part of it.
            (#"{"u":{"id":1,"x":2}}"#, ["u", "u.id"], [#"{"id":1,"x":2}"#, "1"]),
            // Two fields of one place.
            (#"{"at":5,"d":{"at":6}}"#, ["at", "at", "d.at", "d.at"], ["5", "5", "6", "6"]),
            (
                #"{"z":1,"from":{"n":1,"m":2},"y":3}"#, ["from.n"],
                ["1", #"0:"z"=1"#, #"1:"from"={"n":1,"m":2}"#, #"2:"y"=3"#]
            ),
        ] as [(String, [String], [String])])
    func partsOfARecordFillCells(text: String, sources: [String], expected: [String]) throws {
        #expect(try row(text, sources) == expected)
    }

    @Test(arguments: [
        (#"{"a":1,"b":2}"#, "1"), (#"{"b":2,"a":1}"#, "1"), (#"{"b":2}"#, "2"),
        (#"{"a":null,"b":2}"#, "2"), (#"{"a":null,"b":null}"#, "null"), (#"{"a":null}"#, "null"),
        (#"{"b":null}"#, "null"), (#"{}"#, "-"), (#"{"c":{"d":3}}"#, "3"),
        (#"{"a":null,"c":{"d":3}}"#, "3"), (#"{"b":2,"c":{"d":3}}"#, "2"),
        (#"{"a":"","b":2}"#, #""""#), (#"{"a":false,"b":2}"#, "false"),
        (#"{"a":1,"a":1,"b":2}"#, "twice"), (#"{"b":1,"b":1}"#, "twice"),
    ])
    func firstThatIsThereCounts(text: String, expected: String) throws {
        #expect(try row(text, ["a|b|c.d"]) == [expected])
    }

    @Test(
        arguments: [
            (#"{"f":{"n":1,"n":2}}"#, ["twice", "-"]),
            (#"{"f":{"n":1},"f":{"n":1}}"#, ["twice", "twice"]),
            (#"{"f":{"n":1},"f":{"m":1}}"#, ["twice", "twice"]),
            (#"{"f":{"n":1},"f":null}"#, ["twice", "twice"]),
        ] as [(String, [String])])
    func repeatedPlacesAreNotGuessed(text: String, expected: [String]) throws {
        #expect(Array(try row(text, ["f.n", "f.m"]).prefix(2)) == expected)
    }

    @Test func eachRowStartsAnew() throws {
        let decoder = try PageDecoder(try layout(["f.n", "x"]))
        let body = #"{"cdr":[{"f":{"n":1},"x":2},{"f":{"n":3}},{"x":4,"f":{"n":5}},7]}"#
        for _ in 0..<2 {
            let page = try decoder.decode(Array(body.utf8)).page
            #expect(
                page.rows.indices.map { cells(page, row: $0) } == [
                    ["0: number 1", "1: number 2"], ["0: number 3"],
                    ["0: number 5", "1: number 4"], [],
                ])
            #expect(page.unknownFields.isEmpty)
        }
    }

    @Test func capturesMayLieInLists() throws {
        let layout = try layout(
            [], rows: "a", captures: ["errors[0].code", "errors[1].code", "errors[0]"])
        let decoded = try PageDecoder(layout).decode(
            Array(#"{"errors":[{"code":"10011","code2":1}],"a":[]}"#.utf8))
        #expect(decoded.captures.map { $0?.text } == ["10011", nil, ""])
    }

    @Test func rowsMayLieInAList() throws {
        let decoded = try PageDecoder(try layout(["id"], rows: "pages[1].rows")).decode(
            Array(#"{"pages":[{"rows":[{"id":1}]},{"rows":[{"id":2}]}]}"#.utf8))
        #expect(cells(decoded.page, row: 0) == ["0: number 2"])
        #expect(decoded.page.rows.count == 1)
    }

    /// The body itself may be the list, one record, or an error whose values rules look at.
    @Test func bodyItselfMayBeTheRows() throws {
        let layout = try layout(["id", "user.name"], rows: "", captures: ["error.code", "id"])
        let decoder = try PageDecoder(layout)
        let list = try decoder.decode(Array(#"[{"id":1},{"id":2}]"#.utf8))
        #expect(list.rowsKind == .array && list.page.rows.count == 2)
        #expect(list.captures == [nil, nil])
        let one = try decoder.decode(Array(#" {"id":1,"user":{"name":"x"}} "#.utf8))
        #expect(one.rowsKind == .object && one.page.rows.count == 1)
        #expect(cells(one.page, row: 0) == ["0: number 1", #"1: string "x""#])
        #expect(one.captures.map { $0?.text } == [nil, "1"])
        let failed = try decoder.decode(Array(#"{"error":{"code":7,"x":[1]}}"#.utf8))
        #expect(failed.captures.map { $0?.text } == ["7", nil])
        let empty = try decoder.decode(Array("[]".utf8))
        #expect(empty.rowsKind == .array && empty.page.rows.isEmpty)
        #expect(try decoder.decode(Array("null".utf8)).rowsKind == .other)
    }

    @Test func depthOfPathsIsLimited() throws {
        let deep = String(repeating: #"{"a":"#, count: 70) + "1" + String(repeating: "}", count: 70)
        #expect(throws: PageDecodingError.self) { try row(deep, ["a.a.a"]) }
    }
}
