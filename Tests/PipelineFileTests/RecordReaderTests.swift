import ExportModel
import Testing

@testable import PipelineFile

/// Where rows, fields and times of an entry may lie.
@Suite struct RecordReaderTests {
    /// The sixth entry with other lines of its response and its fields.
    private func read(
        rows: String = "rows: items", total: String = "total: total", fields: [String] = [],
        id: String = "type: text", at: String = "type: epoch_ms"
    ) -> CatalogReader.Result {
        var text = CatalogReaderTests.sixth
            .replacing("rows: items", with: rows).replacing("total: total", with: total)
            .replacing("{name: id, type: text", with: "{name: id, \(id)")
            .replacing("{name: at, type: epoch_ms", with: "{name: at, \(at)")
        for field in fields { text += "\n      - {\(field), summary: Text}" }
        return CatalogReader().read(Array(text.utf8), file: "acme.yaml")
    }

    private func field(_ text: String) throws -> Field {
        let result = read(fields: ["name: x, \(text)"])
        #expect(result.diagnostics.isEmpty, "\(result.diagnostics.map(\.message))")
        return try #require(result.endpoints.first?.fields.last)
    }

    @Test func sourcesAreReadWithTheirDefault() throws {
        #expect(try field("type: text").sources == [JSONPath(["x"])])
        #expect(try field("type: text, source: a.b").sources == [JSONPath(["a", "b"])])
        #expect(
            try field("type: text, source: 'a[0].\"b.c\"'").sources
                == [JSONPath(steps: [.key("a"), .index(0), .key("b.c")])])
        #expect(
            try field("type: text, first_of: [a.b, c]").sources
                == [JSONPath(["a", "b"]), JSONPath(["c"])])
        // A name with dots is a key, not a path.
        let result = read(fields: ["name: a.b, type: text"])
        #expect(result.endpoints.first?.fields.last?.sources == [JSONPath(["a.b"])])
    }

    @Test(arguments: [
        ("epoch_s", FieldType.time(.epochSeconds)), ("epoch_ms", .epochMilliseconds),
        ("epoch_us", .time(.epochMicroseconds)), ("iso8601", .time(.iso8601)),
        ("rfc2822", .time(.rfc2822)), ("local_datetime", .localDateTime), ("date", .time(.date)),
        ("duration(hms)", .duration(.clock)), ("duration(ms)", .duration(.milliseconds)),
        ("duration(s)", .duration(.seconds)), ("duration(iso8601)", .duration(.iso8601)),
        ("\"decimal(9,3)\"", .decimal(precision: 9, scale: 3)),
    ])
    func everyTypeIsRead(text: String, type: FieldType) throws {
        #expect(try field("type: \(text)").type == type)
    }

    @Test func patternsAreRead() throws {
        let type = try field(#"type: "pattern(dd/MM/yyyy 'at' hh:mm a)""#).type
        guard case .time(.pattern(let pattern)) = type else {
            Issue.record("\(type) is no pattern")
            return
        }
        #expect(pattern.text == "dd/MM/yyyy 'at' hh:mm a")
        #expect(type.needsZone && type.columnType == .timestamp)
    }

    @Test func theStartMayHaveAnyTimeType() {
        for type in ["iso8601", "rfc2822", "epoch_us", #""pattern(yyyy-MM-dd HH:mm)""#] {
            #expect(read(at: "type: \(type)").diagnostics.isEmpty, "\(type)")
        }
    }

    @Test func bodiesOfLinesHaveNoPlaceForRows() throws {
        for body in ["ndjson", "csv"] {
            let response = try #require(
                read(rows: "body: \(body)", total: "total: {header: X-Total}").endpoints.first
            )
            .response
            #expect(response.body.rawValue == body && response.rows == [JSONPath([])])
        }
        #expect(read(rows: #"rows: """#).endpoints.first?.response.rows == [JSONPath([])])
    }

    @Test func listsInsideRecordsAreExpanded() throws {
        let result = read(
            rows: "rows: items\n      expand: a.legs[].parts[]",
            fields: [
                "name: x, type: text, source: 'a.legs[].id', column: leg",
                "name: y, type: text, first_of: ['a.legs[].parts[].y', 'a.legs[].y', y]",
            ])
        #expect(result.diagnostics.isEmpty, "\(result.diagnostics.map(\.message))")
        #expect(result.endpoints.first?.response.expand == JSONPath(parsing: "a.legs[].parts[]"))
    }

    @Test(arguments: [
        ("type: text, source: a..b", "must be keys joined by single dots"),
        ("type: text, source: a, first_of: [b]", "either `source` or `first_of`, not both"),
        ("type: text, first_of: []", "must name at least one path"),
        ("type: text, first_of: a", "must be a list of paths"),
        ("type: text, source: 'legs[].x'", "reads `legs[].x`, but `expand` is not given"),
        ("type: epoch", "must be one of text, digits"),
        ("type: duration(days)", "must be one of text, digits"),
        ("type: pattern(HH:mm)", "is no pattern that cdrx reads"),
        ("type: duration(ms), column: ring_seconds", "must have `stays_in_extra: true`"),
        ("type: duration(hms), column: rate", "cannot take"),
        ("type: iso8601, column: agent", "cannot take"),
    ])
    func mistakesInFieldsAreSaid(text: String, message: String) {
        let messages = read(fields: ["name: x, \(text)"]).diagnostics.map(\.message)
        #expect(messages.contains { $0.contains(message) }, "\(messages)")
    }

    @Test(arguments: [
        ("rows: a..b", "must be keys joined by single dots"),
        ("rows: []", "must name at least one path"),
        ("body: xml", "must be json, ndjson or csv"),
        ("body: csv\n      rows: a", "is itself the list: remove `rows`"),
        ("confirm: overlap", "`rows` is missing"),
        ("rows: items\n      expand: legs", "ends in `[]`"),
        ("rows: items\n      expand: '[]'", "ends in `[]`"),
        ("rows: items\n      expand: legs[][]", "ends in `[]`"),
        ("body: csv\n      expand: legs[]", "a CSV body has no list"),
    ])
    func mistakesInTheResponseAreSaid(text: String, message: String) {
        let result = read(rows: text, total: "maximum_results: 1000")
        let messages = result.diagnostics.map(\.message)
        #expect(messages.contains { $0.contains(message) }, "\(messages)")
        #expect(result.endpoints.isEmpty)
    }

    @Test func linesHaveNoPlaceForATotal() {
        for total in ["total: n", "total: {page_count: n}"] {
            let messages = read(rows: "body: ndjson", total: total).diagnostics.map(\.message)
            #expect(
                messages.count == 1 && messages[0].contains("has no place for the total `n`"),
                "\(messages)")
        }
    }

    @Test func keyAndTimeAreThoseOfTheRecord() {
        let messages = read(
            rows: "rows: items\n      expand: legs[]", id: "type: text, source: 'legs[].id'"
        ).diagnostics.map(\.message)
        #expect(
            messages.count == 1 && messages[0].contains("cannot lie in the list"), "\(messages)")
        let csv = read(
            rows: "body: csv", total: "maximum_results: 1000", id: "type: text, source: a.b")
        #expect(csv.diagnostics.contains { $0.message.contains("a CSV body has only columns") })
    }

    /// The request id is all that identifies the one record of its answer.
    @Test func keyMayBeTheRequestID() {
        let asked = CatalogReaderTests.sixth
            .replacing(
                "window: {start: since, end: until, format: epoch_ms}",
                with: "request_id: {name: uuid, column: call_id}"
            )
            .replacing(
                "      paging: {page: p, size: n, default_size: 50, maximum_size: 100}\n", with: ""
            )
            .replacing(", column: call_id, required: true, summary: Id", with: ", summary: Id")
            .replacing("key: [id]", with: "key: []")
        let result = CatalogReader().read(Array(asked.utf8), file: "acme.yaml")
        #expect(result.diagnostics.isEmpty, "\(result.diagnostics.map(\.message))")
        let windowed = CatalogReaderTests.sixth.replacing("key: [id]", with: "key: []")
        let messages = CatalogReader().read(Array(windowed.utf8), file: "acme.yaml").diagnostics
        #expect(messages.contains { $0.message.contains("must name at least one field") })
    }
}
