import ExportModel
import Foundation
import PageDecoding
import Testing

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

/// `FUZZ_SEED` and `FUZZ_ROUNDS` repeat or lengthen a run.
private let environment = ProcessInfo.processInfo.environment
private let seed = environment["FUZZ_SEED"].flatMap(UInt64.init) ?? 20_261_121
private let rounds = environment["FUZZ_ROUNDS"].flatMap(Int.init) ?? 4_000

@Suite struct FuzzTests {
    private static let fragments = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d", "null", "true", "false", "-",
        "0", "1", ".", "e", "E+", " ", "\n", "\t", "\"id\"", "\"cdr\"", "{}", "[]", "\u{0}",
        "\u{c}", "\u{1a}", "\u{1f}", "\u{e9}", "\u{FEFF}", "\"a\":", ",\"id\":1",
    ].map { Array($0.utf8) }

    private static func mutate(_ body: inout [UInt8], with random: inout SeededGenerator) {
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...body.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where place < body.count: body[place] = .random(in: 0...255, using: &random)
            case 1 where place < body.count: body.remove(at: place)
            case 2 where Int.random(in: 0..<4, using: &random) == 0:
                body.removeLast(body.count - place)
            case 3:
                let end = Int.random(in: place...min(place + 40, body.count), using: &random)
                body.insert(contentsOf: Array(body[place..<end]), at: place)
            default:
                let fragment = fragments.randomElement(using: &random) ?? []
                body.insert(contentsOf: fragment, at: place)
            }
        }
    }

    /// Whatever arrives, the decoder agrees with the grammar and its ranges stay inside the body.
    @Test func mutatedBodiesAreJudgedAsTheGrammarDoes() throws {
        var random = SeededGenerator(state: seed)
        let decoder = try PageDecoder(
            PageLayout(
                endpoint: ["id", "to", "notes"], rows: JSONPath(dotted: "cdr"),
                captures: ["code", "data.status"].map { JSONPath(dotted: $0) }))
        var acceptedCount = 0
        for round in 0..<rounds {
            var body = Array(Samples.mixed.utf8)
            Self.mutate(&body, with: &random)
            let expected = ReferenceJSON.accepts(body)
            do {
                let decoded = try decoder.decode(body)
                acceptedCount += 1
                try #require(expected.isValid, "seed \(seed) round \(round)")
                try #require(decoded.hasTrailingComma == expected.hasTrailingComma)
                try checkRanges(of: decoded.page)
            } catch let error as PageDecodingError {
                let isGrammar = error.kind != .repeatedKey
                try #require(!(isGrammar && expected.isValid), "seed \(seed) round \(round)")
                try #require((0...body.count).contains(error.byteOffset))
            }
        }
        print("fuzz: seed \(seed), \(rounds) rounds, \(acceptedCount) accepted")
        #expect(acceptedCount > rounds / 100)
    }

    private func checkRanges(of page: RawPage) throws {
        let whole = 0..<page.body.count
        for row in page.rows.indices {
            for field in 0..<page.fieldCount {
                let cell = page.cell(row: row, field: field)
                if cell.kind == .missing { continue }
                try #require(cell.range.clamped(to: page.rows[row]) == cell.range)
                if cell.kind != .repeated {
                    try #require(ReferenceJSON.accepts(Array(page.body[cell.range])).isValid)
                }
            }
        }
        for field in page.unknownFields {
            try #require(field.name.clamped(to: whole) == field.name)
            try #require(field.value.range.clamped(to: page.rows[field.row]) == field.value.range)
        }
    }
}
