import Synchronization
import Testing

@testable import BoundedDispatch

/// Items that are worked on side by side, and come out in their order.
@Suite struct LaneGroupMapTests {
    @Test(arguments: [1, 2, 16])
    func resultsComeInTheOrderOfTheItems(lanes: Int) {
        var results: [Int] = []
        LaneGroup.map(
            Array(0..<200), lanes: lanes, label: "test", stop: StopToken(),
            perform: { $0 * 2 }, consume: { results.append($0) })
        #expect(results == (0..<200).map { $0 * 2 })
    }

    /// The first item waits until the second is done: with one lane it would wait for ever.
    @Test func itemsAreWorkedOnSideBySide() {
        let isSecondDone = Guarded(false)
        var results: [Int] = []
        LaneGroup.map(
            [1, 2], lanes: 2, label: "test", stop: StopToken(),
            perform: { item in
                if item == 2 {
                    isSecondDone.withLock { $0 = true }
                } else {
                    while !isSecondDone.withLock({ $0 }) {}
                }
                return item
            }, consume: { results.append($0) })
        #expect(results == [1, 2])
    }

    @Test func whatWasNotBegunWhenItStoppedIsLeftOut() {
        let stop = StopToken()
        var results: [Int] = []
        LaneGroup.map(
            Array(0..<100), lanes: 1, label: "test", stop: stop,
            perform: { item in
                if item == 9 { stop.stop() }
                return item
            }, consume: { results.append($0) })
        #expect(results == Array(0...9))
    }

    @Test func nothingIsDoneWithoutItems() {
        LaneGroup.map(
            [Int](), lanes: 4, label: "test", stop: StopToken(), perform: { $0 },
            consume: { _ in Issue.record("a result without an item") })
    }
}
