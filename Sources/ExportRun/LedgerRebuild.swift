public import ExportModel
import Extraction
public import FileSystem
public import Publication
public import RunLedger

/// Makes a lost ledger again from the manifests of an output, or brings a restored one up to date.
///
/// It knows then what is published, and so what is not. It does not know what warehouses have
/// loaded, what failed, and which request lists windows were completed with: loads are made again,
/// and lists are asked for again. Where the archive is still there it is not used.
public struct LedgerRebuild: Sendable {
    /// Partitions of one transaction.
    private static let batchSize = 1_000

    /// Partitions of the pipeline that the output has.
    public private(set) var partitionCount = 0
    /// Those that the ledger did not know, or knew as they were before.
    public private(set) var restoredCount = 0
    /// Why partitions were left out.
    public private(set) var failures: [ExportError] = []

    /// Rebuilds the ledger of a pipeline. Nothing that it knows is lost.
    ///
    /// - Parameter holder: named to whoever finds the ledger held meanwhile.
    /// - Throws: `ledger_locked`; `output_missing` where the output has no partition of the
    ///   pipeline; what ledger and output say.
    public init(
        _ pipeline: Pipeline, from output: any PublishedOutput, holder: LockHolder,
        disk: any Disk
    ) throws(ExportError) {
        let lock = try storing(try LedgerLock.acquire(pipeline.stateDirectory, as: holder))
        let ledger = try storing(
            try Ledger.open(lock: lock, output: pipeline.output.identity, disk: disk))
        var batch: [RestoredPartition] = []
        var failure: LedgerError?
        var restored = 0
        func record() {
            do throws(LedgerError) {
                if failure == nil { restored += try ledger.restore(batch) }
            } catch {
                failure = error
            }
            batch = []
        }
        var (count, isEmpty) = (0, true)
        failures = try CommittedPartitions(of: pipeline, in: output).forEach {
            directory, manifest in
            isEmpty = false
            guard pipeline.isOwn(manifest),
                let partition = RestoredPartition(manifest, in: directory)
            else { return }
            count += 1
            batch.append(partition)
            if batch.count == Self.batchSize { record() }
        }
        record()
        if let failure { throw ExportError(.storage, failure) }
        (partitionCount, restoredCount) = (count, restored)
        if isEmpty, failures.isEmpty {
            throw ExportError(
                .storage, code: .outputMissing,
                message: "\(output.name) has no partition of pipeline '\(pipeline.name)', so there "
                    + "is nothing to make a ledger of; check output.path and --out")
        }
    }
}

extension Pipeline {
    /// Whether a partition is one of the shard that the pipeline is; all are, where it is none.
    fileprivate func isOwn(_ manifest: Manifest) -> Bool {
        guard let shard else { return true }
        return manifest.accounts.contains { shard.holds(account: $0.account) }
    }
}

extension RestoredPartition {
    /// nil for a manifest of version 1, which lacks what a ledger must know: its window is exported
    /// again.
    fileprivate init?(_ manifest: Manifest, in directory: String) {
        guard manifest.manifestVersion == Manifest.version,
            let key = WindowKey(manifest.window.key)
        else { return nil }
        var range: TimeRange?
        if let start = manifest.window.start, let end = manifest.window.end {
            range = TimeRange(start: start.moment, end: end.moment)
        }
        let window = Window(
            key: key, range: range, timeZoneIdentifier: manifest.window.timezone)
        let held = manifest.accounts.filter { $0.state == .complete }
        let entries = held.map { account in
            LedgerEntry(
                identity: WindowIdentity(
                    pipeline: manifest.pipeline, stream: manifest.stream,
                    account: account.account, window: manifest.window.key), window: window)
        }
        self.init(
            identity: PartitionIdentity(
                pipeline: manifest.pipeline, stream: manifest.stream,
                account: RunPartition(manifest, directory: directory, changed: false).account,
                bucket: manifest.bucket?.index, window: manifest.window.key),
            window: window,
            outcome: PartitionOutcome(manifest, in: directory, accountCount: held.count),
            accounts: zip(entries, held).map { ($0, ArchivedOutcome($1, of: manifest)) },
            incomplete: zip(entries, held).filter { !$1.reconciled }.map {
                ($0, FailureRecord(unreconciled: $1, of: manifest))
            })
    }
}

extension PartitionOutcome {
    fileprivate init(_ manifest: Manifest, in directory: String, accountCount: Int) {
        self.init(
            runID: manifest.runID, publishedAt: manifest.publishedAt.moment,
            directory: directory, rows: manifest.rows, rejects: manifest.rejects,
            byteCount: manifest.files.reduce(0) { $0 + Int64($1.bytes) },
            fingerprint: manifest.settingsSHA256, contentSHA256: manifest.contentSHA256,
            isComplete: manifest.complete, accountCount: accountCount,
            missingCount: manifest.accounts.count - accountCount)
    }
}

extension ArchivedOutcome {
    /// The version's number is 0, which no version in an archive has.
    fileprivate init(_ account: ManifestAccount, of manifest: Manifest) {
        self.init(
            versionID: manifest.runID + ".0", rows: account.rows, rejects: account.rejects,
            duplicates: account.duplicates, outsideWindow: account.outsideWindow,
            reportedTotal: account.reportedTotal, requests: 0,
            archivedAt: (account.extractedAt ?? manifest.publishedAt).moment,
            runID: manifest.runID)
    }
}

extension FailureRecord {
    fileprivate init(unreconciled account: ManifestAccount, of manifest: Manifest) {
        self.init(
            runID: manifest.runID, failedAt: manifest.publishedAt.moment, kind: .unreconciled,
            code: ExtractionError.Code.unreconciled.rawValue,
            message: "its manifest says that the provider reported \(account.reportedTotal) "
                + "records, which \(account.rows) rows and \(account.rejects) rejects are not")
    }
}
