import Foundation
import Testing

@testable import ProviderSimulator

@Suite struct JSONWriterTests {
    private func json(_ style: JSONWriter.TextStyle, _ text: String) -> String {
        var writer = JSONWriter()
        writer.style = style
        writer.object { $0.text("a", text) }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("a", #"{"a":"a"}"#), ("\"\\/", #"{"a":"\"\\/"}"#), ("\r\n\t", #"{"a":"\r\n\t"}"#),
        ("\u{1}", #"{"a":"\u0001"}"#), ("\u{1F600}", "{\"a\":\"\u{1F600}\"}"),
    ])
    func plainTextEscapesWhatItMust(text: String, expected: String) {
        #expect(json(.plain, text) == expected)
    }

    @Test(arguments: [
        ("\u{E9}", #"{"a":"\u00e9"}"#), ("\u{1F600}", #"{"a":"\ud83d\ude00"}"#),
        ("a/b", #"{"a":"a\/b"}"#), ("\r\n\"", #"{"a":"\r\n\""}"#),
    ])
    func asciiTextEscapesAsPHPDoes(text: String, expected: String) {
        #expect(json(.ascii, text) == expected)
    }

    @Test func membersAndElementsAreSeparated() {
        var writer = JSONWriter()
        writer.object { writer in
            writer.int("a", 1)
            writer.name("b")
            writer.array { writer in
                writer.element(json: Array("{}".utf8))
                writer.object { _ in }
                writer.element(json: Array("0.0231".utf8))
            }
            writer.raw("c", "null")
        }
        let text = String(decoding: writer.bytes, as: UTF8.self)
        #expect(text == #"{"a":1,"b":[{},{},0.0231],"c":null}"#)
    }

    @Test func spoiltMemberIsWrittenWrongly() {
        var writer = JSONWriter()
        writer.spoil = JSONWriter.Spoil(name: "b", json: "[]")
        writer.object { writer in
            writer.int("a", 1)
            writer.int("b", 2)
            writer.int("c", 3)
        }
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"a":1,"b":[],"c":3}"#)
    }

    @Test(arguments: [
        (113_475, "1134.75"), (40, "0.4"), (1_200, "12"), (5, "0.05"), (0, "0"), (-150, "-1.5"),
    ])
    func hundredthsHaveNoTrailingZeros(count: Int, expected: String) {
        #expect(CallPool.hundredths(count) == expected)
    }

    @Test func datesAreThoseOfHTTP() {
        #expect(NetworkShell.date(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(NetworkShell.date(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
    }
}
