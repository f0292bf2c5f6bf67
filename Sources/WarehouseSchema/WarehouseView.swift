public import ExportModel

/// A view over the tables of all streams of a pipeline: one row a row of theirs, with the stream's
/// name.
///
/// What names partition and load comes first, so that a column added to the pipeline file later is
/// the last one: PostgreSQL replaces a view only where its columns stay as they were. A column that
/// a stream lacks is null there; one that streams hold under different types is text.
public struct WarehouseView: Sendable {
    /// May be qualified, its parts separated by points.
    public var name: String
    private let streams: [(name: String, table: WarehouseTable)]

    /// - Parameter table: names a stream's table.
    public init(_ pipeline: Pipeline, name: String, table: (String) -> String) {
        self.name = name
        streams = pipeline.streams.map {
            ($0.name, WarehouseTable($0, output: pipeline.output, name: table($0.name)))
        }
    }

    /// The statements that make the view in a dialect, in place of an earlier one.
    public func creation(in dialect: Dialect) -> [String] {
        let warehouse = dialect.warehouse
        let selects = streams.map { stream in
            let values = columns.map { column in
                value(of: column, in: stream.table, warehouse) + " AS "
                    + warehouse.identifier(column.name)
            }
            let own = [warehouse.literal(stream.name) + " AS cdrx_stream"] + values
            return "SELECT \(own.joined(separator: ", "))\nFROM \(warehouse.name(stream.table))"
        }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            .map { warehouse.identifier(String($0)) }
        return [
            "CREATE OR REPLACE VIEW \(parts.joined(separator: ".")) AS\n"
                + selects.joined(separator: "\nUNION ALL\n") + ";"
        ]
    }

    /// Every column of any table, under the type that it has in all of them, or as text.
    private var columns: [Column] {
        var found: [Column] = []
        for table in streams.map(\.table) {
            for column in table.partitionColumns.map(\.column) + table.columns.map(\.column) {
                guard let index = found.firstIndex(where: { $0.name == column.name }) else {
                    found.append(column)
                    continue
                }
                if found[index].type != column.type { found[index].type = .text }
            }
        }
        return found.filter { isPartitionColumn($0) } + found.filter { !isPartitionColumn($0) }
    }

    private func isPartitionColumn(_ column: Column) -> Bool {
        streams.contains { $0.table.partitionColumns.contains { $0.name == column.name } }
    }

    private func value(
        of column: Column, in table: WarehouseTable, _ warehouse: any Warehouse
    ) -> String {
        let type = warehouse.nullableTypeName(column.type, table)
        guard let held = table.allColumns.first(where: { $0.name == column.name }) else {
            return "CAST(NULL AS \(type))"
        }
        let name = warehouse.identifier(column.name)
        return held.type == column.type ? name : "CAST(\(name) AS \(type))"
    }
}
