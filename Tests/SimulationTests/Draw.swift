/// The only chance of a simulation: SplitMix64, seeded with a number and a name, so that what one
/// part draws does not move the draws of another.
struct Draw: Sendable {
    private var state: UInt64

    init(_ seed: UInt64, _ name: String = "") {
        // FNV-1a
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        state = Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15) ^ hash
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// `0..<count`
    mutating func below(_ count: Int) -> Int {
        Int(truncatingIfNeeded: next() >> 1) % max(count, 1)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.count)
    }

    mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }

    /// 1 to 2^bits, small numbers as often as large ones.
    mutating func magnitude(bits: Int) -> Int { 1 + below(1 << below(bits + 1)) }

    private static func mix(_ number: UInt64) -> UInt64 {
        var mixed = number
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
