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

    /// Replaces the rows of the partitions by those of their files: a delete for each partition,
    /// then what loads its files; in one transaction where the warehouse has them.
    func load(
        _ partitions: [LoadPartition], into table: WarehouseTable
    ) throws(WarehouseError) -> [String]
}

extension Warehouse {
    var clientSettings: [String] { [] }
}

extension WarehouseTable {
    /// The statements that make the table in a dialect.
    public func creation(in dialect: Dialect) -> [String] {
        dialect.warehouse.create(self)
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
