import ExportModel
import Planning
import Testing

@Suite struct ExpectedWindowsTests {
    /// `key` of what is due, `(key)` of what is not.
    private func expected(
        _ options: WindowOptions, now: String, from: String? = nil
    ) throws -> [String] {
        let stream = try Stream.sample(windows: options)
        let expected = try #require(
            try ExpectedWindows(of: stream, timeZoneIdentifier: "UTC", now: try utc(now)))
        let start = try from.map { try utc($0) } ?? expected.start
        return try expected.windows(from: try #require(start)).map {
            $0.isDue ? "\($0.window.key)" : "(\($0.window.key))"
        }
    }

    @Test func theyBeginWithTheRangeAndEndWithWhatIsDue() throws {
        // The window of the 19th settles until 00:30.
        let options = WindowOptions.sample(range: .last(count: 2, unit: .day))
        #expect(
            try expected(options, now: "2026-11-20T00:30") == ["2026-11-18", "2026-11-19"])
        #expect(try expected(options, now: "2026-11-20T00:29") == ["2026-11-18"])
    }

    @Test func theyBeginWithCatchUp() throws {
        let options = WindowOptions.sample(catchUpFrom: try local("2026-11-17"))
        #expect(
            try expected(options, now: "2026-11-20T01:00")
                == ["2026-11-17", "2026-11-18", "2026-11-19"])
    }

    @Test func fixedEndsAskForWindowsThatAreNotDue() throws {
        let range = WindowRange.between(
            from: try local("2026-11-18"), to: try local("2026-11-21"))
        #expect(
            try expected(.sample(range: range), now: "2026-11-20T00:10")
                == ["2026-11-18", "(2026-11-19)", "(2026-11-20)"])
        // Later windows are not asked for, unless history is to be caught up on.
        #expect(
            try expected(.sample(range: range), now: "2026-11-30T00:00").count == 3)
        let catching = WindowOptions.sample(range: range, catchUpFrom: try local("2026-11-17"))
        #expect(try expected(catching, now: "2026-11-24T01:00").last == "2026-11-23")
    }

    @Test func historyThatIsKnownIsExpectedWithoutHoles() throws {
        let options = WindowOptions.sample()
        #expect(
            try expected(options, now: "2026-11-20T01:00", from: "2026-11-17T00:00")
                == ["2026-11-17", "2026-11-18", "2026-11-19"])
    }

    @Test func oneRequestListHasNoDates() throws {
        let stream = try Stream.sample(
            windows: .sample(), requests: .ids(["a"], batch: "one"))
        let now = try utc("2026-11-20T00:00")
        #expect(try ExpectedWindows(of: stream, timeZoneIdentifier: "UTC", now: now) == nil)
    }
}
