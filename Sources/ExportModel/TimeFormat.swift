/// How a provider writes a moment, in records and in the parameters that bound a window.
public enum TimeFormat: Hashable, Sendable {
    /// Seconds since 1970 in UTC, a number or its text; a fraction is read down to milliseconds.
    case epochSeconds
    /// Milliseconds since 1970 in UTC, a number or its text.
    case epochMilliseconds
    /// Microseconds since 1970 in UTC, a number or its text.
    case epochMicroseconds
    /// `2026-11-19T07:05:00.5+05:30` (ISO 8601, RFC 3339): a space may stand for the `T`, seconds
    /// and fraction may be missing; without an offset it is a time of the source zone.
    case iso8601
    /// `Thu, 19 Nov 2026 07:05:00 +0530` (RFC 2822, section 3.3), with the zones `GMT`, `UT`, `Z`
    /// and those of the United States, and with comments. Years have four digits.
    case rfc2822
    /// `2026-11-19 07:05:00` in the source zone.
    case localDateTime
    /// `2026-11-19`: midnight in the source zone.
    case date
    /// A pattern of the entry's own.
    case pattern(TimePattern)

    /// The formats that have a name.
    static let named: [(name: String, format: TimeFormat)] = [
        ("epoch_s", .epochSeconds), ("epoch_ms", .epochMilliseconds),
        ("epoch_us", .epochMicroseconds), ("iso8601", .iso8601), ("rfc2822", .rfc2822),
        ("local_datetime", .localDateTime), ("date", .date),
    ]

    /// The names that entries may use, in the order they are documented.
    public static let names = named.map(\.name) + ["pattern(…)"]

    /// The format of this name, or of the pattern in `pattern(yyyy-MM-dd HH:mm:ssXXX)`.
    public init?(named name: String) {
        if let known = Self.named.first(where: { $0.name == name }) {
            self = known.format
            return
        }
        guard name.hasPrefix("pattern("), name.hasSuffix(")"),
            let pattern = TimePattern(String(name.dropFirst(8).dropLast()))
        else { return nil }
        self = .pattern(pattern)
    }

    /// As entries write it.
    public var name: String {
        if case .pattern(let pattern) = self { return "pattern(\(pattern.text))" }
        return Self.named.first { $0.format == self }?.name ?? ""
    }

    /// Whether values are numbers, or texts of digits.
    public var isNumber: Bool {
        switch self {
        case .epochSeconds, .epochMilliseconds, .epochMicroseconds: true
        default: false
        }
    }

    /// Whether the zone decides which moment a value is, or may be.
    public var needsZone: Bool {
        switch self {
        case .iso8601, .localDateTime, .date: true
        case .pattern(let pattern): !pattern.hasOffset
        default: false
        }
    }

    /// The step between two values that can be written, in milliseconds; a day where only days can
    /// be.
    public var unitMilliseconds: Int64 {
        switch self {
        case .epochMilliseconds, .epochMicroseconds, .iso8601: 1
        case .epochSeconds, .localDateTime, .rfc2822: 1_000
        case .date: 86_400_000
        case .pattern(let pattern): pattern.unitMilliseconds
        }
    }

    // MARK: Reading

    /// Reads epoch milliseconds; what is finer is cut off.
    ///
    /// - Parameter zone: of values without an offset.
    public func read(
        _ text: UnsafeBufferPointer<UInt8>, in zone: SourceZone
    ) -> ExactNumber.Outcome {
        switch self {
        case .epochSeconds: return Self.seconds(text)
        case .epochMilliseconds: return Self.supported(ExactNumber.integer(text))
        case .epochMicroseconds: return Self.supported(ExactNumber.floor(text, dividedBy: 1_000))
        case .iso8601: return Self.iso8601(text)?.moment(in: zone) ?? .malformed
        case .rfc2822: return RFC2822Time.read(text)?.moment(in: zone) ?? .malformed
        case .localDateTime:
            guard let local = TimestampText.localSeconds(text),
                let moment = zone.moment(ofLocalSeconds: local)
            else { return .malformed }
            return .exact(moment.epochMilliseconds)
        case .date:
            var scanner = TimeScanner(text)
            guard let time = Self.date(&scanner), scanner.isAtEnd else { return .malformed }
            return time.moment(in: zone)
        case .pattern(let pattern): return pattern.read(text)?.moment(in: zone) ?? .malformed
        }
    }

