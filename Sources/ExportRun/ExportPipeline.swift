import Archive
public import BoundedDispatch
import Compression
public import ExportModel
import Extraction
public import Planning
import Publication
import RunLedger

/// One run, composed of stages that do not know each other:
///
/// 1. PipelineFile: YAML → `Pipeline` (the caller has done that)
/// 2. Planning: `Pipeline` × now × `LedgerView` → `Plan`
/// 3. Extraction: `PlannedWindow` → `ExtractedSlice`…
/// 4. Archive: `ExtractedSlice` → `ArchivedVersion`, and back
/// 5. Transformation: `ExtractedSlice` → `RecordBatch` and `[Reject]`
/// 6. PartitionFormats: batches → stored bytes
/// 7. Publication: bytes → `PublishedPartition`
/// 8. RunLedger: `PublishedPartition` → `PartitionRecord`
///
/// ``AccountRun`` takes one account window through 3 and 4, ``PartitionRun`` a partition through 5
/// to 8; ``RunBoard`` shares the lanes out among them. Streams whose request ids are rows of others
/// (`for_each`) go from 2 on once these are done.
public struct ExportPipeline: Sendable {
    /// What a run is asked for.
    public struct Request: Sendable {
        public var plan: PlanRequest
        /// What the time is for the plan (`--now`), which decides what windows are due; nil: the
        /// present. No record of what happened when says it.
        public var dueAt: Timestamp?
        /// nil: all.
        public var streams: Set<String>?
        public var accounts: Set<String>?
        /// As it was called, for the ledger and for whoever finds the ledger held.
        public var command: String
        /// Whether accounts that left the pipeline file leave the partitions that are made too.
        public var onlyListedAccounts: Bool

        public init(
            plan: PlanRequest, dueAt: Timestamp? = nil, streams: Set<String>?,
            accounts: Set<String>?, command: String, onlyListedAccounts: Bool = false
        ) {
            self.plan = plan
            self.dueAt = dueAt
            self.streams = streams
            self.accounts = accounts
            self.command = command
            self.onlyListedAccounts = onlyListedAccounts
        }
    }

    let pipeline: Pipeline
    let environment: RunEnvironment

    public init(_ pipeline: Pipeline, environment: RunEnvironment) {
        self.pipeline = pipeline
        self.environment = environment
    }

    /// Plans and exports.
    ///
    /// - Throws: what concerns no single window: ``ExportError`` with the codes of ledger, planning
    ///   and storage. Failures of windows are in the report.
    public func run(_ request: Request, stop: StopToken) throws(ExportError) -> RunReport {
        let startedAt = environment.clock.now()
        let beganAt = environment.clock.monotonicMilliseconds()
        let planner = try makePlanner(request, now: request.dueAt ?? startedAt)
        let (ledger, outputLock) = try openLedger(request, at: startedAt)
        defer { withExtendedLifetime(outputLock) {} }
        let archive = makeArchive()
        let stages = planner.stages
        let view = try view(of: ledger, archive, for: planner, notesSame: true)
        var plans = stages.map { $0.plan(ledger: view) }
        let preview = Plan(joining: plans)
        let output = try RunOutput(of: pipeline, environment, stop: stop)
        try checkOwners(of: preview, output.store.owners)
        let runID = SystemClock.makeRunID(at: startedAt, environment.clock)
        let publisher = PartitionPublisher(
            output.store, runID: runID, tool: environment.tool, disk: environment.disk)
        let run = try begin(runID, request, in: ledger, publisher, at: startedAt)
        environment.onReaching(.runBegun)
        let events = RunEvents(
            pipeline: pipeline.name, runID: runID, environment: environment)
        try output.open(run, in: ledger, events: events)
        defer { output.close(events) }
        environment.meter.begin(pipeline, preview, runID: runID, at: beganAt)
        events.report(RunEvent(preview, command: request.command))
        let owed = OwedRuns(
            pipeline: pipeline, ledger: ledger, publisher: publisher, environment: environment,
            events: events)
        try owed.recoverStaging()
        let unwritten = try owed.writeRunFiles(except: runID)
        let shared = RunShared(
            pipeline: pipeline, runID: runID, environment: environment, events: events,
            ledger: ledger, archive: archive, publisher: publisher,
            sessions: AccountSessions(
                pipeline: pipeline, stop: output.stop, environment: environment, events: events),
            manifests: PublishedPartitions(), reachability: Reachability(), stop: output.stop,
            fingerprints: pipeline.contentFingerprints,
            onlyListedAccounts: request.onlyListedAccounts,
            takesRefused: request.plan.takesRefused,
            listedAccounts: pipeline.accountsByBucket)
        let done = try export(stages, &plans, shared) { (plan) throws(ExportError) in
            try checkOwners(of: plan, output.store.owners)
        }
        let plan = Plan(joining: plans)
        var report = RunReport(
            runID: runID, pipeline: pipeline.name, windows: done.windows.compactMap { $0 },
            partitions: done.partitions,
            skippedComplete: plan.skippedComplete,
            notDue: plan.notDue.map { "\($0.identity(inPipeline: pipeline.name))" },
            streamsWithoutDates: plan.streamsWithoutDates,
            notStarted: done.windows.count { $0 == nil }, traffic: environment.meter.traffic,
            streams: environment.meter.trafficOfStreams,
            isInterrupted: stop.isStopped, startedAt: startedAt, runFile: nil,
            unwrittenRunFile: unwritten.map(WindowResult.Failure.init))
        report.lostLease = output.lostLease.map(WindowResult.Failure.init)
        report.outdated = plan.outdated
        report.lacksArchive = planner.isRebuild && !plan.outdated.isEmpty
        try finish(&report, shared, sequence: run.sequence)
        pruneArchive(shared)
        report.milliseconds = environment.clock.monotonicMilliseconds() - beganAt
        return report
    }

