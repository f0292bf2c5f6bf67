import ExportModel
import Foundation
import Planning
import Testing

@Suite struct WindowCutterTests {
    struct Case: CustomTestStringConvertible {
        var zone: String
        var grid: WindowGrid
        var from: String
        var to: String
        var windows: [String]

        var testDescription: String { "\(grid)s of \(zone) from \(from)" }
    }

    static let days = [
        Case(
            zone: "Europe/Berlin", grid: .day, from: "2026-03-28", to: "2026-03-31",
            windows: [
                "2026-03-28 2026-03-27T23:00…2026-03-28T23:00",
                "2026-03-29 2026-03-28T23:00…2026-03-29T22:00",  // 23 hours
                "2026-03-30 2026-03-29T22:00…2026-03-30T22:00",
            ]),
        Case(
            zone: "Europe/Berlin", grid: .day, from: "2026-10-25", to: "2026-10-26",
            windows: ["2026-10-25 2026-10-24T22:00…2026-10-25T23:00"]),  // 25 hours
        Case(
            zone: "America/New_York", grid: .day, from: "2026-03-08", to: "2026-03-09",
            windows: ["2026-03-08 2026-03-08T05:00…2026-03-09T04:00"]),  // 23 hours
        Case(
            zone: "America/New_York", grid: .day, from: "2026-11-01", to: "2026-11-02",
            windows: ["2026-11-01 2026-11-01T04:00…2026-11-02T05:00"]),  // 25 hours
        Case(
            zone: "Asia/Kolkata", grid: .day, from: "2026-11-19", to: "2026-11-20",
            windows: ["2026-11-19 2026-11-18T18:30…2026-11-19T18:30"]),
        Case(
            zone: "Asia/Kathmandu", grid: .day, from: "2026-11-19", to: "2026-11-20",
            windows: ["2026-11-19 2026-11-18T18:15…2026-11-19T18:15"]),
        // Midnight of April 24 does not exist: clocks go from 24:00 to 01:00.
        Case(
            zone: "Africa/Cairo", grid: .day, from: "2026-04-23", to: "2026-04-25",
            windows: [
                "2026-04-23 2026-04-22T22:00…2026-04-23T22:00",
                "2026-04-24 2026-04-23T22:00…2026-04-24T21:00",  // 23 hours
            ]),
        // Clocks go back at midnight, to 23:00 of the same day.
        Case(
            zone: "Africa/Cairo", grid: .day, from: "2026-10-29", to: "2026-10-31",
            windows: [
                "2026-10-29 2026-10-28T21:00…2026-10-29T22:00",  // 25 hours
                "2026-10-30 2026-10-29T22:00…2026-10-30T22:00",
            ]),
        Case(
            zone: "Australia/Lord_Howe", grid: .day, from: "2026-04-05", to: "2026-04-06",
            windows: ["2026-04-05 2026-04-04T13:00…2026-04-05T13:30"]),  // 24.5 hours
        Case(
            zone: "Australia/Lord_Howe", grid: .day, from: "2026-10-04", to: "2026-10-05",
            windows: ["2026-10-04 2026-10-03T13:30…2026-10-04T13:00"]),  // 23.5 hours
        // Samoa crossed the date line: there was no December 30.
        Case(
            zone: "Pacific/Apia", grid: .day, from: "2011-12-29", to: "2012-01-01",
            windows: [
                "2011-12-29 2011-12-29T10:00…2011-12-30T10:00",
                "2011-12-31 2011-12-30T10:00…2011-12-31T10:00",
            ]),
        // Newfoundland changed at 00:01: the day begins with the first of two midnights.
        Case(
            zone: "America/St_Johns", grid: .day, from: "2010-11-06", to: "2010-11-08",
            windows: [
                "2010-11-06 2010-11-06T02:30…2010-11-07T02:30",
                "2010-11-07 2010-11-07T02:30…2010-11-08T03:30",
            ]),
    ]