    private static func supported(_ outcome: ExactNumber.Outcome) -> ExactNumber.Outcome {
        guard case .exact(let value) = outcome,
            !Timestamp.supported.contains(Timestamp(epochMilliseconds: value))
        else { return outcome }
        return .doesNotFit
    }

    private static func seconds(_ text: UnsafeBufferPointer<UInt8>) -> ExactNumber.Outcome {
        switch ExactNumber.integer(text) {
        case .exact(let value):
            let (milliseconds, overflow) = value.multipliedReportingOverflow(by: 1_000)
            return overflow ? .doesNotFit : supported(.exact(milliseconds))
        case .malformed: return .malformed
        case .doesNotFit:
            guard case .exact(let value) = ExactNumber.decimal(text, precision: 19, scale: 9) else {
                return .doesNotFit
            }
            return supported(.exact(value.flooredDivision(by: 1_000_000).quotient))
        }
    }

    private static func date(_ scanner: inout TimeScanner) -> CivilTime? {
        var time = CivilTime()
        guard let year = scanner.number(digits: 4...4), scanner.skip("-"),
            let month = scanner.number(digits: 2...2), scanner.skip("-"),
            let day = scanner.number(digits: 2...2)
        else { return nil }
        (time.year, time.month, time.day) = (year, month, day)
        return time
    }

    private static func iso8601(_ text: UnsafeBufferPointer<UInt8>) -> CivilTime? {
        var scanner = TimeScanner(text)
        guard var time = date(&scanner),
            scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
            let hour = scanner.number(digits: 2...2), scanner.skip(":"),
            let minute = scanner.number(digits: 2...2)
        else { return nil }
        (time.hour, time.minute) = (hour, minute)
        if scanner.skip(":") {
            guard let second = scanner.number(digits: 2...2) else { return nil }
            time.second = second
            time.milliseconds = scanner.fraction(of: 1_000) ?? 0
        }
        if scanner.isAtEnd { return time }
        if scanner.skip("Z") || scanner.skip("z") {
            time.offset = 0
        } else {
            // Some put a space before the offset.
            _ = scanner.skip(" ")
            guard let offset = scanner.offset([.colon, .compact, .hours]) else { return nil }
            time.offset = offset
        }
        return scanner.isAtEnd ? time : nil
    }

    // MARK: Writing

    /// Appends a moment as the provider writes it; what is finer than ``unitMilliseconds`` is cut
    /// off.
    ///
    /// - Parameter zone: of local values, and of offsets in patterns.
    public func append(_ moment: Timestamp, in zone: SourceZone, to output: inout [UInt8]) {
        let milliseconds = moment.epochMilliseconds
        switch self {
        case .epochSeconds:
            let seconds = milliseconds.flooredDivision(by: 1_000).quotient
            output.append(contentsOf: String(seconds).utf8)
        case .epochMilliseconds: output.append(contentsOf: String(milliseconds).utf8)
        case .epochMicroseconds:
            let (value, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000)
            precondition(!overflow, "a moment that no timestamp has")
            output.append(contentsOf: String(value).utf8)
        case .iso8601: Self.appendISO8601(milliseconds, to: &output)
        case .rfc2822: RFC2822Time.append(moment, in: zone, to: &output)
        case .localDateTime:
            TimestampText.appendLocalDateTime(zone.localSeconds(of: moment), to: &output)
        case .date:
            let day = CivilDate(daysSinceEpoch: Int(zone.localDay(of: moment)))
            TimestampText.appendDate(day, to: &output)
        case .pattern(let pattern): pattern.append(moment, in: zone, to: &output)
        }
    }

    /// The text that ``append(_:in:to:)`` appends.
    public func text(of moment: Timestamp, in zone: SourceZone) -> String {
        var bytes: [UInt8] = []
        append(moment, in: zone, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// In UTC, with milliseconds where there are some.
    private static func appendISO8601(_ milliseconds: Int64, to output: inout [UInt8]) {
        TimestampText.appendISO8601(milliseconds, to: &output)
        guard milliseconds % 1_000 == 0 else { return }
        output.removeLast(5)
        output.append(UInt8(ascii: "Z"))
    }
}
