import ExportModel
import Testing

@Suite struct ExactNumberTests {
    private func decimal(_ text: String, _ precision: Int, _ scale: Int) -> ExactNumber.Outcome {
        withBytes(text) { ExactNumber.decimal($0, precision: precision, scale: scale) }
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("+7", 7), ("007", 7), ("17.0", 17), ("1.7e1", 17), ("170E-1", 17),
            ("0e999999", 0), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("922337203685477580.7e1", .max), ("1000000000000000000", 1_000_000_000_000_000_000),
            ("00000000000000000000000017", 17), ("17.00000000000000000000000000", 17),
        ] as [(String, Int64)])
    func integersAreExact(text: String, value: Int64) {
        #expect(withBytes(text) { ExactNumber.integer($0) } == .exact(value))
    }

    @Test(arguments: [
        "9223372036854775808", "-9223372036854775809", "17.5", "1e19", "1e-1", "1e400", "1e-400",
        "123456789012345678901", "0.1",
    ])
    func whatDoesNotFitIsNotRounded(text: String) {
        #expect(withBytes(text) { ExactNumber.integer($0) } == .doesNotFit)
    }

    @Test(arguments: [
        "", "-", "+", ".", "1.", ".5", "-.5", "1e", "1e+", "e5", "1.2.3", "--1", "+-1", "1 ", " 1",
        "1,5", "0x10", "1_000", "NaN", "Infinity", "\u{661}", "1\u{0}", "1.-5", "12-",
    ])
    func otherTextIsMalformed(text: String) {
        #expect(withBytes(text) { ExactNumber.integer($0) } == .malformed)
        #expect(decimal(text, 18, 6) == .malformed)
    }

    @Test(arguments: [
        ("0.6", ExactNumber.Outcome.exact(600_000)), ("-0.000001", .exact(-1)),
        ("1.5000000", .exact(1_500_000)), ("1.0000001", .doesNotFit),
        ("999999999999.999999", .exact(999_999_999_999_999_999)), ("1000000000000", .doesNotFit),
        ("-999999999999.999999", .exact(-999_999_999_999_999_999)), ("1e-6", .exact(1)),
        ("1e-7", .doesNotFit), ("1e12", .doesNotFit), ("0.0000000000", .exact(0)),
    ])
    func decimalsKeepTheirDigits(text: String, outcome: ExactNumber.Outcome) {
        #expect(decimal(text, 18, 6) == outcome)
    }

    @Test func nineteenDigitsEndWithInt64() {
        #expect(decimal("9223372036854.775807", 19, 6) == .exact(.max))
        #expect(decimal("9223372036854.775808", 19, 6) == .doesNotFit)
        #expect(decimal("10000000000000", 19, 6) == .doesNotFit)
        #expect(decimal("-9223372036854.775808", 19, 6) == .exact(.min))
    }

    @Test(
        arguments: [
            ("42", "42"), ("-42", "-42"), ("9.1e9", "9100000000"), ("1.50e1", "15"), ("0.00", "0"),
            ("100e-2", "1"), ("0012.0", "12"), ("1e25", "10000000000000000000000000"), ("1.5", nil),
            ("1e-1", nil), ("15e-1", nil), ("1e1000", nil), ("x", nil), ("", nil), ("-", nil),
        ] as [(String, String?)])
    func integersExpandToPlainDigits(text: String, expected: String?) {
        var output = Array("|".utf8)
        let isInteger = withBytes(text) { ExactNumber.appendInteger($0, to: &output) }
        #expect(isInteger == (expected != nil))
        #expect(String(decoding: output, as: UTF8.self) == "|" + (expected ?? ""))
    }

    /// The short way for usual numbers and the long one for all others must agree: an exponent of
    /// zero forces the long one.
    @Test func bothWaysOfReadingAgree() {
        var random = SeededGenerator(state: Fuzzing.seed)
        let alphabet = Array("0123456789012345678900000.-+".utf8)
        var exactCount = 0
        for round in 0..<Fuzzing.rounds {
            let count = Int.random(in: 1...20, using: &random)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            let text = String(decoding: bytes, as: UTF8.self)
            for (precision, scale) in [(19, 0), (18, 6), (9, 2), (1, 1), (18, 18), (19, 6)] {
                let outcome = decimal(text, precision, scale)
                if case .exact = outcome { exactCount += 1 }
                #expect(
                    outcome == decimal(text + "e0", precision, scale),
                    "seed \(Fuzzing.seed) round \(round): \(text) \(precision),\(scale)")
            }
        }
        #expect(exactCount > Fuzzing.rounds / 20)
    }

    /// What was read, written out again, is the same number.
    @Test func exactValuesWriteBackToTheSameDigits() {
        var random = SeededGenerator(state: Fuzzing.seed)
        for _ in 0..<Fuzzing.rounds {
            let unscaled = Int64.random(in: 0..<1_000_000_000_000_000_000, using: &random)
            let value = unscaled >> Int64.random(in: 0..<60, using: &random)
            let digits = String(value)
            let padded = String(repeating: "0", count: max(7 - digits.count, 0)) + digits
            let text = padded.dropLast(6) + "." + padded.suffix(6)
            #expect(decimal(String(text), 18, 6) == .exact(value))
            #expect(decimal("-" + text, 18, 6) == .exact(-value))
        }
    }

    @Test func veryLongTextIsRefused() {
        #expect(decimal(String(repeating: "0", count: 1_001), 18, 6) == .malformed)
        #expect(decimal(String(repeating: "0", count: 1_000), 18, 6) == .exact(0))
    }
}
