import ExportModel

/// The text of exported rows, written by this test from what they must hold.
struct RowText {
    static let unified = [
        "provider", "endpoint", "account", "call_id", "leg", "direction", "status", "started_at",
        "answered_at", "ended_at", "from_number", "to_number", "agent", "contact_name",
        "duration_seconds", "ring_seconds", "billed_seconds", "rate", "balance", "recorded",
        "recording", "hangup_by", "hangup_code", "call_method", "notes", "extra",
    ]

    enum Format: String {
        case csv, ndjson, parquet
    }

    let format: Format
    let columns: [String]

    /// The first line of a part, with its end; empty where there is none.
    var header: String { format == .csv ? columns.joined(separator: ",") + "\n" : "" }

    /// Whether the record is no row but a reject.
    func rejects(_ record: SimulatedRecord) -> Bool {
        record.isDirty && columns.contains(record.endpoint.dirtyColumn)
    }

    /// A row with its end.
    func line(_ record: SimulatedRecord, account: String) -> String {
        let cells = record.cells(account: account)
        if format == .csv {
            return columns.map { Self.csv(cells[$0] ?? .null) }.joined(separator: ",") + "\n"
        }
        let members = columns.map { "\"\($0)\":" + Self.json(cells[$0] ?? .null) }
        return "{" + members.joined(separator: ",") + "}\n"
    }

    /// RFC 4180; null is nothing, empty text is `""`.
    private static func csv(_ cell: Cell) -> String {
        switch cell {
        case .null: ""
        case .number(let digits): digits
        case .bool(let value): value ? "true" : "false"
        case .time(let milliseconds): time(milliseconds)
        case .text(let text), .json(let text):
            text.isEmpty || text.utf8.contains(where: { "\",\n".utf8.contains($0) })
                ? "\""
                    + text.split(separator: "\"", omittingEmptySubsequences: false)
                    .joined(separator: "\"\"") + "\"" : text
        }
    }

    private static func json(_ cell: Cell) -> String {
        switch cell {
        case .null: "null"
        case .number(let digits): digits
        case .bool(let value): value ? "true" : "false"
        case .time(let milliseconds): "\"" + time(milliseconds) + "\""
        case .text(let text): SimulatedRecord.quoted(text)
        case .json(let text): text
        }
    }

    private static func time(_ milliseconds: Int64) -> String {
        Timestamp(epochMilliseconds: milliseconds).iso8601
    }
}
