import ExportModel

/// DuckDB 1.1 or later, reading the files where it runs.
struct DuckDBWarehouse: Warehouse {
    func create(_ table: WarehouseTable) -> [String] {
        let columns = table.allColumns.map { column in
            SQLText.identifier(column.name) + " " + typeName(column.type, table)
                + (column.column.isNullable ? "" : " NOT NULL")
        }
        let name = SQLText.qualified(table.nameParts)
        return [
            "CREATE TABLE IF NOT EXISTS \(name) \(SQLText.list(columns));",
            "COMMENT ON TABLE \(name) IS \(SQLText.literal(table.comment));",
        ]
            + table.allColumns.map { column in
                "COMMENT ON COLUMN \(name).\(SQLText.identifier(column.name)) IS "
                    + SQLText.literal(column.comment) + ";"
            }
    }

    func load(
        _ partitions: [LoadPartition], into table: WarehouseTable
    ) throws(WarehouseError) -> [String] {
        var statements = ["BEGIN TRANSACTION;"]
        for partition in partitions {
            statements.append(
                "DELETE FROM \(SQLText.qualified(table.nameParts)) "
                    + "WHERE \(WarehouseTable.accountColumn) = \(SQLText.literal(partition.account)) "
                    + "AND \(WarehouseTable.windowColumn) = \(SQLText.literal(partition.window));")
            if !partition.files.isEmpty { statements.append(insert(partition, table)) }
        }
        return statements + ["COMMIT;"]
    }

    private func insert(_ partition: LoadPartition, _ table: WarehouseTable) -> String {
        let names = table.allColumns.map { SQLText.identifier($0.name) }
        let values =
            table.columns.map { value($0, table) }
            + [SQLText.literal(partition.account), SQLText.literal(partition.window)]
        let files = "[" + partition.paths.map(SQLText.literal).joined(separator: ", ") + "]"
        return "INSERT INTO \(SQLText.qualified(table.nameParts)) \(SQLText.row(names))\n"
            + "SELECT \(values.joined(separator: ", "))\n"
            + "FROM \(reader(files, table));"
    }

    private func reader(_ files: String, _ table: WarehouseTable) -> String {
        let compression = "compression = '\(table.compression.rawValue)'"
        switch table.format {
        case .parquet: return "read_parquet(\(files), hive_partitioning = false)"
        case .csv:
            let isOnlyColumn = table.columns.count == 1
            return "read_csv"
                + SQLText.row([
                    files, "auto_detect = false", "header = \(table.csv.hasHeader)",
                    "delim = \(SQLText.literal(table.csv.delimiterText))", "quote = '\"'",
                    "escape = '\"'", "new_line = '\(newline(table))'",
                    "nullstr = \(SQLText.literal(table.csv.null))",
                    "allow_quoted_nulls = \(isOnlyColumn)", compression,
                    "max_line_size = 67108864", "hive_partitioning = false",
                    "columns = \(structure(table))",
                ])
        case .ndjson:
            return "read_json"
                + SQLText.row([
                    files, "format = 'newline_delimited'", compression,
                    "maximum_object_size = 67108864", "hive_partitioning = false",
                    "columns = \(structure(table))",
                ])
        }
    }

    private func newline(_ table: WarehouseTable) -> String {
        table.csv.newline == .lf ? "\\n" : "\\r\\n"
    }

    /// The columns as the files hold them.
    private func structure(_ table: WarehouseTable) -> String {
        let columns = table.columns.map { column in
            let type =
                switch column.type {
                case .timestamp where table.timestamps == .epochMilliseconds: "BIGINT"
                // As text, so that no reader parses it on the way.
                case .json, .notes: table.format == .csv ? "VARCHAR" : "JSON"
                default: typeName(column.type, table)
                }
            return SQLText.literal(column.name) + ": " + SQLText.literal(type)
        }
        return "{" + columns.joined(separator: ", ") + "}"
    }

    private func value(_ column: TableColumn, _ table: WarehouseTable) -> String {
        let name = SQLText.identifier(column.name)
        switch column.type {
        case .timestamp where table.timestamps == .epochMilliseconds:
            return "make_timestamptz(\(name) * 1000)"
        case .json, .notes:
            if column.type == .notes, table.format == .parquet { return name }
            return table.format == .ndjson
                ? "CASE WHEN json_type(\(name)) <> 'NULL' THEN \(name) END" : "\(name)::JSON"
        default: return name
        }
    }

    private func typeName(_ type: ColumnType, _ table: WarehouseTable) -> String {
        switch type {
        case .text: "VARCHAR"
        case .int: "INTEGER"
        case .decimal(let precision, let scale): "DECIMAL(\(precision),\(scale))"
        case .bool: "BOOLEAN"
        case .timestamp: "TIMESTAMPTZ"
        case .json: "JSON"
        case .notes:
            table.format == .parquet
                ? "STRUCT(message VARCHAR, created_at TIMESTAMPTZ, agent VARCHAR)[]" : "JSON"
        }
    }
}
