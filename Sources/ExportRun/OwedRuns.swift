import ExportModel
import Extraction
import Publication
import RunLedger

/// What earlier runs of the pipeline left undone in ledger and output: their stagings, and run files
/// that loaders wait for.
struct OwedRuns {
    let pipeline: Pipeline
    let ledger: Ledger
    let publisher: PartitionPublisher
    let environment: RunEnvironment
    let events: RunEvents

    /// Ends interrupted publications and removes the stagings of this ledger's runs. Those of other
    /// ledgers stay: nothing here says that their processes are gone.
    func recoverStaging() throws(ExportError) {
        let staged = try publishing(try publisher.stagedRuns())
        let own = try storing(try ledger.knownRuns(among: staged))
        let recovered = try publishing(try publisher.recoverStaging(of: own))
        for staging in recovered { events.report(RunEvent(.stagingRecovered, "\(staging.note)")) }
        try storing(
            try RowDigestFile.removeUnfinished(in: ledger.directory, disk: environment.disk))
        for runID in staged.subtracting(own).sorted() {
            events.report(
                RunEvent(
                    .stagingUnknown,
                    """
                    run \(runID), which this ledger does not know, left files in \
                    \(pipeline.output.path)/_staging; remove them if its ledger is gone
                    """))
        }
    }

    /// Writes the run files that earlier runs of this output owe, so that loaders learn of every
    /// version they published.
    ///
    /// - Returns: why one could not be written; it stays owed.
    func writeRunFiles(except current: String) throws(ExportError) -> ExportError? {
        let owed = try storing(try ledger.takeOverRuns(pipeline: pipeline.name, except: current))
        if owed.isEmpty { return nil }
        environment.onReaching(.runsTakenOver)
        var failure: ExportError?
        for run in owed {
            if run.status == .abandoned {
                events.report(
                    RunEvent(.runTakenOver, "run \(run.runID) was killed; this run resumes it"))
            }
            do throws(ExportError) {
                let file = try runFile(of: run)
                _ = try publishing(try publisher.write(file))
            } catch {
                failure = failure ?? error
                events.report(
                    RunEvent(
                        .runFileMissing,
                        "the run file of \(run.runID) is still missing: \(error.message)",
                        [(.code, .text(error.code))]))
                continue
            }
            environment.onReaching(.owedRunFileWritten)
            try storing(try ledger.settleRun(run.runID))
        }
        return failure
    }

    /// - Throws: also where a manifest may be whole and cannot be read now.
    private func runFile(of run: RunRecord) throws(ExportError) -> RunFile {
        let published = try storing(
            try ledger.partitions(
                pipeline: pipeline.name, filter: PartitionFilter(publishedBy: run.runID)))
        var partitions: [RunPartition] = []
        for partition in published {
            let directory = partition.published.directory
            do throws(PartitionError) {
                let manifest = try publisher.store.manifest(in: directory)
                partitions.append(RunPartition(manifest, directory: directory, changed: true))
            } catch {
                // Gone or damaged, which lasts; another failure may pass.
                guard [.storageMissing, .manifestUnreadable].contains(error.reason) else {
                    throw ExportError(.storage, error)
                }
                events.report(
                    RunEvent(
                        .partitionUnreadable,
                        of: RunEvent.Subject(
                            stream: partition.identity.stream, account: partition.identity.account,
                            window: partition.identity.window),
                        "was published, but \(error.message)", [(.code, .text(error.code))]))
            }
        }
        return RunFile(
            sequence: run.sequence, runID: run.runID, pipeline: run.pipeline,
            startedAt: run.startedAt, finishedAt: run.finishedAt ?? environment.clock.now(),
            tool: run.tool, partitions: partitions)
    }
}
