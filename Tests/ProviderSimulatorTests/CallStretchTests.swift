import Testing

@testable import ProviderSimulator

@Suite struct CallStretchTests {
    @Test(arguments: [[], [39], [0], [20], [39, 38, 20, 11, 10, 0]])
    func additionsStandWhereTheirTimePutsThem(departures: [Int]) {
        var options = SimulatorOptions()
        options.rowsPerDay = 40
        let timeline = CallTimeline(options: options, seed: 3, resolutionMilliseconds: 1)
        let times = (0..<40).map { timeline.time(of: $0) }
        // Before all, between calls, together with a call, twice at one moment, after all.
        let added = [
            times[0] - 5, times[10] + 1, times[20], times[30] + 2, times[30] + 2, times[39] + 9,
        ]
        let additions = added.indices.reversed().map { index in
            CallStretch.Addition(
                number: Call.firstDriftNumber + index, time: added[index],
                rank: timeline.count(through: added[index]))
        }
        let stretch = CallStretch(
            timeline: timeline, account: "a", first: 0, end: 40, additions: additions,
            departures: departures)
        let calls = stretch.calls(at: 0..<stretch.count)
        let remaining = Set(0..<40).subtracting(departures)
        #expect(calls.map(\.time) == (remaining.map { times[$0] } + added).sorted(by: >))
        #expect(
            Set(calls.map(\.number))
                == remaining.union(added.indices.map { Call.firstDriftNumber + $0 }))
        for size in [1, 3, 7] {
            let starts = stride(from: 0, to: stretch.count, by: size)
            let pages = starts.flatMap { stretch.calls(at: $0..<min($0 + size, stretch.count)) }
            #expect(pages.map(\.number) == calls.map(\.number), "pages of \(size)")
        }
    }
}
