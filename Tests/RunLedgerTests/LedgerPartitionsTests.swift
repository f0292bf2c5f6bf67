import ExportModel
import GRDB
import Testing

@testable import RunLedger

@Suite struct LedgerPartitionsTests {
    let directory: TemporaryDirectory
    let ledger: Ledger

    init() throws {
        directory = try TemporaryDirectory()
        ledger = try directory.openLedger()
    }

    /// `account state version`, sorted by account.
    private func accounts(_ day: Int = 0) throws -> [String] {
        try ledger.accounts(
            pipeline: "nightly", stream: "calls", window: LedgerEntry.day(day).identity.window
        ).map { "\($0.identity.account) \($0.state) \($0.publishedVersionID ?? "-")" }
    }

    private func archive(_ accounts: [String], _ version: String = "r1.1") throws {
        try ledger.markArchived(
            accounts.map { (.day(0, account: $0), ArchivedOutcome.sample(version)) })
    }

    @Test func onePartitionCompletesAllItsAccounts() throws {
        try archive(["b", "a"])
        try ledger.markFailed(.day(0, account: "c"), .sample())
        #expect(try ledger.publish(0, of: ["a", "b"]).isEmpty)
        #expect(try accounts() == ["a complete r1.1", "b complete r1.1", "c failed -"])
        var outcome = PartitionOutcome.sample().numbered(1)
        outcome.accountCount = 2
        let record = try #require(try ledger.partition(.day(0, account: nil)))
        #expect(record.published == outcome)
        #expect(record.range == LedgerEntry.day(0).window.range)
        #expect(record.timeZoneIdentifier == "UTC")
        #expect(try ledger.partition(.day(0, account: "a")) == nil)
        #expect(try ledger.partition(.day(1, account: nil)) == nil)
        for account in ["a", "b"] {
            let window = try ledger.window(LedgerEntry.day(0, account: account).identity)
            #expect(window?.published == outcome && window?.attempts == 1)
        }
    }

    /// Only what changed is written: the others were not read again.
    @Test func accountsThatStayAsTheyAreBeginNoAttempt() throws {
        try archive(["a", "b"])
        try ledger.publish(0, of: ["a", "b"])
        try archive(["b"], "r2.1")
        try ledger.publish(0, of: ["a"], version: "r1.1", run: "r2", rows: 8)
        // `b` was left out, so it is published no more.
        #expect(try accounts() == ["a complete r1.1", "b archived -"])
        try ledger.markPublished(
            .day(0, account: nil), window: LedgerEntry.day(0).window, .sample(run: "r2", rows: 9),
            accounts: [(.day(0, account: "a"), "r1.1"), (.day(0, account: "b"), "r2.1")])
        #expect(try accounts() == ["a complete r1.1", "b complete r2.1"])
        let attempts = try ["a", "b"].map {
            try ledger.window(LedgerEntry.day(0, account: $0).identity)?.attempts
        }
        #expect(attempts == [1, 2])
    }

    /// Published with what was read before its refresh failed, or without being reconciled.
    @Test func incompleteAccountsArePublishedAndTriedAgain() throws {
        try archive(["a", "b"])
        try ledger.publish(
            0, of: ["a", "b"], incomplete: [(.day(0, account: "b"), .sample(run: "r1"))])
        #expect(try accounts() == ["a complete r1.1", "b failed r1.1"])
        let window = try ledger.window(LedgerEntry.day(0, account: "b").identity)
        #expect(window?.failure == .sample(run: "r1") && window?.attempts == 1)
        // It comes again, and completes.
        try archive(["b"], "r2.1")
        try ledger.markPublished(
            .day(0, account: nil), window: LedgerEntry.day(0).window, .sample(run: "r2", rows: 9),
            accounts: [(.day(0, account: "a"), "r1.1"), (.day(0, account: "b"), "r2.1")])
        #expect(try accounts() == ["a complete r1.1", "b complete r2.1"])
    }

