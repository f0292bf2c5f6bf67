public import ExportModel
import GRDB

/// A partition as a target holds it.
public struct LoadedPartition: Hashable, Sendable {
    public var stream: String
    /// nil for a partition of all accounts.
    public var account: String?
    /// ``WindowKey/description``
    public var window: String
    /// The published version that was loaded last.
    public var version: Int
    /// The table it was loaded into.
    public var table: String

    public init(stream: String, account: String?, window: String, version: Int, table: String) {
        self.stream = stream
        self.account = account
        self.window = window
        self.version = version
        self.table = table
    }
}

/// The versions of a pipeline's partitions that targets (warehouses, by name) hold, by output: a
/// target that is loaded from two outputs keeps the partitions of both.
extension Ledger {
    /// What a target holds, by stream, account and window, partitions of all accounts first; empty
    /// for a target never loaded.
    public func loadedPartitions(
        pipeline: String, target: String
    ) throws(LedgerError) -> [LoadedPartition] {
        try read("reading what \(target) holds") { database in
            guard let export = try names.export(of: pipeline, in: database) else { return [] }
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM target_partitions WHERE export = ? AND target = ?
                    ORDER BY stream, account, window
                    """,
                arguments: [export, target]
            ).map { row in
                let account: String = row["account"]
                return LoadedPartition(
                    stream: row["stream"], account: account.isEmpty ? nil : account,
                    window: row["window"], version: row["version"], table: row["table_name"])
            }
        }
    }

    /// The tables of a target, by stream; none for streams that only an older cdrx loaded.
    public func loadedTables(
        pipeline: String, target: String
    ) throws(LedgerError) -> [String: LoadedTable] {
        try read("reading the tables of \(target)") { database in
            guard let export = try names.export(of: pipeline, in: database) else { return [:] }
            var tables: [String: LoadedTable] = [:]
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM target_columns WHERE export = ? AND target = ?
                    ORDER BY stream, position
                    """,
                arguments: [export, target])
            for row in rows {
                let stream: String = row["stream"]
                let empty = LoadedTable(stream: stream, name: row["table_name"], columns: [])
                tables[stream, default: empty].columns.append(
                    LoadedTable.Column(
                        name: row["name"], type: row["type"], isNullable: row["is_nullable"]))
            }
            return tables
        }
    }

    /// Records one load of a target, in one transaction that is on disk when the call returns.
    ///
    /// - Parameters:
    ///   - removed: partitions that the target holds no more; their versions do not matter.
    ///   - tables: of the streams that were loaded, each in place of what was known of it.
    public func recordLoad(
        pipeline: String, target: String, loaded: [LoadedPartition], removed: [LoadedPartition],
        tables: [LoadedTable] = [], at moment: Timestamp
    ) throws(LedgerError) {
        try write("recording what \(target) holds") { database in
            let export = try names.makeExport(of: pipeline, in: database)
            for partition in loaded {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO target_partitions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    arguments: [
                        export, target, partition.stream, partition.account ?? "", partition.window,
                        partition.version, partition.table, moment.epochMilliseconds,
                    ])
            }
            for partition in removed {
                try database.execute(
                    sql: """
                        DELETE FROM target_partitions WHERE export = ? AND target = ?
                            AND stream = ? AND account = ? AND window = ?
                        """,
                    arguments: [
                        export, target, partition.stream, partition.account ?? "", partition.window,
                    ])
            }
            for table in tables {
                try Self.record(table, of: target, export, in: database)
            }
        }
    }

    private static func record(
        _ table: LoadedTable, of target: String, _ export: Int64, in database: Database
    ) throws {
        try database.execute(
            sql: "DELETE FROM target_columns WHERE export = ? AND target = ? AND stream = ?",
            arguments: [export, target, table.stream])
        for (position, column) in table.columns.enumerated() {
            try database.execute(
                sql: "INSERT INTO target_columns VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    export, target, table.stream, position, table.name, column.name, column.type,
                    column.isNullable,
                ])
        }
    }

    /// The columns of a target's tables, in the order they were added.
    static let targetColumns = """
        CREATE TABLE target_columns (
            export INTEGER NOT NULL REFERENCES exports,
            target TEXT NOT NULL,
            stream TEXT NOT NULL,
            position INTEGER NOT NULL,
            table_name TEXT NOT NULL,
            name TEXT NOT NULL,
            type TEXT NOT NULL,
            is_nullable INTEGER NOT NULL,
            PRIMARY KEY (export, target, stream, position)
        ) WITHOUT ROWID
        """

    /// `account` is empty for a partition of all accounts.
    static let targetPartitions = """
        CREATE TABLE target_partitions (
            export INTEGER NOT NULL REFERENCES exports,
            target TEXT NOT NULL,
            stream TEXT NOT NULL,
            account TEXT NOT NULL,
            window TEXT NOT NULL,
            version INTEGER NOT NULL,
            table_name TEXT NOT NULL,
            loaded_at INTEGER NOT NULL,
            PRIMARY KEY (export, target, stream, account, window)
        ) WITHOUT ROWID
        """
}
