import BoundedDispatch
import ExportModel
import Extraction
import ObjectStorage
import Publication
import RunLedger

/// Where a run publishes: a directory, whose lock the caller holds, or an object store, whose lease
/// is held from ``open(_:in:events:)`` to ``close(_:)``.
final class RunOutput {
    /// Runs of a ledger whose leases nobody else can hold any more.
    private static let endedRunCount = 100

    let store: any PartitionStore
    /// Stops with the run, and when the lease is lost.
    let stop: StopToken
    private let objects: ObjectPartitionStore?
    private let pipeline: Pipeline
    private let environment: RunEnvironment
    private let loss = Guarded<ExportError?>(nil)
    private var heartbeat: PeriodicTick?

    init(
        of pipeline: Pipeline, _ environment: RunEnvironment, stop: StopToken
    ) throws(ExportError) {
        self.pipeline = pipeline
        self.environment = environment
        self.stop = StopToken(childOf: stop)
        guard let location = pipeline.output.objectStore else {
            objects = nil
            store = DirectoryStore(
                root: pipeline.output.path, pipeline: pipeline.name, disk: environment.disk)
            return
        }
        let makeStore = environment.makeObjectStore
        let objects = try publishing(
            try ObjectPartitionStore(
                pipeline: pipeline.name, stateDirectory: pipeline.stateDirectory.path,
                disk: environment.disk, stop: self.stop
            ) { stop throws(ObjectStorageError) in try makeStore(location, stop) })
        self.objects = objects
        store = objects
    }

    /// Why another run holds the lease now; nil where none does.
    var lostLease: ExportError? { loss.withLock { $0 } }

    /// Takes the lease of a store for a run that the ledger knows.
    ///
    /// - Throws: `lease_held`; the ledger does not know the run then.
    func open(
        _ run: RunRecord, in ledger: Ledger, events: RunEvents
    ) throws(ExportError) {
        guard let objects else { return }
        let earlier = try storing(
            try ledger.runs(pipeline: pipeline.name, limit: Self.endedRunCount))
        let request = LeaseRequest(
            name: LeaseName(pipeline: pipeline.name, shard: pipeline.shard),
            holder: LeaseHolder(
                runID: run.runID, processID: run.processID, host: run.host, command: run.command,
                startedAt: run.startedAt),
            endedRuns: Set(earlier.map(\.runID)),
            clock: LeaseClock(
                monotonicMilliseconds: environment.clock.monotonicMilliseconds,
                now: environment.clock.now),
            onLoss: { [loss, stop] error in
                loss.withLock { $0 = ExportError(error.kind, error) }
                events.report(RunEvent(.leaseLost, error.message, [(.code, .text(error.code))]))
                stop.stop()
            })
        do {
            report(try objects.open(request), to: events)
        } catch {
            if error.reason == .leaseHeld {
                try storing(try ledger.withdrawRun(run.runID))
            } else {
                try storing(
                    try ledger.endRun(
                        run.runID, status: .incomplete, at: environment.clock.now()))
            }
            throw ExportError(error.kind, error)
        }
        if environment.schedule == nil {
            heartbeat = PeriodicTick(
                everyMilliseconds: StoreLease.beatMilliseconds, action: objects.beat)
        }
    }

    private func report(_ opening: ObjectPartitionStore.Opening, to events: RunEvents) {
        if let former = opening.formerHolder {
            events.report(
                RunEvent(
                    .leaseTakenOver,
                    "took over the lease of run \(former.runID) on \(former.host), which ended "
                        + "without releasing it"))
        }
        let missing: String
        switch opening.conditions {
        case .full: return
        case .absentOnly:
            missing =
                "honors If-None-Match, but not If-Match: a machine that stalls for a minute while "
                + "another takes over may overwrite what that one published"
        case .none:
            missing =
                "honors no conditional writes: cdrx cannot see a second machine that runs this "
                + "pipeline; make sure that there is none"
        }
        events.report(
            RunEvent(.storeUnconditional, "\(pipeline.output.path): the store \(missing)"))
    }

    /// Releases the lease. Nothing is published after it.
    func close(_ events: RunEvents) {
        heartbeat?.end()
        heartbeat = nil
        guard let objects, lostLease == nil else { return }
        do {
            try objects.close()
        } catch {
            events.report(
                RunEvent(
                    .leaseNotReleased,
                    "the lease ends by itself in a minute: \(error.message)",
                    [(.code, .text(error.code))]))
        }
    }
}
