import ExportModel
import Foundation
import Testing

@testable import PipelineFile

/// Mutated files give findings, never a trap. `CDRX_FUZZ_ROUNDS` and `CDRX_FUZZ_SEED` make it
/// longer or repeat it.
@Suite struct FuzzTests {
    static let environment = ProcessInfo.processInfo.environment
    static let rounds = environment["CDRX_FUZZ_ROUNDS"].flatMap(Int.init) ?? 1_500
    static let seed = environment["CDRX_FUZZ_SEED"].flatMap(UInt64.init) ?? 1

    /// SplitMix64.
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    static let tokens = [
        "{", "}", "[", "]", ":", ",", "- ", "\n", "  ", "\"", "'", "#", "&a ", "*a", "<<: ", "${",
        "}", "!!int ", "? ", "| ", "> ", "%", "---\n", "...\n", "\t", "~", "null", "\u{FEFF}",
        "9223372036854775808", "-1", "1e400", "é", "\u{2028}", "\u{0}", "\\x", "\\uD800", "@", "`",
    ].map { Array($0.utf8) }

    @Test func mutatedFilesNeverTrap() throws {
        print("fuzz seed \(Self.seed), \(Self.rounds) rounds")
        var generator = Generator(state: Self.seed)
        var files = PipelineReaderTests.files
        let pipeline = try #require(files.files["etc/p.yaml"])
        let accounts = try #require(files.files["etc/agents.csv"])
        let catalog = Array(CatalogReaderTests.sixth.utf8)
        var failures = 0
        for round in 0..<Self.rounds {
            files.files["etc/p.yaml"] =
                round % 4 == 0 ? pipeline : mutated(pipeline, with: &generator)
            files.files["etc/agents.csv"] = mutated(accounts, with: &generator)
            let result = try files.read("etc/p.yaml")
            let hasErrors = result.diagnostics.contains { $0.severity == .error }
            #expect((result.pipeline == nil) == hasErrors, "round \(round)")
            failures += hasErrors ? 1 : 0
            _ = CatalogReader().read(mutated(catalog, with: &generator), file: "f.yaml")
        }
        #expect(failures > Self.rounds / 2, "the mutations do not break anything")
    }

    private func mutated(_ bytes: [UInt8], with generator: inout Generator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let place = Int.random(in: 0...bytes.count, using: &generator)
            let end = min(bytes.count, place + Int.random(in: 0...20, using: &generator))
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes.removeSubrange(place..<end)
            case 1: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 2: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
            case 3:
                let token = Self.tokens.randomElement(using: &generator) ?? []
                bytes.insert(contentsOf: token, at: place)
            default:
                let other = Int.random(in: 0...bytes.count, using: &generator)
                bytes.insert(contentsOf: bytes[min(place, other)..<max(place, other)], at: other)
            }
            if bytes.count > 20_000 { bytes.removeLast(bytes.count - 20_000) }
        }
        return bytes
    }
}
