import ExportModel

/// How the text of a number or time becomes 64 bits.
enum NumberFormat: Sendable {
    /// 32 bits
    case int
    case decimal(precision: Int, scale: Int)
    case epochMilliseconds
    case localDateTime(SourceZone)
    /// Any other time.
    case time(TimeFormat, SourceZone)
    case duration(DurationFormat)

    /// The format of a field's own type.
    init(reading type: FieldType, zone: SourceZone) {
        switch type {
        case .decimal(let precision, let scale): self = .decimal(precision: precision, scale: scale)
        case .time(.epochMilliseconds): self = .epochMilliseconds
        case .time(.localDateTime): self = .localDateTime(zone)
        case .time(let format): self = .time(format, zone)
        case .duration(let format): self = .duration(format)
        default: self = .int
        }
    }

    /// - Parameter text: a string's text, or any other value as it is written.
    func read(_ text: UnsafeBufferPointer<UInt8>, kind: RawCell.Kind) -> Reading<Int64> {
        switch self {
        case .localDateTime(let zone):
            guard kind == .string else { return .reject(.wrongType) }
            guard let local = TimestampText.localSeconds(text),
                let moment = zone.moment(ofLocalSeconds: local)
            else { return .reject(.malformed) }
            return .value(moment.epochMilliseconds)
        case .time(let format, let zone):
            guard kind == .string || kind == .number && format.isNumber else {
                return .reject(.wrongType)
            }
            return Self.reading(format.read(text, in: zone))
        case .duration(let format):
            guard kind == .string || kind == .number && !format.isText else {
                return .reject(.wrongType)
            }
            return Self.seconds(format.read(text))
        case .decimal(let precision, let scale):
            guard kind == .number || kind == .string else { return .reject(.wrongType) }
            return Self.reading(ExactNumber.decimal(text, precision: precision, scale: scale))
        case .int:
            return Self.integer(text, kind: kind, in: Int64(Int32.min)...Int64(Int32.max))
        case .epochMilliseconds:
            let supported = Timestamp.supported
            return Self.integer(
                text, kind: kind,
                in: supported.lowerBound.epochMilliseconds...supported.upperBound.epochMilliseconds)
        }
    }

    /// Appends a value as text: plain digits, or ISO 8601.
    func append(_ value: Int64, to output: inout [UInt8]) {
        switch self {
        case .int, .duration: output.append(contentsOf: String(value).utf8)
        case .decimal(_, let scale): Self.appendDecimal(value, scale: scale, to: &output)
        case .epochMilliseconds, .localDateTime, .time:
            TimestampText.appendISO8601(value, to: &output)
        }
    }

    private static func integer(
        _ text: UnsafeBufferPointer<UInt8>, kind: RawCell.Kind, in range: ClosedRange<Int64>
    ) -> Reading<Int64> {
        guard kind == .number || kind == .string else { return .reject(.wrongType) }
        let outcome = ExactNumber.integer(text)
        if case .exact(let value) = outcome, !range.contains(value) { return .reject(.doesNotFit) }
        return reading(outcome)
    }

    private static func seconds(_ outcome: ExactNumber.Outcome) -> Reading<Int64> {
        if case .exact(let value) = outcome, Int32(exactly: value) == nil {
            return .reject(.doesNotFit)
        }
        return reading(outcome)
    }

    private static func reading(_ outcome: ExactNumber.Outcome) -> Reading<Int64> {
        switch outcome {
        case .exact(let value): .value(value)
        case .malformed: .reject(.malformed)
        case .doesNotFit: .reject(.doesNotFit)
        }
    }

    private static func appendDecimal(_ value: Int64, scale: Int, to output: inout [UInt8]) {
        let digits = String(value.magnitude)
        let padding = max(scale + 1 - digits.utf8.count, 0)
        let all = Array(repeating: UInt8(ascii: "0"), count: padding) + Array(digits.utf8)
        if value < 0 { output.append(UInt8(ascii: "-")) }
        output.append(contentsOf: all.dropLast(scale))
        let fraction = all.suffix(scale).reversed().drop { $0 == UInt8(ascii: "0") }.reversed()
        if fraction.isEmpty { return }
        output.append(UInt8(ascii: "."))
        output.append(contentsOf: fraction)
    }
}

/// How text becomes a boolean.
enum BoolFormat {
    private static let words: [(text: StaticString, value: Bool)] = [
        ("true", true), ("false", false), ("True", true), ("False", false),
    ]

    /// - Parameter text: a string's text, or any other value as it is written.
    static func read(_ text: UnsafeBufferPointer<UInt8>, kind: RawCell.Kind) -> Reading<Bool> {
        switch kind {
        case .true: return .value(true)
        case .false: return .value(false)
        case .string:
            for (word, value) in words
            where word.utf8CodeUnitCount == text.count
                && UnsafeBufferPointer(start: word.utf8Start, count: text.count).elementsEqual(text)
            {
                return .value(value)
            }
            return .reject(.malformed)
        default: return .reject(.wrongType)
        }
    }
}
