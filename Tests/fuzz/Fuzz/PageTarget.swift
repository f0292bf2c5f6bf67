import CFuzz
import ExportModel
import PageDecoding

/// Page bodies: the decoder must agree with simdjson's DOM on what is JSON, and all it cuts must lie
/// in the body.
enum PageTarget {
    private static let layout = PageLayout(
        endpoint: ["cmiuid", "time", "from", "to", "rate", "notes"],
        rows: JSONPath(["cdr"]), captures: [JSONPath(["code"]), JSONPath(["count"])])

    static func run(_ body: [UInt8]) {
        guard let decoder = try? PageDecoder(layout) else { return }
        var padded = body
        PageDecoder.pad(&padded)
        decode(body, decoder)
        decode(padded, decoder)
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
