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

extension WindowOutcome {
    static func sample(run: String = "r1", rows: Int = 7) -> WindowOutcome {
        WindowOutcome(
            runID: run, publishedAt: moment(5), directory: "calls/account=main/dt=1970-01-01",
            rows: rows, rejects: 1, duplicates: 2, outsideWindow: 3, reportedTotal: 13,
            requests: 4, byteCount: 1_234, lateRows: 5, changedRows: 6, fingerprint: "plan",
            contentSHA256: digest(of: rows))
    }
}

extension WindowOutcome {
    func numbered(_ version: Int) -> WindowOutcome {
        var copy = self
        copy.version = version
        return copy
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

extension JournaledSlice {
    /// A slice whose every value depends on `number`.
    static func sample(_ number: Int, bodyByteCount: Int = 20) -> JournaledSlice {
        var counts = ExtractionCounts()
        counts.reportedTotal = number
        counts.duplicates = number + 1
        counts.outsideWindow = number + 2
        counts.pages = number + 3
        counts.requests = number + 4
        counts.retries = number + 5
        counts.trailingCommaPages = number + 6
        let body = [UInt8](repeating: UInt8(truncatingIfNeeded: 65 + number), count: bodyByteCount)
        return JournaledSlice(
            range: number % 2 == 0
                ? TimeRange(start: moment(Int64(number)), end: moment(Int64(number) + 10)) : nil,
            requests: number % 2 == 0 ? nil : number..<number + 2, counts: counts,
            pages: [
                JournaledPage(number: 1, body: body),
                JournaledPage(number: 2, requestID: "id-\(number)", body: []),
                JournaledPage(number: 3, requestID: "", body: body + [0, 0, 0]),
            ], foreign: number % 3 == 0 ? [RowReference(page: 2, row: number)] : [])
    }
}

extension JournalReader {
    func all() throws -> [JournaledSlice] {
        var slices: [JournaledSlice] = []
        while let slice = try next() { slices.append(slice) }
        return slices
    }
}

extension PageJournal {
    func slices() throws -> [JournaledSlice] {
        try makeReader()?.all() ?? []
    }
}
