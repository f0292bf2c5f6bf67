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
    /// The place of a row among those of its record, from 1; null where the record is one row.
    case ordinal
    /// The endpoint says nothing of it: always null.
    case nothing
    /// What other columns say, which need not be written themselves.
    case derived(Derivation, from: [PlannedColumn])

    /// The sources that are read from records: this one, or those that it is derived from.
    public var read: [ColumnSource] {
        if case .derived(_, let inputs) = self { return inputs.flatMap(\.source.read) }
        return [self]
    }
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

/// The output columns of one stream, in order; their names are unique.
public struct ColumnPlan: Hashable, Sendable {
    public let columns: [PlannedColumn]

    public var schema: TableSchema { TableSchema(columns: columns.map(\.column)) }

    /// Why a selection cannot be written, by the index of the pick that is at fault.
    public struct Problem: Hashable, Sendable {
        public enum Kind: Error, Hashable {
            /// Neither a column nor a field; ``ColumnPlan/availableNames(of:)`` lists those.
            case unknown(String)
            /// Two columns would have the name.
            case repeated(String)
            /// The column needs ``DerivationSettings/numbers``.
            case lacksNumbers(DerivedColumn)
            /// The column needs ``DerivationSettings/currency``.
            case lacksCurrency
        }

        public var kind: Kind
        public var pick: Int
    }

    /// Resolves a selection against an endpoint; nil if there are ``problems(of:on:_:)``.
    public init?(
        _ selection: ColumnSelection, of endpoint: Endpoint,
        _ settings: DerivationSettings = .standard
    ) {
        let resolved = Self.resolve(selection, of: endpoint, settings)
        guard resolved.problems.isEmpty else { return nil }
        columns = resolved.columns
    }

    /// Every reason why the selection cannot be written; empty if it can.
    public static func problems(
        of selection: ColumnSelection, on endpoint: Endpoint, _ settings: DerivationSettings
    ) -> [Problem] {
        resolve(selection, of: endpoint, settings).problems
    }

    /// Names that a list of columns may pick: unified columns, the endpoint's fields, derived
    /// columns. Of equal names the first counts.
    public static func availableNames(of endpoint: Endpoint) -> [String] {
        var names: [String] = []
        let all =
            UnifiedColumn.allCases.map(\.rawValue) + native(endpoint).map(\.column.name)
            + DerivedColumn.allCases.map(\.rawValue)
        for name in all where !names.contains(name) { names.append(name) }
        return names
    }

    private static func resolve(
        _ selection: ColumnSelection, of endpoint: Endpoint, _ settings: DerivationSettings
    ) -> (columns: [PlannedColumn], problems: [Problem]) {
        var found: [PlannedColumn] = []
        var problems: [Problem] = []
        var names: Set<String> = []
        for (index, pick) in selection.picks.enumerated() {
            switch columns(pick, of: endpoint, settings) {
            case .success(let columns):
                for column in columns where !names.insert(column.column.name).inserted {
                    problems.append(Problem(kind: .repeated(column.column.name), pick: index))
                }
                found += columns
            case .failure(let kind): problems.append(Problem(kind: kind, pick: index))
            }
        }
        return (found, problems)
    }

    private static func columns(
        _ pick: ColumnPick, of endpoint: Endpoint, _ settings: DerivationSettings
    ) -> Result<[PlannedColumn], Problem.Kind> {
        switch pick {
        case .unified: return .success(UnifiedColumn.allCases.map { unified($0, of: endpoint) })
        case .native: return .success(native(endpoint))
        case .column(let name, let outputName):
            var found: PlannedColumn?
            if let column = UnifiedColumn(rawValue: name) {
                found = unified(column, of: endpoint)
            } else if let column = native(endpoint).first(where: { $0.column.name == name }) {
                found = column
            } else if let column = DerivedColumn(rawValue: name) {
                switch derived(column, of: endpoint, settings) {
                case .success(let column): found = column
                case .failure(let kind): return .failure(kind)
                }
            }
            guard var found else { return .failure(.unknown(name)) }
            found.column.name = outputName
            return .success([found])
        }
    }

    /// The id asked for, every field of the entry, and `extra` with the fields it does not know, and
    /// those of which a column loses something.
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
        let lossy = endpoint.fields.indices.filter {
            endpoint.fields[$0].staysInExtra && endpoint.fields[$0].type.mayLose
        }
        found.append(PlannedColumn(column: extra, source: .extra(fields: lossy)))
        return found
    }

    private static func derived(
        _ column: DerivedColumn, of endpoint: Endpoint, _ settings: DerivationSettings
    ) -> Result<PlannedColumn, Problem.Kind> {
        let derivation: Derivation
        switch column {
        case .localDate: derivation = .localDate(settings.zone)
        case .isAnswered: derivation = .isAnswered
        case .talkSeconds: derivation = .talkSeconds
        case .fromE164, .toE164:
            guard let numbers = settings.numbers else {
                return .failure(.lacksNumbers(column))
            }
            derivation = .e164(numbers)
        case .currency:
            guard let currency = settings.currency else {
                return .failure(.lacksCurrency)
            }
            return .success(PlannedColumn(column: column.column, source: .constant(currency)))
        }
        let inputs = column.inputs.map { unified($0, of: endpoint) }
        return .success(
            PlannedColumn(column: column.column, source: .derived(derivation, from: inputs)))
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
        case nil:
            let isOrdinal = column == .leg && endpoint.response.expand != nil
            return isOrdinal ? .ordinal : .nothing
        }
    }
}

extension DerivedColumn {
    fileprivate var column: Column {
        Column(name: rawValue, type: type, isNullable: isNullable)
    }
}
