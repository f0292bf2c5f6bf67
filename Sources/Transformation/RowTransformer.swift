public import ExportModel

/// Turns the raw rows of one stream and account into typed columns.
///
/// Rules of typing: DESIGN.md, "Unified columns, in order". A row is a reject where a field that
/// becomes a column, is required, or identifies the record cannot be typed exactly. Fields that
/// only go to `extra` keep any value, since it is written as it came.
public struct RowTransformer: Sendable {
    private let schema: TableSchema
    private let fieldNames: [String]
    private let outputs: [ColumnRecipe]
    private let checks: [ColumnRecipe]
    private let identity: [ColumnRecipe]
    private let timeField: Int?
    /// The output column that holds the record's start; nil if there is none.
    private let timeColumn: Int?
    /// Whether the last check reads the record's start, because no output column does.
    private let isTimeChecked: Bool
    private let requestIDName: String?
    /// nil where records are rows.
    private let expander: RowExpander?
    /// Rows typed at once: few enough to stay in the processor's cache.
    var batchRowCount = 4_096

    /// - Parameter sourceZone: of the provider's zone-less times.
    public init(endpoint: Endpoint, plan: ColumnPlan, account: String, sourceZone: SourceZone) {
        let book = RecipeBook(endpoint: endpoint, plan: plan, account: account, zone: sourceZone)
        schema = plan.schema
        fieldNames = endpoint.fields.map(\.name)
        outputs = book.outputs()
        identity = book.identity()
        timeField = endpoint.fieldIndex(endpoint.timeField)
        let timeField = timeField
        timeColumn = plan.columns.firstIndex {
            $0.column.type == .timestamp && $0.source.field == timeField && timeField != nil
        }
        requestIDName = endpoint.request.requestID?.name
        expander = RowExpander(endpoint)
        let time = timeColumn == nil ? book.time() : nil
        isTimeChecked = time != nil
        checks = book.checks() + (time.map { [$0] } ?? [])
    }

    /// Types every row of `slice`; ids that the provider does not know become rejects too.
    ///
    /// - Parameter consume: takes the rows that fit, in order and some at a time, so that memory
    ///   does not hold all of them twice; called at least once.
    public func transform<Failure: Error>(
        _ slice: ExtractedSlice, consume: (TransformedRows) throws(Failure) -> Void
    ) throws(Failure) -> TransformedSlice {
        var rejects = unidentified(slice) + slice.unknownRequestIDs.map(unknown)
        var (first, last): (Timestamp?, Timestamp?)
        var occurring = occurringFields(of: slice.rows + slice.unidentified, in: slice.pages)
        // A record may have many rows.
        let step = expander == nil ? batchRowCount : max(batchRowCount / 16, 1)
        var start = 0
        repeat {
            let end = min(start + step, slice.rows.count)
            let batch = Batch(start..<end, of: slice, expander)
            if expander != nil {
                occurring.formUnion(occurringFields(of: batch.rows, in: batch.pages))
            }
            let rows = transform(batch, rejects: &rejects)
            first = [first, rows.firstStartedAt].compactMap { $0 }.min()
            last = [last, rows.lastStartedAt].compactMap { $0 }.max()
            try consume(rows)
            start = end
        } while start < slice.rows.count
        rejects.sort { ($0.reject.page, $0.row) < ($1.reject.page, $1.row) }
        return TransformedSlice(
            rejects: rejects.map(\.reject), firstStartedAt: first, lastStartedAt: last,
            occurringFields: occurring)
    }

    /// Some records of a slice as rows.
    private struct Batch {
        var pages: [RawPage]
        var rows: [RowReference]
        /// As many as rows, or none.
        var keyHashes: [UInt64]
        /// For each row the place of its record; nil where records are rows.
        var records: [Int]?

        init(_ places: Range<Int>, of slice: ExtractedSlice, _ expander: RowExpander?) {
            pages = slice.pages
            rows = Array(slice.rows[places])
            keyHashes = slice.keyHashes.isEmpty ? [] : Array(slice.keyHashes[places])
            guard let expanded = expander?.expand(rows, of: pages) else { return }
            keyHashes = expanded.keyHashes(keyHashes)
            (pages, rows, records) = (expanded.pages, expanded.rows, expanded.records)
        }

