public import ExportModel

/// The table that holds a stream's rows in a warehouse: the exported columns, and after them
/// ``accountColumn`` and ``windowColumn``, which name the partition a row came with, when it was
/// loaded, and which run published it.
///
/// The first two are what makes a reload replace exactly the rows of a window: they do not depend
/// on which columns the pipeline exports, and request lists have them although they have no bounds.
public struct WarehouseTable: Hashable, Sendable {
    /// ``LoadPartition/account``
    static let accountColumn = "cdrx_account"
    /// A date for windows of days, and for those of months: their first day. Otherwise
    /// ``WindowKey/description``: an hour that comes twice has two keys and one local time.
    static let windowColumn = "cdrx_window"
    static let loadedAtColumn = "cdrx_loaded_at"
    /// Id of the run that published the row.
    static let runColumn = "cdrx_run_id"

    /// May be qualified, its parts separated by points.
    public var name: String
    public var comment: String
    var columns: [TableColumn]
    var format: OutputFormat
    var compression: OutputCompression
    var timestamps: TimestampStyle
    var csv: CSVOptions
    /// Whether ``windowColumn`` is a date.
    var hasDates: Bool

    /// - Parameters:
    ///   - name: nil: the stream's name.
    ///   - hasDates: whether windows are dates; nil: as the stream cuts them.
    public init(
        _ stream: ExportModel.Stream, output: OutputOptions, name: String? = nil,
        hasDates: Bool? = nil
    ) {
        self.name = name ?? stream.name
        comment = stream.endpoint.title
        columns = stream.columns.columns.map { TableColumn($0, of: stream.endpoint) }
        format = output.format
        compression = output.compression
        timestamps = output.format == .parquet ? .iso8601 : output.timestamps
        csv = output.csv
        self.hasDates = hasDates ?? stream.hasWindowsOfDates
    }

    /// All columns, in order.
    public var schema: TableSchema { TableSchema(columns: allColumns.map(\.column)) }

    /// The columns that say where a row comes from.
    var partitionColumns: [TableColumn] {
        [
            TableColumn(
                column: Column(name: Self.accountColumn, type: .text, isNullable: false),
                comment:
                    "Account of the partition this row was loaded with, * for all accounts, or "
                    + "its bucket"),
            TableColumn(
                column: Column(
                    name: Self.windowColumn, type: hasDates ? .date : .text, isNullable: false),
                comment: "Window of the partition this row was loaded with"
                    + (hasDates ? ", by its first day" : ", as in 2026-11-19T07")),
            TableColumn(
                column: Column(name: Self.loadedAtColumn, type: .timestamp, isNullable: false),
                comment: "When this row was loaded"),
            TableColumn(
                column: Column(name: Self.runColumn, type: .text, isNullable: false),
                comment: "Run of cdrx that published this row"),
        ]
    }

    var allColumns: [TableColumn] { columns + partitionColumns }

    /// The name's parts.
    var nameParts: [String] {
        name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    /// The first time that every row has: what the rows are best ordered by.
    var timeColumn: TableColumn? {
        columns.first { $0.column.type == .timestamp && !$0.column.isNullable }
    }
}

extension ExportModel.Stream {
    /// Whether each window has a first day and no other window has the same.
    fileprivate var hasWindowsOfDates: Bool {
        (requests?.isPerWindow ?? true) && windows.every != .hour
    }
}

/// A column of a warehouse table and what it holds.
struct TableColumn: Hashable, Sendable {
    var column: Column
    var comment: String

    var name: String { column.name }
    var type: ColumnType { column.type }

    init(column: Column, comment: String) {
        self.column = column
        self.comment = comment
    }

    /// A unified column's own description, with the provider's field after it; a native column
    /// has only the latter.
    init(_ planned: PlannedColumn, of endpoint: Endpoint) {
        column = planned.column
        switch planned.source {
        case .native(let field):
            comment = endpoint.fields[field].summary
        case .mapped(let field):
            let field = endpoint.fields[field]
            let unified = field.column?.summary ?? ""
            comment =
                "\(unified); provider field \(field.name)"
                + (field.summary.isEmpty ? "" : ": \(field.summary)")
        case .presence(let field, let present, let absent):
            comment = "\(present) where \(endpoint.fields[field].name) is set, else \(absent)"
        case .constant(let text): comment = "Always \(text)"
        case .account: comment = UnifiedColumn.account.summary
        case .requestID: comment = "The id that was asked for"
        case .extra: comment = UnifiedColumn.extra.summary
        case .derived(let derivation, _): comment = derivation.summary
        case .ordinal: comment = "Place among the rows of the record, from 1"
        case .nothing: comment = "Not provided by this provider, always null"
        }
    }
}

/// A published partition, as a warehouse reaches it.
public struct LoadPartition: Hashable, Sendable {
    /// In place of an account's name for a partition of all accounts; no account has this name.
    public static let allAccounts = "*"

    /// The account's name, ``allAccounts``, or the bucket's as in `bucket=03`.
    public var account: String
    /// ``WindowKey/description``
    public var window: String
    /// Absolute path or URI, without a slash at the end.
    public var directory: String
    /// Names in ``directory``; empty where the window has no rows, or is no longer published.
    public var files: [String]
    /// Rows of all files together.
    public var rows: Int
    /// The run that published them.
    public var runID: String

    public init(
        account: String, window: String, directory: String, files: [String], rows: Int,
        runID: String
    ) {
        self.account = account
        self.window = window
        self.directory = directory
        self.files = files
        self.rows = rows
        self.runID = runID
    }

    /// Absolute paths or URIs.
    var paths: [String] { files.map { directory + "/" + $0 } }
}
