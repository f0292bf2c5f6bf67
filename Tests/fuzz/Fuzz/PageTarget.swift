import CFuzz
import ExportModel
import PageDecoding

/// Page bodies: the decoder must agree with simdjson's DOM on what is JSON, and all it cuts must lie
/// in the body; with fields that lie deep as with plain ones, and in bodies of lines.
enum PageTarget {
    private static let layout = PageLayout(
        endpoint: ["cmiuid", "time", "from", "to", "rate", "notes"],
        rows: JSONPath(["cdr"]), captures: [JSONPath(["code"]), JSONPath(["count"])])
    private static let layouts = [layout, deep(.json)]
    private static let lines = [deep(.ndjson), deep(.csv)]

    /// Sources below, beside and in place of each other, and a list that is expanded.
    private static func deep(_ body: ResponseShape.BodyFormat) -> PageLayout {
        let paths = [
            ["cmiuid"], ["from.number", "from"], ["to[0].phone", "to[1]", "to"],
            ["a.b.c", "a[0][1]"],
            ["notes[].msg", "name"],
        ]
        var layout = PageLayout(
            endpoint: [], rows: body == .json ? JSONPath(["cdr"]) : JSONPath([]),
            captures: ["code", "errors[0].code"].compactMap(JSONPath.init(parsing:)))
        layout.body = body
        layout.cells = CellLayout(
            paths.map {
                Field(name: "f", sources: $0.compactMap(JSONPath.init(parsing:)), type: .text)
            }, expand: JSONPath(parsing: "notes[]"))
        return layout
    }

    static func run(_ body: [UInt8]) {
        var padded = body
        PageDecoder.pad(&padded)
        for layout in layouts {
            guard let decoder = try? PageDecoder(layout) else { return }
            decode(body, decoder)
            decode(padded, decoder)
        }
        for layout in lines {
            guard let page = try? PageDecoder(layout).decode(body).page else { continue }
            check(page)
            precondition(page.received ?? body == body || body.isEmpty, "the body is not kept")
        }
    }

    private static func decode(_ body: [UInt8], _ decoder: PageDecoder) {
        // A byte order mark is passed over; the judge does not know that.
        let text = body.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(body[3...]) : body
        let verdict = cdrx_json_judge(text, text.count)
        do {
            let decoded = try decoder.decode(body)
            check(decoded.page)
            guard verdict == cdrx_json_invalid, !decoded.hasTrailingComma else { return }
            preconditionFailure("decoded what is not JSON")
        } catch {
            guard error.kind == .notJSON || error.kind == .cutBody else { return }
            precondition(verdict != cdrx_json_valid, "refused JSON: \(error.message)")
        }
    }

    private static func check(_ page: RawPage) {
        for row in page.rows.indices {
            precondition(page.body.indices.contains(page.rows[row].lowerBound))
            for field in 0..<page.fieldCount where page.cell(row: row, field: field).byteCount > 0 {
                let range = page.cell(row: row, field: field).range
                precondition(page.rows[row].clamped(to: range) == range, "a cell outside its row")
            }
        }
        for unknown in page.unknownFields {
            precondition(page.rows[unknown.row].clamped(to: unknown.name) == unknown.name)
        }
    }
}