    @Test func versionChangesExactlyWithTheContent() throws {
        func version(_ day: Int) throws -> Int? {
            try ledger.partition(.day(day))?.published.version
        }
        try ledger.complete([.day(0), .day(1)], rows: 7)
        #expect(try version(0) == 1 && version(1) == 2)
        // Again the same, by another run, after a failure, with other settings.
        try ledger.markFailed(.day(0), .sample(run: "r2"))
        try ledger.complete([.day(0)], run: "r3", rows: 7, fingerprint: "other")
        #expect(try version(0) == 1)
        try ledger.complete([.day(0)], run: "r3", rows: 8)
        #expect(try version(0) == 3)
        // Back to what it was is a change too.
        try ledger.complete([.day(0)], run: "r3", rows: 7)
        #expect(try version(0) == 4 && version(1) == 2)
    }

    /// A partition of all accounts takes the place of those of single accounts, one by one.
    @Test func bucketsOfAWindowAreKnownSideBySide() throws {
        try archive(["a", "b"])
        let buckets = (0..<2).map { index in
            var identity = PartitionIdentity.day(0, account: nil)
            identity.bucket = index
            return identity
        }
        for (identity, account) in zip(buckets, ["a", "b"]) {
            let forgotten = try ledger.markPublished(
                identity, window: LedgerEntry.day(0).window, .sample(),
                accounts: [(.day(0, account: account), "r1.1")])
            #expect(forgotten.isEmpty)
        }
        #expect(try accounts() == ["a complete r1.1", "b complete r1.1"])
        #expect(try ledger.partitions(pipeline: "nightly").map(\.identity) == buckets)
        #expect(buckets[1].description == "calls/bucket=01/1970-01-01")
        #expect(try ledger.partition(buckets[1])?.published.rows == 7)
        #expect(try ledger.partition(.day(0, account: nil)) == nil)
        let outdated = try ledger.outdatedPartitions(
            pipeline: "nightly", timeZone: "UTC", fingerprints: [])
        #expect(Set(outdated.map(\.identity)) == Set(buckets))
        #expect(outdated.allSatisfy { $0.hasArchive })
        let forgotten = try ledger.publish(0, of: ["a", "b"], rows: 9)
        #expect(Set(forgotten) == Set(buckets))
    }

