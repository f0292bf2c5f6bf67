import ExportModel
import Testing

@testable import Transformation

/// Raw rows written down as `name: raw JSON` pairs, and the endpoint they belong to.
struct RawRows {
    var endpoint: Endpoint

    init(
        fields: [Field], key: [String] = ["id"], constants: [ConstantColumn] = [],
        expand: JSONPath? = nil
    ) {
        endpoint = Endpoint(
            id: "test.v1.calls", title: "Calls", document: "none", provider: "test",
            defaultBaseURL: nil,
            request: RequestShape(
                path: "", encoding: .json, fixed: [], credentials: [], window: nil, requestID: nil,
                optional: [], paging: nil),
            response: ResponseShape(
                rows: [JSONPath(dotted: "rows")], total: .path(JSONPath(dotted: "total")),
                rules: AnswerRules(success: [], failures: [], errorTexts: [])),
            key: key, keyHasOrdinal: false, timeField: "time",
            sourceZone: SourceZone(identifier: "+08:00", offsetSeconds: 28_800), fields: fields,
            constants: constants, login: nil)
        endpoint.response.expand = expand
    }

    private var layout: CellLayout {
        CellLayout(endpoint.fields, expand: endpoint.response.expand)
    }

    typealias Row = KeyValuePairs<String, String>

    /// The page a decoder would make of `rows`; white space surrounds every value.
    func page(_ rows: [Row], number: Int = 1) -> RawPage {
        var page = RawPage(
            body: Array("[ ".utf8), fieldCount: layout.paths.count, rows: [], cells: [],
            unknownFields: [], number: number)
        for row in rows { append(row, to: &page) }
        page.body.append(UInt8(ascii: "]"))
        return page
    }

    private func append(_ row: Row, to page: inout RawPage) {
        let start = page.body.count
        let firstCell = page.cells.count
        page.cells += layout.paths.map { _ in RawCell(kind: .missing) }
        page.body.append(UInt8(ascii: "{"))
        for (position, (name, raw)) in row.enumerated() {
            if position > 0 { page.body += Array(" , ".utf8) }
            let quoted = append("\"\(name)\"", to: &page.body)
            page.body += Array(" : ".utf8)
            let range = append(raw, to: &page.body)
            let cell = RawCell(
                kind: Self.kind(raw), isEscaped: raw.hasPrefix("\"") && raw.contains("\\"),
                position: UInt16(position), offset: UInt32(range.lowerBound),
                byteCount: UInt32(range.count))
            if let field = layout.paths.firstIndex(of: JSONPath([name])) {
                let isRepeated = page.cells[firstCell + field].kind != .missing
                page.cells[firstCell + field] = isRepeated ? RawCell(kind: .repeated) : cell
            } else {
                page.unknownFields.append(
                    UnknownField(row: page.rows.count, name: quoted, value: cell))
            }
        }
        page.body.append(UInt8(ascii: "}"))
        page.rows.append(start..<page.body.count)
    }

    private func append(_ text: String, to body: inout [UInt8]) -> Range<Int> {
        let start = body.count
        body += Array(text.utf8)
        return start..<body.count
    }

    private static func kind(_ raw: String) -> RawCell.Kind {
        switch raw.first {
        case "\"": .string
        case "{": .object
        case "[": .array
        case "t": .true
        case "f": .false
        case "n": .null
        default: .number
        }
    }

    /// A slice of whole pages, rows in their order.
    static func slice(_ pages: [RawPage], unidentified: [RowReference] = []) -> ExtractedSlice {
        let rows = pages.indices.flatMap { page in
            pages[page].rows.indices.map { RowReference(page: page, row: $0) }
        }
        return ExtractedSlice(
            range: nil, pages: pages, rows: rows.filter { !unidentified.contains($0) },
            unidentified: unidentified, counts: ExtractionCounts())
    }

    /// Transforms rows of one page under a selection of columns.
    func transform(
        _ rows: [Row], columns: ColumnSelection = .native, zone: SourceZone? = nil,
        settings: DerivationSettings = .standard
    ) throws -> WholeSlice {
        try transformer(columns, zone: zone, settings: settings)
            .transform(Self.slice([page(rows)]))
    }

    func transformer(
        _ columns: ColumnSelection, zone: SourceZone? = nil,
        settings: DerivationSettings = .standard
    ) throws -> RowTransformer {
        struct NoSuchColumn: Error {}
        guard let plan = ColumnPlan(columns, of: endpoint, settings) else { throw NoSuchColumn() }
        return RowTransformer(
            endpoint: endpoint, plan: plan, account: "main", sourceZone: zone ?? endpoint.sourceZone
        )
    }
}

/// A transformed slice with all its rows at once.
struct WholeSlice {
    var rows: TransformedRows
    var rest: TransformedSlice

    var batch: RecordBatch { rows.batch }
    var rejects: [Reject] { rest.rejects }
    var firstStartedAt: Timestamp? { rest.firstStartedAt }
    var lastStartedAt: Timestamp? { rest.lastStartedAt }
}

extension RowTransformer {
    func transform(_ slice: ExtractedSlice) throws -> WholeSlice {
        var whole = self
        whole.batchRowCount = .max
        var rows: TransformedRows?
        let rest = whole.transform(slice) { rows = $0 }
        return WholeSlice(rows: try #require(rows), rest: rest)
    }
}

extension WholeSlice {
    /// A column's values as text, `null` where there is none.
    func column(_ name: String) -> [String] {
        guard let place = batch.schema.columns.firstIndex(where: { $0.name == name }) else {
            return ["no column \(name)"]
        }
        switch batch.columns[place] {
        case .text(let column), .json(let column):
            return (0..<column.count).map { column.string(at: $0) ?? "null" }
        case .int(let column), .decimal(let column), .timestamp(let column), .date(let column):
            return (0..<column.count).map {
                column.validity[$0] ? String(column.values[$0]) : "null"
            }
        case .bool(let column):
            return (0..<column.count).map {
                column.validity[$0] ? String(column.values[$0]) : "null"
            }
        case .notes(let column): return (0..<column.count).map { Self.notes(column, row: $0) }
        }
    }

    private static func notes(_ column: NotesColumn, row: Int) -> String {
        guard column.validity[row] else { return "null" }
        return (column.offsets[row]..<column.offsets[row + 1]).map { note in
            let createdAt =
                column.createdAt.validity[note] ? String(column.createdAt.values[note]) : "null"
            return [
                column.message.string(at: note) ?? "null", createdAt,
                column.agent.string(at: note) ?? "null",
            ].joined(separator: "|")
        }.joined(separator: ";")
    }

    /// Rejects as `reason field page raw`.
    var rejectLines: [String] {
        rejects.map {
            let raw = String(decoding: $0.raw, as: UTF8.self)
            return "\($0.reason.rawValue) \($0.field ?? "-") \($0.page) \(raw)"
        }
    }
}
