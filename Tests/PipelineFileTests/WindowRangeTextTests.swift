import ExportModel
import Testing

@testable import PipelineFile

@Suite struct WindowRangeTextTests {
    @Test(
        arguments: [
            ("yesterday", .yesterday), ("today", .today),
            ("last 3 days", .last(count: 3, unit: .day)),
            ("last 1 month", .last(count: 1, unit: .month)),
            ("last 24 hours", .last(count: 24, unit: .hour)),
            ("last days", nil), ("last 0 days", nil), ("last -1 days", nil), ("last 3 weeks", nil),
            ("Yesterday", nil), ("last 3 dayss", nil), ("", nil),
        ] as [(String, WindowRange?)])
    func rangeOfOneLine(text: String, range: WindowRange?) {
        #expect(WindowRangeText.parse(text) == range)
    }

    @Test(arguments: [
        ("2026-01-31", 2026, 1, 31, 0), ("2026-01-31T07", 2026, 1, 31, 7),
        ("2026-01-31T07:00", 2026, 1, 31, 7), ("2026-02", 2026, 2, 1, 0),
    ])
    func momentNamesAWindow(text: String, year: Int, month: Int, day: Int, hour: Int) throws {
        let date = try #require(CivilDate(year: year, month: month, day: day))
        #expect(LocalHourText.parse(text) == LocalHour(date: date, hour: hour))
    }

    @Test(arguments: [
        "2026", "2026-13", "2026-02-29", "2026-01-31T24", "2026-01-31T7", "2026-01-31 07",
        "2026-01-31T07:30", "2026-01-31T-1", "2026-01-31x", "", "２０２６-01-31",
    ])
    func otherTextNamesNone(text: String) {
        #expect(LocalHourText.parse(text) == nil)
    }

    @Test func gridCutsOnlyRangesOfWholeWindows() throws {
        /// Range, and for hour, day and month whether the grid can cut it.
        let table: [(WindowRange, [Bool])] = [
            (.yesterday, [true, true, false]), (.today, [true, true, false]),
            (.last(count: 2, unit: .hour), [true, false, false]),
            (.last(count: 2, unit: .day), [true, true, false]),
            (.last(count: 2, unit: .month), [true, true, true]),
            (try between("2026-01-01T05", "2026-01-02"), [true, false, false]),
            (try between("2026-01-05", "2026-01-06"), [true, true, false]),
            (try between("2026-01", "2026-03"), [true, true, true]),
            (try between("2026-01-02", "2026-01-01"), [false, false, false]),
            (try between("0001-01-01", "9999-12-01"), [false, false, true]),
        ]
        for (range, expected) in table {
            let found = WindowGrid.allCases.map {
                WindowRangeText.mistake(in: range, grid: $0) == nil
            }
            #expect(found == expected, "\(range)")
        }
    }

    private func between(_ from: String, _ to: String) throws -> WindowRange {
        .between(
            from: try #require(LocalHourText.parse(from)),
            to: try #require(LocalHourText.parse(to)))
    }
}
