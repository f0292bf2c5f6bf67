import ExportModel
import Testing

@testable import Extraction

/// What the bounds of a window look like, and how far requests reach.
@Suite struct WindowTextTests {
    private static let kolkata = SourceZone(identifier: "+05:30", offsetSeconds: 19_800)

    /// The parameters of a request for a range of minutes since 2026-11-19T00:00Z.
    private func sent(
        _ window: WindowParameters, _ start: Int64 = 0, _ end: Int64 = 60
    ) -> String {
        let range = span(start * 60_000, end * 60_000)
        let padded = WindowPadding(window, sourceZone: Self.kolkata).padded(range)
        return WindowText(window, sourceZone: Self.kolkata).parameters(padded).map {
            "\($0.name)=\($0.value.text)"
        }.joined(separator: " ")
    }

    private func bounds(
        _ format: String, _ start: WindowParameters.Bound = .inclusive,
        _ end: WindowParameters.Bound = .exclusive
    ) throws -> WindowParameters {
        WindowParameters(
            names: .bounds(start: "a", end: "b"),
            format: try #require(TimeFormat(named: format)), startBound: start, endBound: end)
    }

    @Test(arguments: [
        ("epoch_s", "a=1795046400 b=1795050000"),
        ("epoch_ms", "a=1795046400000 b=1795050000000"),
        ("epoch_us", "a=1795046400000000 b=1795050000000000"),
        ("iso8601", "a=2026-11-19T00:00:00Z b=2026-11-19T01:00:00Z"),
        ("local_datetime", "a=2026-11-19 05:30:00 b=2026-11-19 06:30:00"),
        ("pattern(dd/MM/yyyy HH:mm)", "a=19/11/2026 05:30 b=19/11/2026 06:30"),
        ("rfc2822", "a=Thu, 19 Nov 2026 05:30:00 +0530 b=Thu, 19 Nov 2026 06:30:00 +0530"),
        ("date", "a=2026-11-19 b=2026-11-20"),
    ])
    func documentedBoundsAreSentAsTheyAre(_ format: String, _ expected: String) throws {
        #expect(sent(try bounds(format)) == expected)
    }

    @Test(arguments: [
        ("epoch_s", "a=1795046399 b=1795050001"),
        ("epoch_ms", "a=1795046399000 b=1795050001000"),
        ("iso8601", "a=2026-11-18T23:59:59Z b=2026-11-19T01:00:01Z"),
        ("pattern(dd/MM/yyyy HH:mm)", "a=19/11/2026 05:29 b=19/11/2026 06:31"),
        ("date", "a=2026-11-18 b=2026-11-20"),
    ])
    func unknownBoundsReachAUnitFurther(_ format: String, _ expected: String) throws {
        #expect(sent(try bounds(format, .unknown, .unknown)) == expected)
    }

    @Test(arguments: [
        (WindowParameters.Bound.exclusive, WindowParameters.Bound.inclusive, "18", "19"),
        (.inclusive, .inclusive, "19", "19"), (.exclusive, .exclusive, "18", "20"),
    ])
    func aDayThatIsNotExcludedIsAWholeOne(
        _ start: WindowParameters.Bound, _ end: WindowParameters.Bound, _ first: String,
        _ last: String
    ) throws {
        // Local midnight to local midnight.
        let found = sent(try bounds("date", start, end), -330, 1_110)
        #expect(found == "a=2026-11-\(first) b=2026-11-\(last)")
    }

    @Test func minutesAreRoundedOutward() throws {
        let window = try bounds("pattern(yyyy-MM-dd HH:mm)")
        let padding = WindowPadding(window, sourceZone: Self.kolkata)
        #expect(padding.padded(span(30_000, 90_500)) == span(0, 120_000))
    }

    @Test func anIntervalIsOneParameter() {
        var window = WindowParameters(
            names: .interval(name: "i", template: "gte:{start};lte:{end}"), format: .iso8601,
            startBound: .inclusive, endBound: .exclusive)
        #expect(sent(window) == "i=gte:2026-11-19T00:00:00Z;lte:2026-11-19T01:00:00Z")
        window.names = .interval(name: "i", template: "{end}<{start}")
        #expect(sent(window) == "i=2026-11-19T01:00:00Z<2026-11-19T00:00:00Z")
    }

    @Test(arguments: [(-330, 1_110, "19", 1), (-330, 1_111, "19", 2), (-331, 1_110, "18", 2)])
    func daysAreCounted(_ start: Int64, _ end: Int64, _ first: String, _ count: Int) {
        let window = WindowParameters(
            names: .days(date: "d", count: "n"), format: .date, startBound: .inclusive,
            endBound: .inclusive)
        #expect(sent(window, start, end) == "d=2026-11-\(first) n=\(count)")
    }

    @Test func aZoneOfTheValuesIsTheirs() throws {
        var window = try bounds("local_datetime")
        window.timeZone = SourceZone(identifier: "-03:00", offsetSeconds: -10_800)
        #expect(sent(window) == "a=2026-11-18 21:00:00 b=2026-11-18 22:00:00")
    }

    @Test func recordsSelectedByTheirEndAreAskedForLonger() throws {
        var window = try bounds("epoch_s")
        window.selects = .end
        window.reachMilliseconds = 86_400_000
        #expect(sent(window) == "a=1795046400 b=1795136400")
        let padding = WindowPadding(window, sourceZone: Self.kolkata)
        #expect(padding.listed(span(0, 3_600_000)) == span(-86_400_000, 90_000_000))
    }

    /// Neighboring windows share nothing where every bound belongs to one of them.
    @Test func halfOpenBoundsShareNothing() throws {
        let half = WindowPadding(try bounds("epoch_s"), sourceZone: Self.kolkata)
        #expect(half.shared(at: midnight) == nil)
        let closed = WindowPadding(
            try bounds("epoch_s", .inclusive, .inclusive), sourceZone: Self.kolkata)
        #expect(closed.shared(at: midnight) == span(0, 0))
        let unknown = WindowPadding(
            try bounds("epoch_s", .unknown, .unknown), sourceZone: Self.kolkata)
        #expect(unknown.shared(at: midnight) == span(-1_000, 1_000))
    }

    // MARK: Slices

    @Test func slicesAreCutAtMidnightWhereBoundsAreDays() throws {
        let grid = SliceGrid(try bounds("date"), sourceZone: Self.kolkata)
        let day: Int64 = 86_400_000
        let range = span(-19_800_000, 3 * day - 19_800_000)
        #expect(
            grid.cut(range, into: 2) == [
                span(-19_800_000, day - 19_800_000),
                span(day - 19_800_000, 3 * day - 19_800_000),
            ])
        #expect(grid.cut(range, into: 64)?.count == 3)
        // From a range that begins in the middle of a day.
        #expect(
            grid.cut(span(0, 2 * day), into: 2) == [
                span(0, day - 19_800_000), span(day - 19_800_000, 2 * day),
            ])
        #expect(grid.cut(span(-19_800_000, day - 19_800_000), into: 2) == nil)
    }

    @Test func slicesAreCutAtMinutesWhereBoundsAreMinutes() throws {
        let grid = SliceGrid(
            try bounds("pattern(yyyy-MM-dd HH:mm)"), sourceZone: Self.kolkata)
        #expect(
            grid.cut(span(0, 180_000), into: 2) == [span(0, 60_000), span(60_000, 180_000)])
        #expect(grid.cut(span(0, 60_000), into: 2) == nil)
    }

    /// A shorter slice would list as many records all the same.
    @Test func slicesAreNotCutShorterThanTheReach() throws {
        var window = try bounds("epoch_s")
        window.reachMilliseconds = 3_600_000
        let grid = SliceGrid(window, sourceZone: Self.kolkata)
        #expect(grid.cut(span(0, 3_599_000), into: 4) == nil)
        #expect(grid.cut(span(0, 7_200_000), into: 64)?.count == 4)
    }
}
