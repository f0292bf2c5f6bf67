import ExportModel

/// How one column is filled; each pass makes its own builder.
enum ColumnRecipe: Sendable {
    /// nil: the id that was asked for.
    case constant(String?)
    case null(ColumnType)
    case ordinal
    case text(FieldRule)
    case number(FieldRule, NumberFormat)
    case bool(FieldRule)
    case json(FieldRule)
    case notes(FieldRule, NoteFields)
    case presence(FieldRule, present: String, absent: String)
    case extra([ExtraBuilder.KnownField])
    case derived(Derivation, [ColumnRecipe])

    func makeBuilder(rowCount: Int) -> any ColumnBuilder {
        switch self {
        case .constant(let text): ConstantTextBuilder(text: text, rowCount: rowCount)
        case .null(let type): NullBuilder(type: type)
        case .ordinal: OrdinalBuilder()
        case .text(let rule): TextBuilder(rule: rule, rowCount: rowCount)
        case .number(let rule, let format):
            NumberBuilder(rule: rule, format: format, rowCount: rowCount)
        case .bool(let rule): BoolBuilder(rule: rule)
        case .json(let rule): JSONBuilder(rule: rule)
        case .notes(let rule, let fields): NotesBuilder(rule: rule, fields: fields)
        case .presence(let rule, let present, let absent):
            PresenceBuilder(rule: rule, present: present, absent: absent)
        case .extra(let known): ExtraBuilder(known)
        case .derived(let derivation, let inputs):
            DerivedBuilder(derivation, inputs.map { $0.makeBuilder(rowCount: rowCount) })
        }
    }
}

/// Derives the recipes of an endpoint's columns.
struct RecipeBook {
    let endpoint: Endpoint
    let plan: ColumnPlan
    let account: String
    let zone: SourceZone

    /// Recipes of the output columns, in the plan's order.
    func outputs() -> [ColumnRecipe] { plan.columns.map(recipe(of:)) }

    private func recipe(of planned: PlannedColumn) -> ColumnRecipe {
        let type = planned.column.type
        switch planned.source {
        case .constant(let text): return .constant(text)
        case .account: return .constant(account)
        case .requestID: return .constant(nil)
        case .nothing: return .null(type)
        case .ordinal: return .ordinal
        case .extra(let fields): return .extra(extraFields(fields))
        case .native(let field):
            return recipe(rule(field, column: planned.column), as: type)
        case .mapped(let field):
            return recipe(rule(field, isTranslated: true, column: planned.column), as: type)
        case .presence(let field, let present, let absent):
            return .presence(rule(field), present: present, absent: absent)
        case .derived(let derivation, let inputs):
            return .derived(derivation, inputs.map(recipe(of:)))
        }
    }

    /// Recipes of the fields that no output column types, but whose values must be right: required
    /// ones, the key's, the time's, and those whose presence decides a column.
    func checks() -> [ColumnRecipe] {
        var typed: Set<Int> = []
        var presences: Set<Int> = []
        for source in plan.columns.flatMap(\.source.read) {
            switch source {
            case .native(let field), .mapped(let field): typed.insert(field)
            case .presence(let field, _, _): presences.insert(field)
            default: break
            }
        }
        return endpoint.fields.indices
            .filter { isRequired($0) || identifies($0) || presences.contains($0) }
            .filter { !typed.contains($0) }
            .map(native)
    }

    /// Recipes of the fields without which a record cannot be identified.
    func identity() -> [ColumnRecipe] {
        endpoint.fields.indices.filter(identifies).map { index in
            // An empty key identifies no record.
            var field = endpoint.fields[index]
            field.sentinels.append("")
            return recipe(
                FieldRule(
                    field, index: index, isRequired: isRequired(index), isTranslated: false,
                    zone: zone),
                as: field.type.columnType)
        }
    }

    /// The record's start; nil if the entry names no such field.
    func time() -> ColumnRecipe? {
        endpoint.fieldIndex(endpoint.timeField).map(native)
    }

    // MARK: Fields

    private func native(_ field: Int) -> ColumnRecipe {
        recipe(rule(field), as: endpoint.fields[field].type.columnType)
    }

    private func recipe(_ rule: FieldRule, as type: ColumnType) -> ColumnRecipe {
        switch type {
        case .text: return .text(rule)
        case .int:
            if case .duration(let format) = rule.type { return .number(rule, .duration(format)) }
            return .number(rule, .int)
        case .decimal(let precision, let scale):
            return .number(rule, .decimal(precision: precision, scale: scale))
        case .timestamp:
            return .number(rule, rule.format)
        case .bool: return .bool(rule)
        case .json: return .json(rule)
        // Dates are only derived.
        case .date: return .null(type)
        case .notes:
            return rule.notes.map { .notes(rule, $0) } ?? .null(type)
        }
    }

    private func rule(
        _ field: Int, isTranslated: Bool = false, column: Column? = nil
    ) -> FieldRule {
        FieldRule(
            endpoint.fields[field], index: field,
            isRequired: isRequired(field) || column?.isNullable == false,
            isTranslated: isTranslated, zone: zone)
    }

    /// Of a key with several parts, one may be missing: the others still identify the record.
    private func isRequired(_ field: Int) -> Bool {
        let name = endpoint.fields[field].name
        return endpoint.fields[field].isRequired || endpoint.timeField == name
            || endpoint.key == [name]
    }

    private func identifies(_ field: Int) -> Bool {
        let name = endpoint.fields[field].name
        return endpoint.timeField == name || endpoint.key.contains(name)
    }

    /// The plan's fields, and notes that may hold more than their column keeps.
    private func extraFields(_ planned: [Int]) -> [ExtraBuilder.KnownField] {
        endpoint.fields.indices.compactMap { index in
            let field = endpoint.fields[index]
            if planned.contains(index) { return ExtraBuilder.KnownField(field, index: index) }
            guard let notes = field.notes, field.column == .notes, !isNative(index) else {
                return nil
            }
            return ExtraBuilder.KnownField(field, index: index, notes: notes)
        }
    }

    private func isNative(_ field: Int) -> Bool {
        plan.columns.contains { $0.source == .native(field: field) }
    }
}
