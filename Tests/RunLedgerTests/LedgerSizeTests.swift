import ExportModel
import Foundation
import GRDB
import Testing

@testable import RunLedger

/// What an account window costs on disk, indexes included.
@Suite struct LedgerSizeTests {
    /// 100 accounts over 100 days; more of either makes a window cheaper.
    @Test(arguments: [(isAll: true, maximum: 200.0), (isAll: false, maximum: 360)])
    func windowTakesFewBytes(isAll: Bool, maximum: Double) throws {
        let directory = try TemporaryDirectory()
        let ledger = try directory.openLedger()
        func grow(_ days: Range<Int>) throws -> Int {
            for day in days { try Self.publish(day, isAll: isAll, in: ledger) }
            return try ledger.queue.writeWithoutTransaction { database in
                try database.checkpoint(.truncate)
                return try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            }
        }
        let small = try grow(0..<20)
        let large = try grow(20..<120)
        let perWindow = Double(large - small) * 4_096 / 10_000
        print("ledger: \(perWindow) bytes a window, partitions of all accounts: \(isAll)")
        #expect(perWindow < maximum)
    }

    /// A day of 100 accounts, with names and times as long as those of real runs.
    private static func publish(_ day: Int, isAll: Bool, in ledger: Ledger) throws {
        let run = "20261119T203000Z-\(10_000_000 + day)"
        let recent = Timestamp(epochMilliseconds: 1_795_264_200_123)
        let entries = (0..<100).map { LedgerEntry.day(20_000 + day, account: "agent-\($0)") }
        try ledger.markRunning(entries, runID: run, at: recent)
        let versions = entries.indices.map { "\(run).\(day * 100 + $0)" }
        try ledger.markArchived(
            zip(entries, versions).map { entry, version in
                var outcome = ArchivedOutcome.sample(version, rows: 10_000)
                outcome.archivedAt = recent
                outcome.runID = run
                return (entry, outcome)
            })
        let members = Array(zip(entries, versions)).map { (entry: $0, versionID: $1) }
        let parts = isAll ? [members] : members.map { [$0] }
        let publications = parts.enumerated().map { number, part in
            let account = isAll ? nil : part[0].entry.identity.account
            var outcome = PartitionOutcome.sample(run: run, rows: day * 100 + number)
            outcome.publishedAt = recent
            outcome.directory =
                "user_out_missed/" + (account.map { "cdrx_account=\($0)/" } ?? "")
                + "dt=\(part[0].entry.identity.window)"
            outcome.fingerprint = digest(of: 77)
            return Publication(
                identity: .day(20_000 + day, account: account), window: part[0].entry.window,
                outcome: outcome, accounts: part, runID: run)
        }
        try ledger.queue.write { database in
            for publication in publications { _ = try ledger.publish(publication, in: database) }
        }
    }
}
