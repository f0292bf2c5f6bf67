import ExportModel
import Testing

@Suite struct JSONTextTests {
    private func quoted(_ text: String) -> String {
        var output: [UInt8] = []
        JSONText.appendQuoted(text, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private func unescaped(_ token: String) -> String? {
        var output: [UInt8] = []
        guard withBytes(token, { JSONText.appendUnescaped($0, to: &output) }) else { return nil }
        return String(decoding: output, as: UTF8.self)
    }

    private func minified(_ json: String) -> String {
        var output = Array("x,".utf8)
        withBytes(json) { JSONText.appendMinified($0, to: &output) }
        return String(decoding: output.dropFirst(2), as: UTF8.self)
    }

    @Test(arguments: [
        ("", #""""#), ("plain", #""plain""#), ("a\"b\\c/", #""a\"b\\c/""#),
        ("\u{0}\u{1}\u{8}\t\n\u{b}\u{c}\r\u{1f} ", #""\u0000\u0001\b\t\n\u000b\f\r\u001f ""#),
        ("\u{7f}\u{e9}\u{1F600}\u{2028}", "\"\u{7f}\u{e9}\u{1F600}\u{2028}\""),
        ("1234567\"", #""1234567\"""#), ("12345678\"", #""12345678\"""#),
        ("123456789012345\n67", #""123456789012345\n67""#),
    ])
    func onlyWhatMustBeIsEscaped(text: String, expected: String) {
        #expect(quoted(text) == expected)
    }

    @Test(
        arguments: [
            (#""""#, ""), (#""abc""#, "abc"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
            (#""\u0041\u00e9\u00E9\u20ac""#, "A\u{e9}\u{e9}\u{20ac}"),
            (#""\ud83d\ude00!""#, "\u{1F600}!"),
            (#""\uD800\uDC00\udbff\udfff""#, "\u{10000}\u{10FFFF}"), (#""\u0000""#, "\u{0}"),
            (#""\ud83d""#, nil), (#""\ude00""#, nil), (#""\ud83dx""#, nil), (#""\ud83d\n""#, nil),
            (#""\ud83d\u0041""#, nil), (#""\ud83d\ud83d""#, nil), (#""\u12""#, nil),
            (#""\u12g4""#, nil),
            (#""\x""#, nil), (#""\ud83d\ude0""#, nil), (#""\u+123""#, nil),
        ] as [(String, String?)])
    func escapesBecomeTheirText(token: String, expected: String?) {
        #expect(unescaped(token) == expected)
    }

    @Test(arguments: [
        (" { \"a b\" : [ 1 , 2.50 ,\n\t\"c\\\" ,]\" ] } ", #"{"a b":[1,2.50,"c\" ,]"]}"#),
        ("[1,]", "[1]"), ("{\"a\":[ ] , \n}", "{\"a\":[]}"), ("[[1,],]", "[[1]]"),
        ("[\",\",]", "[\",\"]"), ("\" a \"", "\" a \""), ("[]", "[]"), ("12", "12"), ("", ""),
        ("[\"\\\\\", 1]", "[\"\\\\\",1]"),
    ])
    func minifyingDropsWhiteSpaceAndTrailingCommas(json: String, expected: String) {
        #expect(minified(json) == expected)
    }

    /// Quoting and unescaping undo each other, and the fast scan agrees with a plain loop.
    @Test func quotingAndUnescapingUndoEachOther() {
        var random = SeededGenerator(state: Fuzzing.seed)
        let scalars: [Unicode.Scalar] =
            (0..<0x30).compactMap { Unicode.Scalar($0 as UInt32) }
            + Array(
                "\"\\/abcdefgh\u{7f}\u{80}\u{e9}\u{7ff}\u{800}\u{ffff}\u{1F600}\u{10FFFF}"
                    .unicodeScalars)
        for round in 0..<Fuzzing.rounds {
            let count = Int.random(in: 0...40, using: &random)
            var text = String.UnicodeScalarView()
            for _ in 0..<count {
                let isPlain = Bool.random(using: &random)
                text.append(isPlain ? "x" : scalars.randomElement(using: &random) ?? "x")
            }
            let token = quoted(String(text))
            #expect(
                token.utf8.dropFirst().dropLast().allSatisfy { $0 >= 0x20 },
                "seed \(Fuzzing.seed) round \(round)")
            #expect(
                unescaped(token).map { Array($0.utf8) } == Array(String(text).utf8),
                "seed \(Fuzzing.seed) round \(round)")
            #expect(minified("[ \(token) , \(token) ]") == "[\(token),\(token)]")
        }
    }

    @Test func anyBytesBetweenQuotesAreReadWithoutATrap() {
        var random = SeededGenerator(state: Fuzzing.seed)
        let alphabet = Array("\\\\\\uuudDcC890aA\"nx".utf8)
        for _ in 0..<Fuzzing.rounds {
            let count = Int.random(in: 0...20, using: &random)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            _ = unescaped("\"" + String(decoding: bytes, as: UTF8.self) + "\"")
            _ = minified(String(decoding: bytes, as: UTF8.self))
        }
    }
}
