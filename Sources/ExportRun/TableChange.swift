import ExportModel
import RunLedger
import WarehouseSchema

/// What a load does to the table of one stream before it loads rows: nothing, or it makes the
/// table, or it adds what came to the pipeline file since.
///
/// A column that is no longer exported stays, null in new rows.
struct TableChange: Sendable {
    let table: WarehouseTable
    /// Whether the table is to be made unless it is there.
    private let isMade: Bool
    /// Names of columns that are to be added.
    private let added: [String]
    /// Names of columns that must take null from now on.
    private let relaxed: [String]
    /// The table afterwards.
    let result: LoadedTable

    /// - Parameters:
    ///   - table: as the pipeline file asks for it.
    ///   - held: as the target holds it; nil where that is not known.
    /// - Throws: `table_differs`.
    init(
        _ table: WarehouseTable, of stream: String, held: LoadedTable?, target: String,
        isMade: Bool
    ) throws(ExportError) {
        self.table = table
        self.isMade = isMade || held == nil
        let asked = table.schema.columns
        var columns = held?.columns ?? []
        var (added, relaxed): ([String], [String]) = ([], [])
        for column in asked {
            guard let index = columns.firstIndex(where: { $0.name == column.name }) else {
                columns.append(
                    LoadedTable.Column(
                        name: column.name, type: column.type.name,
                        // Rows that are there already have nothing in it.
                        isNullable: column.isNullable || held != nil))
                if held != nil { added.append(column.name) }
                continue
            }
            guard columns[index].type == column.type.name else {
                throw Self.differs(
                    stream, held, target,
                    "with the column '\(column.name)' as \(columns[index].type), which is "
                        + "\(column.type.name) now")
            }
        }
        for index in columns.indices where !columns[index].isNullable {
            let column = asked.first { $0.name == columns[index].name }
            guard column?.isNullable ?? true else { continue }
            columns[index].isNullable = true
            relaxed.append(columns[index].name)
        }
        (self.added, self.relaxed) = (added, relaxed)
        result = LoadedTable(stream: stream, name: table.name, columns: columns)
    }

    /// The statements that change the table.
    ///
    /// - Throws: `format_not_loadable`, `column_not_relaxable`.
    func statements(in dialect: Dialect) throws(WarehouseError) -> [String] {
        let creation = isMade ? table.creation(in: dialect) : []
        return creation + table.adding(added, in: dialect)
            + (try table.relaxing(relaxed, in: dialect))
    }

    private static func differs(
        _ stream: String, _ held: LoadedTable?, _ target: String, _ what: String
    ) -> ExportError {
        ExportError(
            .configuration, code: .tableDiffers,
            message: "target \(target) holds stream \(stream) in table "
                + "\(held?.name ?? stream) \(what); load everything into another table with "
                + "--all --table NAME, or name another --target")
    }
}
