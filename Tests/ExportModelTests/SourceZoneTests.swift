import ExportModel
import Foundation
import Testing

@Suite struct SourceZoneTests {
    @Test(arguments: [
        ("+08:00", 28_800), ("-03:30", -12_600), ("Z", 0), ("Asia/Kolkata", 19_800),
    ])
    func fixedOffsets(text: String, offset: Int64) throws {
        let zone = try #require(SourceZone(parsing: text))
        #expect(
            zone.localSeconds(of: Timestamp(epochMilliseconds: 1_654_182_968_809))
                == 1_654_182_968 + offset)
        #expect(
            zone.moment(ofLocalSeconds: 1_654_182_968 + offset)
                == Timestamp(epochMilliseconds: 1_654_182_968_000))
    }

    @Test(arguments: ["", "+8:00", "+08", "+19:00", "+08:60", "Mars/Base", "08:00", "+0x:00"])
    func otherTextIsNoZone(text: String) {
        #expect(SourceZone(parsing: text) == nil)
    }

    @Test func repeatedHourMeansItsFirstOccurrenceAndSkippedHourNothing() throws {
        let berlin = try #require(SourceZone(parsing: "Europe/Berlin"))
        // 2024-10-27 02:30 comes twice, first at 00:30 UTC; 2024-03-31 02:30 never.
        #expect(
            berlin.moment(ofLocalSeconds: 1_729_996_200)
                == Timestamp(epochMilliseconds: 1_729_989_000_000))
        #expect(berlin.moment(ofLocalSeconds: 1_711_852_200) == nil)
    }

    /// Years 0000 and 10000 cannot be written in four digits.
    @Test func momentsOutsideTheSupportedYearsAreNone() throws {
        let east = try #require(SourceZone(parsing: "+08:00"))
        let west = try #require(SourceZone(parsing: "America/Los_Angeles"))
        // 0001-01-01 00:00:00 and 9999-12-31 23:59:59
        #expect(east.moment(ofLocalSeconds: -62_135_596_800) == nil)
        #expect(
            east.moment(ofLocalSeconds: -62_135_568_000)?.iso8601 == "0001-01-01T00:00:00.000Z")
        #expect(west.moment(ofLocalSeconds: 253_402_300_799) == nil)
        #expect(
            west.moment(ofLocalSeconds: 253_402_271_999)?.iso8601 == "9999-12-31T23:59:59.000Z")
    }

    @Test(arguments: [
        "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
        "America/St_Johns", "Africa/Casablanca", "Pacific/Apia",
    ])
    func conversionsAgreeWithFoundation(name: String) throws {
        var random = SeededGenerator(state: Fuzzing.seed)
        let zone = try #require(TimeZone(identifier: name))
        let table = SourceZone(zone)
        for _ in 0..<2_000 {
            let seconds = Int64.random(in: 0..<4_102_444_800, using: &random)
            let date = Date(timeIntervalSince1970: Double(seconds))
            let local = seconds + Int64(zone.secondsFromGMT(for: date))
            let moment = Timestamp(epochMilliseconds: seconds * 1_000)
            #expect(table.localSeconds(of: moment) == local, "seed \(Fuzzing.seed) \(seconds)")
            // Back again: the same moment, or an earlier one with the same local time.
            let back = try #require(table.moment(ofLocalSeconds: local))
            #expect(back <= moment)
            #expect(table.localSeconds(of: back) == local)
        }
    }
}
