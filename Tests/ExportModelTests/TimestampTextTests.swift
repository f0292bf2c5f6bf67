import ExportModel
import Testing

@Suite struct TimestampTextTests {
    private func iso8601(_ epochMilliseconds: Int64) -> String {
        Timestamp(epochMilliseconds: epochMilliseconds).iso8601
    }

    private func localSeconds(_ text: String) -> Int64? {
        withBytes(text) { TimestampText.localSeconds($0) }
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_654_182_968_809, "2022-06-02T15:16:08.809Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (4_107_542_399_000, "2100-02-28T23:59:59.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func momentsAreISO8601InUTC(epochMilliseconds: Int64, text: String) {
        #expect(iso8601(epochMilliseconds) == text)
    }

    @Test(
        arguments: [
            ("1970-01-01 00:00:00", 0), ("2019-09-27 14:58:37", 1_569_596_317),
            ("2019-09-27T14:58:37", 1_569_596_317), ("2000-02-29 23:59:59", 951_868_799),
            ("2019-02-29 00:00:00", nil), ("2100-02-29 00:00:00", nil),
            ("2019-13-01 00:00:00", nil),
            ("2019-00-01 00:00:00", nil), ("2019-04-31 00:00:00", nil),
            ("2019-01-00 00:00:00", nil),
            ("0000-01-01 00:00:00", nil), ("2019-01-01 24:00:00", nil),
            ("2019-01-01 00:60:00", nil),
            ("2019-01-01 00:00:60", nil), ("2019-1-01 00:00:00", nil), ("2019-01-01 00:00", nil),
            ("2019-01-01 00:00:00 ", nil), ("2019/01/01 00:00:00", nil),
            ("2019-01-01_00:00:00", nil),
            ("-019-01-01 00:00:00", nil), ("2019-01-01 00:00:0x", nil), ("", nil),
        ] as [(String, Int64?)])
    func localTimesAreReadStrictly(text: String, seconds: Int64?) {
        #expect(localSeconds(text) == seconds)
    }

    @Test(
        arguments: [
            ("1654182968809", 1_654_182_968_809), ("-1", -1), ("1.5e3", 1_500),
            ("253402300799999", 253_402_300_799_999), ("253402300800000", nil), ("1.5", nil),
            ("", nil),
            ("soon", nil),
        ] as [(String, Int64?)])
    func epochMillisecondsAreIntegersInRange(text: String, value: Int64?) {
        #expect(withBytes(text) { TimestampText.epochMilliseconds($0) } == value)
    }

    @Test func writtenTimesReadBack() {
        var random = SeededGenerator(state: Fuzzing.seed)
        for _ in 0..<Fuzzing.rounds {
            let seconds = Int64.random(in: -62_135_596_800...253_402_300_799, using: &random)
            var output: [UInt8] = []
            TimestampText.appendLocalDateTime(seconds, to: &output)
            #expect(output.withUnsafeBufferPointer { TimestampText.localSeconds($0) } == seconds)
            #expect(output.count == 19)
        }
    }

    @Test func mutatedTimesAreRefusedOrRealTimes() {
        var random = SeededGenerator(state: Fuzzing.seed)
        for round in 0..<Fuzzing.rounds {
            var text = Array("2024-02-29 13:59:58".utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<text.count, using: &random)
                text[place] = Array("0123456789- :T\u{0}x".utf8).randomElement(using: &random) ?? 0
            }
            guard let seconds = text.withUnsafeBufferPointer({ TimestampText.localSeconds($0) })
            else { continue }
            var output: [UInt8] = []
            TimestampText.appendLocalDateTime(seconds, to: &output)
            if text[10] == UInt8(ascii: "T") { output[10] = text[10] }
            #expect(output == text, "seed \(Fuzzing.seed) round \(round)")
        }
    }
}
