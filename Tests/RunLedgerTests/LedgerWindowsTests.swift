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

    @Test func windowGoesFromRunningToArchivedToComplete() throws {
        #expect(try ledger.window(LedgerEntry.day(0).identity) == nil)
        try ledger.markRunning([.day(0)], runID: "r1", at: moment(3))
        let running = try record()
        #expect(running.state == .running && running.attempts == 1 && running.runID == "r1")
        #expect(running.startedAt == moment(3) && running.finishedAt == nil)
        #expect(running.range == LedgerEntry.day(0).window.range)
        #expect(running.timeZoneIdentifier == "UTC")
        #expect(running.published == nil && running.failure == nil)
        #expect(running.archived == nil && running.archive == .nothing)

        try ledger.markArchived([(.day(0), .sample())])
        let archived = try record()
        #expect(archived.state == .archived && archived.attempts == 1)
        #expect(archived.finishedAt == moment(4))
        #expect(archived.archived == .sample() && archived.archive == .kept)
        #expect(archived.publishedVersionID == nil && archived.published == nil)

        try ledger.markPublished(
            .day(0), window: LedgerEntry.day(0).window, .sample(), accounts: [(.day(0), "r1.1")])
        let complete = try record()
        #expect(complete.state == .complete && complete.attempts == 1)
        #expect(complete.startedAt == moment(3) && complete.finishedAt == moment(5))
        #expect(complete.archived == .sample() && complete.publishedVersionID == "r1.1")
        #expect(complete.published == .sample().numbered(1))
    }

    @Test func failedRefreshLeavesWhatWasPublished() throws {
        try ledger.complete([.day(0)])
        try ledger.markRunning([.day(0)], runID: "r2", at: moment(6))
        #expect(try record().published == .sample().numbered(1))
        try ledger.markFailed(.day(0), .sample(run: "r2"))
        let failed = try record()
        #expect(failed.state == .failed && failed.attempts == 2 && failed.runID == "r2")
        #expect(failed.published == .sample().numbered(1) && failed.publishedVersionID == "r1.7")
        #expect(failed.failure == .sample(run: "r2"))

        try ledger.markRunning([.day(0)], runID: "r3", at: moment(10))
        try ledger.markArchived([(.day(0), .sample("r3.2", rows: 8))])
        let archived = try record()
        #expect(archived.failure == nil && archived.archived?.rows == 8)
        // Readers still see the former version.
        #expect(archived.publishedVersionID == "r1.7" && archived.published?.rows == 7)
        try ledger.complete([.day(0)], run: "r3", rows: 8)
        let complete = try record()
        #expect(complete.published?.rows == 8 && complete.published?.version == 2)
        #expect(complete.attempts == 3)
    }

    /// What is archived is taken up by the next run; the failure was that of the publication.
    @Test func windowWhosePublicationFailsKeepsItsArchive() throws {
        try ledger.markRunning([.day(0)], runID: "r1", at: moment(3))
        try ledger.markArchived([(.day(0), .sample())])
        try ledger.markFailed([(.day(0), .sample(run: "r1"))])
        let failed = try record()
        #expect(failed.state == .failed && failed.attempts == 1)
        #expect(failed.archived == .sample() && failed.archive == .kept)
    }

    /// Names of versions need not end in a number.
    @Test(arguments: ["r1.1", "r1.007", "r1.", ".5", "plain", "a.b.12", "r1.-3"])
    func versionsKeepTheirNames(id: String) throws {
        var outcome = ArchivedOutcome.sample()
        outcome.versionID = id
        try ledger.markArchived([(.day(0), outcome)])
        try ledger.publish(0, of: ["main"], version: id)
        #expect(try record().archived?.versionID == id)
        #expect(try record().publishedVersionID == id)
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

    /// A list counts as read from the version of the parent that is published when it is marked.
    @Test func aListIsStaleOnceItsParentIsPublishedAnew() throws {
        func parent(_ entry: LedgerEntry) -> LedgerEntry {
            var copy = entry
            copy.identity.stream = "parents"
            return copy
        }
        func stale() throws -> [Ledger.StaleList] {
            try ledger.staleRequestLists(
                pipeline: "nightly", stream: "calls", parent: "parents", timeZone: "UTC",
                since: moment(0))
        }
        func publish(_ entry: LedgerEntry, _ version: String) throws {
            var identity = PartitionIdentity.day(0)
            identity.stream = entry.identity.stream
            try ledger.markPublished(
                identity, window: entry.window, .sample(), accounts: [(entry, version)])
        }
        let own = LedgerEntry.day(0)
        try publish(own, "r1.2")
        #expect(try stale().isEmpty)
        try publish(parent(own), "r1.1")
        // Nothing is known of the list.
        var expected = Ledger.StaleList(
            account: "main", window: "1970-01-01", range: own.window.range, sha256: nil,
            hasSource: false)
        #expect(try stale() == [expected])

        try ledger.markRequestList("ids", of: own.identity, from: "parents")
        #expect(try stale().isEmpty)
        try publish(parent(own), "r2.1")
        (expected.sha256, expected.hasSource) = ("ids", true)
        #expect(try stale() == [expected])
        // A parent that is not complete has no list.
        try ledger.markFailed(parent(own), .sample(run: "r3"))
        #expect(try stale().isEmpty)
        try publish(parent(own), "r4.1+")
        #expect(try stale() == [expected])
        try ledger.markRequestList("ids", of: own.identity, from: "parents")
        #expect(try stale().isEmpty)
        try ledger.markRequestList("ids", of: own.identity)
        expected.hasSource = false
        #expect(try stale() == [expected])
        #expect(
            try ledger.staleRequestLists(
                pipeline: "nightly", stream: "calls", parent: "parents", timeZone: "UTC",
                since: moment(1)
            ).isEmpty)
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
            try ledger.complete([.day(0, account: "first")], rows: 13)
        }
        try ledger.complete([.day(0, account: "second")])
        try ledger.complete([.day(0, account: "first")])
        let accounts = try ledger.windows(pipeline: "nightly").map(\.identity.account)
        #expect(accounts == ["first", "second"])
    }

    @Test func interruptedAttemptDoesNotCount() throws {
        try ledger.markRunning([.day(0)], runID: "r1", at: moment(3))
        try ledger.markFailed(.day(0), .sample(run: "r1"))
        try ledger.markRunning([.day(0), .day(1)], runID: "r2", at: moment(6))
        try ledger.markInterrupted([.day(0), .day(1)], runID: "r2", at: moment(7))
        let interrupted = try record()
        #expect(interrupted.state == .interrupted && interrupted.attempts == 1)
        #expect(interrupted.finishedAt == moment(7))
        #expect(interrupted.failure == .sample(run: "r1"))
        #expect(try record(.day(1)).attempts == 0)
        // Once, and only while it runs: what is archived stays so.
        try ledger.markInterrupted([.day(0)], runID: "r2", at: moment(8))
        #expect(try record() == interrupted)
        try ledger.markArchived([(.day(0), .sample("r2.1"))])
        try ledger.markInterrupted([.day(0)], runID: "r2", at: moment(8))
        #expect(try record().state == .archived)
    }

    @Test func windowThatFailsBeforeItBeginsCountsAsAnAttempt() throws {
        try ledger.markFailed(.day(0), .sample(run: "r1"))
        #expect(try record().attempts == 1 && record().state == .failed)
        try ledger.markFailed([(.day(0), .sample(run: "r2")), (.day(1), .sample(run: "r2"))])
        #expect(try record().attempts == 2 && record().startedAt == moment(9))
        #expect(try record(.day(1)).attempts == 1)
        // Again in the same run, without a beginning of its own.
        try ledger.markFailed(.day(0), .sample(run: "r2"))
        #expect(try record().attempts == 3)
    }

    @Test func requestListHasNoBounds() throws {
        try ledger.complete([.batch])
        #expect(try record(.batch).range == nil)
    }

    @Test func planReadsWindowsOfItsZoneSinceItsStart() throws {
        try ledger.complete((0..<5).map { .day($0) })
        try ledger.markPruned(pipeline: "nightly", windows: [("calls", "1970-01-04")])
        try ledger.markFailed(.day(4, account: "b"), .sample())
        try ledger.complete([.day(9, zone: "Asia/Kolkata"), .batch])
        let facts = try ledger.windowFacts(
            pipeline: "nightly", timeZone: "UTC", since: moment(3 * 86_400_000))
        let complete = WindowFacts(.complete, archive: .kept)
        #expect(
            facts.mapValues(\.dictionary) == [
                "calls": [
                    "main": [
                        "1970-01-04": WindowFacts(.complete, archive: .pruned),
                        "1970-01-05": complete, "batch=june": complete,
                    ],
                    "b": ["1970-01-05": WindowFacts(.failed, archive: .nothing)],
                ]
            ])
        let batches = try ledger.windowFacts(pipeline: "nightly", timeZone: "UTC", since: nil)
        #expect(batches.mapValues(\.dictionary) == ["calls": ["main": ["batch=june": complete]]])
        #expect(
            try ledger.windowFacts(pipeline: "other", timeZone: "UTC", since: moment(0)).isEmpty)
    }

    @Test func planReadsTheIndexOnly() throws {
        let plan = try ledger.queue.read { database in
            try String.fetchAll(
                database,
                sql: "EXPLAIN QUERY PLAN " + Ledger.factsQuery, arguments: ["a", "b", 1],
                adapter: SuffixRowAdapter(fromIndex: 3))
        }
        let searches = plan.filter { $0.contains("windows") }
        #expect(searches.count == 2)
        #expect(
            searches.allSatisfy { $0.hasPrefix("SEARCH windows USING COVERING INDEX") },
            "\(plan)")
    }

    @Test func prunedWindowsStayPublished() throws {
        try ledger.complete([.day(0), .day(0, account: "b"), .day(1)])
        try ledger.markPruned(
            pipeline: "nightly", windows: [("calls", "1970-01-01"), ("never", "1970-01-01")],
            accounts: ["b", "unknown"])
        #expect(
            try ledger.windows(pipeline: "nightly").map(\.archive)
                == [.pruned, .kept, .kept])
        try ledger.markPruned(pipeline: "nightly", windows: [("calls", "1970-01-01")])
        let windows = try ledger.windows(pipeline: "nightly")
        #expect(windows.map(\.archive) == [.pruned, .pruned, .kept])
        #expect(windows.allSatisfy { $0.state == .complete && $0.published != nil })
        #expect(windows.allSatisfy { $0.archived?.rows == 7 })
    }

    @Test func windowsAreListedByStreamStartAndAccount() throws {
        try ledger.complete([.day(1), .day(0, account: "b"), .day(0), .batch])
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
    }

    @Test func tenThousandAccountsOfAWindowAreMarkedInOneTransactionEach() throws {
        let names = (0..<10_000).map { "agent-\($0)" }
        let entries = names.map { LedgerEntry.day(0, account: $0) }
        let clock = ContinuousClock()
        try ledger.markRunning(entries, runID: "r1", at: moment(0))
        try ledger.markArchived(entries.map { ($0, .sample(rows: 0)) })
        let first = try clock.measure { _ = try ledger.publish(0, of: names) }
        let again = try clock.measure { _ = try ledger.publish(0, of: names, rows: 8) }
        print("ledger: 10,000 accounts published in \(first), again in \(again)")
        let facts = try ledger.windowFacts(
            pipeline: "nightly", timeZone: "UTC", since: moment(0))
        #expect(facts["calls"]?.accounts.count == 10_000)
        #expect(
            facts["calls"]?.dictionary["agent-9999"]
                == ["1970-01-01": WindowFacts(.complete, archive: .kept)])
    }

    @Test func unknownStateInTheFileIsDamage() throws {
        try ledger.complete([.day(0)])
        try ledger.queue.write { try $0.execute(sql: "UPDATE windows SET state = 'odd'") }
        let error = try #require(throws: LedgerError.self) {
            try ledger.windowFacts(pipeline: "nightly", timeZone: "UTC", since: moment(0))
        }
        #expect(error.code == "ledger_corrupt")
    }
}

extension StreamFacts {
    /// Account → window key → facts.
    fileprivate var dictionary: [String: [String: WindowFacts]] {
        var found: [String: [String: WindowFacts]] = [:]
        forEach { account, window, facts in found[account, default: [:]][window] = facts }
        return found
    }
}
