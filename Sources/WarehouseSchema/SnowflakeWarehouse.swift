import ExportModel

/// Snowflake, for SnowSQL: `PUT` uploads the files from the machine it runs on to a stage that
/// lives as long as the session; files below `@stage/path` are read where they are.
///
/// A stage path is a prefix: it ends with a slash, and `FILES` names the parts, so that nothing else
/// below it is read.
struct SnowflakeWarehouse: Warehouse {
    private static let stage = "cdrx_load"

    // SnowSQL would go on after a failed COPY, and commit the deletion.
    let clientSettings = ["!set exit_on_error=true"]
    /// CURRENT_TIMESTAMP would be that of the statement's compilation.
    let now = "METADATA$START_SCAN_TIME"

    func literal(_ text: String) -> String { SQLText.escapedLiteral(text) }

    func date(_ text: String) -> String { "'\(text)'::DATE" }

    func nullableTypeName(_ type: ColumnType, _ table: WarehouseTable) -> String {
        typeName(type)
    }

    func add(_ column: TableColumn, to table: WarehouseTable) -> [String] {
        [
            "ALTER TABLE \(name(table)) ADD COLUMN IF NOT EXISTS \(identifier(column.name)) "
                + "\(typeName(column.type)) COMMENT \(literal(column.comment));"
        ]
    }

    func create(_ table: WarehouseTable) -> [String] {
        let columns = table.allColumns.map { column in
            SQLText.identifier(column.name) + " " + typeName(column.type)
                + (column.column.isNullable ? "" : " NOT NULL")
                + " COMMENT \(SQLText.escapedLiteral(column.comment))"
        }
        return [
            "CREATE TABLE IF NOT EXISTS \(SQLText.qualified(table.nameParts)) "
                + SQLText.list(columns) + "\nCOMMENT = "
                + SQLText.escapedLiteral(table.comment) + ";"
        ]
    }

    func load(
        _ partitions: [LoadPartition], into table: WarehouseTable
    ) throws(WarehouseError) -> [String] {
        let uploaded = partitions.enumerated().filter { !$0.element.isStaged }
        var statements: [String] = []
        if uploaded.contains(where: { !$0.element.files.isEmpty }) {
            statements.append("CREATE OR REPLACE TEMPORARY STAGE \(Self.stage);")
        }
        for (number, partition) in uploaded {
            statements += partition.paths.map { path in
                "PUT \(SQLText.escapedLiteral("file://" + path)) "
                    + "\(stagePath(partition, number: number)) AUTO_COMPRESS = FALSE "
                    + "SOURCE_COMPRESSION = \(codec(table)) OVERWRITE = TRUE;"
            }
        }
        statements.append("BEGIN TRANSACTION;")
        for (number, partition) in partitions.enumerated() {
            statements.append(
                "DELETE FROM \(SQLText.qualified(table.nameParts)) "
                    + "WHERE \(SQLText.identifier(WarehouseTable.accountColumn)) = "
                    + SQLText.escapedLiteral(partition.account)
                    + " AND \(SQLText.identifier(WarehouseTable.windowColumn)) = "
                    + window(partition, table) + ";")
            if !partition.files.isEmpty {
                statements.append(copy(partition, number: number, table))
            }
        }
        return statements + ["COMMIT;"]
    }

    private func copy(
        _ partition: LoadPartition, number: Int, _ table: WarehouseTable
    ) -> String {
        let names = table.allColumns.map { SQLText.identifier($0.name) }
        let values =
            table.columns.enumerated().map { value($0.element, at: $0.offset, table) }
            + partitionValues(partition, table)
        let files = SQLText.row(partition.files.map { SQLText.escapedLiteral($0) })
        return "COPY INTO \(SQLText.qualified(table.nameParts)) \(SQLText.row(names))\n"
            + "FROM (SELECT \(values.joined(separator: ", ")) "
            + "FROM \(stagePath(partition, number: number)))\nFILES = \(files)\n"
            + "FILE_FORMAT = (\(fileFormat(table).joined(separator: " ")))\n"
            + "FORCE = TRUE ON_ERROR = ABORT_STATEMENT;"
    }

    /// Where a partition's files lie, with a slash at the end.
    private func stagePath(_ partition: LoadPartition, number: Int) -> String {
        if partition.isStaged { return SQLText.escapedLiteral(partition.directory + "/") }
        let digits = String(number)
        let padding = String(repeating: "0", count: max(5 - digits.count, 0))
        return "@\(Self.stage)/\(padding)\(digits)/"
    }

    private func value(_ column: TableColumn, at index: Int, _ table: WarehouseTable) -> String {
        let read =
            table.format == .csv ? "$\(index + 1)" : "$1:\(SQLText.identifier(column.name))"
        switch column.type {
        case .timestamp where table.timestamps == .epochMilliseconds:
            return "TO_TIMESTAMP_LTZ(\(read)::NUMBER(38, 0), 3)"
        case .json, .notes:
            let isText = table.format == .csv || (table.format == .parquet && column.type == .json)
            // JSON's null is a value of its own in a VARIANT; a table says NULL.
            return isText
                ? "PARSE_JSON(\(read)::VARCHAR)"
                : "IFF(IS_NULL_VALUE(\(read)), NULL, \(read)::VARIANT)"
        default: return "\(read)::\(typeName(column.type))"
        }
    }

    private func fileFormat(_ table: WarehouseTable) -> [String] {
        switch table.format {
        case .parquet: return ["TYPE = PARQUET", "USE_LOGICAL_TYPE = TRUE"]
        case .ndjson: return ["TYPE = JSON", "COMPRESSION = \(codec(table))"]
        case .csv:
            let null = table.csv.null
            return [
                "TYPE = CSV", "COMPRESSION = \(codec(table))",
                "FIELD_DELIMITER = \(SQLText.escapedLiteral(table.csv.delimiterText))",
                "SKIP_HEADER = \(table.csv.hasHeader ? 1 : 0)",
                "FIELD_OPTIONALLY_ENCLOSED_BY = '\"'", "ESCAPE_UNENCLOSED_FIELD = NONE",
                "NULL_IF = (\(null.isEmpty ? "" : SQLText.escapedLiteral(null)))",
                "EMPTY_FIELD_AS_NULL = \(null.isEmpty ? "TRUE" : "FALSE")",
            ]
        }
    }

    private func codec(_ table: WarehouseTable) -> String {
        if table.format == .parquet { return "NONE" }
        return switch table.compression {
        case .gzip: "GZIP"
        case .zstd: "ZSTD"
        case .none: "NONE"
        }
    }

    private func typeName(_ type: ColumnType) -> String {
        switch type {
        case .text: "VARCHAR"
        case .int: "NUMBER(10, 0)"
        case .decimal(let precision, let scale): "NUMBER(\(precision), \(scale))"
        case .bool: "BOOLEAN"
        case .timestamp: "TIMESTAMP_LTZ(3)"
        case .date: "DATE"
        case .json, .notes: "VARIANT"
        }
    }
}

extension LoadPartition {
    /// Whether its files lie on a stage already.
    fileprivate var isStaged: Bool { directory.hasPrefix("@") }
}