    static let hours = [
        // 02:00 does not exist.
        Case(
            zone: "Europe/Berlin", grid: .hour, from: "2026-03-29T01", to: "2026-03-29T04",
            windows: [
                "2026-03-29T01 2026-03-29T00:00…2026-03-29T01:00",
                "2026-03-29T03 2026-03-29T01:00…2026-03-29T02:00",
            ]),
        // 02:00 comes twice.
        Case(
            zone: "Europe/Berlin", grid: .hour, from: "2026-10-25T01", to: "2026-10-25T04",
            windows: [
                "2026-10-25T01 2026-10-24T23:00…2026-10-25T00:00",
                "2026-10-25T02 2026-10-25T00:00…2026-10-25T01:00",
                "2026-10-25T02-repeated 2026-10-25T01:00…2026-10-25T02:00",
                "2026-10-25T03 2026-10-25T02:00…2026-10-25T03:00",
            ]),
        Case(
            zone: "Asia/Kolkata", grid: .hour, from: "2026-11-19T07", to: "2026-11-19T08",
            windows: ["2026-11-19T07 2026-11-19T01:30…2026-11-19T02:30"]),
        Case(
            zone: "Asia/Kathmandu", grid: .hour, from: "2026-11-19T00", to: "2026-11-19T02",
            windows: [
                "2026-11-19T00 2026-11-18T18:15…2026-11-18T19:15",
                "2026-11-19T01 2026-11-18T19:15…2026-11-18T20:15",
            ]),
        Case(
            zone: "Africa/Cairo", grid: .hour, from: "2026-04-23T23", to: "2026-04-24T02",
            windows: [
                "2026-04-23T23 2026-04-23T21:00…2026-04-23T22:00",
                "2026-04-24T01 2026-04-23T22:00…2026-04-23T23:00",
            ]),
        // 02:00 becomes 02:30: the hour is 30 minutes long.
        Case(
            zone: "Australia/Lord_Howe", grid: .hour, from: "2026-10-04T01", to: "2026-10-04T04",
            windows: [
                "2026-10-04T01 2026-10-03T14:30…2026-10-03T15:30",
                "2026-10-04T02 2026-10-03T15:30…2026-10-03T16:00",
                "2026-10-04T03 2026-10-03T16:00…2026-10-03T17:00",
            ]),
        // 02:00 becomes 01:30: the hour goes on and is 90 minutes long.
        Case(
            zone: "Australia/Lord_Howe", grid: .hour, from: "2026-04-05T00", to: "2026-04-05T03",
            windows: [
                "2026-04-05T00 2026-04-04T13:00…2026-04-04T14:00",
                "2026-04-05T01 2026-04-04T14:00…2026-04-04T15:30",
                "2026-04-05T02 2026-04-04T15:30…2026-04-04T16:30",
            ]),
        // 00:01 becomes 23:01 of the day before.
        Case(
            zone: "America/St_Johns", grid: .hour, from: "2010-11-06T23", to: "2010-11-07T02",
            windows: [
                "2010-11-06T23 2010-11-07T01:30…2010-11-07T02:30",
                "2010-11-07T00 2010-11-07T02:30…2010-11-07T02:31",
                "2010-11-06T23-repeated 2010-11-07T02:31…2010-11-07T03:30",
                "2010-11-07T00-repeated 2010-11-07T03:30…2010-11-07T04:30",
                "2010-11-07T01 2010-11-07T04:30…2010-11-07T05:30",
            ]),
    ]

    static let months = [
        Case(
            zone: "Europe/Berlin", grid: .month, from: "2026-02-01", to: "2026-05-01",
            windows: [
                "2026-02 2026-01-31T23:00…2026-02-28T23:00",
                "2026-03 2026-02-28T23:00…2026-03-31T22:00",
                "2026-04 2026-03-31T22:00…2026-04-30T22:00",
            ]),
        Case(
            zone: "UTC", grid: .month, from: "2026-12-01", to: "2027-01-01",
            windows: ["2026-12 2026-12-01T00:00…2027-01-01T00:00"]),
    ]

    @Test(arguments: days + hours + months)
    func windowsFollowTheClocksOfTheZone(_ sample: Case) throws {
        let cutter = try WindowCutter(timeZoneIdentifier: sample.zone)
        let windows = try cutter.windows(
            every: sample.grid, from: try local(sample.from), to: try local(sample.to))
        #expect(try windows.map(line) == sample.windows)
        #expect(windows.allSatisfy { $0.timeZoneIdentifier == sample.zone })
    }

    static let zones = [
        "UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Moscow",
        "Europe/Istanbul", "America/New_York", "America/St_Johns", "America/Sao_Paulo",
        "America/Caracas", "America/Santiago", "America/Havana", "America/Asuncion",
        "Africa/Cairo", "Africa/Casablanca", "Africa/Lagos", "Asia/Kolkata", "Asia/Kathmandu",
        "Asia/Tehran", "Asia/Amman", "Asia/Gaza", "Asia/Pyongyang", "Asia/Shanghai",
        "Asia/Tokyo", "Australia/Adelaide", "Australia/Lord_Howe", "Pacific/Apia",
        "Pacific/Chatham", "Pacific/Kiritimati", "Antarctica/Troll",
    ]

