import ExportModel
import Testing

@Suite struct DurationFormatTests {
    private func read(_ text: String, _ format: DurationFormat) -> String {
        Array(text.utf8).withUnsafeBufferPointer { bytes in
            switch format.read(bytes) {
            case .exact(let value): String(value)
            case .malformed: "malformed"
            case .doesNotFit: "does not fit"
            }
        }
    }

    @Test(
        arguments: [
            ("0", .seconds, "0"), ("76", .seconds, "76"), ("76.999999999", .seconds, "76"),
            ("76.9999999999", .seconds, "does not fit"), ("-0.5", .seconds, "-1"),
            ("1e2", .seconds, "100"), ("x", .seconds, "malformed"), ("", .seconds, "malformed"),
            ("0", .milliseconds, "0"), ("999", .milliseconds, "0"), ("1000", .milliseconds, "1"),
            ("76460", .milliseconds, "76"), ("76460.5", .milliseconds, "76"),
            ("-1", .milliseconds, "-1"), ("1:2", .milliseconds, "malformed"),
            ("00:00:00", .clock, "0"), ("01:02:03", .clock, "3723"),
            ("100:00:00", .clock, "360000"),
            ("1:02:03", .clock, "3723"), ("00:00", .clock, "0"), ("75:30", .clock, "4530"),
            ("01:60:00", .clock, "malformed"), ("01:00:60", .clock, "malformed"),
            ("1:2:3", .clock, "malformed"), ("12", .clock, "malformed"), ("", .clock, "malformed"),
            ("01:02:03.5", .clock, "malformed"), ("-01:02:03", .clock, "malformed"),
            ("01:02:03:04", .clock, "malformed"), ("1234567:00", .clock, "malformed"),
        ] as [(String, DurationFormat, String)])
    func numbersAndClocks(text: String, format: DurationFormat, expected: String) {
        #expect(read(text, format) == expected)
    }

    @Test(arguments: [
        ("PT0S", "0"), ("PT16.46S", "16"), ("PT1M16.46S", "76"), ("PT1H", "3600"),
        ("PT1H2M3S", "3723"), ("P1D", "86400"), ("P1DT1S", "86401"), ("P2W", "1209600"),
        ("PT0,999999999S", "0"), ("PT1.5M", "90"), ("PT36H", "129600"),
        ("PT0.0000000019S", "0"), ("P0.5D", "43200"),
        ("", "malformed"), ("P", "malformed"), ("PT", "malformed"), ("P1DT", "malformed"),
        ("P1Y", "malformed"), ("P1M", "malformed"), ("PT1S1H", "malformed"),
        ("PT1ST1H", "malformed"), ("PT1H1H", "malformed"), ("PT1.5M3S", "malformed"),
        ("-PT1S", "malformed"), ("PT-1S", "malformed"), ("PT1", "malformed"), ("1S", "malformed"),
        ("PT1S ", "malformed"), ("PT.5S", "malformed"), ("PT9999999999S", "malformed"),
        ("P1D1H", "malformed"), ("PT1D", "malformed"),
    ])
    func isoDurations(text: String, expected: String) {
        #expect(read(text, .iso8601) == expected)
    }

    @Test func onlyClocksAreWhole() {
        #expect(DurationFormat.allCases.filter { !$0.mayLose } == [.clock])
    }
}
