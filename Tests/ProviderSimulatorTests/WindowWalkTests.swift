import Testing

@testable import ProviderSimulator

@Suite struct WindowWalkTests {
    @Test func additionsStandWhereTheirTimePutsThem() {
        var options = SimulatorOptions()
        options.rowsPerDay = 40
        let timeline = CallTimeline(options: options, seed: 3, resolutionMilliseconds: 1)
        let times = (0..<40).map { timeline.time(of: $0) }
        // Before all, between calls, together with a call, twice at one moment, after all.
        let added = [
            times[0] - 5, times[10] + 1, times[20], times[30] + 2, times[30] + 2, times[39] + 9,
        ]
        let additions = added.indices.reversed().map { index in
            WindowWalk.Addition(
                number: Call.firstDriftNumber + index, time: added[index],
                rank: timeline.count(through: added[index]))
        }
        let walk = WindowWalk(
            timeline: timeline, account: "a", first: 0, end: 40, additions: additions)
        let calls = walk.calls(at: 0..<walk.count)
        #expect(calls.map(\.time) == (times + added).sorted(by: >))
        #expect(
            Set(calls.map(\.number))
                == Set(0..<40).union(added.indices.map { Call.firstDriftNumber + $0 }))
        for size in [1, 3, 7] {
            let starts = stride(from: 0, to: walk.count, by: size)
            let pages = starts.flatMap { walk.calls(at: $0..<min($0 + size, walk.count)) }
            #expect(pages.map(\.number) == calls.map(\.number), "pages of \(size)")
        }
    }
}