    /// From 2010 to 2013 for Samoa, Newfoundland and Moscow; from 2014 to 2019 for the others that
    /// changed their standard time.
    @Test(arguments: zones, [("2010-01-01", "2013-01-01"), ("2014-01-01", "2019-01-01")])
    func windowsAreContiguousAndUniquelyNamed(zone: String, stretch: (String, String)) throws {
        let cutter = try WindowCutter(timeZoneIdentifier: zone)
        let from = try local(stretch.0)
        let to = try local(stretch.1)
        for grid in WindowGrid.allCases {
            let windows = try cutter.windows(every: grid, from: from, to: to)
            var end = cutter.start(of: from)
            var flaws: [WindowKey] = []
            for window in windows {
                guard let range = window.range, range.start == end, range.end > range.start else {
                    flaws.append(window.key)
                    continue
                }
                end = range.end
            }
            #expect(flaws.isEmpty)
            #expect(end == cutter.start(of: to))
            #expect(Set(windows.map(\.key.description)).count == windows.count)
            #expect(Set(windows.map(\.key.pathComponents)).count == windows.count)
        }
    }

    @Test(arguments: zones)
    func aStretchHasTheSameWindowsWhereverTheCutBegins(zone: String) throws {
        let cutter = try WindowCutter(timeZoneIdentifier: zone)
        let from = try local("2010-11-05")
        let to = try local("2010-11-09")
        for grid in [WindowGrid.hour, .day] {
            let all = try cutter.windows(every: grid, from: from, to: to)
            for window in all {
                let start = try #require(window.range).start
                let single = TimeRange(start: start, end: start.advanced(milliseconds: 1))
                #expect(try cutter.windows(every: grid, startingIn: single) == [window])
            }
        }
    }

    @Test func newestWindowsBeforeAMomentHaveEnded() throws {
        let cutter = try WindowCutter(timeZoneIdentifier: "Europe/Berlin")
        let days = try cutter.windows(
            every: .day, before: try utc("2026-10-26T22:59"), count: 2)
        #expect(days.map(\.key.description) == ["2026-10-24", "2026-10-25"])
        let hours = try cutter.windows(
            every: .hour, before: try utc("2026-10-25T02:00"), count: 3)
        #expect(
            hours.map(\.key.description) == [
                "2026-10-25T01", "2026-10-25T02", "2026-10-25T02-repeated",
            ])
        let months = try cutter.windows(
            every: .month, before: try utc("2026-02-28T23:00"), count: 3)
        #expect(months.map(\.key.description) == ["2025-12", "2026-01", "2026-02"])
    }

    @Test(arguments: [
        (
            WindowGrid.month, "2026-01-15", "2026-03-01", "'from' 2026-01-15",
            "2026-01-01 and 2026-02-01"
        ),
        (.month, "2026-01-01", "2026-12-31", "'to' 2026-12-31", "2026-12-01 and 2027-01-01"),
        (.day, "2026-01-01T07", "2026-01-03", "'from' 2026-01-01T07", "2026-01-01 and 2026-01-02"),
        (.day, "2026-01-01", "2026-12-31T23", "'to' 2026-12-31T23", "2026-12-31 and 2027-01-01"),
    ])
    func offGridBorderIsNamedWithItsNeighbours(
        grid: WindowGrid, from: String, to: String, border: String, neighbours: String
    ) throws {
        let cutter = try WindowCutter(timeZoneIdentifier: "UTC")
        let error = try #require(throws: PlanningError.self) {
            try cutter.windows(every: grid, from: try local(from), to: try local(to))
        }
        #expect(error.code == "range_off_grid")
        #expect(error.message.contains(border) && error.message.contains(neighbours))
    }

    @Test func stretchMustNotBeEmpty() throws {
        let cutter = try WindowCutter(timeZoneIdentifier: "UTC")
        let error = try #require(throws: PlanningError.self) {
            try cutter.windows(
                every: .day, from: try local("2026-01-02"), to: try local("2026-01-02"))
        }
        #expect(error.code == "empty_range")
    }

    @Test func stretchIsLimited() throws {
        let cutter = try WindowCutter(timeZoneIdentifier: "UTC")
        let error = try #require(throws: PlanningError.self) {
            try cutter.windows(
                every: .hour, from: try local("1900-01-01"), to: try local("2026-01-01"))
        }
        #expect(error.code == "too_many_windows")
        #expect(throws: PlanningError.self) {
            try cutter.windows(every: .hour, before: try utc("2026-01-01T00:00"), count: .max)
        }
    }

    @Test func unknownZoneIsAnError() throws {
        let error = try #require(throws: PlanningError.self) {
            try WindowCutter(timeZoneIdentifier: "Asia/Calcuta")
        }
        #expect(error.code == "unknown_time_zone")
    }
}
