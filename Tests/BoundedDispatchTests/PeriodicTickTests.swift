import BoundedDispatch
import Dispatch
import Synchronization
import Testing

/// Calls that come again and again until they are ended.
@Suite struct PeriodicTickTests {
    @Test func callsComeUntilTheEndAndNeverAfterIt() {
        let calls = Mutex(0)
        let third = DispatchSemaphore(value: 0)
        let tick = PeriodicTick(everyMilliseconds: 5) {
            let count = calls.withLock { calls in
                calls += 1
                return calls
            }
            if count == 3 { third.signal() }
        }
        #expect(third.wait(timeout: .now() + .seconds(60)) == .success)
        tick.end()
        let count = calls.withLock { $0 }
        // A queue of our own is as late as a tick would be.
        let later = DispatchSemaphore(value: 0)
        DispatchQueue(label: "test").asyncAfter(deadline: .now() + .milliseconds(50)) {
            later.signal()
        }
        later.wait()
        #expect(calls.withLock { $0 } == count)
    }

    /// Whoever ends it may take apart what a call uses.
    @Test func theEndWaitsForACallThatIsUnderWay() {
        let isInCall = Mutex(false)
        let begun = DispatchSemaphore(value: 0)
        let goOn = DispatchSemaphore(value: 0)
        let tick = PeriodicTick(everyMilliseconds: 1) {
            isInCall.withLock { $0 = true }
            begun.signal()
            goOn.wait()
            isInCall.withLock { $0 = false }
            goOn.signal()
        }
        begun.wait()
        goOn.signal()
        tick.end()
        #expect(!isInCall.withLock { $0 })
    }
}