    /// What a run would do now, without doing it; the ledger is only read.
    public func plan(_ request: Request) throws(ExportError) -> Plan {
        let planner = try makePlanner(
            request, now: request.dueAt ?? environment.clock.now())
        return planner.plan(ledger: try view(for: planner))
    }

    /// The same without holding the windows, however many they are.
    ///
    /// - Parameter body: gets each window and whether it is due, in the plan's order.
    /// - Returns: all else of the plan.
    public func forEachPlanned(
        _ request: Request, _ body: (PlannedWindow, _ isDue: Bool) -> Void
    ) throws(ExportError) -> Plan {
        let planner = try makePlanner(
            request, now: request.dueAt ?? environment.clock.now(), isUnlimited: true)
        return planner.forEachWindow(ledger: try view(for: planner), body)
    }

    // MARK: - Before the windows

    private func makePlanner(
        _ request: Request, now: Timestamp, isUnlimited: Bool = false
    ) throws(ExportError) -> Planner {
        do {
            return try Planner(
                pipeline: pipeline, layout: pipeline.output.partition, now: now,
                request: request.plan,
                streams: request.streams, accounts: request.accounts,
                onlyListed: request.onlyListedAccounts, isUnlimited: isUnlimited)
        } catch {
            throw ExportError(.configuration, error)
        }
    }

    /// - Returns: also the lock of the output, where it is not that of the ledger.
    private func openLedger(
        _ request: Request, at moment: Timestamp
    ) throws(ExportError) -> (Ledger, OutputLock?) {
        let holder = LockHolder(
            processID: environment.processID, host: environment.hostName,
            command: request.command, startedAt: moment)
        let (state, output) = (pipeline.stateDirectory, pipeline.output.path)
        let lock = try storing(try LedgerLock.acquire(state, as: holder))
        // A pipeline with its ledger elsewhere may share the output with others. A store has a
        // lease instead.
        let isOwn = StateDirectory(path: output + "/_state").isSame(as: state)
        let outputLock =
            isOwn || pipeline.output.objectStore != nil
            ? nil
            : try storing(
                try OutputLock.acquire(
                    output, pipeline: pipeline.name, shard: pipeline.shard, as: holder))
        let ledger = try storing(
            try Ledger.open(
                lock: lock, output: pipeline.output.identity, disk: environment.disk))
        return (ledger, outputLock)
    }

    private func begin(
        _ runID: String, _ request: Request, in ledger: Ledger, _ publisher: PartitionPublisher,
        at moment: Timestamp
    ) throws(ExportError) -> RunRecord {
        var record = RunRecord(
            runID: runID, pipeline: pipeline.name, command: request.command, startedAt: moment,
            tool: environment.tool, host: environment.hostName,
            processID: environment.processID)
        let isFirst = try storing(try ledger.runs(pipeline: pipeline.name, limit: 1).isEmpty)
        // The output may hold run files of a ledger that was lost: new ones sort after them.
        let floor = isFirst ? try publishing(try publisher.newestRunSequence()) : 0
        record.sequence = try storing(try ledger.beginRun(record, after: floor))
        return record
    }

