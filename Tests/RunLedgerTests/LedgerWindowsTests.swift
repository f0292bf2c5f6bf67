import ExportModel
import GRDB
import Testing

@testable import RunLedger

@Suite struct LedgerWindowsTests {
    let directory: TemporaryDirectory
    let ledger: Ledger

    init() throws {
        directory = try TemporaryDirectory()
        ledger = try directory.openLedger()
    }

    func record(_ entry: LedgerEntry = .day(0)) throws -> WindowRecord {
        try #require(try ledger.window(entry.identity))
    }

    @Test func windowGoesFromRunningToComplete() throws {
        #expect(try ledger.window(LedgerEntry.day(0).identity) == nil)
        try ledger.markRunning([.day(0)], runID: "r1", at: moment(3))
        let running = try record()
        #expect(running.state == .running && running.attempts == 1 && running.runID == "r1")
        #expect(running.startedAt == moment(3) && running.finishedAt == nil)
        #expect(running.range == LedgerEntry.day(0).window.range)
        #expect(running.timeZoneIdentifier == "UTC")
        #expect(running.published == nil && running.failure == nil)

        try ledger.markComplete(.day(0), .sample())
        let complete = try record()
        #expect(complete.state == .complete && complete.attempts == 1)
        #expect(complete.startedAt == moment(3) && complete.finishedAt == moment(5))
        #expect(complete.published == .sample().numbered(1))
    }

    @Test func failedRefreshLeavesWhatWasPublished() throws {
        try ledger.markRunning([.day(0)], runID: "r1", at: moment(3))
        try ledger.markComplete(.day(0), .sample())
        try ledger.markRunning([.day(0)], runID: "r2", at: moment(6))
        #expect(try record().published == .sample().numbered(1))
        try ledger.markFailed(.day(0), .sample(run: "r2"))
        let failed = try record()
        #expect(failed.state == .failed && failed.attempts == 2 && failed.runID == "r2")
        #expect(failed.published == .sample().numbered(1))
        #expect(failed.failure == .sample(run: "r2"))

        try ledger.markRunning([.day(0)], runID: "r3", at: moment(10))
        try ledger.markComplete(.day(0), .sample(run: "r3", rows: 8))
        let complete = try record()
        #expect(complete.failure == nil && complete.published?.rows == 8)
        #expect(complete.published?.version == 2)
        #expect(complete.attempts == 3)
    }

    @Test func theListOfACompletedWindowIsRemembered() throws {
        let identity = LedgerEntry.day(0).identity
        try ledger.markRequestList("never begun", of: identity)
        #expect(try ledger.requestList(of: identity) == nil)
        try ledger.markRunning([.day(0), .day(1)], runID: "r1", at: moment(3))
        for digest in ["first", "second"] {
            try ledger.markRequestList(digest, of: identity)
            #expect(try ledger.requestList(of: identity) == digest)
        }
        #expect(try ledger.requestList(of: LedgerEntry.day(1).identity) == nil)
    }

    @Test func versionChangesExactlyWithTheContent() throws {
        func version(_ entry: LedgerEntry) throws -> Int? {
            try ledger.window(entry.identity)?.published?.version
        }
        try ledger.markComplete([(.day(0), .sample(rows: 7)), (.day(1), .sample(rows: 7))])
        #expect(try version(.day(0)) == 1 && version(.day(1)) == 2)
        // Again the same, by another run, after a failure, with other settings.
        try ledger.markFailed(.day(0), .sample(run: "r2"))
        var again = WindowOutcome.sample(run: "r3", rows: 7)
        again.fingerprint = "other"
        try ledger.markComplete(.day(0), again)
        #expect(try version(.day(0)) == 1)
        try ledger.markComplete(.day(0), .sample(run: "r3", rows: 8))
        #expect(try version(.day(0)) == 3)
        // Back to what it was is a change too.
        try ledger.markComplete(.day(0), .sample(run: "r3", rows: 7))
        #expect(try version(.day(0)) == 4 && version(.day(1)) == 2)
    }

