/// The type of an exported column.
public enum ColumnType: Hashable, Sendable {
    case text
    /// A signed integer of 32 bits.
    case int
    /// Up to 18 digits, `scale` of them after the point.
    case decimal(precision: Int, scale: Int)
    case bool
    /// Milliseconds in UTC.
    case timestamp
    /// A day of the calendar, without a zone.
    case date
    /// Any JSON value, as minified text where a format has no JSON type.
    case json
    /// A list of {message, created_at, agent}; JSON where a format has no lists.
    case notes

    /// The name the manifest uses: `text`, `int`, `decimal(18,6)`, `bool`, `timestamp`, `date`, `json`.
    public var name: String {
        switch self {
        case .text: "text"
        case .int: "int"
        case .decimal(let precision, let scale): "decimal(\(precision),\(scale))"
        case .bool: "bool"
        case .timestamp: "timestamp"
        case .date: "date"
        case .json, .notes: "json"
        }
    }
}

/// A column's name and type, and whether it may be null.
public struct Column: Hashable, Sendable {
    public var name: String
    public var type: ColumnType
    public var isNullable: Bool

    public init(name: String, type: ColumnType, isNullable: Bool = true) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
    }
}

/// The columns of a table in order; names are unique.
public struct TableSchema: Hashable, Sendable {
    public let columns: [Column]

    public init(columns: [Column]) {
        self.columns = columns
    }
}

/// The columns every endpoint is mapped to, in the order they are written (DESIGN.md, "Unified
/// columns, in order").
public enum UnifiedColumn: String, CaseIterable, Sendable {
    case provider, endpoint, account
    case callID = "call_id"
    case leg, direction, status
    case startedAt = "started_at"
    case answeredAt = "answered_at"
    case endedAt = "ended_at"
    case fromNumber = "from_number"
    case toNumber = "to_number"
    case agent
    case contactName = "contact_name"
    case durationSeconds = "duration_seconds"
    case ringSeconds = "ring_seconds"
    case billedSeconds = "billed_seconds"
    case rate, balance, recorded, recording
    case hangupBy = "hangup_by"
    case hangupCode = "hangup_code"
    case callMethod = "call_method"
    case notes, extra

    public var type: ColumnType {
        switch self {
        case .startedAt, .answeredAt, .endedAt: .timestamp
        case .durationSeconds, .ringSeconds, .billedSeconds, .hangupCode: .int
        case .rate, .balance: .decimal(precision: 18, scale: 6)
        case .recorded: .bool
        case .notes: .notes
        case .extra: .json
        default: .text
        }
    }

    /// Whether a row may lack it: every row has a provider, endpoint, account, id and start.
    public var isNullable: Bool {
        switch self {
        case .provider, .endpoint, .account, .callID, .startedAt: false
        default: true
        }
    }
}
