import ExportModel

/// PostgreSQL, for psql: `\copy` reads the files on the machine psql runs on.
///
/// JSON goes to `json`, not `jsonb`: it keeps digits, the order of keys and `\u0000`.
struct PostgresWarehouse: Warehouse {
    private static let staging = "cdrx_load"

    let clientSettings = ["\\set ON_ERROR_STOP on"]
    let now = "now()"

    func nullableTypeName(_ type: ColumnType, _ table: WarehouseTable) -> String {
        Self.typeName(type)
    }

    func create(_ table: WarehouseTable) -> [String] {
        let columns = table.allColumns.map { column in
            SQLText.identifier(column.name) + " " + Self.typeName(column.type)
                + (column.column.isNullable ? "" : " NOT NULL")
        }
        let name = SQLText.qualified(table.nameParts)
        let index = SQLText.identifier((table.nameParts.last ?? "") + "_partition")
        return [
            "CREATE TABLE IF NOT EXISTS \(name) \(SQLText.list(columns));",
            "CREATE INDEX IF NOT EXISTS \(index) ON \(name) "
                + "(\(WarehouseTable.accountColumn), \(WarehouseTable.windowColumn));",
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
        guard table.format != .parquet else {
            throw WarehouseError(
                .formatNotLoadable,
                "PostgreSQL does not read Parquet; export `format: csv` or `ndjson` for it")
        }
        let name = SQLText.qualified(table.nameParts)
        // A load whose cdrx was killed may still be ending on the server: wait for it, or both would
        // delete the same rows and insert theirs.
        var statements = [
            "BEGIN;", "LOCK TABLE \(name) IN SHARE ROW EXCLUSIVE MODE;", createStaging(table),
        ]
        for partition in partitions {
            statements.append(deletion(of: partition, from: table) + ";")
            if partition.files.isEmpty { continue }
            statements += partition.paths.map { copy($0, table) }
            statements += [insert(partition, table), "TRUNCATE \(Self.staging);"]
        }
        return statements + ["COMMIT;"]
    }

    private func createStaging(_ table: WarehouseTable) -> String {
        var columns = ["line text"]
        if table.format == .csv {
            columns = table.columns.map {
                let isNumber = $0.type == .timestamp && table.timestamps == .epochMilliseconds
                return SQLText.identifier($0.name) + " "
                    + (isNumber ? "bigint" : Self.typeName($0.type))
            }
        }
        return "CREATE TEMPORARY TABLE \(Self.staging) \(SQLText.list(columns)) ON COMMIT DROP;"
    }

    /// One line: psql reads a backslash command to the line's end.
    private func copy(_ path: String, _ table: WarehouseTable) -> String {
        let program: String
        let word = "'" + path.replacing("'", with: "'\\''") + "'"
        switch table.compression {
        case .gzip: program = "gzip -dc \(word)"
        case .zstd: program = "zstd -dcq \(word)"
        case .none: program = "cat \(word)"
        }
        return "\\copy \(Self.staging) FROM PROGRAM \(SQLText.literal(program)) WITH "
            + SQLText.row(copyOptions(table))
    }

    private func copyOptions(_ table: WarehouseTable) -> [String] {
        guard table.format == .csv else {
            // Lines as they are: JSON holds neither of the two control characters.
            return ["FORMAT csv", "DELIMITER E'\\x02'", "QUOTE E'\\x01'", "ENCODING 'UTF8'"]
        }
        var options = ["FORMAT csv", "HEADER \(table.csv.hasHeader)"]
        options.append("DELIMITER " + Self.escaped(table.csv.delimiterText))
        options.append("NULL " + Self.escaped(table.csv.null))
        if table.columns.count == 1, table.csv.null.isEmpty {
            // Null in an only column is `""`, because an empty line is no row.
            options.append("FORCE_NULL (\(SQLText.identifier(table.columns[0].name)))")
        }
        return options + ["ENCODING 'UTF8'"]
    }

    private func insert(_ partition: LoadPartition, _ table: WarehouseTable) -> String {
        let names = table.allColumns.map { SQLText.identifier($0.name) }
        let values =
            table.columns.map { value($0, table) }
            + partitionValues(partition, table)
        let source =
            table.format == .csv
            ? Self.staging : "(SELECT line::json AS r FROM \(Self.staging)) AS lines"
        return "INSERT INTO \(SQLText.qualified(table.nameParts)) \(SQLText.row(names))\n"
            + "SELECT \(values.joined(separator: ", "))\nFROM \(source);"
    }

    private func value(_ column: TableColumn, _ table: WarehouseTable) -> String {
        let isNumber = column.type == .timestamp && table.timestamps == .epochMilliseconds
        let read: String
        if table.format == .csv {
            read = SQLText.identifier(column.name)
            guard isNumber else { return read }
        } else {
            read = "(r->>\(SQLText.literal(column.name)))"
        }
        switch column.type {
        case .text: return read
        case .json, .notes:
            // What `->` gives for JSON null is JSON null; a table says NULL.
            let node = "r->\(SQLText.literal(column.name))"
            return "CASE WHEN json_typeof(\(node)) <> 'null' THEN \(node) END"
        case .timestamp where isNumber:
            return "timestamptz 'epoch' + \(read)::bigint * interval '1 millisecond'"
        default: return read + "::" + Self.typeName(column.type)
        }
    }

    private static func typeName(_ type: ColumnType) -> String {
        switch type {
        case .text: "text"
        case .int: "integer"
        case .decimal(let precision, let scale): "numeric(\(precision),\(scale))"
        case .bool: "boolean"
        case .timestamp: "timestamptz(3)"
        case .date: "date"
        case .json, .notes: "json"
        }
    }

    /// `'text'`, or `E'…'` where it holds a backslash or a control character.
    private static func escaped(_ text: String) -> String {
        let literal = SQLText.escapedLiteral(text)
        return literal.contains("\\") ? "E" + literal : literal
    }
}
