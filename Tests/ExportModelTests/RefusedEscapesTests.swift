import ExportModel
import Testing

/// Escapes that JSON allows and warehouses refuse.
@Suite struct RefusedEscapesTests {
    private func repaired(_ json: String, from start: Int = 0) -> (text: String, changed: Bool) {
        var bytes = Array(json.utf8)
        let changed = JSONText.replaceRefusedEscapes(in: &bytes, from: start)
        return (String(decoding: bytes, as: UTF8.self), changed)
    }

    @Test(arguments: [
        (#""\u0000""#, #""\ufffd""#), (#""a\ud800b""#, #""a\ufffdb""#),
        (#""\udc00""#, #""\ufffd""#), (#""\ud83d""#, #""\ufffd""#),
        // Two high halves: the second one begins a pair.
        (#""\ud83d\ud83d\ude00""#, #""\ufffd\ud83d\ude00""#),
        // A low half before its high half.
        (#""\ude00\ud83d""#, #""\ufffd\ufffd""#),
        (#"{"a":"\u0000","\ud800":[1]}"#, #"{"a":"\ufffd","\ufffd":[1]}"#),
        (#""\\\u0000""#, #""\\\ufffd""#),
    ])
    func halvesAndZerosAreReplaced(json: String, expected: String) {
        #expect(repaired(json) == (expected, true))
    }

    @Test(arguments: [
        #""plain""#, #""\ud83d\ude00""#, #""\u0001\u00e9\uFFFF""#, #""\\u0000""#, #""\\\\ud800""#,
        #""\"\n\t\/""#, #"{"u0000":1}"#, "",
    ])
    func everythingElseStaysAsItWasWritten(json: String) {
        #expect(repaired(json) == (json, false))
    }

    @Test func whatStandsBeforeTheStartIsLeft() {
        #expect(repaired(#""\u0000""\u0000""#, from: 8) == (#""\u0000""\ufffd""#, true))
    }

    @Test func repairedTextHasTheReplacementCharacter() {
        var output = Array("|".utf8)
        withBytes(#""a\u0000\ud800\ud83d\ude00""#) { JSONText.appendRepaired($0, to: &output) }
        #expect(String(decoding: output, as: UTF8.self) == "|a\u{FFFD}\u{FFFD}\u{1F600}")
    }
}