    @Test func rolledBackNamesAreForgotten() throws {
        try ledger.queue.write {
            try $0.execute(
                sql: """
                    CREATE TRIGGER refuse BEFORE UPDATE ON windows WHEN NEW.rows = 13
                    BEGIN SELECT RAISE(ABORT, 'refused'); END
                    """)
        }
        #expect(throws: LedgerError.self) {
            try ledger.markComplete(.day(0, account: "first"), .sample(rows: 13))
        }
        try ledger.markComplete(.day(0, account: "second"), .sample())
        try ledger.markComplete(.day(0, account: "first"), .sample())
        let accounts = try ledger.windows(pipeline: "nightly").map(\.identity.account)
        #expect(accounts == ["first", "second"])
    }

    @Test func interruptedAttemptDoesNotCount() throws {
        try ledger.markRunning([.day(0)], runID: "r1", at: moment(3))
        try ledger.markFailed(.day(0), .sample(run: "r1"))
        try ledger.markRunning([.day(0)], runID: "r2", at: moment(6))
        try ledger.markInterrupted(.day(0), runID: "r2", at: moment(7))
        let interrupted = try record()
        #expect(interrupted.state == .interrupted && interrupted.attempts == 1)
        #expect(interrupted.finishedAt == moment(7))
        #expect(interrupted.failure == .sample(run: "r1"))
        // Once, and only while it runs.
        try ledger.markInterrupted(.day(0), runID: "r2", at: moment(8))
        #expect(try record() == interrupted)
    }

    @Test func windowThatFailsBeforeItBeginsCountsAsAnAttempt() throws {
        try ledger.markFailed(.day(0), .sample(run: "r1"))
        #expect(try record().attempts == 1 && record().state == .failed)
        try ledger.markFailed(.day(0), .sample(run: "r2"))
        #expect(try record().attempts == 2 && record().startedAt == moment(9))
        // Again in the same run, without a beginning of its own.
        try ledger.markFailed(.day(0), .sample(run: "r2"))
        #expect(try record().attempts == 3)
    }

    @Test func requestListHasNoBounds() throws {
        try ledger.markComplete(.batch, .sample())
        #expect(try record(.batch).range == nil)
    }

    @Test func planReadsWindowsOfItsZoneSinceItsStart() throws {
        try ledger.markComplete((0..<5).map { (.day($0), .sample()) })
        try ledger.markFailed(.day(4, account: "b"), .sample())
        try ledger.markComplete(.day(9, zone: "Asia/Kolkata"), .sample())
        try ledger.markComplete(.batch, .sample())
        let states = try ledger.windowStates(
            pipeline: "nightly", timeZone: "UTC", since: moment(3 * 86_400_000))
        #expect(
            states == [
                "calls": [
                    "main": [
                        "1970-01-04": .complete, "1970-01-05": .complete,
                        "batch=june": .complete,
                    ],
                    "b": ["1970-01-05": .failed],
                ]
            ])
        let batches = try ledger.windowStates(pipeline: "nightly", timeZone: "UTC", since: nil)
        #expect(batches == ["calls": ["main": ["batch=june": .complete]]])
        #expect(
            try ledger.windowStates(pipeline: "other", timeZone: "UTC", since: moment(0)).isEmpty)
    }

    @Test func planReadsTheIndexOnly() throws {
        let plan = try ledger.queue.read { database in
            try String.fetchAll(
                database,
                sql: "EXPLAIN QUERY PLAN " + Ledger.statesQuery, arguments: ["a", "b", 1],
                adapter: SuffixRowAdapter(fromIndex: 3))
        }
        let searches = plan.filter { $0.contains("windows") }
        #expect(searches.count == 2)
        #expect(
            searches.allSatisfy { $0.hasPrefix("SEARCH windows USING COVERING INDEX") },
            "\(plan)")
    }

    @Test func outdatedWindowsAreThoseOfOtherFingerprints() throws {
        func outcome(_ fingerprint: String?) -> WindowOutcome {
            var outcome = WindowOutcome.sample()
            outcome.fingerprint = fingerprint
            return outcome
        }
        try ledger.markComplete([
            (.day(3), outcome("old")), (.day(1), outcome("older")), (.day(2), outcome("today")),
            (.day(4), outcome(nil)), (.batch, outcome("old")), (.day(5), outcome("old")),
        ])
        // It is read again anyway.
        try ledger.markFailed(.day(5), .sample())
        func outdated(_ fingerprints: [String]) throws -> [String] {
            try ledger.outdatedWindows(
                pipeline: "nightly", timeZone: "UTC", fingerprints: fingerprints
            ).map(\.window)
        }
        #expect(try outdated(["today", "never"]) == ["batch=june", "1970-01-02", "1970-01-04"])
        #expect(try outdated(["today", "old", "older"]).isEmpty)
        #expect(try outdated([]).count == 4)
    }

    @Test func outdatedWindowsAreFoundInTheIndex() throws {
        let plan = try ledger.queue.read { database in
            try String.fetchAll(
                database, sql: "EXPLAIN QUERY PLAN " + Ledger.outdatedQuery("1, 2"),
                arguments: ["a", "b", 1], adapter: SuffixRowAdapter(fromIndex: 3))
        }
        #expect(plan.count { $0.hasPrefix("SEARCH windows USING COVERING INDEX") } == 1, "\(plan)")
        #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
    }

    @Test func windowsAreListedByStreamStartAndAccount() throws {
        try ledger.markComplete([
            (.day(1), .sample()), (.day(0, account: "b"), .sample()), (.day(0), .sample()),
            (.batch, .sample()),
        ])
        try ledger.markFailed(.day(2), .sample())
        func list(_ filter: WindowFilter) throws -> [String] {
            try ledger.windows(pipeline: "nightly", filter: filter).map(\.identity.description)
        }
        #expect(
            try list(WindowFilter()) == [
                "calls/main/batch=june", "calls/b/1970-01-01", "calls/main/1970-01-01",
                "calls/main/1970-01-02", "calls/main/1970-01-03",
            ])
        #expect(try list(WindowFilter(accounts: ["b", "c"])) == ["calls/b/1970-01-01"])
        #expect(try list(WindowFilter(streams: ["calls"], accounts: ["b", "main"])).count == 5)
        #expect(try list(WindowFilter(streams: ["bills"])).isEmpty)
        #expect(try list(WindowFilter(publishedBy: "r1")).count == 4)
        #expect(try list(WindowFilter(publishedBy: "r9")).isEmpty)
    }

    @Test func tenThousandWindowsAreMarkedInOneTransaction() throws {
        let entries = (0..<10_000).map { LedgerEntry.day(0, account: "agent-\($0)") }
        try ledger.markRunning(entries, runID: "r1", at: moment(0))
        try ledger.markComplete(entries.map { ($0, .sample(rows: 0)) })
        let states = try ledger.windowStates(
            pipeline: "nightly", timeZone: "UTC", since: moment(0))
        #expect(states["calls"]?.count == 10_000)
        #expect(states["calls"]?["agent-9999"] == ["1970-01-01": .complete])
    }

    @Test func unknownStateInTheFileIsDamage() throws {
        try ledger.markComplete(.day(0), .sample())
        try ledger.queue.write { try $0.execute(sql: "UPDATE windows SET state = 'odd'") }
        let error = try #require(throws: LedgerError.self) {
            try ledger.windowStates(pipeline: "nightly", timeZone: "UTC", since: moment(0))
        }
        #expect(error.code == "ledger_corrupt")
    }
}
