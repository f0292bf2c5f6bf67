import ExportModel
import Testing

@testable import Extraction

@Suite struct RetryScheduleTests {
    @Test func boundsDoubleUpToHalfAMinute() {
        let schedule = RetrySchedule(attempts: 100)
        let bounds = [1, 2, 3, 4, 8, 9, 30, 99].map {
            schedule.pauseMilliseconds(failed: $0, retryAfter: nil) { $0 }
        }
        #expect(bounds == [200, 400, 800, 1_600, 25_600, 30_000, 30_000, 30_000])
    }

    @Test func jitterReachesDownToNothing() {
        let pause = RetrySchedule(attempts: 5).pauseMilliseconds(failed: 3, retryAfter: nil) { _ in
            0
        }
        #expect(pause == 0)
    }

    @Test func attemptsCountTheFirstRequest() {
        let schedule = RetrySchedule(attempts: 3)
        let pauses = (1...4).map {
            schedule.pauseMilliseconds(failed: $0, retryAfter: nil) { $0 }
        }
        #expect(pauses == [200, 400, nil, nil])
        #expect(
            RetrySchedule(attempts: 1).pauseMilliseconds(failed: 1, retryAfter: 5) { $0 } == nil)
    }

    @Test(
        arguments: [
            (nil, 77), (0, 77), (50, 77), (5_000, 5_000), (120_000, 120_000), (120_001, 120_000),
            (.max, 120_000),
        ] as [(Int64?, Int64)])
    func retryAfterIsALowerBoundUpToTwoMinutes(asked: Int64?, pause: Int64) {
        let schedule = RetrySchedule(attempts: 2)
        #expect(schedule.pauseMilliseconds(failed: 1, retryAfter: asked) { _ in 77 } == pause)
    }

    /// RFC 9110, section 10.2.3; now is Thu, 19 Nov 2026 00:00:00 GMT.
    @Test(
        arguments: [
            ("0", 0), ("120", 120_000), ("  7", 7_000), ("99999999999", 1_000_000_000),
            ("Thu, 19 Nov 2026 00:00:30 GMT", 30_000),
            ("Thu, 19 Nov 2026 00:00:00 GMT", 0),
            ("Wed, 18 Nov 2026 23:59:59 GMT", 0),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
            ("Fri, 20 Nov 2026 00:00:00 GMT", 86_400_000),
            ("Sun, 28 Feb 2027 00:00:00 GMT", 8_726_400_000),
        ] as [(String, Int64)])
    func retryAfterReadsSecondsAndDates(text: String, milliseconds: Int64) {
        #expect(RetryAfter.milliseconds(text, now: midnight) == milliseconds)
    }

    @Test(arguments: [
        "", "-1", "1.5", "soon", "99999999999999999999", "Thu, 19 Foo 2026 00:00:30 GMT",
        "Thu, 31 Feb 2026 00:00:30 GMT", "Thu, 19 Nov 2026 24:00:00 GMT",
        "Thu, 19 Nov 2026 00:60:00 GMT", "Thu, 19 Nov 2026 00:00:30 PST", "Thu, 19 Nov 2026",
    ])
    func anythingElseIsNoRetryAfter(text: String) {
        #expect(RetryAfter.milliseconds(text, now: midnight) == nil)
    }
}