        /// The place of a row's record.
        func record(_ place: Int) -> Int { records?[place] ?? place }

        mutating func keep(_ places: [Int]) {
            rows = places.map { rows[$0] }
            if !keyHashes.isEmpty { keyHashes = places.map { keyHashes[$0] } }
            records = records.map { records in places.map { records[$0] } }
        }
    }

    /// A record is set aside whole, for the first of its rows that does not fit.
    private func transform(_ batch: Batch, rejects: inout [LocatedReject]) -> TransformedRows {
        var batch = batch
        var pass = Pass(batch.rows, of: batch.pages, outputs: outputs, checks: checks)
        let failures = pass.failures.failures
        if !failures.isEmpty {
            var firstPlaces: [Int: Int] = [:]
            for place in failures.keys {
                let record = batch.record(place)
                firstPlaces[record] = min(firstPlaces[record] ?? place, place)
            }
            let first = Set(firstPlaces.values)
            rejects += located(
                failures.filter { first.contains($0.key) }, among: batch.rows, of: batch.pages)
            batch.keep(batch.rows.indices.filter { firstPlaces[batch.record($0)] == nil })
            pass = Pass(batch.rows, of: batch.pages, outputs: outputs, checks: checks)
        }
        let (first, last) = startedAt(pass)
        return TransformedRows(
            batch: RecordBatch(schema: schema, rowCount: pass.rowCount, columns: pass.outputs),
            keyHashes: batch.keyHashes, firstStartedAt: first, lastStartedAt: last)
    }

    /// Costs little: most fields are in the first record.
    private func occurringFields(of rows: [RowReference], in pages: [RawPage]) -> Set<Int> {
        Set(
            fieldNames.indices.filter { field in
                rows.contains { row in
                    let page = pages[Int(row.page)]
                    return page.cell(row: Int(row.row), field: field).kind != .missing
                }
            })
    }

    // MARK: Rejects

    private struct LocatedReject {
        /// -1 where the whole answer is at fault.
        var row: Int
        var reject: Reject
    }

    private func located(
        _ failures: [Int: FailureLog.Failure], among rows: [RowReference], of pages: [RawPage]
    ) -> [LocatedReject] {
        failures.map { place, failure in
            let row = Int(rows[place].row)
            let reject = reject(failure, row: row, of: pages[Int(rows[place].page)])
            return LocatedReject(row: row, reject: reject)
        }
    }

    /// The rows without a readable key or time, each with its first reason.
    private func unidentified(_ slice: ExtractedSlice) -> [LocatedReject] {
        if slice.unidentified.isEmpty { return [] }
        let pass = Pass(slice.unidentified, of: slice.pages, outputs: [], checks: identity)
        var failures = pass.failures.failures
        for place in slice.unidentified.indices where failures[place] == nil {
            failures[place] = FailureLog.Failure(reason: .malformed, order: timeField ?? -1)
        }
        return located(failures, among: slice.unidentified, of: slice.pages)
    }

    private func reject(_ failure: FailureLog.Failure, row: Int, of page: RawPage) -> Reject {
        if page.invalidRows.contains(row) { return invalidText(row, of: page) }
        let isNamed = fieldNames.indices.contains(failure.order)
        var raw: [UInt8] = []
        page.body.withUnsafeBufferPointer {
            JSONText.appendMinified(UnsafeBufferPointer(rebasing: $0[page.rows[row]]), to: &raw)
        }
        return Reject(
            reason: failure.reason,
            field: isNamed ? fieldNames[failure.order] : failure.unknownName,
            page: page.number, raw: raw,
            value: isNamed ? value(of: failure.order, row: row, in: page) : [])
    }

    private func value(of field: Int, row: Int, in page: RawPage) -> [UInt8] {
        Array(page.body[page.cell(row: row, field: field).range].prefix(Reject.valueLimit))
    }

