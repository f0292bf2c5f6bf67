import ExportModel

/// Rejects as lines of `_rejects.ndjson.gz`.
enum RejectText {
    /// Name of the file, present only where there are rejects.
    static let fileName = "_rejects.ndjson.gz"

    /// Appends `{"reason":…,"field":…,"page":…,"raw":…}` and a line break. The raw record is nested
    /// where it is valid JSON, else a string, with U+FFFD for bytes that are not UTF-8.
    static func append(_ reject: Reject, to output: inout [UInt8]) {
        output.append(contentsOf: #"{"reason":"#.utf8)
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
        if JSONSyntax.isValid(reject.raw) {
            reject.raw.withUnsafeBufferPointer { JSONText.appendMinified($0, to: &output) }
        } else {
            JSONText.appendQuoted(String(decoding: reject.raw, as: UTF8.self), to: &output)
        }
        output.append(contentsOf: "}\n".utf8)
    }
}
