/// Number text read exactly: the value fits, or the caller learns why not. Nothing is rounded.
///
/// Accepts the JSON number grammar (RFC 8259, section 6) plus leading zeros and a leading `+`,
/// because providers also send numbers as text.
public enum ExactNumber {
    /// What number text turned out to be.
    public enum Outcome: Equatable, Sendable {
        /// The value, unscaled: `1.5` at scale 6 is 1_500_000.
        case exact(Int64)
        /// The text is not a number.
        case malformed
        /// A number, but with more digits before or after the point than the type holds.
        case doesNotFit
    }

    /// Reads an integer of 64 bits; `17.0` and `1.7e1` are 17, `17.5` does not fit.
    public static func integer(_ text: UnsafeBufferPointer<UInt8>) -> Outcome {
        decimal(text, precision: 19, scale: 0)
    }

    /// Reads a decimal as its unscaled value with `scale` digits after the point.
    ///
    /// - Parameters:
    ///   - precision: most significant digits, 1…19.
    ///   - scale: digits after the point, 0…precision.
    public static func decimal(
        _ text: UnsafeBufferPointer<UInt8>, precision: Int, scale: Int
    ) -> Outcome {
        if let magnitude = shortDecimal(text, scale: scale) {
            let isNegative = text[0] == UInt8(ascii: "-")
            if precision < 19, magnitude >= powersOfTen[precision] { return .doesNotFit }
            return .exact(isNegative ? -Int64(magnitude) : Int64(magnitude))
        }
        return anyDecimal(text, precision: precision, scale: scale)
    }

    /// The usual form, digits with or without a point: the unscaled magnitude, or nil where the
    /// text is longer than 18 bytes, has another form, or more than `scale` digits in its fraction.
    private static func shortDecimal(
        _ text: UnsafeBufferPointer<UInt8>, scale: Int
    ) -> UInt64? {
        let start = text.first == UInt8(ascii: "-") ? 1 : 0
        guard text.count <= 18, text.count > start else { return nil }
        var magnitude: UInt64 = 0
        var point = text.count
        for index in start..<text.count {
            let digit = text[index] &- UInt8(ascii: "0")
            if digit < 10 {
                magnitude = magnitude &* 10 &+ UInt64(digit)
            } else if text[index] == UInt8(ascii: "."), point == text.count, index > start {
                point = index
            } else {
                return nil
            }
        }
        let fractionCount = max(text.count - point - 1, 0)
        if point == text.count - 1 || fractionCount > scale { return nil }
        for _ in fractionCount..<scale {
            if magnitude > UInt64(Int64.max) / 10 { return nil }
            magnitude *= 10
        }
        return magnitude
    }

    /// Any form, exponents and long runs of zeros included.
    static func anyDecimal(
        _ text: UnsafeBufferPointer<UInt8>, precision: Int, scale: Int
    ) -> Outcome {
        var reader = NumberReader(text: text)
        guard let parts = reader.read() else { return .malformed }
        // The value is digits × 10^exponent; shift it so that `scale` digits follow the point.
        let (shift, overflow) = parts.exponent.addingReportingOverflow(scale)
        if parts.isZero { return .exact(0) }
        if overflow || shift < -NumberReader.maximumDigits { return .doesNotFit }
        return value(of: parts, in: text, shift: shift, precision: precision)
    }

    /// Whether the text is nothing but digits, after a minus sign or not.
    @inlinable
    public static func isPlainInteger(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = text.first == UInt8(ascii: "-") ? 1 : 0
        for index in start..<text.count where text[index] &- UInt8(ascii: "0") > 9 {
            return false
        }
        return text.count > start
    }

