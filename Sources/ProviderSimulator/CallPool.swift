/// The values that generated records are made of: everyday ones, and those that break exporters.
enum CallPool {
    /// Names of contacts: everyday ones, and the awkward ones of ``awkwardNames``.
    static let names = ["unknown"] + everydayNames + awkwardNames

    private static let everydayNames = [
        "Aarav Sharma", "Ananya Iyer", "Anna Kowalska", "Arjun Mehta", "Carlos Romero",
        "Chloe Martin", "Daniel Okafor", "Deepa Krishnan", "Emily Carter", "Farah Khan",
        "George Evans", "Hannah Fischer", "Ishaan Gupta", "James Walker", "Kavya Reddy",
        "Lakshmi Menon", "Liam Byrne", "Maria Silva", "Meera Joshi", "Mohammed Ali",
        "Nina Petrova", "Oliver Smith", "Priya Nair", "Rohan Das", "Sofia Rossi", "Suresh Kumar",
        "Thomas Leroy", "Vikram Singh", "Yuki Tanaka", "Zara Ahmed",
    ]

    /// Names that break exporters; the empty one included.
    private static let awkwardNames = [
        "Adams", "O'Brien, Mary",
        "Zo\u{EB} \"Zed\" M\u{FC}ller", "line one\nline two", "carriage\r\nreturn", "",
        "\u{1F600} Smiley", "\u{0930}\u{093E}\u{0939}\u{0941}\u{0932}", "tab\tand \\ backslash",
        " space around ", "=SUM(A1:A9)", "a/b;c|d", "\u{738B}\u{5C0F}\u{660E}", "null", "007",
    ]

    /// What agents note.
    static let notes = [
        "Support Query", "Regarding the order status", "call back, after 5 \"sharp\"",
        "two\nlines", "\u{1F44D} done", "",
    ]

    /// Costs of nothing as v1 writes them: text, with as many digits as it likes.
    static let zeroCosts = ["0.0000", "0.0000", "0.00", "0"]

    /// Connection fees of missed calls as v2 writes them: numbers, spelt exactly so.
    static let fees = ["1", "0.0231", "0.01", "0.1001", "0.002", "14.000001"]

    /// Ten-thousandths that a minute costs.
    private static let tariffs = [49, 60, 125, 375, 600, 1_250, 4_900]

    /// Seconds of a ring without an answer, in even steps of their distribution.
    private static let rings = [1, 4, 7, 10, 13, 16, 20, 25, 31, 39, 60]

    /// Seconds of a talk, in even steps of their distribution: half of them shorter than 90 s.
    private static let talks = [
        1, 9, 16, 23, 31, 40, 49, 58, 68, 79, 90, 104, 121, 143, 170, 204, 250, 320, 440, 750,
        3_000,
    ]

    /// How long it rang.
    static func ringSeconds(_ draw: inout SeededDraw) -> Int { draw.along(rings) }

    /// How long they talked.
    static func talkSeconds(_ draw: inout SeededDraw) -> Int { draw.along(talks) }

    /// A contact's name; one in eight is awkward.
    static func name(_ draw: inout SeededDraw) -> String {
        if draw.oneIn(8) { return draw.pick(awkwardNames) }
        return draw.oneIn(4) ? "unknown" : draw.pick(everydayNames)
    }

    /// What the minutes begun of a talk cost, as v1 writes it.
    static func cost(ofSeconds seconds: Int, _ draw: inout SeededDraw) -> String {
        let count = (seconds + 59) / 60 * tariffs[draw.below(tariffs.count)]
        let (whole, rest) = count.quotientAndRemainder(dividingBy: 10_000)
        let digits = String(10_000 + rest).dropFirst()
        switch draw.below(4) {
        case 0: return hundredths(count / 100)
        case 1: return "\(whole).\(digits)00"
        default: return "\(whole).\(digits)"
        }
    }

    /// Countries for the field that no document has.
    static let regions = ["GB", "IN", "SG", "US"]

    /// A phone number in international form without `+`, of those that regulators keep for films;
    /// all need more than 32 bits.
    ///
    /// Source: Ofcom, "Telephone numbers for drama use"; ARCEP, decision 2012-0855; North American
    /// Numbering Plan, 555-0100 to 555-0199.
    static func phoneNumber(_ draw: inout SeededDraw) -> Int {
        switch draw.below(5) {
        case 0: draw.within(447_700_900_000...447_700_900_999)
        case 1: draw.within(442_079_460_000...442_079_460_999)
        case 2: draw.within(33_639_980_000...33_639_989_999)
        default: 10_005_550_100 + draw.within(201...989) * 10_000_000 + draw.below(100)
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
