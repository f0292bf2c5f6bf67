import ExportModel
import PageDecoding
import Testing

/// Decodes with the layout most tests use: fields `id`, `to`, `time`; rows in `cdr`.
private func decode(
    _ text: String, fields: [String] = ["id", "to", "time"], rows: String? = "cdr",
    captures: [String] = [], limits: DecodingLimits = DecodingLimits()
) throws -> DecodedPage {
    let layout = PageLayout(
        endpoint: fields, rows: rows.map { JSONPath(dotted: $0) },
        captures: captures.map { JSONPath(dotted: $0) })
    return try PageDecoder(layout, limits: limits).decode(Array(text.utf8))
}

/// The kind of error a body is refused with; nil if it is accepted.
private func refusal(
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
private func cells(_ page: RawPage, row: Int) -> [String] {
    (0..<page.fieldCount).compactMap { field in
        let cell = page.cell(row: row, field: field)
        if cell.kind == .missing { return nil }
        return "\(field): \(cell.kind) \(String(decoding: page.body[cell.range], as: UTF8.self))"
    }
}

@Suite struct PageDecoderTests {
    @Test func knownFieldsKeepTheirRawText() throws {
        let decoded = try decode(
            #"{"cdr": [{"id": "a", "to": 9.10e9, "time" : null}, {"time":true,"id":"b\n"}]}"#)
        #expect(decoded.rowsKind == .array)
        #expect(
            cells(decoded.page, row: 0) == ["0: string \"a\"", "1: number 9.10e9", "2: null null"])
        #expect(cells(decoded.page, row: 1) == [#"0: string "b\n""#, "2: true true"])
        #expect(!decoded.page.cell(row: 0, field: 0).isEscaped)
        #expect(decoded.page.cell(row: 1, field: 0).isEscaped)
        #expect(decoded.page.cell(row: 1, field: 0).position == 1)
        #expect(!decoded.hasTrailingComma)
    }
}
