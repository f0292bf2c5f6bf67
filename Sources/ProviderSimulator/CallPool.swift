/// The values that generated records are made of: everyday ones, and those that break exporters.
enum CallPool {
    /// Names as people type them; the empty one and the unknown one included.
    static let names = [
        "unknown", "unknown", "unknown", "unknown", "Adams", "Priya Nair", "O'Brien, Mary",
        "Zo\u{EB} \"Zed\" M\u{FC}ller", "line one\nline two", "carriage\r\nreturn", "",
        "\u{1F600} Smiley", "\u{0930}\u{093E}\u{0939}\u{0941}\u{0932}", "tab\tand \\ backslash",
        " space around ", "=SUM(A1:A9)", "a/b;c|d", "\u{738B}\u{5C0F}\u{660E}", "null", "007",
    ]

    /// What agents note.
    static let notes = [
        "Support Query", "Regarding the order status", "call back, after 5 \"sharp\"",
        "two\nlines", "\u{1F44D} done", "",
    ]

    /// Call cost as v1 writes it: text, with as many digits as it likes.
    static let textRates = ["0.6", "0.0000", "0.49", "0.00", "1.25", "0.0375", "12.500000", "3"]

    /// Call cost as v2 writes it: numbers, spelt exactly so.
    static let numberRates = ["0", "0", "1", "0.0231", "0.01", "0.1001", "0.002", "14.000001"]

    /// Countries for the field that no document has.
    static let regions = ["GB", "IN", "SG", "US"]

    /// A phone number in international form without `+`; most need more than 32 bits.
    static func phoneNumber(_ draw: inout SeededDraw) -> Int {
        switch draw.below(4) {
        case 0: draw.within(919_000_000_000...919_999_999_999)
        case 1: draw.within(447_000_000_000...447_999_999_999)
        case 2: draw.within(6_500_000_000...6_599_999_999)
        default: draw.within(9_100_000_000...9_999_999_999)
        }
    }

    /// The `_`-joined agent id of TeleCMI: extension and app id.
    static func agent(_ draw: inout SeededDraw, application: String) -> String {
        "\(draw.within(101...140))_\(application)"
    }

    /// A whole number of hundredths as a JSON number without trailing zeros: 1134.75, 0.4, 12.
    static func hundredths(_ count: Int) -> String {
        let (whole, rest) = abs(count).quotientAndRemainder(dividingBy: 100)
        let sign = count < 0 ? "-" : ""
        if rest == 0 { return "\(sign)\(whole)" }
        if rest % 10 == 0 { return "\(sign)\(whole).\(rest / 10)" }
        return "\(sign)\(whole)." + (rest < 10 ? "0\(rest)" : "\(rest)")
    }
}
