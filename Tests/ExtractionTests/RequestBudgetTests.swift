import BoundedDispatch
import ExportModel
import Synchronization
import Testing

@testable import Extraction

@Suite struct RequestBudgetTests {
    /// Requests that leave within `seconds` when everybody wants to send all the time.
    private func sent(_ bucket: inout TokenBucket, from start: Double, seconds: Double) -> Int {
        var now = start
        var count = 0
        while true {
            now += bucket.reserve(now: now)
            if now >= start + seconds * 1_000 { return count }
            count += 1
        }
    }

    @Test(arguments: [0.5, 1, 5, 10, 50, 1_000] as [Double])
    func theRateIsKept(perSecond: Double) {
        var bucket = TokenBucket(requestsPerSecond: perSecond)
        let most = perSecond * 20 + max(perSecond / 10, 1)
        let count = Double(sent(&bucket, from: 0, seconds: 20))
        #expect(count <= most)
        #expect(count >= perSecond * 20 - 1)
    }

    @Test func anIdleBudgetDoesNotSaveUp() {
        var bucket = TokenBucket(requestsPerSecond: 10)
        _ = bucket.reserve(now: 0)
        let waits = (0..<4).map { _ in bucket.reserve(now: 60_000) }
        #expect(waits == [0, 100, 200, 300])
    }

    @Test func placesAreGivenOutOneAfterTheOther() {
        var bucket = TokenBucket(requestsPerSecond: 5)
        #expect((0..<4).map { _ in bucket.reserve(now: 1_000) } == [0, 200, 400, 600])
    }

    @Test func aComplaintHalvesTheRateAndPausesEverybody() {
        var bucket = TokenBucket(requestsPerSecond: 10)
        _ = bucket.reserve(now: 0)
        bucket.throttle(now: 0, until: 5_000)
        #expect(bucket.perSecond == 5)
        #expect((0..<3).map { _ in bucket.reserve(now: 0) } == [5_000, 5_200, 5_400])
    }

    @Test func complaintsAboutRequestsUnderWayHalveOnce() {
        var bucket = TokenBucket(requestsPerSecond: 16)
        for now in [0, 10, 999] { bucket.throttle(now: Double(now), until: 0) }
        #expect(bucket.perSecond == 8)
        bucket.throttle(now: 1_000, until: 0)
        #expect(bucket.perSecond == 4)
    }

    @Test func theRateNeverFallsToNothingAndComesBackSlowly() {
        var bucket = TokenBucket(requestsPerSecond: 64)
        for second in 0..<100 { bucket.throttle(now: Double(second) * 1_000, until: 0) }
        #expect(bucket.perSecond == 1)
        bucket.recover()
        #expect(bucket.perSecond < 4)
        for _ in 0..<48 { bucket.recover() }
        #expect(bucket.perSecond < 64)
        bucket.recover()
        #expect(bucket.perSecond == 64)
        bucket.recover()
        #expect(bucket.perSecond == 64)
    }

    /// A pause of minutes ends with the token.
    @Test(.timeLimit(.minutes(10))) func waitingEndsWithTheToken() {
        let budget = RequestBudget(requestsPerSecond: 1, environment: stillEnvironment())
        let stop = StopToken()
        #expect(budget.acquire(stop: stop))
        budget.throttle(pauseMilliseconds: 600_000)
        stop.stop()
        #expect(!budget.acquire(stop: stop))
    }
}