    @Test func otherLayoutIsForgottenWhenItHoldsNothingMore() throws {
        try ledger.complete([.day(0, account: "a"), .day(0, account: "b"), .day(1, account: "a")])
        let forgotten = try ledger.publish(0, of: ["a"], version: "r2.1", rows: 8)
        #expect(forgotten == [.day(0, account: "a")])
        #expect(try accounts() == ["a complete r2.1", "b complete r1.7"])
        #expect(
            try ledger.partitions(pipeline: "nightly").map(\.identity) == [
                .day(0, account: nil), .day(0, account: "b"), .day(1, account: "a"),
            ])
        #expect(
            try ledger.publish(0, of: ["a", "b"], version: "r2.1", rows: 9)
                == [.day(0, account: "b")])
        // And back.
        try ledger.complete([.day(0, account: "a")], run: "r3")
        #expect(try ledger.partition(.day(0, account: nil)) != nil)
        try ledger.complete([.day(0, account: "b")], run: "r3")
        #expect(
            try ledger.partitions(pipeline: "nightly").map(\.identity) == [
                .day(0, account: "a"), .day(0, account: "b"), .day(1, account: "a"),
            ])
    }

    @Test func partitionsAreListedByStreamStartAndAccount() throws {
        try ledger.complete([.day(1), .day(0, account: "b"), .batch])
        try archive(["a"], "r2.1")
        try ledger.publish(0, of: ["a"], run: "r2")
        func list(_ filter: PartitionFilter) throws -> [String] {
            try ledger.partitions(pipeline: "nightly", filter: filter).map(\.identity.description)
        }
        #expect(
            try list(PartitionFilter()) == [
                "calls/main/batch=june", "calls/1970-01-01", "calls/b/1970-01-01",
                "calls/main/1970-01-02",
            ])
        #expect(try list(PartitionFilter(publishedBy: "r2")) == ["calls/1970-01-01"])
        #expect(try list(PartitionFilter(publishedBy: "r9")).isEmpty)
        #expect(try list(PartitionFilter(streams: ["bills"])).isEmpty)
        #expect(try ledger.partitions(pipeline: "other").isEmpty)
    }

    @Test func outdatedPartitionsAreThoseOfOtherFingerprints() throws {
        try ledger.complete([.day(3), .day(5)], fingerprint: "old")
        try ledger.complete([.day(1)], fingerprint: "older")
        try ledger.complete([.day(2)], fingerprint: "today")
        try ledger.complete([.batch], fingerprint: "old")
        func outdated(_ fingerprints: [String]) throws -> [String] {
            try ledger.outdatedPartitions(
                pipeline: "nightly", timeZone: "UTC", fingerprints: fingerprints
            ).map(\.identity.window)
        }
        #expect(
            try outdated(["today", "never"]) == [
                "batch=june", "1970-01-02", "1970-01-04", "1970-01-06",
            ])
        #expect(try outdated(["today", "old", "older"]).isEmpty)
        #expect(try outdated([]).count == 5)
    }

    /// A partition can be made again only if the archive has every account of it.
    @Test(arguments: [[], ["a"], ["b"], ["c"]])
    func archiveMustHoldAllThatAPartitionHolds(pruned: [String]) throws {
        try archive(["a", "b"])
        try ledger.publish(0, of: ["a", "b"])
        // Not in the partition.
        try ledger.markFailed(.day(0, account: "c"), .sample())
        try ledger.complete([.day(1, account: "a")])
        try ledger.markPruned(
            pipeline: "nightly", windows: [("calls", "1970-01-01"), ("calls", "1970-01-02")],
            accounts: Set(pruned))
        let found = try ledger.outdatedPartitions(
            pipeline: "nightly", timeZone: "UTC", fingerprints: ["today"])
        #expect(found.map(\.identity) == [.day(0, account: nil), .day(1, account: "a")])
        #expect(found.map(\.range) == [0, 1].map { LedgerEntry.day($0).window.range })
        let isInPartition = pruned == ["a"] || pruned == ["b"]
        #expect(found.map(\.hasArchive) == [!isInPartition, pruned != ["a"]])
    }

    @Test func outdatedPartitionsAreFoundInTheIndex() throws {
        let plan = try ledger.queue.read { database in
            try String.fetchAll(
                database, sql: "EXPLAIN QUERY PLAN " + Ledger.outdatedQuery("1, 2"),
                arguments: ["a", "b"], adapter: SuffixRowAdapter(fromIndex: 3))
        }
        let search = "SEARCH partitions USING INDEX partitions_by_fingerprint "
        #expect(
            plan.contains(search + "(export=? AND time_zone=? AND fingerprint=?)"), "\(plan)")
        #expect(!plan.contains { $0.hasPrefix("SCAN partitions") }, "\(plan)")
    }

    @Test func rebuildKnowsWhatTheArchiveHasOrHad() throws {
        try archive(["b", "a"])
        try ledger.complete([.day(3), .batch, .day(2, zone: "Asia/Kolkata")])
        try ledger.markPruned(pipeline: "nightly", windows: [("calls", "1970-01-04")])
        try ledger.markFailed(.day(1), .sample())
        var refusal = FailureRecord.sample()
        refusal.kind = .tooManyRejects
        try ledger.markFailed(.day(4), refusal)
        let windows = try ledger.archivedWindows(pipeline: "nightly", timeZone: "UTC")
        #expect(
            windows == [
                "calls": [
                    LedgerEntry.batch.window, LedgerEntry.day(0).window,
                    LedgerEntry.day(3).window, LedgerEntry.day(4).window,
                ]
            ])
        #expect(try ledger.archivedWindows(pipeline: "other", timeZone: "UTC").isEmpty)
    }

    @Test func rejectsAreFoundWhetherPublishedOrRefused() throws {
        try archive(["a"])
        var clean = ArchivedOutcome.sample()
        clean.rejects = 0
        try ledger.markArchived([(.day(0, account: "b"), clean)])
        try ledger.markFailed(.day(1), .sample())
        var refusal = FailureRecord.sample()
        refusal.kind = .tooManyRejects
        try ledger.markFailed(.day(2), refusal)
        let found = try ledger.rejectedWindows(pipeline: "nightly", timeZone: "UTC")
        #expect(
            found == [
                RejectedWindow(
                    identity: LedgerEntry.day(0, account: "a").identity, isRefused: false),
                RejectedWindow(identity: LedgerEntry.day(2).identity, isRefused: true),
            ])
    }
}
