import Archive
import BoundedDispatch
import ExportModel
import Planning
import RunLedger

/// What the ledger says before windows are planned.
extension ExportPipeline {
    /// The archive of the pipeline.
    func makeArchive() -> Archive {
        Archive(
            pipeline.stateDirectory.path, pipeline: pipeline.name, fileSystem: environment.disk)
    }

    /// What a plan must know, without changing the ledger.
    func view(for planner: Planner) throws(ExportError) -> LedgerView {
        let ledger = try storing(
            try Ledger.openReadOnly(pipeline.stateDirectory, output: pipeline.output.identity))
        guard let ledger else { return LedgerView() }
        return try view(of: ledger, makeArchive(), for: planner, notesSame: false)
    }

    /// What a plan must know.
    ///
    /// - Parameter notesSame: ``ChangedLists/notesSame``
    func view(
        of ledger: Ledger, _ archive: Archive, for planner: Planner, notesSame: Bool
    ) throws(ExportError) -> LedgerView {
        let (name, timeZone) = (pipeline.name, pipeline.timeZoneIdentifier)
        let facts = try storing(
            try ledger.windowFacts(pipeline: name, timeZone: timeZone, since: planner.earliestStart)
        )
        let lists = ChangedLists(
            pipeline: pipeline, ledger: ledger,
            makeParents: {
                ParentIDs(
                    pipeline: pipeline, ledger: ledger, archive: archive,
                    sessions: AccountSessions(
                        pipeline: pipeline, stop: StopToken(), environment: environment),
                    environment: environment)
            },
            earliestStart: planner.earliestStart, notesSame: notesSame)
        let changed = try lists.windows(of: planner.streams, facts)
        let fingerprints = Array(pipeline.contentFingerprints.values)
        return try storing(
            LedgerView(
                facts: facts, changedLists: changed,
                outdated: try ledger.outdatedPartitions(
                    pipeline: name, timeZone: timeZone, fingerprints: fingerprints),
                archived: planner.isRebuild
                    ? try ledger.archivedWindows(pipeline: name, timeZone: timeZone) : [:],
                rejected: planner.isRebuild
                    ? try ledger.rejectedWindows(pipeline: name, timeZone: timeZone) : []))
    }
}
