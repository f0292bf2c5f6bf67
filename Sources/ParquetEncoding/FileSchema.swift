import ExportModel

/// A table's schema as Parquet states it.
///
/// Notes become `optional group notes (LIST) { repeated group list { required group element
/// { message, created_at, agent } } }`, the three-level form of the specification (Logical Types,
/// "Lists"); the list itself is required where the column is. JSON is text: ClickHouse parses the
/// logical type JSON, rounds its numbers and refuses arrays, and polars reads it as bytes.
struct FileSchema: Hashable, Sendable {
    let table: TableSchema
    /// In the order of the file: depth first.
    let leaves: [LeafColumn]
    /// Leaves of each column of the table, as ranges of `leaves`.
    let leafRanges: [Range<Int>]

    init(_ table: TableSchema) {
        self.table = table
        var leaves: [LeafColumn] = []
        var leafRanges: [Range<Int>] = []
        for column in table.columns {
            let start = leaves.count
            leaves += Self.leaves(of: column)
            leafRanges.append(start..<leaves.count)
        }
        self.leaves = leaves
        self.leafRanges = leafRanges
    }

    /// Writes field 2 of `FileMetaData`.
    func write(to writer: inout ThriftCompactWriter) {
        var elements = [SchemaElement(name: "schema", childCount: table.columns.count)]
        for column in table.columns {
            let repetition: Repetition = column.isNullable ? .optional : .required
            if let type = Self.logicalType(of: column.type) {
                elements.append(
                    SchemaElement(name: column.name, repetition: repetition, leafType: type))
            } else {
                elements += Self.notesElements(name: column.name, repetition: repetition)
            }
        }
        writer.writeList(elements, of: .structure, field: 2) { writer, element in
            element.append(to: &writer)
        }
    }

    private static let noteFields: [(name: String, type: LogicalType)] = [
        ("message", .string), ("created_at", .timestamp), ("agent", .string),
    ]

    private static func notesElements(name: String, repetition: Repetition) -> [SchemaElement] {
        let groups = [
            SchemaElement(name: name, repetition: repetition, isList: true, childCount: 1),
            SchemaElement(name: "list", repetition: .repeated, childCount: 1),
            SchemaElement(name: "element", repetition: .required, childCount: noteFields.count),
        ]
        return groups
            + noteFields.map {
                SchemaElement(name: $0.name, repetition: .optional, leafType: $0.type)
            }
    }

    private static func leaves(of column: Column) -> [LeafColumn] {
        let base = column.isNullable ? 1 : 0
        if let type = logicalType(of: column.type) {
            return [
                LeafColumn(
                    path: [column.name], type: type, maxDefinitionLevel: base,
                    maxRepetitionLevel: 0)
            ]
        }
        return noteFields.map {
            LeafColumn(
                path: [column.name, "list", "element", $0.name], type: $0.type,
                maxDefinitionLevel: base + 2, maxRepetitionLevel: 1)
        }
    }

    /// nil for notes, which are a group.
    private static func logicalType(of type: ColumnType) -> LogicalType? {
        switch type {
        case .text, .json: .string
        case .int: .int32
        case .decimal(let precision, let scale): .decimal(precision: precision, scale: scale)
        case .bool: .boolean
        case .timestamp: .timestamp
        case .date: .date
        case .notes: nil
        }
    }
}

/// One node of the schema tree; the root and groups have children, leaves have a type.
private struct SchemaElement {
    var name: String
    /// nil for the root.
    var repetition: Repetition?
    var leafType: LogicalType?
    var isList = false
    var childCount: Int?

    func append(to writer: inout ThriftCompactWriter) {
        writer.appendStructure { writer in
            if let leafType { writer.writeInt32(leafType.physicalType.rawValue, field: 1) }
            if let repetition { writer.writeInt32(repetition.rawValue, field: 3) }
            writer.writeBinary(name.utf8, field: 4)
            if let childCount { writer.writeInt32(childCount, field: 5) }
            if let convertedType { writer.writeInt32(convertedType, field: 6) }
            if case .decimal(let precision, let scale) = leafType {
                writer.writeInt32(scale, field: 7)
                writer.writeInt32(precision, field: 8)
            }
            writeLogicalType(to: &writer)
        }
    }

    /// The older annotation that stands for the same, for older readers.
    private var convertedType: Int? {
        if isList { return 3 }
        return switch leafType {
        case .string: 0
        case .int32: 17
        case .timestamp: 9
        case .date: 6
        case .decimal: 5
        case .boolean, nil: nil
        }
    }

    /// The union `LogicalType`, field 10.
    private func writeLogicalType(to writer: inout ThriftCompactWriter) {
        guard isList || (leafType != nil && leafType != .boolean) else { return }
        writer.writeStructure(field: 10) { writer in
            if isList { return writer.writeStructure(field: 3) { _ in } }
            switch leafType {
            case .string: writer.writeStructure(field: 1) { _ in }
            case .decimal(let precision, let scale):
                writer.writeStructure(field: 5) { writer in
                    writer.writeInt32(scale, field: 1)
                    writer.writeInt32(precision, field: 2)
                }
            case .date: writer.writeStructure(field: 6) { _ in }
            case .timestamp:
                writer.writeStructure(field: 8) { writer in
                    writer.writeBool(true, field: 1)
                    writer.writeStructure(field: 2) { $0.writeStructure(field: 1) { _ in } }
                }
            case .int32:
                writer.writeStructure(field: 10) { writer in
                    writer.writeInt8(32, field: 1)
                    writer.writeBool(true, field: 2)
                }
            case .boolean, nil: break
            }
        }
    }
}
