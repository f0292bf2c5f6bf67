import ExportModel

/// BigQuery; files lie in Cloud Storage.
///
/// JSON is kept as text where the files hold it as text, because BigQuery's JSON type refuses or
/// rounds numbers that a double cannot hold; its JSON functions take text as well.
struct BigQueryWarehouse: Warehouse {
    private static let staging = "cdrx_load"

    let now = "CURRENT_TIMESTAMP()"

    func literal(_ text: String) -> String { SQLText.escapedLiteral(text) }

    func nullableTypeName(_ type: ColumnType, _ table: WarehouseTable) -> String {
        typeName(type, table)
    }

    func add(_ column: TableColumn, to table: WarehouseTable) -> [String] {
        [
            "ALTER TABLE \(name(table)) ADD COLUMN IF NOT EXISTS \(identifier(column.name)) "
                + typeName(column.type, table) + " OPTIONS (description = "
                + SQLText.escapedLiteral(column.comment, quote: "\"") + ");"
        ]
    }

    func create(_ table: WarehouseTable) -> [String] {
        let columns = table.allColumns.map { column in
            identifier(column.name) + " " + typeName(column.type, table)
                // An array is never null there.
                + (column.column.isNullable || isList(column.type, table) ? "" : " NOT NULL")
                + " OPTIONS (description = "
                + SQLText.escapedLiteral(column.comment, quote: "\"") + ")"
        }
        return [
            "CREATE TABLE IF NOT EXISTS \(name(table)) \(SQLText.list(columns))\n"
                + "CLUSTER BY \(WarehouseTable.accountColumn), \(WarehouseTable.windowColumn)\n"
                + "OPTIONS (description = "
                + SQLText.escapedLiteral(table.comment, quote: "\"") + ");"
        ]
    }

    func load(
        _ partitions: [LoadPartition], into table: WarehouseTable
    ) throws(WarehouseError) -> [String] {
        guard table.format == .parquet || table.compression != .zstd else {
            throw WarehouseError(
                .formatNotLoadable,
                "BigQuery reads gzip but no zstd around \(table.format.rawValue); export "
                    + "`compression: gzip`, or Parquet, for it")
        }
        // Loads first, each into a table of its own: a transaction holds no LOAD DATA.
        let filled = partitions.enumerated().filter { !$0.element.files.isEmpty }
        var statements = filled.map { load($0.element, number: $0.offset, table) }
        statements.append("BEGIN TRANSACTION;")
        for (number, partition) in partitions.enumerated() {
            statements.append(
                "DELETE FROM \(name(table)) WHERE \(WarehouseTable.accountColumn) = "
                    + SQLText.escapedLiteral(partition.account)
                    + " AND \(WarehouseTable.windowColumn) = "
                    + window(partition, table) + ";")
            if !partition.files.isEmpty {
                statements.append(insert(partition, number: number, table))
            }
        }
        // The next stream's have other columns.
        return statements + ["COMMIT TRANSACTION;"]
            + filled.map { "DROP TABLE \(Self.staging)_\($0.offset);" }
    }

    /// The table as a schema file for `bq mk` and `bq load`.
    func jsonSchema(_ table: WarehouseTable) -> String {
        let fields = table.allColumns.map { schemaField($0, table) }
        return "[\n" + fields.joined(separator: ",\n") + "\n]"
    }

    private func schemaField(_ column: TableColumn, _ table: WarehouseTable) -> String {
        var members = [("name", Self.json(column.name))]
        var mode = column.column.isNullable ? "NULLABLE" : "REQUIRED"
        switch column.type {
        case .decimal(let precision, let scale):
            members.append(("type", Self.json(Self.decimalName(precision, scale))))
            members.append(("precision", Self.json("\(precision)")))
            members.append(("scale", Self.json("\(scale)")))
        case .notes where isList(column.type, table):
            mode = "REPEATED"
            let parts = [("message", "STRING"), ("created_at", "TIMESTAMP"), ("agent", "STRING")]
            let fields = parts.map { name, type in
                "{\"name\": \"\(name)\", \"type\": \"\(type)\", \"mode\": \"NULLABLE\"}"
            }
            members.append(("type", Self.json("RECORD")))
            members.append(("fields", "[" + fields.joined(separator: ", ") + "]"))
        default: members.append(("type", Self.json(typeName(column.type, table))))
        }
        members.append(("mode", Self.json(mode)))
        members.append(("description", Self.json(column.comment)))
        return "  {" + members.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
    }

