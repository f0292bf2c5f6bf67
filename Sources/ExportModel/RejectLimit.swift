/// How many records of an account window may be rejects before the window fails.
public enum RejectLimit: Hashable, Sendable, CustomStringConvertible {
    /// As many as there are: even a window of nothing else is published.
    case unlimited
    case count(Int)
    /// A share of the window's records; ``minimumOfShare`` are always allowed.
    case share(millionths: Int)

    /// So many rejects stay below any share, because small windows say little.
    public static let minimumOfShare = 10

    public static let standard = RejectLimit.share(millionths: 10_000)

    /// Reads `none`, a whole number up to 1,000,000,000 or a share such as `1%` or `0.25%`, above 0
    /// and at most 100; nil for anything else.
    public init?(parsing text: String) {
        if text == "none" {
            self = .unlimited
            return
        }
        let isShare = text.hasSuffix("%")
        let digits = isShare ? text.dropLast() : text[...]
        let outcome = Array(digits.utf8).withUnsafeBufferPointer {
            ExactNumber.decimal($0, precision: 10, scale: isShare ? 4 : 0)
        }
        let isPlain = digits.utf8.allSatisfy {
            $0 == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        guard isPlain, case .exact(let value) = outcome else { return nil }
        if isShare {
            guard (1...1_000_000).contains(value) else { return nil }
            self = .share(millionths: Int(value))
        } else {
            guard (0...1_000_000_000).contains(value) else { return nil }
            self = .count(Int(value))
        }
    }

    /// Rejects that so many records may have; nil: all of them.
    public func allowed(ofRecords recordCount: Int) -> Int? {
        switch self {
        case .unlimited: nil
        case .count(let count): count
        case .share(let millionths):
            max(
                Self.minimumOfShare,
                recordCount / 1_000_000 * millionths
                    + recordCount % 1_000_000 * millionths / 1_000_000)
        }
    }

    /// As the pipeline file says it.
    public var description: String {
        switch self {
        case .unlimited: return "none"
        case .count(let count): return "\(count)"
        case .share(let millionths):
            let fraction = String(10_000 + millionths % 10_000).dropFirst()
                .reversed().drop { $0 == "0" }.reversed()
            return "\(millionths / 10_000)" + (fraction.isEmpty ? "" : "." + String(fraction)) + "%"
        }
    }
}
