import ExportModel
import Planning
import Testing

@testable import ExportRun
@testable import RunLedger

@Suite struct CoverageTests {
    private static let day: Int64 = 86_400_000
    private let workplace: Workplace
    private let pipeline: Pipeline

    init() throws {
        workplace = try Workplace()
        pipeline = try workplace.pipeline(
            """
            pipeline: nightly
            windows: {every: day, range: yesterday, settle: 0s}
            output: {path: unused}
            streams:
              - stream: calls
                endpoint: telecmi.v2.user.out_missed
                base_url: https://fake.example
                accounts: [{account: a, token: "${TOKEN}"}, {account: b, token: "${TOKEN}"}]
            """)
    }

    private func moment(_ day: Int64) -> Timestamp {
        Timestamp(epochMilliseconds: Workplace.start + day * Self.day)
    }

    /// A record of an account's day, counted from 2026-01-01.
    private func record(
        _ account: String, _ day: Int64, days: Int64 = 1, _ state: WindowState = .complete,
        _ failure: FailureKind? = nil, key: String? = nil
    ) -> WindowRecord {
        let identity = WindowIdentity(
            pipeline: "nightly", stream: "calls", account: account,
            window: key ?? "2026-01-0\(day + 1)")
        return WindowRecord(
            identity: identity, range: TimeRange(start: moment(day), end: moment(day + days)),
            timeZoneIdentifier: "UTC", state: state, attempts: 1, runID: "r",
            startedAt: moment(day), finishedAt: moment(day).advanced(milliseconds: 500),
            failure: failure.map {
                FailureRecord(
                    runID: "r", failedAt: moment(day), kind: $0, code: "code", message: "why")
            },
            archived: state == .complete
                ? ArchivedOutcome(
                    versionID: "r.1", rows: 10, rejects: 1, duplicates: 0, outsideWindow: 0,
                    reportedTotal: 11, requests: 3, archivedAt: moment(day), runID: "r") : nil,
            archive: .kept, publishedVersionID: nil, published: nil)
    }

    /// `account key state` of all windows, at the start of a day counted from 2026-01-01.
    private func cover(
        _ records: [WindowRecord], day: Int64, since: Timestamp? = nil
    ) throws -> (lines: [String], coverage: StreamCoverage) {
        var builder = try CoverageBuilder(
            "calls", pipeline.streams[0], accounts: nil, timeZoneIdentifier: "UTC",
            now: moment(day), since: since)
        var lines: [String] = []
        func add(_ window: CoveredWindow) {
            lines.append("\(window.account) \(window.window) \(window.state.rawValue)")
        }
        for record in records {
            try builder.add(record, ReportedState(record, isOutdated: false, runningRun: nil), add)
        }
        let coverage = try builder.finish(add)
        return (lines, coverage)
    }

    @Test func windowsBetweenTheFirstAndTheNewestAreExpected() throws {
        let found = try cover([record("a", 0), record("b", 0), record("a", 2)], day: 4)
        #expect(
            found.lines == [
                "a 2026-01-01 complete", "b 2026-01-01 complete", "a 2026-01-02 missing",
                "b 2026-01-02 missing", "a 2026-01-03 complete", "b 2026-01-03 missing",
                "a 2026-01-04 missing", "b 2026-01-04 missing",
            ])
        #expect(found.coverage.counts == [.complete: 3, .missing: 5])
        #expect(found.coverage.cells.map(\.worst) == [.complete, .missing, .missing, .missing])
        #expect(found.coverage.oldestGap == "2026-01-02")
        #expect(found.coverage.newestComplete == "2026-01-01")
        #expect(found.coverage.rows == 30)
    }

    @Test func anAccountThatCameLaterLacksNothingBefore() throws {
        let found = try cover([record("a", 0), record("a", 1), record("b", 1)], day: 2)
        #expect(found.coverage.counts == [.complete: 3])
        #expect(found.coverage.oldestGap == nil)
    }

    @Test func withoutALedgerTheRangeIsMissing() throws {
        let found = try cover([], day: 4)
        #expect(found.lines == ["a 2026-01-04 missing", "b 2026-01-04 missing"])
    }

    @Test func accountsThatLeftArePartOfThePastOnly() throws {
        let found = try cover(
            [record("a", 0), record("b", 0), record("gone", 0), record("a", 1), record("b", 1)],
            day: 2)
        #expect(found.coverage.counts == [.complete: 5])
        #expect(found.coverage.accountCount == 3)
    }

    @Test func windowsOfAnEarlierGridCountWhereTheyCoverADay() throws {
        // Two half days, and one whose other half is missing.
        let half = Self.day / 2
        func halfDay(_ account: String, _ start: Int64, _ key: String) -> WindowRecord {
            var record = record(account, 0, key: key)
            let from = Timestamp(epochMilliseconds: Workplace.start + start * half)
            record.range = TimeRange(start: from, end: from.advanced(milliseconds: half))
            return record
        }
        let halves = ["a", "b"].flatMap { account in
            (0..<3).map { halfDay(account, $0, "2026-01-0\(1 + $0 / 2)T0\($0 % 2)") }
        }.sorted { ($0.range?.start ?? moment(0)) < ($1.range?.start ?? moment(0)) }
        let found = try cover(halves + [record("a", 2), record("b", 2)], day: 3)
        #expect(
            found.lines.filter { $0.hasSuffix("missing") } == [
                "a 2026-01-02 missing", "b 2026-01-02 missing",
            ])
    }

    @Test func whatIsBeforeSinceIsLeftOutAndStillSaysWhoWasThere() throws {
        let found = try cover([record("a", 0), record("b", 0)], day: 3, since: moment(2))
        #expect(found.lines == ["a 2026-01-03 missing", "b 2026-01-03 missing"])
        #expect(found.coverage.counts == [.missing: 2])
    }

    @Test func aCellShowsWhatNeedsAttentionMost() throws {
        let found = try cover(
            [record("a", 0), record("b", 0, .failed, .throttled), record("a", 1), record("b", 1)],
            day: 2)
        #expect(found.coverage.cells.map(\.worst) == [.failed, .complete])
        #expect(found.coverage.cells[0].counts == [.complete: 1, .failed: 1])
        #expect(found.coverage.cells[0].attemptMilliseconds == 1_000)
    }

    @Test func whatWasPublishedUnreconciledIsCalledSo() {
        var record = record("a", 0, .failed, .unreconciled)
        #expect(state(record) == .failed)
        record.archived = ArchivedOutcome(
            versionID: "r.1", rows: 10, rejects: 0, duplicates: 0, outsideWindow: 0,
            reportedTotal: 11, requests: 3, archivedAt: moment(0), runID: "r")
        record.published = PartitionOutcome(
            runID: "r", publishedAt: moment(0), directory: "d", rows: 10, rejects: 0, byteCount: 1,
            fingerprint: "f", contentSHA256: "c")
        #expect(state(record) == .unreconciled)
        // What stands is of an earlier run: the last attempt published nothing.
        record.archived?.runID = "earlier"
        #expect(state(record) == .failed)
    }

    private func state(_ record: WindowRecord, runningRun: String? = nil) -> ReportedState {
        ReportedState(record, isOutdated: false, runningRun: runningRun)
    }

    @Test func whatARunLeftWhenItWasKilledIsInterrupted() {
        let record = record("a", 0, .running)
        #expect(state(record, runningRun: "r") == .running)
        #expect(state(record, runningRun: "later") == .interrupted)
        #expect(state(record) == .interrupted)
    }
}
