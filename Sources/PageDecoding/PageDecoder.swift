import CSimdjson
import ExportModel

/// Decodes the bodies of one endpoint. Each lane has its own, since it reuses its memory.
public final class PageDecoder {
    private let parser: OpaquePointer
    private let layout: PageLayout
    /// The parser's capture index of each path of the layout.
    private let captureIndices: [Int]

    /// - Throws: `out_of_memory` only.
    public init(
        _ layout: PageLayout, limits: DecodingLimits = DecodingLimits()
    ) throws(PageDecodingError) {
        let limits = cdrx_limits(
            body_bytes: limits.bodyByteCount, rows: limits.rowCount, depth: limits.depth)
        guard let parser = cdrx_page_parser_create(limits) else { throw Self.outOfMemory }
        self.parser = parser
        self.layout = layout
        do {
            captureIndices = try Self.declare(layout, to: parser)
        } catch {
            cdrx_page_parser_destroy(parser)
            throw error
        }
    }

    deinit {
        cdrx_page_parser_destroy(parser)
    }

    /// Puts zeros into the unused room after a body, so that ``decode(_:)`` need not copy it.
    public static func pad(_ body: inout [UInt8]) {
        body.append(contentsOf: repeatElement(0, count: paddingByteCount))
        body.removeLast(paddingByteCount)
    }

    /// The room that ``pad(_:)`` needs; whoever reserves it spares a reallocation.
    public static let paddingByteCount = Int(CDRX_PADDING)

    /// Cuts a body into a page that keeps it, and a CSV body also as the JSON that its records are.
    public func decode(_ body: [UInt8]) throws(PageDecodingError) -> DecodedPage {
        switch layout.body {
        case .json: return try decodeJSON(body)
        case .ndjson:
            var decoded = try decodeJSON(body)
            // The archive takes no page without a body.
            if body.isEmpty { decoded.page.received = [0x0A] }
            // What reports an error looks like a record.
            if decoded.page.rows.count == 1, !layout.captures.isEmpty {
                decoded.captures = try decodeEnvelope(body).captures
            }
            return decoded
        case .csv:
            if Self.isObject(body) { return try decodeEnvelope(body) }
            var converter = CSVConverter(body)
            var lines = try converter.convert(required: layout.requiredColumns)
            Self.pad(&lines)
            var decoded = try decodeJSON(lines)
            decoded.page.received = body
            return decoded
        }
    }

    private static func isObject(_ body: [UInt8]) -> Bool {
        body.first { $0 > 0x20 } == UInt8(ascii: "{")
    }

    /// The captures of one JSON value, without rows.
    private func decodeEnvelope(_ body: [UInt8]) throws(PageDecodingError) -> DecodedPage {
        let envelope = PageLayout(endpoint: [], rows: nil, captures: layout.captures)
        return try PageDecoder(envelope).decode(body)
    }

    /// Cuts `body` into a page that keeps it. A byte order mark at its start is passed over, and so
    /// are bytes inside strings that are not UTF-8: ``RawPage/invalidRows`` names the rows with them.
    private func decodeJSON(_ body: [UInt8]) throws(PageDecodingError) -> DecodedPage {
        let parsed = body.withUnsafeBufferPointer {
            cdrx_page_parser_parse(parser, $0.baseAddress, $0.count, body.capacity)
        }
        if let kind = Self.failure(of: parsed.status) {
            throw PageDecodingError(kind: kind, byteOffset: parsed.error_offset)
        }
        let page = RawPage(
            body: body, fieldCount: layout.cells.paths.count, rows: Self.rows(of: parsed),
            cells: Self.cells(of: parsed, count: parsed.row_count * layout.cells.paths.count),
            unknownFields: Self.unknownFields(of: parsed),
            invalidRows: Self.invalidRows(of: parsed))
        return DecodedPage(
            page: page, rowsKind: Self.rowsKind(parsed.rows_kind),
            captures: captureIndices.map { Self.captured(parsed.captures[$0], in: body) },
            hasTrailingComma: parsed.has_trailing_comma)
    }

    private static let outOfMemory = PageDecodingError(kind: .outOfMemory, byteOffset: 0)

    // MARK: Layout