    /// Appends a JSON number's integer value in plain digits, of any length up to 1,000: `9.1e9` is
    /// `9100000000`. A text of digits alone is appended as it is.
    ///
    /// - Returns: false, with nothing appended, where the value has a fraction or more digits.
    public static func appendInteger(
        _ text: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]
    ) -> Bool {
        if isPlainInteger(text) {
            output.append(contentsOf: text)
            return true
        }
        var reader = NumberReader(text: text)
        guard let parts = reader.read() else { return false }
        return appendInteger(parts, of: text, to: &output)
    }

    private static func appendInteger(
        _ parts: NumberReader.Parts, of text: UnsafeBufferPointer<UInt8>,
        to output: inout [UInt8]
    ) -> Bool {
        if parts.isZero {
            output.append(UInt8(ascii: "0"))
            return true
        }
        let digits = text[parts.digits].filter { $0 != UInt8(ascii: ".") }
        let kept = digits.count + min(parts.exponent, 0)
        guard kept > 0, kept + max(parts.exponent, 0) <= NumberReader.maximumDigits,
            digits[kept...].allSatisfy({ $0 == UInt8(ascii: "0") })
        else { return false }
        if parts.isNegative { output.append(UInt8(ascii: "-")) }
        output.append(contentsOf: digits[..<kept].drop { $0 == UInt8(ascii: "0") })
        output.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: max(parts.exponent, 0)))
        return true
    }

    private static func value(
        of parts: NumberReader.Parts, in text: UnsafeBufferPointer<UInt8>, shift: Int,
        precision: Int
    ) -> Outcome {
        let kept = parts.digitCount + min(shift, 0)
        if shift > 19 { return .doesNotFit }
        var magnitude: UInt64 = 0
        var position = 0
        for index in parts.digits {
            let byte = text[index]
            if byte == UInt8(ascii: ".") { continue }
            let digit = UInt64(byte - UInt8(ascii: "0"))
            defer { position += 1 }
            if position >= kept {
                if digit != 0 { return .doesNotFit }
                continue
            }
            guard push(digit, onto: &magnitude) else { return .doesNotFit }
        }
        for _ in 0..<max(shift, 0) {
            guard push(0, onto: &magnitude) else { return .doesNotFit }
        }
        if precision < 19, magnitude >= powersOfTen[precision] { return .doesNotFit }
        if parts.isNegative {
            guard magnitude <= UInt64(Int64.max) + 1 else { return .doesNotFit }
            return .exact(Int64(truncatingIfNeeded: 0 &- magnitude))
        }
        guard let value = Int64(exactly: magnitude) else { return .doesNotFit }
        return .exact(value)
    }

    private static func push(_ digit: UInt64, onto magnitude: inout UInt64) -> Bool {
        let (shifted, overflow) = magnitude.multipliedReportingOverflow(by: 10)
        let (sum, carry) = shifted.addingReportingOverflow(digit)
        magnitude = sum
        return !overflow && !carry
    }

    /// 10^0 … 10^18
    static let powersOfTen: [UInt64] = (0...18).map { exponent in
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }
}

/// Splits number text into sign, digits and exponent.
struct NumberReader {
    struct Parts {
        var isNegative: Bool
        /// Indices from the first to after the last digit; a point may lie between.
        var digits: Range<Int>
        var digitCount: Int
        var isZero: Bool
        /// Power of ten the digits, read as one integer, are multiplied by.
        var exponent: Int
    }

    /// Longer texts than this are refused rather than read.
    static let maximumDigits = 1_000

    let text: UnsafeBufferPointer<UInt8>
    private var index = 0

    init(text: UnsafeBufferPointer<UInt8>) {
        self.text = text
    }

    mutating func read() -> Parts? {
        guard text.count <= Self.maximumDigits else { return nil }
        let isNegative = skip(UInt8(ascii: "-"))
        if !isNegative { _ = skip(UInt8(ascii: "+")) }
        let start = index
        var isZero = true
        let integerCount = skipDigits(&isZero)
        var fractionCount = 0
        if integerCount > 0, skip(UInt8(ascii: ".")) {
            fractionCount = skipDigits(&isZero)
            if fractionCount == 0 { return nil }
        }
        let end = index
        guard integerCount > 0, let exponent = readExponent(), index == text.count else {
            return nil
        }
        return Parts(
            isNegative: isNegative, digits: start..<end, digitCount: integerCount + fractionCount,
            isZero: isZero, exponent: exponent - fractionCount)
    }

    private mutating func readExponent() -> Int? {
        guard skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) else { return 0 }
        let isNegative = skip(UInt8(ascii: "-"))
        if !isNegative { _ = skip(UInt8(ascii: "+")) }
        var value = 0
        let start = index
        while index < text.count, let digit = TimestampText.number(text[index...index]) {
            value = min(value * 10 + digit, 1_000_000)
            index += 1
        }
        guard index > start else { return nil }
        return isNegative ? -value : value
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard index < text.count, text[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func skipDigits(_ isZero: inout Bool) -> Int {
        let start = index
        while index < text.count, text[index] >= UInt8(ascii: "0"), text[index] <= UInt8(ascii: "9")
        {
            if text[index] != UInt8(ascii: "0") { isZero = false }
            index += 1
        }
        return index - start
    }
}
