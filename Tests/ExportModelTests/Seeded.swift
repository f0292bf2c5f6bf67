import Foundation

/// SplitMix64: one seed reproduces a run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// `FUZZ_SEED` and `FUZZ_ROUNDS` repeat or lengthen the random tests.
enum Fuzzing {
    private static let environment = ProcessInfo.processInfo.environment
    static let seed = environment["FUZZ_SEED"].flatMap(UInt64.init) ?? 20_261_121
    static let rounds = environment["FUZZ_ROUNDS"].flatMap(Int.init) ?? 20_000
}

/// Calls `body` with the text's bytes.
func withBytes<Result>(
    _ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result
) -> Result {
    Array(text.utf8).withUnsafeBufferPointer(body)
}