    private static func declare(
        _ layout: PageLayout, to parser: OpaquePointer
    ) throws(PageDecodingError) -> [Int] {
        for path in layout.cells.paths {
            let cell = cdrx_page_parser_add_cell(parser)
            // What lies inside a list that is expanded is cut when the record is.
            if path.hasEach { continue }
            let node = try node(at: path, from: UInt32(CDRX_ROW), in: parser)
            guard cdrx_page_parser_fill_cell(parser, cell, node) else { throw outOfMemory }
        }
        for alternative in layout.cells.ofRecords {
            let (cell, other) = (UInt32(alternative.cell), UInt32(alternative.other))
            guard cdrx_page_parser_add_alternative(parser, cell, other) else { throw outOfMemory }
        }
        if let rows = layout.rows {
            cdrx_page_parser_set_rows(parser, try node(at: rows, from: 0, in: parser))
        }
        var indices: [Int] = []
        for path in layout.captures {
            let node = try node(at: path, from: 0, in: parser)
            indices.append(Int(cdrx_page_parser_add_capture(parser, node)))
        }
        cdrx_page_parser_settle(parser, layout.body != .json)
        return indices
    }

    /// The node at a path without `[]`.
    private static func node(
        at path: JSONPath, from root: UInt32, in parser: OpaquePointer
    ) throws(PageDecodingError) -> UInt32 {
        var node = root
        for step in path.steps {
            switch step {
            case .key(let key):
                let name = Array(key.utf8)
                node = cdrx_page_parser_child(parser, node, name, name.count)
            case .index(let place): node = cdrx_page_parser_item(parser, node, place)
            case .each: preconditionFailure("a place that no single value has")
            }
            if node == 0 { throw outOfMemory }
        }
        return node
    }

    // MARK: Results

    private static func failure(of status: Int32) -> PageDecodingError.Kind? {
        switch Int(status) {
        case CDRX_OK: nil
        case CDRX_CUT_BODY: .cutBody
        case CDRX_TOO_LARGE: .tooLarge
        case CDRX_TOO_DEEP: .tooDeep
        case CDRX_TOO_MANY_ROWS: .tooManyRows
        case CDRX_TOO_MANY_FIELDS: .tooManyFields
        case CDRX_REPEATED_KEY: .repeatedKey
        case CDRX_OUT_OF_MEMORY: .outOfMemory
        default: .notJSON
        }
    }

    private static func rowsKind(_ kind: UInt8) -> RowsKind {
        switch RawCell.Kind(rawValue: kind) {
        case .missing, nil: .absent
        case .array: .array
        case .object: .object
        default: .other
        }
    }

    private static func rows(of parsed: cdrx_page) -> [Range<Int>] {
        UnsafeBufferPointer(start: parsed.rows, count: parsed.row_count).map(range)
    }

    private static func cells(of parsed: cdrx_page, count: Int) -> [RawCell] {
        // Swift's one empty array would be written to, on every lane.
        guard count > 0 else { return [] }
        let source = UnsafeBufferPointer(start: parsed.cells, count: count)
        return [RawCell](unsafeUninitializedCapacity: count) { target, initializedCount in
            for index in 0..<count {
                target.initializeElement(at: index, to: cell(source[index]))
            }
            initializedCount = count
        }
    }

    private static func unknownFields(of parsed: cdrx_page) -> [UnknownField] {
        UnsafeBufferPointer(start: parsed.unknown_fields, count: parsed.unknown_field_count).map {
            UnknownField(row: Int($0.row), name: range($0.name), value: cell($0.value))
        }
    }

    private static func invalidRows(of parsed: cdrx_page) -> Set<Int> {
        Set(
            UnsafeBufferPointer(start: parsed.invalid_rows, count: parsed.invalid_row_count)
                .map { Int($0) })
    }

    private static func range(_ range: cdrx_range) -> Range<Int> {
        Int(range.offset)..<Int(range.offset) + Int(range.byte_count)
    }

    private static func cell(_ cell: cdrx_cell) -> RawCell {
        RawCell(
            kind: RawCell.Kind(rawValue: cell.kind) ?? .missing, isEscaped: cell.is_escaped,
            position: cell.position, offset: cell.offset, byteCount: cell.byte_count)
    }

    private static func captured(_ source: cdrx_cell, in body: [UInt8]) -> CapturedValue? {
        let cell = cell(source)
        switch cell.kind {
        case .missing: return nil
        case .array, .object: return CapturedValue(kind: cell.kind, text: "")
        case .string:
            return CapturedValue(kind: cell.kind, text: text(of: cell, in: body))
        default:
            let text = String(decoding: body[cell.range], as: UTF8.self)
            return CapturedValue(kind: cell.kind, text: text)
        }
    }

    private static func text(of string: RawCell, in body: [UInt8]) -> String {
        var text: [UInt8] = []
        let isWhole = body.withUnsafeBufferPointer {
            JSONText.appendUnescaped(UnsafeBufferPointer(rebasing: $0[string.range]), to: &text)
        }
        return String(decoding: isWhole ? text[...] : body[string.unquotedRange], as: UTF8.self)
    }
}
