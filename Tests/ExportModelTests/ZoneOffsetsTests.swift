import ExportModel
import Foundation
import Testing

@Suite struct ZoneOffsetsTests {
    private static let year2011: Int64 = 1_293_840_000
    private static let year2012: Int64 = 1_325_376_000

    private func offsets(
        _ name: String, from: Int64 = year2011, to: Int64 = year2012
    ) throws -> ZoneOffsets {
        ZoneOffsets(try #require(TimeZone(identifier: name)), from: from, to: to)
    }

    /// The clocks of Europe change at 01:00 UTC on the last Sundays of March and October.
    @Test func changesAreFoundToTheSecond() throws {
        let periods = try offsets("Europe/Berlin").periods
        #expect(periods.map(\.offset) == [3_600, 7_200, 3_600])
        #expect(periods.dropFirst().map(\.start) == [1_301_187_600, 1_319_936_400])
        #expect(periods.first?.start == .min)
    }

    /// Samoa went from UTC−10 to UTC+14 at the end of 2011-12-29: it had no 30th.
    @Test func aDayThatIsLeftOutIsNoTime() throws {
        let offsets = try offsets("Pacific/Apia")
        let change: Int64 = 1_325_239_200
        let midnight: Int64 = 1_325_203_200  // 2011-12-30 00:00:00 local
        #expect(offsets.periods.last?.start == change)
        #expect(offsets.local(atUTC: change - 1) == midnight - 1)
        #expect(offsets.local(atUTC: change) == midnight + 86_400)
        #expect(offsets.utc(ofLocal: midnight) == nil)
        #expect(offsets.utc(ofLocal: midnight + 86_399) == nil)
        #expect(offsets.utc(ofLocal: midnight + 86_400) == change)
        #expect(offsets.firstUTC(reaching: midnight) == change)
    }

    @Test func aTimeThatComesTwiceMeansTheFirst() throws {
        let offsets = try offsets("Europe/Berlin")
        let local: Int64 = 1_319_941_800  // 2011-10-30 02:30:00
        #expect(offsets.utc(ofLocal: local) == local - 7_200)
        #expect(offsets.firstUTC(reaching: local) == local - 7_200)
        #expect(offsets.local(atUTC: local - 3_600) == local)
    }

    @Test func aZoneWithoutChangesHasOnePeriod() throws {
        let kolkata = try offsets("Asia/Kolkata")
        #expect(kolkata.periods == ZoneOffsets(19_800).periods)
        #expect(kolkata.end(ofPeriod: 0) == .max)
        #expect(kolkata.utc(ofLocal: 19_800) == 0)
    }

    /// Foundation, asked moment by moment, is the judge.
    @Test(arguments: [
        "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "UTC",
    ])
    func localTimesAreThoseOfTheZone(name: String) throws {
        let zone = try #require(TimeZone(identifier: name))
        let offsets = try offsets(name)
        var random = SeededGenerator(state: Fuzzing.seed)
        for _ in 0..<2_000 {
            let moment = Int64.random(in: Self.year2011...Self.year2012, using: &random)
            let date = Date(timeIntervalSince1970: Double(moment))
            let local = offsets.local(atUTC: moment)
            #expect(local == moment + Int64(zone.secondsFromGMT(for: date)))
            let back = try #require(offsets.utc(ofLocal: local))
            #expect(offsets.local(atUTC: back) == local && back <= moment)
            #expect(offsets.firstUTC(reaching: local) <= moment)
        }
    }
}
