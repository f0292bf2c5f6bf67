/// How a provider's field is read.
public enum FieldType: Hashable, Sendable {
    /// Text; a number is taken as it is written.
    case text
    /// Text of digits, often sent as a number: phone numbers and numeric ids. A number must be an
    /// integer; other text stays as it is.
    case digits
    /// A number of 32 bits or its text.
    case int
    /// A number or its text, exactly.
    case decimal(precision: Int, scale: Int)
    /// true, false, or their text.
    case bool
    /// A moment.
    case time(TimeFormat)
    /// A length of time, in whole seconds; the fraction is cut off.
    case duration(DurationFormat)
    /// Any value.
    case json

    /// Milliseconds since 1970 in UTC, a number or its text.
    public static let epochMilliseconds = FieldType.time(.epochMilliseconds)
    /// `yyyy-mm-dd hh:mm:ss` in the source zone.
    public static let localDateTime = FieldType.time(.localDateTime)

    /// The type of the field's own column (`columns: native`).
    public var columnType: ColumnType {
        switch self {
        case .text, .digits: .text
        case .int, .duration: .int
        case .decimal(let precision, let scale): .decimal(precision: precision, scale: scale)
        case .bool: .bool
        case .time: .timestamp
        case .json: .json
        }
    }

    /// Whether the source zone decides what a value means.
    public var needsZone: Bool {
        if case .time(let format) = self { return format.needsZone }
        return false
    }

    /// Whether a column may say less than the value, which then stays in `extra`.
    public var mayLose: Bool {
        if case .duration(let format) = self { return format.mayLose }
        return false
    }
}

/// One documented field of a record.
public struct Field: Hashable, Sendable {
    public var name: String
    /// Where its value lies in a record: the first place that is there and not null counts.
    public var sources: [JSONPath]
    public var type: FieldType
    /// The unified column it fills; nil: it goes to `extra`.
    public var column: UnifiedColumn?
    /// Whether a record without it is a reject.
    public var isRequired: Bool
    /// Texts that mean "nothing".
    public var sentinels: [String]
    /// What the unified column says instead of the provider's value.
    public var translation: Translation?
    /// The mapping loses something, so the field stays in `extra` as well.
    public var staysInExtra: Bool
    /// Names inside the elements of a list of notes; nil for other fields.
    public var notes: NoteFields?
    /// Whether it is nothing to wonder at that no record of a window has it.
    public var mayBeAbsent: Bool
    /// What it holds, for the DDL's comments.
    public var summary: String

    /// - Parameter sources: nil: the key of the field's name.
    public init(
        name: String, sources: [JSONPath]? = nil, type: FieldType, column: UnifiedColumn? = nil,
        isRequired: Bool = false, sentinels: [String] = [], translation: Translation? = nil,
        staysInExtra: Bool = false, notes: NoteFields? = nil, mayBeAbsent: Bool = false,
        summary: String = ""
    ) {
        self.name = name
        self.sources = sources ?? [JSONPath([name])]
        self.type = type
        self.column = column
        self.isRequired = isRequired
        self.sentinels = sentinels
        self.translation = translation
        self.staysInExtra = staysInExtra
        self.notes = notes
        self.mayBeAbsent = mayBeAbsent
        self.summary = summary
    }
}

/// Provider values and the words they stand for in a unified column.
public struct Translation: Hashable, Sendable {
    /// What becomes of a value that the table does not name.
    public enum Others: String, CaseIterable, Sendable {
        /// It stays as it is.
        case keep
        case null
        case reject
    }

    /// From the value's text.
    public var values: [String: String]
    public var others: Others

    public init(values: [String: String], others: Others) {
        self.values = values
        self.others = others
    }
}

/// The provider's names for the parts of a note.
public struct NoteFields: Hashable, Sendable {
    /// Text
    public var message: String
    /// Epoch milliseconds
    public var createdAt: String
    /// Text
    public var agent: String

    public init(message: String, createdAt: String, agent: String) {
        self.message = message
        self.createdAt = createdAt
        self.agent = agent
    }
}

/// A unified column that the endpoint itself implies.
public struct ConstantColumn: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        case text(String)
        /// One word where the named field has a value, another where it has none.
        case presence(field: String, present: String, absent: String)
    }

    public var column: UnifiedColumn
    public var value: Value

    public init(column: UnifiedColumn, value: Value) {
        self.column = column
        self.value = value
    }
}
