import ExportModel
import Testing

@testable import PartitionFormats

@Suite struct RejectTextTests {
    @Test(arguments: [
        (#"{"a": [1, 2.50, "x y"], "b": null}"#, #"{"a":[1,2.50,"x y"],"b":null}"#),
        ("\"text\"", "\"text\""), ("{\"a\":1,}", #"{"a":1}"#),
    ])
    func rawIsNested(raw: String, expected: String) {
        var output: [UInt8] = []
        RejectText.append(
            Reject(reason: .malformed, field: nil, page: 3, raw: Array(raw.utf8)),
            account: "a\"b", to: &output)
        #expect(
            String(decoding: output, as: UTF8.self)
                == #"{"account":"a\"b","reason":"malformed_value","field":null,"page":3,"raw":"#
                + expected + "}\n")
    }

    /// `raw` is what every JSON reader takes, `raw_base64` what came.
    @Test func whatReadersRefuseIsKeptAsBase64() {
        func line(_ raw: [UInt8]) -> String {
            var output: [UInt8] = []
            RejectText.append(
                Reject(reason: .invalidUTF8, field: "f", page: 1, raw: raw), account: "a",
                to: &output)
            return String(decoding: output, as: UTF8.self)
        }
        let start = #"{"account":"a","reason":"invalid_utf8","field":"f","page":1,"raw":"#
        #expect(
            line([0x22, 0xFF, 0x22]) == start + "\"\u{FFFD}\",\"raw_base64\":\"Iv8i\"}\n")
        #expect(
            line(Array(#"{"a": "\ud800"}"#.utf8))
                == start + #"{"a":"\ufffd"},"raw_base64":"eyJhIjogIlx1ZDgwMCJ9"}"# + "\n")
        #expect(
            line(Array("{\"a\":\"".utf8) + [0x95, 0x5C] + Array("\"}".utf8))
                == start + #""{\"a\":\"\#u{FFFD}\\\"}","raw_base64":"eyJhIjoilVwifQ=="}"# + "\n")
        #expect(
            line([0x7B, 0xFF]) == start + "\"{\u{FFFD}\",\"raw_base64\":\"e/8=\"}\n")
    }
}
