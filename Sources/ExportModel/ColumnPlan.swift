/// Where the values of an output column come from.
public enum ColumnSource: Hashable, Sendable {
    /// The same text in every row.
    case constant(String)
    case account
    /// The id that was asked for.
    case requestID
    /// A field under its own type, by its index in the entry.
    case native(field: Int)
    /// A field under the type of the unified column, translated where the entry says so.
    case mapped(field: Int)
    case presence(field: Int, present: String, absent: String)
    /// The listed fields and all unknown ones, as one JSON object; null where it would be empty.
    case extra(fields: [Int])
    /// The endpoint says nothing of it: always null.
    case nothing
}

/// An output column with its source.
public struct PlannedColumn: Hashable, Sendable {
    public var column: Column
    public var source: ColumnSource

    public init(column: Column, source: ColumnSource) {
        self.column = column
        self.source = source
    }
}

/// The output columns of one stream, in order.
public struct ColumnPlan: Hashable, Sendable {
    public let columns: [PlannedColumn]

    public var schema: TableSchema { TableSchema(columns: columns.map(\.column)) }

    /// Resolves a selection against an endpoint; nil if a picked name is neither a unified column
    /// nor a field (``availableNames(of:)`` lists those that are).
    public init?(_ selection: ColumnSelection, of endpoint: Endpoint) {
        switch selection {
        case .unified:
            columns = UnifiedColumn.allCases.map { Self.unified($0, of: endpoint) }
        case .native:
            columns = Self.native(endpoint)
        case .list(let picked):
            var found: [PlannedColumn] = []
            for pick in picked {
                guard var column = Self.column(named: pick.name, of: endpoint) else { return nil }
                column.column.name = pick.outputName
                found.append(column)
            }
            columns = found
        }
    }

    /// Names that a list of columns may pick: unified columns first, then the endpoint's fields.
    public static func availableNames(of endpoint: Endpoint) -> [String] {
        let unified = UnifiedColumn.allCases.map(\.rawValue)
        return unified + native(endpoint).map(\.column.name).filter { !unified.contains($0) }
    }

    private static func column(named name: String, of endpoint: Endpoint) -> PlannedColumn? {
        if let column = UnifiedColumn(rawValue: name) { return unified(column, of: endpoint) }
        return native(endpoint).first { $0.column.name == name }
    }

    /// The id asked for, every field of the entry, and `extra` with the fields it does not know.
    private static func native(_ endpoint: Endpoint) -> [PlannedColumn] {
        var found: [PlannedColumn] = []
        if let requestID = endpoint.request.requestID {
            let column = Column(name: requestID.name, type: .text, isNullable: false)
            found.append(PlannedColumn(column: column, source: .requestID))
        }
        for (index, field) in endpoint.fields.enumerated() {
            let column = Column(
                name: field.name, type: field.type.columnType, isNullable: !field.isRequired)
            found.append(PlannedColumn(column: column, source: .native(field: index)))
        }
        let extra = Column(name: UnifiedColumn.extra.rawValue, type: .json)
        found.append(PlannedColumn(column: extra, source: .extra(fields: [])))
        return found
    }

    private static func unified(_ column: UnifiedColumn, of endpoint: Endpoint) -> PlannedColumn {
        PlannedColumn(
            column: Column(
                name: column.rawValue, type: column.type, isNullable: column.isNullable),
            source: source(of: column, in: endpoint))
    }

    private static func source(of column: UnifiedColumn, in endpoint: Endpoint) -> ColumnSource {
        switch column {
        case .provider: return .constant(endpoint.provider)
        case .endpoint: return .constant(endpoint.id)
        case .account: return .account
        case .extra:
            return .extra(
                fields: endpoint.fields.indices.filter {
                    endpoint.fields[$0].column == nil || endpoint.fields[$0].staysInExtra
                })
        default: break
        }
        if endpoint.request.requestID?.column == column { return .requestID }
        if let field = endpoint.fields.firstIndex(where: { $0.column == column }) {
            return .mapped(field: field)
        }
        switch endpoint.constants.first(where: { $0.column == column })?.value {
        case .text(let text): return .constant(text)
        case .presence(let name, let present, let absent):
            guard let field = endpoint.fieldIndex(name) else { return .nothing }
            return .presence(field: field, present: present, absent: absent)
        case nil: return .nothing
        }
    }
}