    /// Refuses a plan whose windows would replace, or lie among, partitions of another pipeline.
    private func checkOwners(
        of plan: Plan, _ owner: any PartitionOwners
    ) throws(ExportError) {
        let isOfAccounts = pipeline.output.partition == .account
        var checked: Set<[String]> = []
        for window in plan.windows {
            let location = PartitionLocation(
                stream: window.stream, account: isOfAccounts ? window.account : nil,
                bucket: pipeline.output.bucket(of: window.account), window: window.window.key)
            guard checked.insert(location.components).inserted else { continue }
            let layout = OutputLayout(pipeline.output, of: window.stream)
            if checked.insert([window.stream]).inserted {
                try layout.checkStream(of: location, owner)
            }
            if checked.insert(location.windowComponents).inserted {
                try layout.checkWindow(of: location, owner)
            }
            var found = try publishing(try owner.pipeline(at: location))
            let neighbors = [window.stream, "beside"] + (isOfAccounts ? [window.account] : [])
            if found == nil, checked.insert(neighbors).inserted {
                found = try publishing(try owner.pipeline(beside: location))
            }
            guard let found, found != pipeline.name else { continue }
            throw ExportError(
                .configuration, code: .outputOfOtherPipeline,
                message: """
                    stream '\(window.stream)' in \(pipeline.output.path) is published by pipeline '\(found)', and pipeline \
                    '\(pipeline.name)' would overwrite it; give this one another output.path or \
                    stream name, or call it '\(found)' if it is the same under a new name
                    """)
        }
    }

    // MARK: - The windows

    /// Exports the streams of each stage, planned anew once those before it have ended: these decide
    /// what they ask for.
    ///
    /// - Parameters:
    ///   - plans: of the stages; those that were made anew take their places.
    ///   - check: of a plan that was made anew.
    private func export(
        _ stages: [Planner], _ plans: inout [Plan], _ shared: RunShared,
        check: (Plan) throws(ExportError) -> Void
    ) throws(ExportError) -> (windows: [WindowResult?], partitions: [PartitionResult]) {
        var done = export(plans[0], shared)
        for (index, stage) in stages.enumerated().dropFirst() {
            let view = try view(of: shared.ledger, shared.archive, for: stage, notesSame: true)
            plans[index] = stage.plan(ledger: view)
            try check(plans[index])
            environment.meter.update(pipeline, stage.streams, plans[index])
            let (windows, partitions) = export(plans[index], shared)
            done.windows += windows
            done.partitions += partitions
        }
        return done
    }

    /// Results in the plan's order, nil for windows that were not begun; and what became of the
    /// partitions.
    private func export(
        _ plan: Plan, _ shared: RunShared
    ) -> (windows: [WindowResult?], partitions: [PartitionResult]) {
        let windows = plan.windows
        var results = [WindowResult?](repeating: nil, count: windows.count)
        guard !windows.isEmpty else { return (results, []) }
        let planned = PlannedPartition.partitions(of: windows, layout: pipeline.output.partition)
        let partitions = planned.map { PartitionRun(Array(windows[$0.windows]), shared: shared) }
        let partitionOf = planned.enumerated().flatMap { index, partition in
            Array(repeating: index, count: partition.windows.count)
        }
        let board = RunBoard<AccountRun>(
            windows, partitions: planned,
            bounds: pipeline.streams.map {
                StreamBound(windowsInFlight: $0.extract.windowsInFlight, isDrain: $0.isDrain)
            }, lanes: pipeline.lanes, clock: environment.clock.monotonicMilliseconds)
        var published: [PartitionResult?] = Array(repeating: nil, count: partitions.count)
        let meters = WindowMeters(windows, environment.meter)
        var reporter = EndReporter(shared.events)
        _ = laneGroup(for: plan).run(
            board, stop: shared.stop, makeContext: { LaneTools() },
            perform: { tools, job in
                if case .begin(let index) = job { meters.begin(index) }
                let outcome: RunBoard<AccountRun>.Outcome =
                    switch job {
                    case .begin(let index):
                        AccountRun(
                            windows[index], index: index, in: partitions[partitionOf[index]]
                        ).begin()
                    case .walk(_, let run, let work):
                        .walked(run.extractor.perform(work, readers: &tools.readers))
                    case .take(_, let run, let event): .taken(run.take(event))
                    case .compress(_, let block), .compressPart(_, let block): tools.run(block)
                    case .drain(_, let run): .ended(run.drain())
                    case .archive(let index, let walked): partitions[index].archive(walked)
                    case .make(let index, let ends): partitions[index].make(ends)
                    case .publish(let index, let ends): .published(partitions[index].publish(ends))
                    }
                meters.endWalks(outcome)
                return outcome
            },
            consume: { finished in
                for window in finished.windows {
                    results[window.index] = window.result
                    meters.end(window.index, window.result)
                }
                reporter.take(finished)
                if let partition = finished.partition, let first = finished.windows.first {
                    published[partitionOf[first.index]] = partition
                }
            })
        reporter.end()
        return (results, published.compactMap { $0 })
    }

