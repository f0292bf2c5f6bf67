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
    private let time: ColumnRecipe?

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
        time = timeColumn == nil ? book.time() : nil
        checks = book.checks()
    }

    /// Types every row of `slice`. Rows of a request list whose raw text is the whole body stand
    /// for ids that the provider does not know.
    public func transform(_ slice: ExtractedSlice) -> TransformedSlice {
        var pass = Pass(slice.rows, of: slice.pages, outputs: outputs, checks: allChecks)
        var rejects = located(pass.failures, among: slice.rows)
        if !rejects.isEmpty {
            let failures = pass.failures.failures
            let kept = slice.rows.indices.filter { failures[$0] == nil }.map { slice.rows[$0] }
            pass = Pass(kept, of: slice.pages, outputs: outputs, checks: allChecks)
        }
        rejects += unidentified(slice)
        rejects.sort { ($0.row.page, $0.row.row) < ($1.row.page, $1.row.row) }
        let (first, last) = startedAt(pass)
        return TransformedSlice(
            batch: RecordBatch(
                schema: schema, rowCount: pass.rowCount, columns: pass.outputs),
            rejects: rejects.map { reject($0, slice.pages[Int($0.row.page)]) },
            firstStartedAt: first, lastStartedAt: last)
    }

    private var allChecks: [ColumnRecipe] {
        checks + (time.map { [$0] } ?? [])
    }

    // MARK: Rejects

    private struct LocatedFailure {
        var row: RowReference
        var failure: FailureLog.Failure
    }

    private func located(_ log: FailureLog, among rows: [RowReference]) -> [LocatedFailure] {
        log.failures.map { LocatedFailure(row: rows[$0.key], failure: $0.value) }
    }

    /// The rows without a readable key or time, each with its first reason.
    private func unidentified(_ slice: ExtractedSlice) -> [LocatedFailure] {
        if slice.unidentified.isEmpty { return [] }
        let pass = Pass(slice.unidentified, of: slice.pages, outputs: [], checks: identity)
        return slice.unidentified.indices.map { index in
            let row = slice.unidentified[index]
            let page = slice.pages[Int(row.page)]
            if page.requestID != nil, page.isWholeBody(Int(row.row)) {
                let failure = FailureLog.Failure(reason: .unknownRequestID, order: -1)
                return LocatedFailure(row: row, failure: failure)
            }
            let failure =
                pass.failures.failures[index]
                ?? FailureLog.Failure(reason: .malformed, order: timeField ?? -1)
            return LocatedFailure(row: row, failure: failure)
        }
    }

    private func reject(_ located: LocatedFailure, _ page: RawPage) -> Reject {
        let order = located.failure.order
        let field = fieldNames.indices.contains(order) ? fieldNames[order] : nil
        var raw: [UInt8] = []
        page.body.withUnsafeBufferPointer {
            JSONText.appendMinified(
                UnsafeBufferPointer(rebasing: $0[page.rows[Int(located.row.row)]]), to: &raw)
        }
        return Reject(
            reason: located.failure.reason, field: field ?? located.failure.unknownName,
            page: page.number, raw: raw)
    }

    // MARK: Times

    private func startedAt(_ pass: Pass) -> (Timestamp?, Timestamp?) {
        let values = timeColumn.map { pass.outputs[$0] } ?? (time == nil ? nil : pass.checks.last)
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
        var builders = (outputs + checks).map { $0.makeBuilder() }
        var failures = FailureLog()
        RowRun.forEach(of: rows, in: pages) { run in
            Self.recordNonObjects(run, pages[Int(rows[run.indices.lowerBound].page)], &failures)
            for index in builders.indices {
                builders[index].append(run, failures: &failures)
            }
        }
        rowCount = rows.count
        self.outputs = builders.prefix(outputs.count).map(\.values)
        self.checks = builders.dropFirst(outputs.count).map(\.values)
        self.failures = failures
    }

    private static func recordNonObjects(
        _ run: RowRun, _ page: RawPage, _ failures: inout FailureLog
    ) {
        for index in run.indices {
            let start = page.rows[Int(run.rows[index].row)].lowerBound
            if run.body[start] != UInt8(ascii: "{") {
                failures.record(.notAnObject, row: index, order: -1)
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

extension RawPage {
    /// Whether a row is all of the body but white space and a byte order mark.
    fileprivate func isWholeBody(_ row: Int) -> Bool {
        let opening: Set<UInt8> = [UInt8(ascii: "{"), UInt8(ascii: "[")]
        return rows[row].lowerBound == body.firstIndex(where: opening.contains)
    }
}
