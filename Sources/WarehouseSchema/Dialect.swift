import ExportModel

/// A warehouse's SQL.
public enum Dialect: String, CaseIterable, Sendable {
    case postgres, duckdb, clickhouse, bigquery, snowflake, redshift, spark

    var warehouse: any Warehouse {
        switch self {
        case .postgres: PostgresWarehouse()
        case .duckdb: DuckDBWarehouse()
        case .clickhouse: ClickHouseWarehouse()
        case .bigquery: BigQueryWarehouse()
        case .snowflake: SnowflakeWarehouse()
        case .redshift: RedshiftWarehouse()
        case .spark: SparkWarehouse()
        }
    }

    /// Whether files must lie in an object store, so that a location must be given for loads.
    public var loadsOnlyObjectStores: Bool { self == .bigquery || self == .redshift }

    /// What the warehouse's client must run before the first statement, so that it stops at the
    /// first error and says so by its exit code.
    public var clientSettings: [String] { warehouse.clientSettings }
}

/// Writes the statements of one dialect. Statements are whole, with their semicolons.
protocol Warehouse: Sendable {
    /// See ``Dialect/clientSettings``.
    var clientSettings: [String] { get }

    /// CREATE TABLE, unless it is there, with comments.
    func create(_ table: WarehouseTable) -> [String]

    /// Adds a column, null in the rows that are there; where the warehouse knows how to ask for
    /// that, unless the column is there.
    func add(_ column: TableColumn, to table: WarehouseTable) -> [String]

    /// Lets a column take null from now on; nil where that cannot be done.
    func relax(_ column: String, of table: WarehouseTable) -> [String]?

    /// Replaces the rows of the partitions by those of their files: a delete for each partition,
    /// then what loads its files; in one transaction where the warehouse has them.
    func load(
        _ partitions: [LoadPartition], into table: WarehouseTable
    ) throws(WarehouseError) -> [String]

    /// A name in quotes.
    func identifier(_ name: String) -> String
    /// The table's name, each part in quotes.
    func name(_ table: WarehouseTable) -> String
    /// A text.
    func literal(_ text: String) -> String
    /// A day, from `yyyy-mm-dd`.
    func date(_ text: String) -> String
    /// The moment of the load.
    var now: String { get }
    /// A type whose values may be null.
    func nullableTypeName(_ type: ColumnType, _ table: WarehouseTable) -> String
}

extension Warehouse {
    var clientSettings: [String] { [] }

    func add(_ column: TableColumn, to table: WarehouseTable) -> [String] {
        [
            "ALTER TABLE \(name(table)) ADD COLUMN IF NOT EXISTS \(identifier(column.name)) "
                + nullableTypeName(column.type, table) + ";",
            "COMMENT ON COLUMN \(name(table)).\(identifier(column.name)) IS "
                + literal(column.comment) + ";",
        ]
    }

    func relax(_ column: String, of table: WarehouseTable) -> [String]? {
        ["ALTER TABLE \(name(table)) ALTER COLUMN \(identifier(column)) DROP NOT NULL;"]
    }

    func identifier(_ name: String) -> String { SQLText.identifier(name) }

    func name(_ table: WarehouseTable) -> String { SQLText.qualified(table.nameParts) }

    func literal(_ text: String) -> String { SQLText.literal(text) }

    func date(_ text: String) -> String { "DATE '\(text)'" }

    /// The value of ``WarehouseTable/windowColumn``.
    func window(_ partition: LoadPartition, _ table: WarehouseTable) -> String {
        guard table.hasDates else { return literal(partition.window) }
        return date(partition.window.utf8.count == 7 ? partition.window + "-01" : partition.window)
    }

    /// The values of ``WarehouseTable/partitionColumns``.
    func partitionValues(_ partition: LoadPartition, _ table: WarehouseTable) -> [String] {
        [literal(partition.account), window(partition, table), now, literal(partition.runID)]
    }

    /// The delete that comes before a partition's load, without its semicolon.
    func deletion(of partition: LoadPartition, from table: WarehouseTable) -> String {
        "DELETE FROM \(name(table)) WHERE "
            + "\(WarehouseTable.accountColumn) = \(literal(partition.account)) AND "
            + "\(WarehouseTable.windowColumn) = \(window(partition, table))"
    }
}

extension WarehouseTable {
    /// The statements that make the table in a dialect.
    public func creation(in dialect: Dialect) -> [String] {
        dialect.warehouse.create(self)
    }

    /// The statements that add columns, by their names.
    public func adding(_ names: [String], in dialect: Dialect) -> [String] {
        allColumns.filter { names.contains($0.name) }
            .flatMap { dialect.warehouse.add($0, to: self) }
    }

    /// The statements that let columns take null.
    ///
    /// - Throws: ``WarehouseError/Code/columnNotRelaxable``
    public func relaxing(
        _ names: [String], in dialect: Dialect
    ) throws(WarehouseError) -> [String] {
        var statements: [String] = []
        for name in names {
            guard let found = dialect.warehouse.relax(name, of: self) else {
                throw WarehouseError(
                    .columnNotRelaxable,
                    "the column '\(name)' of table \(self.name) cannot be null in "
                        + "\(dialect.rawValue), and the pipeline file asks for it no more; load "
                        + "everything into another table with --all --table NAME")
            }
            statements += found
        }
        return statements
    }

    /// The statements that replace the rows of some partitions.
    ///
    /// - Throws: ``WarehouseError/Code/formatNotLoadable``
    public func loading(
        _ partitions: [LoadPartition], in dialect: Dialect
    ) throws(WarehouseError) -> [String] {
        try dialect.warehouse.load(partitions, into: self)
    }
}