    /// As many lanes as the plan can use, and as the process can have.
    private func laneGroup(for plan: Plan) -> LaneGroup {
        let pages = pipeline.streams.map(\.extract.pagesInFlight).max() ?? 1
        let spareLanes = LaneGroup.maximumLaneCount - pipeline.lanes
        let storageLanes = min(RunLimits.storageLanes, spareLanes / 2)
        return LaneGroup(
            requestLanes: min(pipeline.lanes, plan.windows.count * pages),
            computeLanes: min(
                environment.schedule?.coreCount ?? LaneGroup.coreCount, spareLanes - storageLanes),
            storageLanes: min(storageLanes, plan.windows.count), label: "cdrx",
            schedule: environment.schedule)
    }

    // MARK: - After the windows

    /// What is not pruned now is pruned by the next run.
    private func pruneArchive(_ shared: RunShared) {
        do {
            let keeping = ArchiveKeeping(pipeline, archive: shared.archive, ledger: shared.ledger)
            try keeping.prune(at: environment.clock.now())
        } catch {
            shared.events.report(
                RunEvent(
                    .archiveNotPruned, "the archive could not be pruned: \(error.message)",
                    [(.code, .text(error.code))]))
        }
    }

    /// Writes the run file and ends the run in the ledger. A run file that cannot be written is
    /// owed: the next run writes it.
    private func finish(
        _ report: inout RunReport, _ shared: RunShared, sequence: Int
    ) throws(ExportError) {
        environment.onReaching(.windowsDone)
        let finishedAt = environment.clock.now()
        let file = RunFile(
            sequence: sequence, runID: report.runID, pipeline: pipeline.name,
            startedAt: report.startedAt, finishedAt: finishedAt, tool: environment.tool,
            partitions: shared.manifests.sorted)
        do throws(ExportError) {
            report.runFile = try publishing(try shared.publisher.write(file))
        } catch {
            shared.events.report(
                RunEvent(
                    .runFileMissing, "the run file is missing: \(error.message)",
                    [(.code, .text(error.code))]))
            report.unwrittenRunFile = WindowResult.Failure(error)
        }
        environment.onReaching(.runFileWritten)
        let status: RunStatus =
            report.isInterrupted ? .interrupted : report.exitCode == 0 ? .complete : .incomplete
        report.finishedAt = finishedAt
        try storing(
            try shared.ledger.endRun(
                report.runID, status: status, at: finishedAt, traffic: report.traffic,
                totals: RunTotals(report), owesRunFile: report.runFile == nil))
        report.lastCompleteAt = try storing(
            try shared.ledger.lastComplete(pipeline: pipeline.name))
    }
}

extension Pipeline {
    /// ``PlanFingerprint/content(of:output:)`` by the stream's name.
    var contentFingerprints: [String: String] {
        let pairs = streams.map { ($0.name, PlanFingerprint.content(of: $0, output: output)) }
        return Dictionary(pairs) { first, _ in first }
    }
}

/// What a lane keeps from job to job.
private struct LaneTools {
    var readers = AnswerReaders()
    var compression = CompressionTools()

    mutating func run(_ job: CompressionJob) -> RunBoard<AccountRun>.Outcome {
        job.run(with: &compression)
        return .compressed
    }
}

extension PlanRequest {
    fileprivate var takesRefused: Bool {
        if case .rebuild(_, _, _, let rejectedOnly) = self { rejectedOnly } else { false }
    }
}
