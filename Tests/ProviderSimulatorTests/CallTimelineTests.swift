import Testing

@testable import ProviderSimulator

@Suite struct CallTimelineTests {
    private func timeline(_ rowsPerDay: Int, seed: UInt64, resolution: Int64 = 1) -> CallTimeline {
        var options = SimulatorOptions()
        options.rowsPerDay = rowsPerDay
        return CallTimeline(options: options, seed: seed, resolutionMilliseconds: resolution)
    }

    @Test(arguments: [(1, 1), (7, 1), (5_000, 1), (5_000, 1_000)] as [(Int, Int64)])
    func timesNeverGoBackAndStayInTheirDay(rowsPerDay: Int, resolution: Int64) {
        let timeline = timeline(rowsPerDay, seed: 42, resolution: resolution)
        var last: Int64 = 0
        var ties = 0
        for call in 0..<rowsPerDay * 3 {
            let time = timeline.time(of: call)
            #expect(time >= last)
            #expect(time / 86_400_000 - timeline.firstDay == Int64(call / rowsPerDay))
            #expect(time % resolution == 0)
            if time == last { ties += 1 }
            last = time
        }
        if rowsPerDay >= 5_000 { #expect(ties > 100, "some calls begin together") }
    }

    @Test func countThroughAgreesWithCountingOneByOne() {
        let seed: UInt64 = 20_261_121
        let timeline = timeline(50, seed: seed)
        let times = (0..<200).map { timeline.time(of: $0) }
        var draw = SeededDraw(seed: seed)
        for _ in 0..<500 {
            let moment = times[0] + Int64(draw.below(86_400_000 * 3))
            let expected = times.filter { $0 <= moment }.count
            #expect(timeline.count(through: moment) == expected, "seed \(seed), \(moment)")
        }
        for time in times { #expect(timeline.count(through: time) > 0) }
    }

    @Test func nothingLiesOutsideTheDaysWithData() {
        let timeline = timeline(10, seed: 1)
        #expect(timeline.count(through: timeline.firstDay * 86_400_000 - 1) == 0)
        #expect(timeline.count(through: .max) == 730 * 10)
        #expect(timeline.count(through: -1) == 0)
    }
}
