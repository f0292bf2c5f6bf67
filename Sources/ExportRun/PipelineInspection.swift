public import ExportModel
public import FileSystem
import Foundation
import Planning
public import Publication
public import RunLedger

/// What ledger and partitions say of a pipeline, without changing either.
public struct PipelineInspection: Sendable {
    private let pipeline: Pipeline
    private let fingerprints: [String: String]
    private let disk: any Disk
    private let output: any PublishedOutput

    /// - Parameters:
    ///   - disk: has the state directory.
    ///   - output: nil: the pipeline's directory.
    public init(_ pipeline: Pipeline, disk: any Disk, output: (any PublishedOutput)? = nil) {
        self.pipeline = pipeline
        fingerprints = pipeline.contentFingerprints
        self.disk = disk
        self.output = output ?? DirectoryOutput(root: pipeline.output.path, disk: disk)
    }

    /// The ledger's windows by stream, start and account; none where there is no ledger yet.
    ///
    /// A stream or account that is asked for must be the pipeline's, or one that left it.
    ///
    /// - Parameters:
    ///   - streams: nil for all.
    ///   - accounts: nil for all.
    ///   - states: nil for all.
    public func forEachWindow(
        streams: Set<String>?, accounts: Set<String>?, states: Set<WindowState>? = nil,
        _ body: (WindowRecord) -> Void
    ) throws(ExportError) {
        let filter = WindowFilter(streams: streams, accounts: accounts, states: states)
        var (unseenStreams, unseenAccounts) = (streams ?? [], accounts ?? [])
        try storing(
            try openLedger()?.forEachWindow(pipeline: pipeline.name, filter: filter) { record in
                unseenStreams.remove(record.identity.stream)
                unseenAccounts.remove(record.identity.account)
                body(record)
            })
        try pipeline.requireKnown(streams: unseenStreams, accounts: unseenAccounts)
    }

