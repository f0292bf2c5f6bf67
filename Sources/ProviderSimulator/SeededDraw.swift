/// A sequence of draws that follows from its seed alone.
///
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators" (SplitMix64).
struct SeededDraw: Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// The next 64 bits.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.finalize(state)
    }

    /// 0..<bound; 0 where the bound is not positive.
    mutating func below(_ bound: Int) -> Int {
        bound > 0 ? Int(next() % UInt64(bound)) : 0
    }

    /// A number of `range`.
    mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.upperBound - range.lowerBound + 1)
    }

    /// True once in `count` draws.
    mutating func oneIn(_ count: Int) -> Bool {
        below(count) == 0
    }

    /// One of the choices; empty if there is none.
    mutating func pick(_ choices: [String]) -> String {
        choices.isEmpty ? "" : choices[below(choices.count)]
    }

    /// A number of a distribution that `quantiles` state in even steps, least first.
    mutating func along(_ quantiles: [Int]) -> Int {
        guard quantiles.count > 1 else { return quantiles.first ?? 0 }
        let step = below(quantiles.count - 1)
        return within(quantiles[step]...quantiles[step + 1])
    }

    /// A bijection on 64 bits: different values stay different.
    static func mix(_ value: UInt64) -> UInt64 {
        finalize(value &+ 0x9E37_79B9_7F4A_7C15)
    }

    /// One seed of several numbers, in order.
    static func seed(_ parts: UInt64...) -> UInt64 {
        parts.reduce(0x6A09_E667_F3BC_C908) { mix($0 ^ mix($1)) }
    }

    /// A number for a text (FNV-1a).
    static func number(of text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    /// Whether a draw falls under `rate` (0…1).
    static func falls(_ draw: UInt64, under rate: Double) -> Bool {
        Double(draw >> 11) < rate * 9_007_199_254_740_992
    }

    private static func finalize(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
