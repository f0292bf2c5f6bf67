import ExportModel

/// ClickHouse 24 or later. `file()` reads any path in clickhouse-local and chdb, below
/// `user_files_path` on a server; `s3()` reads URLs with the credentials that it is set up with.
///
/// It has no transactions over several statements: between delete and insert a reader sees a
/// window without rows.
struct ClickHouseWarehouse: Warehouse {
    let now = "now64(3, 'UTC')"

    func literal(_ text: String) -> String { SQLText.escapedLiteral(text) }

    func date(_ text: String) -> String { "toDate32('\(text)')" }

    func nullableTypeName(_ type: ColumnType, _ table: WarehouseTable) -> String {
        typeName(TableColumn(column: Column(name: "", type: type), comment: ""), table)
    }

    func add(_ column: TableColumn, to table: WarehouseTable) -> [String] {
        [
            "ALTER TABLE \(name(table)) ADD COLUMN IF NOT EXISTS \(identifier(column.name)) "
                + nullableTypeName(column.type, table)
                + " COMMENT \(literal(column.comment));"
        ]
    }

    /// What is left out of an insert would not be null but the type's default.
    func relax(_ column: String, of table: WarehouseTable) -> [String]? { nil }

    func create(_ table: WarehouseTable) -> [String] {
        let columns = table.allColumns.map { column in
            identifier(column.name) + " " + typeName(column, table)
                + " COMMENT \(SQLText.escapedLiteral(column.comment))"
        }
        let order =
            [WarehouseTable.accountColumn, WarehouseTable.windowColumn]
            + (table.timeColumn.map { [identifier($0.name)] } ?? [])
        return [
            "CREATE TABLE IF NOT EXISTS \(name(table)) \(SQLText.list(columns))\n"
                + "ENGINE = MergeTree\nORDER BY \(SQLText.row(order))\n"
                + "COMMENT \(SQLText.escapedLiteral(table.comment));"
        ]
    }

    func load(
        _ partitions: [LoadPartition], into table: WarehouseTable
    ) throws(WarehouseError) -> [String] {
        partitions.flatMap { partition in
            // In parentheses: of a script that is cut here nothing may run that deletes more.
            let delete =
                "DELETE FROM \(name(table)) WHERE (\(WarehouseTable.accountColumn) = "
                + SQLText.escapedLiteral(partition.account)
                + " AND \(WarehouseTable.windowColumn) = " + window(partition, table)
                + ") SETTINGS lightweight_deletes_sync = 2;"
            return [delete] + partition.paths.map { insert($0, partition, table) }
        }
    }

    private func insert(
        _ path: String, _ partition: LoadPartition, _ table: WarehouseTable
    ) -> String {
        let names = table.allColumns.map { identifier($0.name) }
        let values =
            table.columns.map { value($0, table) }
            + partitionValues(partition, table)
        return "INSERT INTO \(name(table)) \(SQLText.row(names))\n"
            + "SELECT \(values.joined(separator: ", "))\n"
            + "FROM \(reader(path, table))\nSETTINGS "
            + settings(table).joined(separator: ", ") + ";"
    }

    private func reader(_ path: String, _ table: WarehouseTable) -> String {
        let format =
            switch table.format {
            case .csv:
                (isOddDelimiter(table) ? "CustomSeparated" : "CSV")
                    + (table.csv.hasHeader ? "WithNames" : "")
            case .ndjson: "JSONEachRow"
            case .parquet: "Parquet"
            }
        let structure = table.columns.map { column in
            let isNumber = column.type == .timestamp && table.timestamps == .epochMilliseconds
            let type =
                isOnlyColumn(table)
                ? "String" : isNumber ? "Int64" : plainTypeName(column.type, table)
            return identifier(column.name) + " "
                + (isList(column.type, table) || !column.column.isNullable
                    ? type : "Nullable(\(type))")
        }
        let codec =
            switch table.compression {
            case .gzip: "gz"
            case .zstd: "zst"
            case .none: "none"
            }
        let isURL = path.hasPrefix("http://") || path.hasPrefix("https://")
        let arguments = [
            SQLText.escapedLiteral(path), isURL ? SQLText.literal(format) : format,
            SQLText.escapedLiteral(structure.joined(separator: ", ")),
            SQLText.literal(table.format == .parquet ? "none" : codec),
        ]
        return (isURL ? "s3" : "file") + SQLText.row(arguments)
    }

