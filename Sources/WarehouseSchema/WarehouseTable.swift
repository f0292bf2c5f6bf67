public import ExportModel

/// The table that holds a stream's rows in a warehouse: the exported columns, and after them
/// ``accountColumn`` and ``windowColumn``, which name the partition a row came with.
///
/// The two are what makes a reload replace exactly the rows of a window: they do not depend on
/// which columns the pipeline exports, and request lists have them although they have no bounds.
public struct WarehouseTable: Hashable, Sendable {
    /// The account's name in the pipeline, or ``LoadPartition/allAccounts``.
    static let accountColumn = "cdrx_account"
    /// ``WindowKey/description``
    static let windowColumn = "cdrx_window"

    /// May be qualified, its parts separated by points.
    public var name: String
    public var comment: String
    var columns: [TableColumn]
    var format: OutputFormat
    var compression: OutputCompression
    var timestamps: TimestampStyle
    var csv: CSVOptions

    /// - Parameter name: nil: the stream's name.
    public init(_ stream: ExportModel.Stream, output: OutputOptions, name: String? = nil) {
        self.name = name ?? stream.name
        comment = stream.endpoint.title
        columns = stream.columns.columns.map { TableColumn($0, of: stream.endpoint) }
        format = output.format
        compression = output.compression
        timestamps = output.format == .parquet ? .iso8601 : output.timestamps
        csv = output.csv
    }

    /// The columns that name the partition.
    static let partitionColumns = [
        TableColumn(
            column: Column(name: accountColumn, type: .text, isNullable: false),
            comment: "Account of the partition this row was loaded with, * for all accounts"),
        TableColumn(
            column: Column(name: windowColumn, type: .text, isNullable: false),
            comment: "Window of the partition this row was loaded with, as in 2026-11-19"),
    ]

    var allColumns: [TableColumn] { columns + Self.partitionColumns }

    /// The name's parts.
    var nameParts: [String] {
        name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    /// The first time that every row has: what the rows are best ordered by.
    var timeColumn: TableColumn? {
        columns.first { $0.column.type == .timestamp && !$0.column.isNullable }
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
        case .nothing: comment = "Not provided by this provider, always null"
        }
    }
}

/// A published partition, as a warehouse reaches it.
public struct LoadPartition: Hashable, Sendable {
    /// In place of an account's name for a partition of all accounts; no account has this name.
    public static let allAccounts = "*"

    /// The account's name, or ``allAccounts``.
    public var account: String
    /// ``WindowKey/description``
    public var window: String
    /// Absolute path or URI, without a slash at the end.
    public var directory: String
    /// Names in ``directory``; empty where the window has no rows, or is no longer published.
    public var files: [String]
    /// Rows of all files together.
    public var rows: Int

    public init(
        account: String, window: String, directory: String, files: [String], rows: Int
    ) {
        self.account = account
        self.window = window
        self.directory = directory
        self.files = files
        self.rows = rows
    }

    /// Absolute paths or URIs.
    var paths: [String] { files.map { directory + "/" + $0 } }
}
