/// How a provider writes a length of time; a column holds its whole seconds.
public enum DurationFormat: String, CaseIterable, Sendable {
    /// Seconds with a fraction, a number or its text.
    case seconds = "s"
    /// Milliseconds, a number or its text.
    case milliseconds = "ms"
    /// `HH:MM:SS` or `MM:SS`; the first part may have more digits.
    case clock = "hms"
    /// `PT1M16.46S` (ISO 8601), without years and months, whose length differs.
    case iso8601

    /// Whether a value may have a fraction of a second, which the column does not hold.
    public var mayLose: Bool { self != .clock }

    /// Whether only a text, and no number, is such a duration.
    public var isText: Bool { self == .clock || self == .iso8601 }

    /// Reads whole seconds, rounded down.
    public func read(_ text: UnsafeBufferPointer<UInt8>) -> ExactNumber.Outcome {
        switch self {
        case .seconds: return ExactNumber.floor(text, dividedBy: 1)
        case .milliseconds: return ExactNumber.floor(text, dividedBy: 1_000)
        case .clock: return Self.outcome(Self.clockSeconds(text))
        case .iso8601: return Self.outcome(Self.iso8601Seconds(text))
        }
    }

    private static func outcome(_ seconds: Int?) -> ExactNumber.Outcome {
        seconds.map { .exact(Int64($0)) } ?? .malformed
    }

    private static func clockSeconds(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
        var scanner = TimeScanner(text)
        guard let first = scanner.number(digits: 1...6), scanner.skip(":"),
            let second = scanner.number(digits: 2...2), second < 60
        else { return nil }
        if scanner.isAtEnd { return first * 60 + second }
        guard scanner.skip(":"), let third = scanner.number(digits: 2...2), third < 60,
            scanner.isAtEnd
        else { return nil }
        return (first * 60 + second) * 60 + third
    }

    /// Weeks, days, hours, minutes and seconds, in this order; the last part may have a fraction.
    private static func iso8601Seconds(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
        var scanner = TimeScanner(text)
        guard scanner.skip("P") else { return nil }
        var seconds = 0
        var units: [(letter: Unicode.Scalar, seconds: Int)] = [("W", 604_800), ("D", 86_400)]
        var (hasClock, hasPart) = (false, false)
        while !scanner.isAtEnd {
            if !hasClock, scanner.skip("T") {
                hasClock = true
                units = [("H", 3_600), ("M", 60), ("S", 1)]
            }
            guard let number = scanner.number(digits: 1...9) else { return nil }
            let fraction = scanner.fraction(of: 1_000_000_000)
            guard let place = units.firstIndex(where: { scanner.skip($0.letter) }) else {
                return nil
            }
            seconds += number * units[place].seconds
            if let fraction {
                guard scanner.isAtEnd else { return nil }
                seconds += fraction * units[place].seconds / 1_000_000_000
            }
            units.removeFirst(place + 1)
            hasPart = true
        }
        return hasPart ? seconds : nil
    }
}

extension ExactNumber {
    /// The quotient of a number and `divisor`, rounded down; up to nine digits of a fraction count.
    static func floor(
        _ text: UnsafeBufferPointer<UInt8>, dividedBy divisor: Int64
    ) -> Outcome {
        switch integer(text) {
        case .exact(let value): return .exact(value.flooredDivision(by: divisor).quotient)
        case .malformed: return .malformed
        case .doesNotFit:
            guard case .exact(let value) = decimal(text, precision: 19, scale: 9) else {
                return .doesNotFit
            }
            return .exact(value.flooredDivision(by: divisor * 1_000_000_000).quotient)
        }
    }
}