    /// The ledger's windows and those that are missing beside them, and how far each stream has
    /// come.
    ///
    /// - Parameters:
    ///   - streams: nil for all.
    ///   - accounts: nil for all.
    ///   - since: windows that start before are left out.
    ///   - now: decides which windows are due.
    ///   - body: gets each account window; streams by name, in each the oldest windows first.
    /// - Returns: streams in the pipeline's order, then those that it does not have any more.
    public func coverage(
        streams: Set<String>?, accounts: Set<String>?, since: LocalHour? = nil, now: Timestamp,
        _ body: (CoveredWindow) -> Void = { _ in }
    ) throws(ExportError) -> [StreamCoverage] {
        let start = try since.map(start(of:))
        let runningRun = try runningRun()
        let known = pipeline.streams.filter { streams?.contains($0.name) ?? true }
        var found: [String: StreamCoverage] = [:]
        func builder(_ name: String) throws(ExportError) -> CoverageBuilder {
            try CoverageBuilder(
                name, known.first { $0.name == name }, accounts: accounts,
                timeZoneIdentifier: pipeline.timeZoneIdentifier, now: now, since: start)
        }
        var current: (name: String, builder: CoverageBuilder)?
        var failure: ExportError?
        try forEachWindow(streams: streams, accounts: accounts) { record in
            if failure != nil { return }
            do throws(ExportError) {
                let name = record.identity.stream
                if current?.name != name {
                    if let name = current?.name { found[name] = try current?.builder.finish(body) }
                    current = (name, try builder(name))
                }
                try current?.builder.add(record, state(of: record, runningRun), body)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        if let name = current?.name { found[name] = try current?.builder.finish(body) }
        for stream in known where found[stream.name] == nil {
            var builder = try builder(stream.name)
            found[stream.name] = try builder.finish(body)
        }
        let former = Set(found.keys).subtracting(known.map(\.name)).sorted()
        return (known.map(\.name) + former).compactMap { found[$0] }
    }

    /// What a window of the ledger is called.
    ///
    /// - Parameter runningRun: see ``runningRun()``.
    public func state(of record: WindowRecord, _ runningRun: String?) -> ReportedState {
        ReportedState(record, isOutdated: isOutdated(record), runningRun: runningRun)
    }

    /// The run that works now: there is one at most, the newest. One of this machine whose process
    /// is gone was killed, and the next run will say so in the ledger.
    public func runningRun() throws(ExportError) -> String? {
        guard let run = try runs(limit: 1).first, run.status == .running else { return nil }
        let isHere = run.host == ProcessInfo.processInfo.hostName
        if isHere, kill(run.processID, 0) != 0, errno == ESRCH { return nil }
        return run.runID
    }

    private func start(of border: LocalHour) throws(ExportError) -> Timestamp {
        do {
            let zone = pipeline.timeZoneIdentifier
            return try WindowCutter(timeZoneIdentifier: zone).start(of: border)
        } catch {
            throw ExportError(.configuration, error)
        }
    }

    /// All that ``forEachWindow(streams:accounts:_:)`` hands out.
    public func windows(
        streams: Set<String>?, accounts: Set<String>?
    ) throws(ExportError) -> [WindowRecord] {
        var records: [WindowRecord] = []
        try forEachWindow(streams: streams, accounts: accounts) { records.append($0) }
        return records
    }

    /// The file of rejects because of which a window failed; nil if it did not.
    public func keptRejects(of window: WindowRecord) throws(ExportError) -> String? {
        guard window.failure?.kind == .tooManyRejects else { return nil }
        do {
            return try KeptRejects(pipeline.stateDirectory, disk: disk).path(of: window.identity)
        } catch {
            throw ExportError(.storage, error)
        }
    }

    /// Whether a window is complete and its files were made with other settings than today's.
    public func isOutdated(_ record: WindowRecord) -> Bool {
        guard record.state == .complete, let made = record.published?.fingerprint,
            let today = fingerprints[record.identity.stream]
        else { return false }
        return made != today
    }

    /// The ledger's partitions by stream, start and account; none where there is no ledger yet.
    ///
    /// - Parameter streams: nil for all.
    public func partitions(streams: Set<String>? = nil) throws(ExportError) -> [PartitionRecord] {
        let filter = PartitionFilter(streams: streams)
        return try storing(
            try openLedger()?.partitions(pipeline: pipeline.name, filter: filter) ?? [])
    }

    /// The newest runs of the pipeline and its output, newest first.
    public func runs(limit: Int) throws(ExportError) -> [RunRecord] {
        try storing(try openLedger()?.runs(pipeline: pipeline.name, limit: limit) ?? [])
    }

    /// The manifest of a partition.
    public func manifest(of partition: PartitionRecord) throws(ExportError) -> Manifest {
        try publishing(try output.manifest(in: partition.published.directory))
    }

    private func openLedger() throws(LedgerError) -> Ledger? {
        try Ledger.openReadOnly(pipeline.stateDirectory, output: pipeline.output.identity)
    }

    /// The lines of a partition's rejects, as they were written.
    public func rejects(of partition: PartitionRecord) throws(ExportError) -> [[UInt8]] {
        try publishing(try RejectsFile(output).lines(in: partition.published.directory))
    }

    /// Compares every partition of the output with its manifest, and every published partition of
    /// the ledger with its directory.
    ///
    /// - Parameter isDeep: see ``PartitionVerifier/init(_:isDeep:)``.
    public func verify(isDeep: Bool) throws(ExportError) -> Verification {
        var recorded: [String: PartitionOutcome] = [:]
        try storing(
            try openLedger()?.forEachPartition(pipeline: pipeline.name) {
                recorded[$0.published.directory] = $0.published
            })
        var verification = try Verification(of: output, isDeep: isDeep) { directory, manifest in
            guard let published = recorded.removeValue(forKey: directory), let manifest,
                !published.holds(manifest)
            else { return [] }
            return [
                PartitionFinding(
                    .wrongRowCount, output.name(of: directory),
                    "its manifest (\(manifest.rows) rows, run \(manifest.runID)) is not what the "
                        + "ledger recorded (\(published.rows) rows)")
            ]
        }
        verification.findings += recorded.sorted { $0.key < $1.key }.map { directory, published in
            PartitionFinding(
                .missingManifest, output.name(of: directory),
                "the ledger says it was published by run \(published.runID), but it is not there; "
                    + "export it again with backfill --force")
        }
        return verification
    }
}
