/// The columns that cdrx derives from others; none is written unless `columns` names it.
public enum DerivedColumn: String, CaseIterable, Sendable {
    /// The day on which the call began, in the pipeline's time zone.
    case localDate = "local_date"
    /// From `status`; null where that is neither `answered` nor `missed`.
    case isAnswered = "is_answered"
    /// `billed_seconds` of an answered call, 0 of a missed one, else null.
    case talkSeconds = "talk_seconds"
    /// `from_number` with its country code, where that is certain.
    case fromE164 = "from_e164"
    /// `to_number` with its country code, where that is certain.
    case toE164 = "to_e164"
    /// What the stream says, in every row.
    case currency

    public var type: ColumnType {
        switch self {
        case .localDate: .date
        case .isAnswered: .bool
        case .talkSeconds: .int
        case .fromE164, .toE164, .currency: .text
        }
    }

    /// Whether a row may lack it: every row has a start, and a stream one currency.
    public var isNullable: Bool { self != .localDate && self != .currency }

    /// The unified columns it is derived from, in the order ``Derivation`` takes them.
    var inputs: [UnifiedColumn] {
        switch self {
        case .localDate: [.startedAt]
        case .isAnswered: [.status]
        case .talkSeconds: [.status, .billedSeconds]
        case .fromE164: [.fromNumber]
        case .toE164: [.toNumber]
        case .currency: []
        }
    }
}

/// How a column's values come from those of others.
public enum Derivation: Hashable, Sendable, CustomStringConvertible {
    /// From a timestamp: its day in a zone.
    case localDate(SourceZone)
    /// From a status.
    case isAnswered
    /// From a status and seconds.
    case talkSeconds
    /// From a telephone number.
    case e164(NumberForm)

    /// Changes with everything that changes a value, so that a plan can be compared by it.
    public var description: String {
        switch self {
        case .localDate(let zone): "local_date \(zone.identifier)"
        case .isAnswered: "is_answered"
        case .talkSeconds: "talk_seconds"
        case .e164(let form): "e164 \(form)"
        }
    }
}

/// What a stream says for columns that are derived.
public struct DerivationSettings: Hashable, Sendable {
    /// Of the pipeline.
    public var zone: SourceZone
    /// nil: numbers cannot be completed.
    public var numbers: NumberForm?
    /// ISO 4217; nil: not known.
    public var currency: String?

    public init(zone: SourceZone, numbers: NumberForm? = nil, currency: String? = nil) {
        self.zone = zone
        self.numbers = numbers
        self.currency = currency
    }

    /// UTC, and nothing known.
    public static let standard = Self(zone: SourceZone(identifier: "Z", offsetSeconds: 0))
}
