/// A pattern for times by the letters of Unicode TR 35 that call records need:
///
/// | letters | part |
/// |---|---|
/// | `yyyy` `yy` | year; two digits are those of 2000 to 2099 |
/// | `MM` `M` `MMM` | month: two digits, one or two, `Nov` |
/// | `dd` `d` | day |
/// | `HH` `H`, `hh` `h` | hour of 24, or of 12 with `a` |
/// | `mm` `m`, `ss` `s` | minute, second |
/// | `S` to `SSSSSSSSS` | fraction of a second, exactly so many digits |
/// | `a` | `AM` or `PM` |
/// | `X`, once, twice or three times | offset: `Z`, or `+05`/`+0530`, `+0530`, `+05:30` |
/// | `Z`, once or five times | offset: `+0530`, or as `X` three times |
///
/// Text between apostrophes stands for itself, `''` for an apostrophe, and so does every character
/// that is no letter.
public struct TimePattern: Hashable, Sendable {
    enum Element: Hashable, Sendable {
        case literal([UInt8])
        /// A number with its usual count of digits, or with as many as it needs.
        case number(Part, isPadded: Bool)
        case monthName
        case fraction(digitCount: Int)
        case period
        case offset(Offset)
    }

    /// A part of a time that is written as a number.
    enum Part: Hashable, Sendable {
        case year, shortYear, month, day, hour, halfDayHour, minute, second
    }

    /// How an offset is written.
    enum Offset: Hashable, Sendable {
        /// `Z`, `+05` or `+0530`
        case short
        /// `Z` or `+0530`
        case compact
        /// `Z` or `+05:30`
        case extended
        /// `+0530`, also for UTC
        case numeric
    }

    /// As the entry has it.
    public let text: String
    let elements: [Element]

    /// nil where the text is no pattern of a moment: it needs year, month and day, and every
    /// smaller part needs the larger ones.
    public init?(_ text: String) {
        guard let elements = TimePatternReader.read(text) else { return nil }
        self.text = text
        self.elements = elements
    }

    /// Whether values say their offset from UTC.
    public var hasOffset: Bool {
        elements.contains { if case .offset = $0 { true } else { false } }
    }

    /// The step between two values that can be written.
    var unitMilliseconds: Int64 {
        elements.map { element in
            switch element {
            case .fraction(let digitCount): [100, 10, 1][min(digitCount, 3) - 1]
            case .number(.second, _): 1_000
            case .number(.minute, _): 60_000
            case .number(.hour, _), .number(.halfDayHour, _): 3_600_000
            default: 86_400_000
            }
        }.min() ?? 86_400_000
    }

    // MARK: Reading

    func read(_ text: UnsafeBufferPointer<UInt8>) -> CivilTime? {
        var scanner = TimeScanner(text)
        var time = CivilTime()
        var isAfternoon: Bool?
        for element in elements {
            switch element {
            case .literal(let bytes): guard scanner.skip(bytes) else { return nil }
            case .number(let part, let isPadded):
                guard Self.read(part, isPadded, &scanner, &time) else { return nil }
            case .monthName:
                guard let month = scanner.word(among: RFC2822Time.months) else { return nil }
                time.month = month + 1
            case .fraction(let count):
                guard let value = scanner.number(digits: count...count) else { return nil }
                time.milliseconds = Int(
                    UInt64(value) * 1_000 / ExactNumber.powersOfTen[count])
            case .period:
                guard let period = scanner.word(among: ["AM", "PM"]) else { return nil }
                isAfternoon = period == 1
            case .offset(let form):
                guard let offset = Self.read(form, &scanner) else { return nil }
                time.offset = offset
            }
        }
        if let isAfternoon { time.hour = time.hour % 12 + (isAfternoon ? 12 : 0) }
        return scanner.isAtEnd ? time : nil
    }

    private static func read(
        _ part: Part, _ isPadded: Bool, _ scanner: inout TimeScanner, _ time: inout CivilTime
    ) -> Bool {
        let width = part == .year ? 4 : 2
        guard let value = scanner.number(digits: (isPadded ? width : 1)...width) else {
            return false
        }
        switch part {
        case .year: time.year = value
        case .shortYear: time.year = 2_000 + value
        case .month: time.month = value
        case .day: time.day = value
        case .hour: time.hour = value
        case .halfDayHour:
            guard (1...12).contains(value) else { return false }
            time.hour = value
        case .minute: time.minute = value
        case .second: time.second = value
        }
        return true
    }

    private static func read(_ form: Offset, _ scanner: inout TimeScanner) -> Int? {
        if form != .numeric, scanner.skip("Z") { return 0 }
        switch form {
        case .short: return scanner.offset([.hours, .compact])
        case .compact, .numeric: return scanner.offset(.compact)
        case .extended: return scanner.offset(.colon)
        }
    }

    // MARK: Writing

    /// Appends a moment as it is in a zone.
    func append(_ moment: Timestamp, in zone: SourceZone, to output: inout [UInt8]) {
        let local = zone.localSeconds(of: moment)
        let (days, second) = local.flooredDivision(by: 86_400)
        let date = CivilDate(daysSinceEpoch: Int(days))
        let milliseconds = Int(moment.epochMilliseconds.flooredDivision(by: 1_000).remainder)
        for element in elements {
            switch element {
            case .literal(let bytes): output.append(contentsOf: bytes)
            case .number(let part, let isPadded):
                let value = Self.value(part, of: date, Int(second))
                let count = isPadded ? (part == .year ? 4 : 2) : 1
                output.append(contentsOf: Self.padded(value, count: count).utf8)
            case .monthName: output.append(contentsOf: RFC2822Time.months[date.month - 1].utf8)
            case .fraction(let count):
                let digits = Self.padded(milliseconds, count: 3) + "000000"
                output.append(contentsOf: digits.utf8.prefix(count))
            case .period: output.append(contentsOf: (second < 43_200 ? "AM" : "PM").utf8)
            case .offset(let form):
                let offset = zone.offsetSeconds(at: moment)
                output.append(contentsOf: Self.text(ofOffset: offset, form).utf8)
            }
        }
    }

    private static func value(_ part: Part, of date: CivilDate, _ second: Int) -> Int {
        switch part {
        case .year: date.year
        case .shortYear: date.year % 100
        case .month: date.month
        case .day: date.day
        case .hour: second / 3_600
        case .halfDayHour: (second / 3_600 + 11) % 12 + 1
        case .minute: second / 60 % 60
        case .second: second % 60
        }
    }

    private static func text(ofOffset offset: Int, _ form: Offset) -> String {
        if offset == 0, form != .numeric { return "Z" }
        let text = offsetText(offset, colon: form == .extended ? ":" : "")
        return form == .short && offset % 3_600 == 0 ? String(text.dropLast(2)) : text
    }

    /// `+0530`; seconds of an offset, which only old local times have, are cut off.
    static func offsetText(_ offset: Int, colon: String) -> String {
        let minutes = abs(offset) / 60
        return (offset < 0 ? "-" : "+") + padded(minutes / 60, count: 2) + colon
            + padded(minutes % 60, count: 2)
    }

    static func padded(_ value: Int, count: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(count - digits.utf8.count, 0)) + digits
    }
}