    private func settings(_ table: WarehouseTable) -> [String] {
        // A replicated table drops an insert that it has seen before, also after a delete.
        let common = ["insert_deduplicate = 0", "use_hive_partitioning = 0"]
        switch table.format {
        case .parquet: return common
        case .ndjson:
            return common + [
                "date_time_input_format = 'best_effort'",
                "input_format_json_read_objects_as_strings = 1",
                "input_format_json_read_arrays_as_strings = 1",
            ]
        case .csv:
            return common + [
                "date_time_input_format = 'best_effort'",
                "format_custom_escaping_rule = 'CSV'",
                "format_custom_field_delimiter = "
                    + SQLText.escapedLiteral(table.csv.delimiterText),
                "format_custom_row_after_delimiter = "
                    + (table.csv.newline == .lf ? "'\\n'" : "'\\r\\n'"),
                "format_csv_delimiter = "
                    + (isOddDelimiter(table)
                        ? "','" : SQLText.escapedLiteral(table.csv.delimiterText)),
                "format_csv_null_representation = \(SQLText.escapedLiteral(table.csv.null))",
                "format_csv_allow_single_quotes = 0",
                "input_format_csv_trim_whitespaces = 0",
                "input_format_csv_empty_as_default = \(table.csv.null.isEmpty ? 1 : 0)",
                "input_format_with_names_use_header = 1",
            ]
        }
    }

    /// Delimiters that the format CSV refuses, because a plain value may hold them.
    private func isOddDelimiter(_ table: WarehouseTable) -> Bool {
        " \t\"'.UL".utf8.contains(table.csv.delimiter)
    }

    /// Null in an only column of CSV is `""`, because an empty line is no row; ClickHouse would
    /// read 0 there.
    private func isOnlyColumn(_ table: WarehouseTable) -> Bool {
        table.format == .csv && table.columns.count == 1 && table.csv.null.isEmpty
    }

    private func value(_ column: TableColumn, _ table: WarehouseTable) -> String {
        let isNumber = column.type == .timestamp && table.timestamps == .epochMilliseconds
        var read = identifier(column.name)
        if isOnlyColumn(table), column.column.isNullable {
            read = "nullIf(\(read), '')"
        }
        if isOnlyColumn(table) {
            if isNumber {
                read = "CAST(\(read), 'Nullable(Int64)')"
            } else if column.type == .timestamp {
                let name = identifier(column.name)
                return "if(\(name) = '', NULL, parseDateTime64BestEffort(\(name), 3, 'UTC'))"
            } else {
                read = "CAST(\(read), 'Nullable(\(plainTypeName(column.type, table)))')"
            }
        }
        return isNumber ? "fromUnixTimestamp64Milli(\(read), 'UTC')" : read
    }

    /// Lists cannot be null there; a row without notes has an empty one.
    private func typeName(_ column: TableColumn, _ table: WarehouseTable) -> String {
        let type = plainTypeName(column.type, table)
        return isList(column.type, table) || !column.column.isNullable ? type : "Nullable(\(type))"
    }

    private func isList(_ type: ColumnType, _ table: WarehouseTable) -> Bool {
        type == .notes && table.format == .parquet
    }

    private func plainTypeName(_ type: ColumnType, _ table: WarehouseTable) -> String {
        switch type {
        case .text, .json: "String"
        case .int: "Int32"
        case .decimal(let precision, let scale): "Decimal(\(precision), \(scale))"
        case .bool: "Bool"
        case .timestamp: "DateTime64(3, 'UTC')"
        case .date: "Date32"
        case .notes:
            table.format == .parquet
                ? "Array(Tuple(message Nullable(String), "
                    + "created_at Nullable(DateTime64(3, 'UTC')), agent Nullable(String)))"
                : "String"
        }
    }

    func name(_ table: WarehouseTable) -> String {
        table.nameParts.map(identifier).joined(separator: ".")
    }

    func identifier(_ name: String) -> String {
        SQLText.escapedLiteral(name, quote: "`")
    }
}
