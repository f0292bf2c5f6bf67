import BoundedDispatch
import Compression
import ExportModel
import Extraction
import Publication
import RunLedger
import Transformation

/// A new version of a partition: its rows go to staged files, their digests to the state directory.
///
/// Accounts come in the order of their names. Ends with ``publish(rewriting:)`` or ``abandon()``.
/// Calls wait for each other.
final class PartitionBuild: Sendable {
    private struct State {
        var writer: PartitionWriter
        let digests: RowDigestFile
    }

    private let shared: RunShared
    private let description: PartitionDescription
    private let standing: Manifest?
    private let state: Guarded<State>

    /// - Parameter standing: what readers see now.
    init(
        _ description: PartitionDescription, of identity: PartitionIdentity, standing: Manifest?,
        _ shared: RunShared
    ) throws(ExportError) {
        self.shared = shared
        self.description = description
        self.standing = standing
        state = Guarded(
            State(
                writer: try Self.makeWriter(description, shared),
                digests: RowDigestFile(
                    in: shared.ledger.directory, of: identity, disk: shared.environment.disk)))
    }

    private static func makeWriter(
        _ description: PartitionDescription, _ shared: RunShared
    ) throws(ExportError) -> PartitionWriter {
        try PartitionWriter(
            description, publisher: shared.publisher, options: shared.pipeline.output,
            defersCompression: true)
    }

    /// Takes rows of an account.
    func append(_ rows: TransformedRows, of account: String) throws(ExportError) {
        try state.withLock { (state) throws(ExportError) in
            let values = try state.writer.append(rows.batch)
            try storing(
                try state.digests.append(
                    account: account, keyHashes: rows.keyHashes, valueHashes: values))
        }
    }

    /// Takes records of an account that are no rows.
    func append(_ rejects: [Reject], of account: String) throws(ExportError) {
        try state.withLock { (state) throws(ExportError) in
            try state.writer.append(rejects, of: account)
        }
    }

    /// Ends an account.
    func endAccount(_ account: ManifestAccount) {
        state.withLock { $0.writer.endAccount(account) }
    }

    /// Names an account that is not in the partition.
    func addMissing(_ account: String, reason: String) {
        state.withLock { $0.writer.addMissing(account, reason: reason) }
    }

    /// Blocks for other lanes to compress, before the next rows are taken.
    func takeCompressionJobs() -> [CompressionJob] {
        state.withLock { $0.writer.takeCompressionJobs() }
    }

    /// Forgets all rows.
    func restart() throws(ExportError) {
        let (description, shared) = (description, shared)
        try state.withLock { (state) throws(ExportError) in
            try storing(try state.digests.restart())
            try state.writer.abandon()
            state.writer = try Self.makeWriter(description, shared)
        }
    }

    /// Makes the partition durable and visible.
    ///
    /// - Parameter rewriting: see ``PreparedPartition/publish(rewriting:)``.
    /// - Returns: also how the rows differ from those that stood before; nil where nothing stood,
    ///   and where nothing is known of its rows.
    func publish(
        rewriting: Bool
    ) throws(ExportError) -> (partition: PublishedPartition, rowChanges: RowChanges?) {
        try state.withLock { (state) throws(ExportError) in
            let prepared = try state.writer.prepare(publishedAt: shared.environment.clock.now())
            try storing(try state.digests.finish(version: prepared.manifest.rowVersion))
            var changes: RowChanges?
            if let version = standing?.rowVersion {
                changes = try storing(try state.digests.changes(since: version))
            }
            shared.environment.onReaching(.partitionPrepared)
            let published = try publishing(try prepared.publish(rewriting: rewriting))
            shared.environment.onReaching(.partitionPublished)
            try storing(try state.digests.commit())
            return (
                published, published.changed ? changes : RowChanges(late: 0, changed: 0, gone: 0)
            )
        }
    }

    /// Removes what was staged; what cannot be removed now is removed by the next run.
    func abandon() {
        do throws(ExportError) {
            try state.withLock { (state) throws(ExportError) in
                try state.writer.abandon()
                try storing(try state.digests.discard())
            }
        } catch {
            shared.events.report(
                RunEvent(
                    .stagingLeft,
                    of: RunEvent.Subject(
                        stream: description.stream, account: description.account,
                        window: "\(description.window.key)"),
                    "staged files stay until the next run: \(error.message)",
                    [(.code, .text(error.code))]))
        }
    }
}

extension Manifest {
    /// By what a file of row digests names this version.
    fileprivate var rowVersion: RowVersion {
        RowVersion(contentSHA256: contentSHA256, schemaSHA256: schemaSHA256, rowCount: rows)
    }
}
