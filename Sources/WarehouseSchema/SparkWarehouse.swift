import ExportModel

/// Spark SQL 3.4 or later, over a Parquet table that is partitioned by account and window, so that
/// one statement replaces a window's files.
struct SparkWarehouse: Warehouse {
    private static let view = "cdrx_load"

    let now = "current_timestamp()"

    func literal(_ text: String) -> String { SQLText.escapedLiteral(text) }

    func nullableTypeName(_ type: ColumnType, _ table: WarehouseTable) -> String {
        typeName(type, table)
    }

    /// It cannot ask whether the column is there.
    func add(_ column: TableColumn, to table: WarehouseTable) -> [String] {
        [
            "ALTER TABLE \(name(table)) ADD COLUMNS (\(identifier(column.name)) "
                + "\(typeName(column.type, table)) COMMENT \(literal(column.comment)));"
        ]
    }

    /// Its tables have no such constraint.
    func relax(_ column: String, of table: WarehouseTable) -> [String]? { [] }

    func create(_ table: WarehouseTable) -> [String] {
        let columns = table.allColumns.map { column in
            identifier(column.name) + " " + typeName(column.type, table)
                + " COMMENT \(SQLText.escapedLiteral(column.comment))"
        }
        return [
            "CREATE TABLE IF NOT EXISTS \(name(table)) \(SQLText.list(columns))\nUSING parquet\n"
                + "PARTITIONED BY (\(WarehouseTable.accountColumn), "
                + "\(WarehouseTable.windowColumn))\n"
                + "COMMENT \(SQLText.escapedLiteral(table.comment));"
        ]
    }

    func load(
        _ partitions: [LoadPartition], into table: WarehouseTable
    ) throws(WarehouseError) -> [String] {
        partitions.flatMap { partition in
            let place =
                "PARTITION (\(WarehouseTable.accountColumn) = "
                + SQLText.escapedLiteral(partition.account)
                + ", \(WarehouseTable.windowColumn) = " + window(partition, table) + ")"
            guard !partition.files.isEmpty else {
                return ["ALTER TABLE \(name(table)) DROP IF EXISTS \(place);"]
            }
            // By name: columns that were added later stand after the others.
            let names =
                table.columns.map(\.name)
                + [WarehouseTable.loadedAtColumn, WarehouseTable.runColumn]
            let values =
                table.columns.map { value($0, table) } + [now, literal(partition.runID)]
            return [
                view(partition, table),
                "INSERT OVERWRITE TABLE \(name(table)) \(place) "
                    + "\(SQLText.row(names.map(identifier)))\n"
                    + "SELECT \(values.joined(separator: ", "))\nFROM \(Self.view);",
            ]
        }
    }

    /// Spark leaves out files whose names begin with an underscore: manifest, rejects, `_SUCCESS`.
    private func view(_ partition: LoadPartition, _ table: WarehouseTable) -> String {
        let columns = table.columns.map { column in
            let isNumber = column.type == .timestamp && table.timestamps == .epochMilliseconds
            return identifier(column.name) + " "
                + (isNumber ? "BIGINT" : typeName(column.type, table))
        }
        let source = table.format == .ndjson ? "json" : table.format.rawValue
        let options = self.options(partition, table).map { "\($0.0) \($0.1)" }
        return "CREATE OR REPLACE TEMPORARY VIEW \(Self.view) \(SQLText.list(columns))\n"
            + "USING \(source)\nOPTIONS \(SQLText.row(options));"
    }

    private func options(
        _ partition: LoadPartition, _ table: WarehouseTable
    ) -> [(String, String)] {
        let path = ("path", SQLText.escapedLiteral(partition.directory))
        switch table.format {
        case .parquet: return [path]
        case .ndjson: return [path, ("mode", "'FAILFAST'")]
        case .csv:
            return [
                path, ("mode", "'FAILFAST'"), ("header", "'\(table.csv.hasHeader)'"),
                ("sep", SQLText.escapedLiteral(table.csv.delimiterText)), ("quote", "'\"'"),
                ("escape", "'\"'"), ("multiLine", "'true'"),
                ("nullValue", nullValue(table)), ("emptyValue", "''"),
                ("maxCharsPerColumn", "'-1'"), ("enforceSchema", "'true'"),
            ]
        }
    }

    /// Spark takes the empty text for null where `nullValue` is empty. Otherwise it reads an
    /// unquoted nothing as `nullValue`, and `""` as `emptyValue`.
    private func nullValue(_ table: WarehouseTable) -> String {
        table.csv.null.isEmpty ? "'\\u0001null\\u0001'" : SQLText.escapedLiteral(table.csv.null)
    }

    private func value(_ column: TableColumn, _ table: WarehouseTable) -> String {
        column.type == .timestamp && table.timestamps == .epochMilliseconds
            ? "timestamp_millis(\(identifier(column.name)))" : identifier(column.name)
    }

    private func typeName(_ type: ColumnType, _ table: WarehouseTable) -> String {
        switch type {
        case .text, .json: "STRING"
        case .int: "INT"
        case .decimal(let precision, let scale): "DECIMAL(\(precision),\(scale))"
        case .bool: "BOOLEAN"
        case .timestamp: "TIMESTAMP"
        case .date: "DATE"
        case .notes:
            table.format == .parquet
                ? "ARRAY<STRUCT<message: STRING, created_at: TIMESTAMP, agent: STRING>>" : "STRING"
        }
    }

    func name(_ table: WarehouseTable) -> String {
        SQLText.qualified(table.nameParts, quote: "`")
    }

    func identifier(_ name: String) -> String {
        SQLText.identifier(name, quote: "`")
    }
}