    private static func json(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSONText.appendQuoted(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func load(
        _ partition: LoadPartition, number: Int, _ table: WarehouseTable
    ) -> String {
        let columns = table.columns.map { column in
            let isNumber = column.type == .timestamp && table.timestamps == .epochMilliseconds
            return identifier(column.name) + " "
                + (isNumber ? "INT64" : typeName(column.type, table))
        }
        let uris = partition.paths.map { SQLText.escapedLiteral($0) }.joined(separator: ", ")
        var options = ["format = '\(formatName(table))'", "uris = [\(uris)]"]
        if table.format == .csv {
            options += [
                "skip_leading_rows = \(table.csv.hasHeader ? 1 : 0)",
                "field_delimiter = \(SQLText.escapedLiteral(table.csv.delimiterText))",
                "quote = '\"'", "allow_quoted_newlines = true",
                "preserve_ascii_control_characters = true",
                "null_marker = \(SQLText.escapedLiteral(table.csv.null))",
            ]
        } else if table.format == .parquet {
            options.append("enable_list_inference = true")
        }
        return "LOAD DATA OVERWRITE TEMP TABLE \(Self.staging)_\(number) "
            + "\(SQLText.list(columns))\nFROM FILES (\(options.joined(separator: ", ")));"
    }

    private func insert(
        _ partition: LoadPartition, number: Int, _ table: WarehouseTable
    ) -> String {
        let names = table.allColumns.map { identifier($0.name) }
        let values =
            table.columns.map { column in
                column.type == .timestamp && table.timestamps == .epochMilliseconds
                    ? "TIMESTAMP_MILLIS(\(identifier(column.name)))" : identifier(column.name)
            } + partitionValues(partition, table)
        return "INSERT INTO \(name(table)) \(SQLText.row(names))\n"
            + "SELECT \(values.joined(separator: ", "))\nFROM \(Self.staging)_\(number);"
    }

    private func formatName(_ table: WarehouseTable) -> String {
        switch table.format {
        case .csv: "CSV"
        case .ndjson: "JSON"
        case .parquet: "PARQUET"
        }
    }

    private func isList(_ type: ColumnType, _ table: WarehouseTable) -> Bool {
        type == .notes && table.format == .parquet
    }

    private func typeName(_ type: ColumnType, _ table: WarehouseTable) -> String {
        switch type {
        case .text: return "STRING"
        case .int: return "INT64"
        case .decimal(let precision, let scale):
            return "\(Self.decimalName(precision, scale))(\(precision), \(scale))"
        case .bool: return "BOOL"
        case .timestamp: return "TIMESTAMP"
        case .date: return "DATE"
        case .json, .notes:
            if isList(type, table) {
                return "ARRAY<STRUCT<message STRING, created_at TIMESTAMP, agent STRING>>"
            }
            // Nested values of NDJSON load into nothing else.
            return table.format == .ndjson ? "JSON" : "STRING"
        }
    }

    /// NUMERIC has 29 digits before the point and 9 after it.
    private static func decimalName(_ precision: Int, _ scale: Int) -> String {
        scale <= 9 && precision - scale <= 29 ? "NUMERIC" : "BIGNUMERIC"
    }

    func name(_ table: WarehouseTable) -> String {
        SQLText.qualified(table.nameParts, quote: "`")
    }

    func identifier(_ name: String) -> String {
        SQLText.identifier(name, quote: "`")
    }
}

extension WarehouseTable {
    /// BigQuery's JSON schema file of the table.
    public var bigQueryJSONSchema: String { BigQueryWarehouse().jsonSchema(self) }
}
