import ExportModel
import Foundation
import RunLedger
import Testing

/// A directory that is removed when the value goes away.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "run-ledger-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            print("left behind: \(path)")
        }
    }

    var output: String { path + "/exports" }
    var state: StateDirectory { StateDirectory(path: path + "/exports/_state") }

    /// Takes the lock and opens the ledger.
    func openLedger() throws -> Ledger {
        try Ledger.open(lock: try LedgerLock.acquire(state, as: .sample), output: output)
    }
}

extension LockHolder {
    static let sample = LockHolder(
        processID: 4711, host: "etl-1", command: "cdrx run nightly.yaml",
        startedAt: Timestamp(epochMilliseconds: 0))
}

extension WindowIdentity {
    static let sample = identity("2026-11-19")

    static func identity(_ window: String, account: String = "main") -> WindowIdentity {
        WindowIdentity(pipeline: "nightly", stream: "calls", account: account, window: window)
    }
}

extension LedgerEntry {
    /// The day `number` of 1970, counted from 0.
    static func day(_ number: Int, account: String = "main", zone: String = "UTC") -> LedgerEntry {
        let date = CivilDate(daysSinceEpoch: number)
        let start = Timestamp(epochMilliseconds: Int64(number) * 86_400_000)
        return LedgerEntry(
            identity: .identity("\(date)", account: account),
            window: Window(
                key: .day(date),
                range: TimeRange(start: start, end: start.advanced(milliseconds: 86_400_000)),
                timeZoneIdentifier: zone))
    }

    static let batch = LedgerEntry(
        identity: .identity("batch=june"),
        window: Window(key: .batch("june"), range: nil, timeZoneIdentifier: "UTC"))
}

extension PartitionIdentity {
    /// A day's partition; `account` nil: of all accounts.
    static func day(_ number: Int, account: String? = "main") -> PartitionIdentity {
        PartitionIdentity(
            pipeline: "nightly", stream: "calls", account: account,
            window: "\(CivilDate(daysSinceEpoch: number))")
    }
}

extension PartitionOutcome {
    static func sample(run: String = "r1", rows: Int = 7) -> PartitionOutcome {
        PartitionOutcome(
            runID: run, publishedAt: moment(5), directory: "calls/account=main/dt=1970-01-01",
            rows: rows, rejects: 1, byteCount: 1_234, lateRows: 5, changedRows: 6,
            fingerprint: "plan", contentSHA256: digest(of: rows))
    }

    func numbered(_ version: Int) -> PartitionOutcome {
        var copy = self
        copy.version = version
        return copy
    }
}

extension ArchivedOutcome {
    static func sample(_ versionID: String = "r1.1", rows: Int = 7) -> ArchivedOutcome {
        ArchivedOutcome(
            versionID: versionID, rows: rows, rejects: 1, duplicates: 2, outsideWindow: 3,
            reportedTotal: 13, requests: 4, archivedAt: moment(4),
            runID: String(versionID.prefix { $0 != "." }))
    }
}

extension Ledger {
    /// Archives account windows, and publishes each in a partition of its own.
    func complete(
        _ entries: [LedgerEntry], run: String = "r1", rows: Int = 7,
        fingerprint: String = "plan"
    ) throws {
        let version = ArchivedOutcome.sample("\(run).\(rows)", rows: rows)
        try markArchived(entries.map { ($0, version) })
        for entry in entries {
            let identity = PartitionIdentity(
                pipeline: entry.identity.pipeline, stream: entry.identity.stream,
                account: entry.identity.account, window: entry.identity.window)
            var outcome = PartitionOutcome.sample(run: run, rows: rows)
            outcome.fingerprint = fingerprint
            try markPublished(
                identity, window: entry.window, outcome, accounts: [(entry, version.versionID)])
        }
    }

    /// Publishes a day of several accounts in one partition.
    @discardableResult
    func publish(
        _ day: Int, of accounts: [String], version: String = "r1.1", run: String = "r1",
        rows: Int = 7, incomplete: [(entry: LedgerEntry, failure: FailureRecord)] = []
    ) throws -> [PartitionIdentity] {
        var outcome = PartitionOutcome.sample(run: run, rows: rows)
        outcome.accountCount = accounts.count
        return try markPublished(
            .day(day, account: nil), window: LedgerEntry.day(day).window, outcome,
            accounts: accounts.map { (.day(day, account: $0), version) }, incomplete: incomplete)
    }
}

/// Stands for the digest of a content.
func digest(of number: Int) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: 64 - text.count) + text
}

extension FailureRecord {
    static func sample(run: String = "r1") -> FailureRecord {
        FailureRecord(
            runID: run, failedAt: moment(9), kind: .unreconciled, code: "unreconciled",
            message: "12 rows of 13")
    }
}

extension RunRecord {
    static func sample(_ runID: String, startedAt: Timestamp = moment(1)) -> RunRecord {
        RunRecord(
            runID: runID, pipeline: "nightly", command: "run", startedAt: startedAt,
            tool: "cdrx 1", host: "etl-1", processID: 4711)
    }
}

func moment(_ milliseconds: Int64) -> Timestamp {
    Timestamp(epochMilliseconds: milliseconds)
}
