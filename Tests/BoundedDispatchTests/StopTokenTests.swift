import BoundedDispatch
import Synchronization
import Testing

@Suite struct StopTokenTests {
    @Test func handlersRunOnce() {
        let token = StopToken()
        let calls = Mutex(0)
        _ = token.onStop { calls.withLock { $0 += 1 } }
        #expect(!token.isStopped)
        token.stop()
        token.stop()
        #expect(token.isStopped)
        #expect(calls.withLock { $0 } == 1)
    }

    @Test func aLateHandlerRunsAtOnce() {
        let token = StopToken()
        token.stop()
        let calls = Mutex(0)
        _ = token.onStop { calls.withLock { $0 += 1 } }
        #expect(calls.withLock { $0 } == 1)
    }

    @Test func aRemovedHandlerDoesNotRun() {
        let token = StopToken()
        let calls = Mutex(0)
        let registration = token.onStop { calls.withLock { $0 += 1 } }
        token.remove(registration)
        token.stop()
        #expect(calls.withLock { $0 } == 0)
    }

    @Test func aChildStopsWithItsParentAndNotTheOtherWayRound() {
        let parent = StopToken()
        let first = StopToken(childOf: parent)
        let second = StopToken(childOf: parent)
        let grandchild = StopToken(childOf: second)
        first.stop()
        #expect(!parent.isStopped)
        #expect(!second.isStopped)
        parent.stop()
        #expect(second.isStopped)
        #expect(grandchild.isStopped)
    }

    @Test func aChildOfAStoppedParentIsStopped() {
        let parent = StopToken()
        parent.stop()
        #expect(StopToken(childOf: parent).isStopped)
    }

    /// Ten thousand accounts come and go under one run's token.
    @Test func aChildThatIsGoneIsForgotten() {
        let parent = StopToken()
        weak var gone: StopToken?
        do {
            let child = StopToken(childOf: parent)
            gone = child
        }
        #expect(gone == nil)
        parent.stop()
    }

    @Test func sleepLastsAsLongAsItShould() {
        let elapsed = ContinuousClock().measure {
            #expect(StopToken().sleep(milliseconds: 30))
        }
        #expect(elapsed >= .milliseconds(30))
    }

    @Test(arguments: [0, -5] as [Int64])
    func noSleepTellsWhetherTheTokenStopped(milliseconds: Int64) {
        let token = StopToken()
        #expect(token.sleep(milliseconds: milliseconds))
        token.stop()
        #expect(!token.sleep(milliseconds: milliseconds))
    }

    @Test func aStoppedTokenDoesNotSleep() {
        let token = StopToken()
        token.stop()
        let elapsed = ContinuousClock().measure {
            #expect(!token.sleep(milliseconds: 60_000))
        }
        #expect(elapsed < .seconds(30))
    }

    @Test func stoppingTheParentEndsAChildsSleep() {
        let parent = StopToken()
        let child = StopToken(childOf: parent)
        let slept = Mutex<[Bool]>([])
        let elapsed = ContinuousClock().measure {
            _ = LaneGroup(requestLanes: 2, label: "test").run(
                CountingBoard(2), stop: StopToken(), makeContext: { 0 },
                perform: { _, job in
                    if job == 0 {
                        let result = child.sleep(milliseconds: 60_000)
                        slept.withLock { $0.append(result) }
                    } else {
                        parent.stop()
                    }
                    return job
                }, consume: { _ in })
        }
        #expect(slept.withLock { $0 } == [false])
        #expect(elapsed < .seconds(30))
    }
}
