import ExportModel
import Foundation

/// Rejects as lines of `_rejects.ndjson.gz`.
enum RejectText {
    /// Appends `{"account":…,"reason":…,"field":…,"page":…,"raw":…}` and a line break. The raw record, which is
    /// JSON if it is UTF-8, is nested, or else a string.
    ///
    /// What JSON readers refuse (bytes that are not UTF-8, halves of surrogate pairs, `\u0000`) is
    /// U+FFFD in `raw`; `raw_base64` then follows with the record's bytes.
    static func append(_ reject: Reject, account: String, to output: inout [UInt8]) {
        output.append(contentsOf: #"{"account":"#.utf8)
        JSONText.appendQuoted(account, to: &output)
        output.append(contentsOf: #","reason":"#.utf8)
        JSONText.appendQuoted(reject.reason.rawValue, to: &output)
        output.append(contentsOf: #","field":"#.utf8)
        if let field = reject.field {
            JSONText.appendQuoted(field, to: &output)
        } else {
            output.append(contentsOf: CellText.null)
        }
        output.append(contentsOf: #","page":"#.utf8)
        CellText.appendInteger(Int64(reject.page), to: &output)
        output.append(contentsOf: #","raw":"#.utf8)
        let text = String(decoding: reject.raw, as: UTF8.self)
        var raw = Array(text.utf8)
        var isRepaired = raw != reject.raw
        // The decoder has accepted every other record; one that is not UTF-8 may lose a quotation
        // mark when it becomes text.
        if !isRepaired || isJSON(raw) {
            if JSONText.replaceRefusedEscapes(in: &raw) { isRepaired = true }
            raw.withUnsafeBufferPointer { JSONText.appendMinified($0, to: &output) }
        } else {
            JSONText.appendQuoted(text, to: &output)
        }
        if isRepaired {
            output.append(contentsOf: #","raw_base64":""#.utf8)
            output.append(contentsOf: Data(reject.raw).base64EncodedString().utf8)
            output.append(UInt8(ascii: "\""))
        }
        output.append(contentsOf: "}\n".utf8)
    }

    private static func isJSON(_ bytes: [UInt8]) -> Bool {
        do {
            _ = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            return true
        } catch {
            return false
        }
    }
}
