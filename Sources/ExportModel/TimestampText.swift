/// Timestamps as bytes, both ways, without a formatter and without an allocation per value.
public enum TimestampText {
    /// Appends `yyyy-mm-ddThh:mm:ss.sssZ` (24 bytes).
    public static func appendISO8601(_ epochMilliseconds: Int64, to output: inout [UInt8]) {
        let (seconds, milliseconds) = epochMilliseconds.flooredDivision(by: 1_000)
        appendDateTime(seconds, separator: UInt8(ascii: "T"), to: &output)
        output.append(UInt8(ascii: "."))
        appendDigits(Int(milliseconds), width: 3, to: &output)
        output.append(UInt8(ascii: "Z"))
    }

    /// Appends `yyyy-mm-dd hh:mm:ss` of a local time given as seconds since 1970-01-01 00:00:00 local.
    public static func appendLocalDateTime(_ localSeconds: Int64, to output: inout [UInt8]) {
        appendDateTime(localSeconds, separator: UInt8(ascii: " "), to: &output)
    }

    /// Reads `yyyy-mm-dd hh:mm:ss` (a `T` may stand for the space) as seconds since 1970-01-01
    /// 00:00:00 of the same unnamed zone; nil if the text has another form or names no real time.
    public static func localSeconds(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard text.count == 19, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            text[10] == UInt8(ascii: " ") || text[10] == UInt8(ascii: "T"),
            text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
            let year = number(text[0..<4]), let month = number(text[5..<7]),
            let day = number(text[8..<10]), let hour = number(text[11..<13]),
            let minute = number(text[14..<16]), let second = number(text[17..<19]),
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
        appendDigits(date.year, width: 4, to: &output)
        output.append(UInt8(ascii: "-"))
        appendDigits(date.month, width: 2, to: &output)
        output.append(UInt8(ascii: "-"))
        appendDigits(date.day, width: 2, to: &output)
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

    private static func appendDateTime(
        _ seconds: Int64, separator: UInt8, to output: inout [UInt8]
    ) {
        let (days, secondOfDay) = seconds.flooredDivision(by: 86_400)
        appendDate(CivilDate(daysSinceEpoch: Int(days)), to: &output)
        output.append(separator)
        appendDigits(Int(secondOfDay / 3_600), width: 2, to: &output)
        output.append(UInt8(ascii: ":"))
        appendDigits(Int(secondOfDay / 60 % 60), width: 2, to: &output)
        output.append(UInt8(ascii: ":"))
        appendDigits(Int(secondOfDay % 60), width: 2, to: &output)
    }

    private static func appendDigits(_ value: Int, width: Int, to output: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<width { divisor *= 10 }
        var rest = value
        while divisor > 0 {
            output.append(UInt8(ascii: "0") + UInt8(rest / divisor % 10))
            rest %= divisor
            divisor /= 10
        }
    }
}

extension Int64 {
    /// Quotient rounded toward minus infinity and the non-negative remainder.
    func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
