import ExportModel
import Planning
import Testing

@Suite struct WindowKeyRangeTests {
    /// Every window that a cutter cuts is found again by its key.
    @Test(arguments: [
        "UTC", "Europe/Berlin", "Africa/Cairo", "Asia/Kolkata", "Australia/Lord_Howe",
    ])
    func keysLeadBackToTheirWindows(zone: String) throws {
        let cutter = try WindowCutter(timeZoneIdentifier: zone)
        let year = TimeRange(
            start: cutter.start(of: LocalHour(date: CivilDate(daysSinceEpoch: 20_454))),
            end: cutter.start(of: LocalHour(date: CivilDate(daysSinceEpoch: 20_454 + 365))))
        for grid in WindowGrid.allCases {
            let windows = try cutter.windows(every: grid, startingIn: year)
            #expect(windows.count > 11)
            // Of the hours those around the changes of clocks, and some others.
            for (index, window) in windows.enumerated()
            where grid != .hour || index % 97 == 0 || "\(window.key)".contains("-repeated")
                || window.range?.durationMilliseconds != 3_600_000
            {
                #expect(cutter.range(ofKey: "\(window.key)") == window.range, "\(window.key)")
            }
        }
    }

    @Test(arguments: [
        "batch=june", "batch=2026-01-01", "", "2026-13", "2026-02-30", "2026-01-01T24",
        "2026-01-01T07-repeated", "2026-01-01Tx",
    ])
    func otherKeysHaveNoRange(key: String) throws {
        #expect(try WindowCutter(timeZoneIdentifier: "Asia/Kolkata").range(ofKey: key) == nil)
    }
}
