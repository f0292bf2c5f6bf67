/// Timestamps as bytes, both ways, without a formatter and without an allocation per value.
public enum TimestampText {
    /// Appends `yyyy-mm-ddThh:mm:ss.sssZ` (24 bytes).
    public static func appendISO8601(_ epochMilliseconds: Int64, to output: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { text in
            guard let place = text.baseAddress else { return }
            _ = writeISO8601(epochMilliseconds, to: place)
            output.append(contentsOf: UnsafeBufferPointer(text))
        }
    }

    /// Writes `yyyy-mm-ddThh:mm:ss.sssZ`.
    ///
    /// - Returns: 24, the bytes it takes.
    public static func writeISO8601(
        _ epochMilliseconds: Int64, to place: UnsafeMutablePointer<UInt8>
    ) -> Int {
        let text = UnsafeMutableBufferPointer(start: place, count: 24)
        let (seconds, milliseconds) = epochMilliseconds.flooredDivision(by: 1_000)
        writeDateTime(seconds, separator: UInt8(ascii: "T"), to: text)
        text[19] = UInt8(ascii: ".")
        writeDigits(Int(milliseconds), to: text, at: 20, count: 3)
        text[23] = UInt8(ascii: "Z")
        return 24
    }

    /// Writes `yyyy-mm-dd` of a day given as days since 1970-01-01.
    ///
    /// - Returns: 10, the bytes it takes.
    public static func writeDate(
        daysSinceEpoch: Int64, to place: UnsafeMutablePointer<UInt8>
    ) -> Int {
        let text = UnsafeMutableBufferPointer(start: place, count: 10)
        writeDate(CivilDate(daysSinceEpoch: Int(daysSinceEpoch)), to: text)
        return 10
    }

    /// Appends `yyyy-mm-dd hh:mm:ss` of a local time given as seconds since 1970-01-01 00:00:00 of
    /// the same unnamed zone.
    public static func appendLocalDateTime(_ localSeconds: Int64, to output: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 19) { text in
            writeDateTime(localSeconds, separator: UInt8(ascii: " "), to: text)
            output.append(contentsOf: UnsafeBufferPointer(text))
        }
    }

    /// Reads `yyyy-mm-dd hh:mm:ss` (a `T` may stand for the space) as seconds since 1970-01-01
    /// 00:00:00 of the same unnamed zone; nil if the text has another form or names no real time.
    public static func localSeconds(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard text.count == 19, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            text[10] == UInt8(ascii: " ") || text[10] == UInt8(ascii: "T"),
            text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
            let year = number(text, at: 0, count: 4), let month = number(text, at: 5, count: 2),
            let day = number(text, at: 8, count: 2), let hour = number(text, at: 11, count: 2),
            let minute = number(text, at: 14, count: 2),
            let second = number(text, at: 17, count: 2),
            let date = CivilDate(year: year, month: month, day: day),
            hour < 24, minute < 60, second < 60
        else { return nil }
        return Int64(date.daysSinceEpoch) * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
    }

    /// Reads an integer count of milliseconds; nil unless every byte is a digit (a leading `-` is
    /// allowed) and the moment lies in ``Timestamp/supported``.
    public static func epochMilliseconds(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard case .exact(let value) = ExactNumber.integer(text),
            Timestamp.supported.contains(Timestamp(epochMilliseconds: value))
        else { return nil }
        return value
    }

    static func appendDate(_ date: CivilDate, to output: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 10) { text in
            writeDate(date, to: text)
            output.append(contentsOf: UnsafeBufferPointer(text))
        }
    }

    /// The value of a run of ASCII digits; nil if another byte is among them.
    static func number(_ digits: some Collection<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }

    private static func number(
        _ text: UnsafeBufferPointer<UInt8>, at start: Int, count: Int
    ) -> Int? {
        var value = 0
        for index in start..<start + count {
            let digit = text[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
        }
        return value
    }

    /// Writes 19 bytes.
    private static func writeDateTime(
        _ seconds: Int64, separator: UInt8, to text: UnsafeMutableBufferPointer<UInt8>
    ) {
        let (days, secondOfDay) = seconds.flooredDivision(by: 86_400)
        writeDate(CivilDate(daysSinceEpoch: Int(days)), to: text)
        text[10] = separator
        writeDigits(Int(secondOfDay / 3_600), to: text, at: 11, count: 2)
        text[13] = UInt8(ascii: ":")
        writeDigits(Int(secondOfDay / 60 % 60), to: text, at: 14, count: 2)
        text[16] = UInt8(ascii: ":")
        writeDigits(Int(secondOfDay % 60), to: text, at: 17, count: 2)
    }

    /// Writes 10 bytes.
    private static func writeDate(
        _ date: CivilDate, to text: UnsafeMutableBufferPointer<UInt8>
    ) {
        writeDigits(date.year, to: text, at: 0, count: 4)
        text[4] = UInt8(ascii: "-")
        writeDigits(date.month, to: text, at: 5, count: 2)
        text[7] = UInt8(ascii: "-")
        writeDigits(date.day, to: text, at: 8, count: 2)
    }

    private static func writeDigits(
        _ value: Int, to text: UnsafeMutableBufferPointer<UInt8>, at start: Int, count: Int
    ) {
        var rest = value
        for index in (start..<start + count).reversed() {
            text[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }
}

extension Int64 {
    /// Quotient rounded toward minus infinity and the non-negative remainder.
    public func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
