import ExportModel
import GRDB
import Synchronization
import Testing

@testable import RunLedger

/// Changes of windows that are recorded together.
@Suite struct LedgerChangesTests {
    let directory: TemporaryDirectory
    let ledger: Ledger

    init() throws {
        directory = try TemporaryDirectory()
        ledger = try directory.openLedger()
    }

    /// Counts transactions.
    private final class Commits: TransactionObserver {
        private(set) var count = 0

        func observes(eventsOfKind kind: DatabaseEventKind) -> Bool { false }
        func databaseDidChange(with event: DatabaseEvent) {}
        func databaseDidCommit(_ database: Database) { count += 1 }
        func databaseDidRollback(_ database: Database) {}
    }

    private func completion(_ day: Int, rows: Int = 7) -> Ledger.Change {
        Ledger.Change(isDurable: true) { ledger, database in
            let entry = LedgerEntry.day(day)
            let publication = Publication(
                identity: .day(day), window: entry.window, outcome: .sample(rows: rows),
                accounts: [(entry, "r1.1")], runID: "r1")
            _ = try ledger.publish(publication, in: database)
        }
    }

    private func commits(_ changes: [Ledger.Change]) throws -> Int {
        let commits = Commits()
        try ledger.queue.writeWithoutTransaction { database in
            database.add(transactionObserver: commits)
            ledger.commit(changes, in: database)
            database.remove(transactionObserver: commits)
            let level = try Int.fetchOne(database, sql: "PRAGMA synchronous")
            #expect(level == 2)
        }
        return commits.count
    }

    @Test func changesThatWaitAreOneTransaction() throws {
        let changes = (0..<3).map { completion($0) }
        #expect(try commits(changes) == 1)
        for change in changes { try change.result() }
        #expect(
            try ledger.windows(pipeline: "nightly").map(\.state) == [
                .complete, .complete, .complete,
            ])
    }

    @Test func changeThatFailsIsNoFailureOfTheOthers() throws {
        try ledger.queue.write {
            try $0.execute(
                sql: """
                    CREATE TRIGGER refuse BEFORE INSERT ON partitions WHEN NEW.rows = 13
                    BEGIN SELECT RAISE(ABORT, 'refused'); END
                    """)
        }
        let changes = [completion(0), completion(1, rows: 13), completion(2)]
        #expect(try commits(changes) == 2)
        try changes[0].result()
        #expect(throws: DatabaseError.self) { try changes[1].result() }
        try changes[2].result()
        let windows = try ledger.windows(pipeline: "nightly")
        #expect(windows.map(\.identity.window) == ["1970-01-01", "1970-01-03"])
        #expect(windows.map(\.published?.version) == [1, 2])
    }

    /// Only beginnings may be lost with the power.
    @Test func beginningIsSyncedWithWhatWaitsBesideIt() throws {
        let synchronous = Mutex<[Int?]>([])
        func change(isDurable: Bool) -> Ledger.Change {
            Ledger.Change(isDurable: isDurable) { _, database in
                let level = try Int.fetchOne(database, sql: "PRAGMA synchronous")
                synchronous.withLock { $0.append(level) }
            }
        }
        _ = try commits([change(isDurable: false), change(isDurable: false)])
        _ = try commits([change(isDurable: false), change(isDurable: true)])
        #expect(synchronous.withLock { $0 } == [1, 1, 2, 2])
    }

    @Test func beginningReturnsWhatIsKnown() throws {
        let first = try ledger.markRunning([.day(0), .day(1)], runID: "r1", at: moment(3))
        #expect(first == [nil, nil])
        try ledger.complete([.day(0)])
        try ledger.markFailed(.day(0), .sample(run: "r1"))
        let again = try ledger.markRunning([.day(0)], runID: "r2", at: moment(6))
        #expect(again == [try ledger.window(LedgerEntry.day(0).identity)])
        #expect(again[0]?.published == .sample().numbered(1) && again[0]?.attempts == 3)
    }

    @Test func changesOfManyThreadsAreAllRecorded() async throws {
        let ledger = ledger
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<16 {
                group.addTask {
                    for day in 0..<20 {
                        let entry = LedgerEntry.day(day, account: "a\(number)")
                        try ledger.markRunning([entry], runID: "r1", at: moment(1))
                        try ledger.complete([entry], rows: 20 * number + day)
                    }
                }
            }
            try await group.waitForAll()
        }
        let windows = try ledger.windows(pipeline: "nightly")
        #expect(windows.count == 320 && windows.allSatisfy { $0.state == .complete })
        #expect(windows.allSatisfy { $0.attempts == 1 })
        #expect(Set(windows.compactMap(\.published?.version)) == Set(1...320))
        for window in windows {
            let number = try #require(Int(window.identity.account.dropFirst()))
            let day = try #require(window.range?.start.epochMilliseconds) / 86_400_000
            #expect(window.published?.rows == 20 * number + Int(day))
        }
    }
}
