import ExportModel
import Testing

@Suite struct JSONPathTests {
    @Test(
        arguments: [
            ("", []),
            ("data", [.key("data")]),
            ("data.result.bills", [.key("data"), .key("result"), .key("bills")]),
            ("to[0].phone", [.key("to"), .index(0), .key("phone")]),
            ("[2]", [.index(2)]),
            ("a[0][1]", [.key("a"), .index(0), .index(1)]),
            ("legs[].at", [.key("legs"), .each, .key("at")]),
            (#""@odata.count""#, [.key("@odata.count")]),
            (#"x."a.b[0]".y"#, [.key("x"), .key("a.b[0]"), .key("y")]),
            (#""say \"hi\" \\""#, [.key(#"say "hi" \"#)]),
            (#""""#, [.key("")]),
            ("@id.a-b c", [.key("@id"), .key("a-b c")]),
            ("é.Ü", [.key("é"), .key("Ü")]),
        ] as [(String, [JSONPath.Step])])
    func pathIsReadAndWritten(text: String, steps: [JSONPath.Step]) throws {
        let path = try #require(JSONPath(parsing: text))
        #expect(path.steps == steps)
        #expect(path.description == text)
    }

    @Test(arguments: [
        ".", "a.", ".a", "a..b", "a[", "a[x]", "a[-1]", "a[1", "a]", "a[0]b", "[]x", "a.[0]",
        #"""#, #""a"#, #""a"b"#, #"a"b""#, #""a\"#, "a[10000]", "a[٣]",
    ])
    func malformedPathIsRefused(text: String) {
        #expect(JSONPath(parsing: text) == nil)
    }

    @Test func dottedPathsHaveNoBrackets() {
        #expect(JSONPath(dotted: "a[0].b") == JSONPath(["a[0]", "b"]))
        #expect(JSONPath(["a.b"]).description == #""a.b""#)
    }
}