    /// Names the first documented field whose bytes are not UTF-8.
    private func invalidText(_ row: Int, of page: RawPage) -> Reject {
        let field = fieldNames.indices.first { field in
            let bytes = page.body[page.cell(row: row, field: field).range]
            return String(validating: bytes, as: UTF8.self) == nil
        }
        return Reject(
            reason: .invalidUTF8, field: field.map { fieldNames[$0] }, page: page.number,
            raw: Array(page.body[page.rows[row]]),
            value: field.map { value(of: $0, row: row, in: page) } ?? [])
    }

    private func unknown(_ id: UnknownRequestID) -> LocatedReject {
        let name = requestIDName ?? "request_id"
        var raw = Array("{".utf8)
        JSONText.appendQuoted(name, to: &raw)
        raw.append(UInt8(ascii: ":"))
        JSONText.appendQuoted(id.id, to: &raw)
        raw.append(UInt8(ascii: "}"))
        let reject = Reject(reason: .unknownRequestID, field: name, page: id.number, raw: raw)
        return LocatedReject(row: -1, reject: reject)
    }

    // MARK: Times

    private func startedAt(_ pass: Pass) -> (Timestamp?, Timestamp?) {
        let values = timeColumn.map { pass.outputs[$0] } ?? (isTimeChecked ? pass.checks.last : nil)
        guard case .timestamp(let column) = values, let first = column.values.min(),
            let last = column.values.max()
        else { return (nil, nil) }
        return (Timestamp(epochMilliseconds: first), Timestamp(epochMilliseconds: last))
    }
}

/// One walk over rows: all their columns, and why some do not fit.
private struct Pass {
    let rowCount: Int
    let outputs: [ColumnValues]
    let checks: [ColumnValues]
    let failures: FailureLog

    init(
        _ rows: [RowReference], of pages: [RawPage], outputs: [ColumnRecipe],
        checks: [ColumnRecipe]
    ) {
        var builders = (outputs + checks).map { $0.makeBuilder(rowCount: rows.count) }
        var failures = FailureLog()
        RowRun.forEach(of: rows, in: pages) { run in
            Self.recordWholeFaults(run, pages[Int(rows[run.indices.lowerBound].page)], &failures)
            for index in builders.indices {
                builders[index].append(run, failures: &failures)
            }
        }
        rowCount = rows.count
        self.outputs = builders.prefix(outputs.count).map(\.values)
        self.checks = builders.dropFirst(outputs.count).map(\.values)
        self.failures = failures
    }

    /// What is wrong with records as a whole.
    private static func recordWholeFaults(
        _ run: RowRun, _ page: RawPage, _ failures: inout FailureLog
    ) {
        for index in run.indices {
            let row = Int(run.rows[index].row)
            if run.body[page.rows[row].lowerBound] != UInt8(ascii: "{") {
                failures.record(.notAnObject, row: index, order: -1)
            }
            if page.invalidRows.contains(row) {
                failures.record(.invalidUTF8, row: index, order: -1)
            }
        }
    }
}

extension ColumnSource {
    /// The field whose values the column holds.
    fileprivate var field: Int? {
        switch self {
        case .native(let field), .mapped(let field): field
        default: nil
        }
    }
}

/// Some rows of a slice as typed columns.
public struct TransformedRows: Sendable {
    /// In the order of ``ExtractedSlice/rows``, without the rejects.
    public var batch: RecordBatch
    /// A hash of each row's key, see ``ExtractedSlice/keyHashes``.
    public var keyHashes: [UInt64]
    /// Earliest and latest start among them; nil where there are none.
    var firstStartedAt: Timestamp?
    var lastStartedAt: Timestamp?
}

/// What a slice holds besides the rows that fit.
public struct TransformedSlice: Sendable {
    /// The records that did not fit, by page, then by row.
    public var rejects: [Reject]
    /// Earliest and latest start among the rows that fit; nil where there are none.
    public var firstStartedAt: Timestamp?
    public var lastStartedAt: Timestamp?
    /// Indices of the documented fields that some record has, rejects included.
    public var occurringFields: Set<Int>
}
