import ExportModel
import Testing

@Suite struct RejectLimitTests {
    @Test(
        arguments: [
            ("none", .unlimited), ("0", .count(0)), ("100", .count(100)),
            ("1000000000", .count(1_000_000_000)), ("1%", .share(millionths: 10_000)),
            ("0.25%", .share(millionths: 2_500)), ("0.0001%", .share(millionths: 1)),
            ("100%", .share(millionths: 1_000_000)), ("12.5%", .share(millionths: 125_000)),
        ] as [(String, RejectLimit)])
    func limitsAreReadAndWritten(text: String, limit: RejectLimit) {
        #expect(RejectLimit(parsing: text) == limit)
        #expect(limit.description == text)
    }

    @Test(arguments: [
        "", "%", "few", "-1", "1.5", "1000000001", "0%", "0.00001%", "100.1%", "-1%", "1 %", "1e1%",
        "1%%", "None", "99999999999999999999%",
    ])
    func otherTextIsNoLimit(text: String) {
        #expect(RejectLimit(parsing: text) == nil)
    }

    @Test(
        arguments: [
            (.unlimited, 5, nil), (.count(3), 1_000_000, 3), (.share(millionths: 10_000), 0, 10),
            (.share(millionths: 10_000), 1_000, 10), (.share(millionths: 10_000), 1_999, 19),
            (.share(millionths: 1_000_000), 2_000_000_000, 2_000_000_000),
        ] as [(RejectLimit, Int, Int?)])
    func aSmallWindowMayHaveTen(limit: RejectLimit, recordCount: Int, allowed: Int?) {
        #expect(limit.allowed(ofRecords: recordCount) == allowed)
    }
}
