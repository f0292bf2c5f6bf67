import ExportModel

/// Amazon Redshift, for psql; files lie in S3, read with the cluster's default role.
///
/// COPY takes every object whose key begins with the path it is given. Names of parts end with their
/// format and codec, so that none is the beginning of another.
///
/// Its COPY does not distinguish an empty text from null in CSV where null is written as nothing; NDJSON
/// and Parquet keep both.
struct RedshiftWarehouse: Warehouse {
    private static let staging = "cdrx_load"

    let clientSettings = ["\\set ON_ERROR_STOP on"]
    let now = "SYSDATE::TIMESTAMPTZ"

    func nullableTypeName(_ type: ColumnType, _ table: WarehouseTable) -> String {
        typeName(type)
    }

    /// It cannot ask whether the column is there.
    func add(_ column: TableColumn, to table: WarehouseTable) -> [String] {
        [
            "ALTER TABLE \(name(table)) ADD COLUMN \(identifier(column.name)) "
                + typeName(column.type) + ";",
            "COMMENT ON COLUMN \(name(table)).\(identifier(column.name)) IS "
                + literal(column.comment) + ";",
        ]
    }

    func relax(_ column: String, of table: WarehouseTable) -> [String]? { nil }

    func create(_ table: WarehouseTable) -> [String] {
        let columns = table.allColumns.map { column in
            SQLText.identifier(column.name) + " " + typeName(column.type)
                + (column.column.isNullable ? "" : " NOT NULL")
        }
        let name = SQLText.qualified(table.nameParts)
        return [
            "CREATE TABLE IF NOT EXISTS \(name) \(SQLText.list(columns))\n"
                + "SORTKEY (\(WarehouseTable.accountColumn), \(WarehouseTable.windowColumn));",
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
        let columns = table.columns.map {
            SQLText.identifier($0.name) + " " + stagingTypeName($0.type, table)
        }
        var statements = [
            "CREATE TEMPORARY TABLE \(Self.staging) \(SQLText.list(columns));", "BEGIN;",
        ]
        for partition in partitions {
            statements.append(deletion(of: partition, from: table) + ";")
            if partition.files.isEmpty { continue }
            // DELETE, because TRUNCATE commits.
            statements.append("DELETE FROM \(Self.staging);")
            statements += partition.paths.map { copy($0, table) }
            statements.append(insert(partition, table))
        }
        return statements + ["COMMIT;", "DROP TABLE \(Self.staging);"]
    }

    private func copy(_ path: String, _ table: WarehouseTable) -> String {
        var options = ["IAM_ROLE default"]
        switch table.format {
        case .parquet: options.append("FORMAT AS PARQUET SERIALIZETOJSON")
        case .ndjson: options.append("FORMAT AS JSON 'auto'")
        case .csv:
            options.append("FORMAT AS CSV")
            options.append("DELIMITER \(SQLText.escapedLiteral(table.csv.delimiterText))")
            options.append("NULL AS \(SQLText.literal(table.csv.null))")
            if table.csv.hasHeader { options.append("IGNOREHEADER 1") }
        }
        if table.format != .parquet {
            if table.compression == .gzip { options.append("GZIP") }
            if table.compression == .zstd { options.append("ZSTD") }
            options.append("TIMEFORMAT 'auto'")
        }
        return "COPY \(Self.staging)\nFROM \(SQLText.literal(path))\n"
            + options.joined(separator: " ") + ";"
    }

    private func insert(_ partition: LoadPartition, _ table: WarehouseTable) -> String {
        let names = table.allColumns.map { SQLText.identifier($0.name) }
        let values =
            table.columns.map { value($0, table) }
            + partitionValues(partition, table)
        return "INSERT INTO \(SQLText.qualified(table.nameParts)) \(SQLText.row(names))\n"
            + "SELECT \(values.joined(separator: ", "))\nFROM \(Self.staging);"
    }

    private func value(_ column: TableColumn, _ table: WarehouseTable) -> String {
        let name = SQLText.identifier(column.name)
        switch stagingTypeName(column.type, table) {
        case "BIGINT": return "TIMESTAMPTZ 'epoch' + \(name) * INTERVAL '0.001 second'"
        case "TIMESTAMP": return "\(name) AT TIME ZONE 'UTC'"
        case "VARCHAR(65535)" where column.type != .text: return "JSON_PARSE(\(name))"
        default: return name
        }
    }

    /// What COPY reads of the files.
    private func stagingTypeName(_ type: ColumnType, _ table: WarehouseTable) -> String {
        switch type {
        case .timestamp where table.timestamps == .epochMilliseconds: return "BIGINT"
        // Parquet's times come without their zone, UTC.
        case .timestamp where table.format == .parquet: return "TIMESTAMP"
        case .json: return table.format == .ndjson ? "SUPER" : "VARCHAR(65535)"
        case .notes: return table.format == .csv ? "VARCHAR(65535)" : "SUPER"
        default: return typeName(type)
        }
    }

    private func typeName(_ type: ColumnType) -> String {
        switch type {
        case .text: "VARCHAR(65535)"
        case .int: "INTEGER"
        case .decimal(let precision, let scale): "DECIMAL(\(precision),\(scale))"
        case .bool: "BOOLEAN"
        case .timestamp: "TIMESTAMPTZ"
        case .date: "DATE"
        case .json, .notes: "SUPER"
        }
    }
}
