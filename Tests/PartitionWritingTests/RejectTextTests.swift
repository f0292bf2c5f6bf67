import ExportModel
import Testing

@testable import PartitionWriting

@Suite struct RejectTextTests {
    @Test(arguments: [
        (#"{"a": [1, 2.50, "x y"], "b": null}"#, #"{"a":[1,2.50,"x y"],"b":null}"#),
        ("\"text\"", "\"text\""),
        ("{\"a\":1,}", #""{\"a\":1,}""#),
        ("{\"a\":01}", #""{\"a\":01}""#),
        ("[1] [2]", #""[1] [2]""#),
        ("", "\"\""),
        ("not json\n", #""not json\n""#),
        ("{\"a\":\"\u{1}\"}", #""{\"a\":\"\u0001\"}""#),
    ])
    func rawIsNestedWhereItIsJSONElseText(raw: String, expected: String) {
        var output: [UInt8] = []
        RejectText.append(
            Reject(reason: .malformed, field: nil, page: 3, raw: Array(raw.utf8)), to: &output)
        #expect(
            String(decoding: output, as: UTF8.self)
                == #"{"reason":"malformed_value","field":null,"page":3,"raw":"# + expected + "}\n")
    }

    @Test func bytesThatAreNotUTF8BecomeText() {
        var output: [UInt8] = []
        RejectText.append(
            Reject(reason: .notAnObject, field: "f", page: 1, raw: [0x22, 0xFF, 0x22]), to: &output)
        #expect(
            String(validating: output, as: UTF8.self)?.contains(#""\"\u{FFFD}\"""#) == true
                || String(decoding: output, as: UTF8.self).contains("\u{FFFD}"))
        #expect(String(validating: output, as: UTF8.self) != nil)
    }

    @Test func nestingWithoutEndIsText() {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(!JSONSyntax.isValid(deep))
        let nested = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        #expect(JSONSyntax.isValid(Array(nested.utf8)))
        #expect(!JSONSyntax.isValid(Array(("[" + nested + "]").utf8)))
    }
}
