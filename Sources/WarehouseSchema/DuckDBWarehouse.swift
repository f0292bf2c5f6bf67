import ExportModel

/// DuckDB 1.2 or later, reading the files where it runs.
struct DuckDBWarehouse: Warehouse {
    let now = "now()"

    func nullableTypeName(_ type: ColumnType, _ table: WarehouseTable) -> String {
        typeName(type, table)
    }

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
            statements.append(deletion(of: partition, from: table) + ";")
            if !partition.files.isEmpty { statements.append(insert(partition, table)) }
        }
        return statements + [rowCheck(partitions, table), "COMMIT;"]
    }

    /// Ends the transaction with an error unless the partitions have the rows that were published.
    ///
    /// DuckDB's shell goes on after an error, and errors of its binder leave the transaction valid:
    /// the deletion would be committed without the insertion.
    private func rowCheck(_ partitions: [LoadPartition], _ table: WarehouseTable) -> String {
        let loaded = partitions.map { partition in
            SQLText.row([literal(partition.account), window(partition, table)])
        }
        let rows = partitions.reduce(0) { $0 + $1.rows }
        let message = SQLText.literal(
            "\(table.name) would not hold the \(rows) published rows; nothing was loaded")
        return "SET VARIABLE cdrx_rows = (SELECT CASE count(*) WHEN \(rows) THEN \(rows) "
            + "ELSE error(\(message)) END\nFROM \(SQLText.qualified(table.nameParts)) "
            + "WHERE (\(WarehouseTable.accountColumn), \(WarehouseTable.windowColumn)) IN "
            + "\(SQLText.row(loaded)));"
    }

    private func insert(_ partition: LoadPartition, _ table: WarehouseTable) -> String {
        let names = table.allColumns.map { SQLText.identifier($0.name) }
        let values =
            table.columns.indices.map { index in
                table.format == .ndjson
                    ? jsonValue(index, table) : value(table.columns[index], table)
            } + partitionValues(partition, table)
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
            // Lines as they are: JSON holds neither of the two control characters.
            return "(SELECT line, line::JSON AS r FROM read_csv"
                + SQLText.row([
                    files, "auto_detect = false", "header = false", "delim = chr(2)",
                    "quote = chr(1)", "escape = chr(1)", "new_line = '\\n'", compression,
                    "max_line_size = 67108864", "hive_partitioning = false",
                    "columns = {'line': 'VARCHAR'}",
                ]) + ")"
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
                case .json, .notes: "VARCHAR"
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
            return column.type == .notes && table.format == .parquet ? name : "\(name)::JSON"
        default: return name
        }
    }

    /// A column of an NDJSON line.
    private func jsonValue(_ index: Int, _ table: WarehouseTable) -> String {
        let column = table.columns[index]
        // A JSON pointer: any name may stand in it.
        let path = SQLText.literal(
            "/" + column.name.replacing("~", with: "~0").replacing("/", with: "~1"))
        let read = "(r->>\(path))"
        switch column.type {
        case .text: return read
        case .timestamp where table.timestamps == .epochMilliseconds:
            return "make_timestamptz(\(read)::BIGINT * 1000)"
        case .decimal, .json, .notes:
            let pattern = SQLText.literal(pattern(ofMember: index, table))
            return "nullif(regexp_extract(line, \(pattern), 1, 's'), 'null')::"
                + typeName(column.type, table)
        default: return read + "::" + typeName(column.type, table)
        }
    }

    /// A pattern whose group is the text of a member's value in a line.
    ///
    /// DuckDB's JSON functions take numbers for doubles, which hold no 18 digits. The members have
    /// a known order and form, so that the pattern leads from the line's beginning past everything
    /// that a value may hold. What it does not match becomes an empty text, which no cast accepts.
    private func pattern(ofMember index: Int, _ table: WarehouseTable) -> String {
        let before = table.columns[..<index].map { member($0, Self.valuePattern($0.type)) + "," }
        let wanted = table.columns[index]
        return "^[{]" + before.joined()
            + member(wanted, "(" + Self.valuePattern(wanted.type) + ")")
    }

    private static let stringPattern = #""(?:[^"\\]|\\.)*""#

    /// Values nested in each other more deeply do not load.
    private static let maximumDepth = 24

    private static let jsonPattern: String = {
        var nested = #"[{\[](?:[^"{}\[\]]|"# + stringPattern + #")*[}\]]"#
        for _ in 1..<maximumDepth {
            nested = #"[{\[](?:[^"{}\[\]]|"# + stringPattern + "|" + nested + #")*[}\]]"#
        }
        return #"(?:[^"{}\[\],]+|"# + stringPattern + "|" + nested + ")"
    }()

    private static func valuePattern(_ type: ColumnType) -> String {
        switch type {
        case .text: "(?:" + stringPattern + "|null)"
        case .json, .notes: jsonPattern
        default: "[^,{}]*"
        }
    }

    /// `"name":value`, the name as JSON and escaped for a pattern.
    private func member(_ column: TableColumn, _ value: String) -> String {
        var name: [UInt8] = []
        JSONText.appendQuoted(column.name, to: &name)
        var pattern = ""
        for scalar in String(decoding: name, as: UTF8.self).unicodeScalars {
            if #"\.+*?()|[]{}^$"#.unicodeScalars.contains(scalar) { pattern += "\\" }
            pattern.unicodeScalars.append(scalar)
        }
        return pattern + ":" + value
    }

    private func typeName(_ type: ColumnType, _ table: WarehouseTable) -> String {
        switch type {
        case .text: "VARCHAR"
        case .int: "INTEGER"
        case .decimal(let precision, let scale): "DECIMAL(\(precision),\(scale))"
        case .bool: "BOOLEAN"
        case .timestamp: "TIMESTAMPTZ"
        case .date: "DATE"
        case .json: "JSON"
        case .notes:
            table.format == .parquet
                ? "STRUCT(message VARCHAR, created_at TIMESTAMPTZ, agent VARCHAR)[]" : "JSON"
        }
    }
}
