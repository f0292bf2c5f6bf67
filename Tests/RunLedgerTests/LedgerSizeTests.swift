import ExportModel
import Foundation
import GRDB
import Testing

@testable import RunLedger

/// What a window costs on disk, indexes included.
@Suite struct LedgerSizeTests {
    /// 100 accounts over 100 days; more of either makes a window cheaper.
    @Test func windowTakesLessThan300Bytes() throws {
        let directory = try TemporaryDirectory()
        let ledger = try directory.openLedger()
        func grow(_ days: Range<Int>) throws -> Int {
            for day in days {
                let run = "20261119T203000Z-\(10_000_000 + day)"
                let entries = (0..<100).map {
                    LedgerEntry.day(20_000 + day, account: "agent-\($0)")
                }
                try ledger.markRunning(entries, runID: run, at: .recent)
                try ledger.markComplete(
                    entries.enumerated().map { index, entry in
                        (entry, outcome(of: entry, run: run, rows: 10_000 + day * 100 + index))
                    })
            }
            return try ledger.queue.writeWithoutTransaction { database in
                try database.checkpoint(.truncate)
                return try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            }
        }
        let small = try grow(0..<20)
        let large = try grow(20..<120)
        let perWindow = Double(large - small) * 4_096 / 10_000
        print("ledger: \(perWindow) bytes a window")
        #expect(perWindow < 300)
    }

    private func outcome(of entry: LedgerEntry, run: String, rows: Int) -> WindowOutcome {
        var outcome = WindowOutcome.sample(run: run, rows: rows)
        outcome.publishedAt = .recent
        outcome.directory =
            "user_out_missed/account=\(entry.identity.account)/dt=\(entry.identity.window)"
        outcome.fingerprint = digest(of: 77)
        return outcome
    }
}

extension Timestamp {
    /// Thirteen digits, as the times of real runs.
    fileprivate static let recent = Timestamp(epochMilliseconds: 1_795_264_200_123)
}
