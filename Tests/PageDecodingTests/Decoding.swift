import ExportModel
import PageDecoding
import Testing

/// Decodes with the layout most tests use: fields `id`, `to`, `time`; rows in `cdr`.
func decode(
    _ text: String, fields: [String] = ["id", "to", "time"], rows: String? = "cdr",
    captures: [String] = [], limits: DecodingLimits = DecodingLimits()
) throws -> DecodedPage {
    let layout = PageLayout(
        endpoint: fields, rows: rows.map { JSONPath(dotted: $0) },
        captures: captures.map { JSONPath(dotted: $0) })
    return try PageDecoder(layout, limits: limits).decode(Array(text.utf8))
}

/// The kind of error a body is refused with; nil if it is accepted.
func refusal(
    _ text: String, captures: [String] = [], limits: DecodingLimits = DecodingLimits()
) -> PageDecodingError.Kind? {
    do {
        _ = try decode(text, captures: captures, limits: limits)
        return nil
    } catch {
        return (error as? PageDecodingError)?.kind
    }
}

/// A row as `field: kind raw` texts, missing fields left out.
func cells(_ page: RawPage, row: Int) -> [String] {
    (0..<page.fieldCount).compactMap { field in
        let cell = page.cell(row: row, field: field)
        if cell.kind == .missing { return nil }
        return "\(field): \(cell.kind) \(String(decoding: page.body[cell.range], as: UTF8.self))"
    }
}
