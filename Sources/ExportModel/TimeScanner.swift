/// Steps through the text of a time, byte by byte.
struct TimeScanner {
    private let text: UnsafeBufferPointer<UInt8>
    private var index = 0

    init(_ text: UnsafeBufferPointer<UInt8>) {
        self.text = text
    }

    var isAtEnd: Bool { index == text.count }

    /// The byte that comes next; 0 at the end.
    var next: UInt8 { index < text.count ? text[index] : 0 }

    /// Moves past a byte; false where another one comes next.
    mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard index < text.count, text[index] == UInt8(ascii: scalar) else { return false }
        index += 1
        return true
    }

    /// Moves past a text; false, without a step, where another one comes next.
    mutating func skip(_ bytes: [UInt8]) -> Bool {
        guard index + bytes.count <= text.count,
            text[index..<index + bytes.count].elementsEqual(bytes)
        else { return false }
        index += bytes.count
        return true
    }

    /// Moves past spaces and tabs, and says whether there were any.
    mutating func skipSpaces() -> Bool {
        let start = index
        while next == 0x20 || next == 0x09 { index += 1 }
        return index > start
    }

    /// As many digits as there are, up to the upper bound; nil where there are fewer than the
    /// lower one. At most 18.
    mutating func number(digits: ClosedRange<Int>) -> Int? {
        var value = 0
        var count = 0
        while count < digits.upperBound, next &- UInt8(ascii: "0") < 10 {
            value = value * 10 + Int(next - UInt8(ascii: "0"))
            index += 1
            count += 1
        }
        return count >= digits.lowerBound ? value : nil
    }

    /// A point or comma and the digits after it, as so many parts of `unit`, rounded down; nil,
    /// without a step, where there is none.
    mutating func fraction(of unit: Int) -> Int? {
        guard next == UInt8(ascii: ".") || next == UInt8(ascii: ","), index + 1 < text.count,
            text[index + 1] &- UInt8(ascii: "0") < 10
        else { return nil }
        index += 1
        var value = 0
        var rest = unit
        while next &- UInt8(ascii: "0") < 10 {
            rest /= 10
            value += Int(next - UInt8(ascii: "0")) * rest
            index += 1
        }
        return value
    }

    /// The place of a name among some, whatever its case; letters must not follow it.
    mutating func word(among words: [String]) -> Int? {
        let start = index
        while (next | 0x20) &- UInt8(ascii: "a") < 26 { index += 1 }
        let letters = text[start..<index]
        let found = words.firstIndex { word in
            word.utf8.count == letters.count
                && zip(word.utf8, letters).allSatisfy { ($0 | 0x20) == ($1 | 0x20) }
        }
        if found == nil { index = start }
        return found
    }

    /// `+05:30`, `+0530` or `+05`, in seconds east of UTC.
    ///
    /// - Parameter forms: which of them are taken.
    mutating func offset(_ forms: OffsetForms) -> Int? {
        let isNegative = next == UInt8(ascii: "-")
        guard isNegative || next == UInt8(ascii: "+") else { return nil }
        index += 1
        guard let hours = number(digits: 2...2), hours <= 18 else { return nil }
        var minutes = 0
        if forms.contains(.colon), skip(":") {
            guard let value = number(digits: 2...2) else { return nil }
            minutes = value
        } else if forms.contains(.compact), next &- UInt8(ascii: "0") < 10 {
            guard let value = number(digits: 2...2) else { return nil }
            minutes = value
        } else if !forms.contains(.hours) {
            return nil
        }
        guard minutes < 60 else { return nil }
        let seconds = hours * 3_600 + minutes * 60
        return isNegative ? -seconds : seconds
    }

    /// Comments in parentheses (RFC 5322, section 3.2.2) and the white space around them; false
    /// where one is not closed.
    mutating func skipComments() -> Bool {
        while true {
            _ = skipSpaces()
            guard skip("(") else { return true }
            var depth = 1
            while depth > 0 {
                switch next {
                case UInt8(ascii: "("): depth += 1
                case UInt8(ascii: ")"): depth -= 1
                case UInt8(ascii: "\\"): index += 1
                default: break
                }
                guard index < text.count else { return false }
                index += 1
            }
        }
    }
}

/// How an offset from UTC may be written.
struct OffsetForms: OptionSet {
    let rawValue: Int

    /// `+05:30`
    static let colon = OffsetForms(rawValue: 1)
    /// `+0530`
    static let compact = OffsetForms(rawValue: 2)
    /// `+05`
    static let hours = OffsetForms(rawValue: 4)
}

/// The parts of a time as it was read.
struct CivilTime {
    var year = 1970
    var month = 1
    var day = 1
    var hour = 0
    var minute = 0
    var second = 0
    var milliseconds = 0
    /// Seconds east of UTC; nil where the text does not say.
    var offset: Int?

    /// The moment, where the calendar and the zone have it.
    ///
    /// - Parameter zone: of a time without an offset.
    func moment(in zone: SourceZone) -> ExactNumber.Outcome {
        guard let date = CivilDate(year: year, month: month, day: day), hour < 24, minute < 60,
            second < 60
        else { return .malformed }
        let local =
            Int64(date.daysSinceEpoch) * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
        guard let offset else {
            guard let moment = zone.moment(ofLocalSeconds: local) else { return .malformed }
            return .exact(moment.epochMilliseconds + Int64(milliseconds))
        }
        let value = (local - Int64(offset)) * 1_000 + Int64(milliseconds)
        let isSupported = Timestamp.supported.contains(Timestamp(epochMilliseconds: value))
        return isSupported ? .exact(value) : .doesNotFit
    }
}
