import ArgumentParser
import BoundedDispatch
import ExportModel
import ExportRun
import Extraction
import FileSystem
import Foundation
import Logging
import ObjectStorage
import Planning
import Publication
import WarehouseSchema
import RunLedger

/// Runs pipelines for `run` and `backfill`: wires the real world in, prints, and picks the exit
/// code.
struct ExportSession {
    private let options: PipelineOptions
    private let console: ConsoleOptions
    private let logger: Logger

    init(_ options: PipelineOptions, _ console: ConsoleOptions) {
        self.options = options
        self.console = console
        logger = console.makeLogger()
    }

    /// Exports all pipelines, one after the other, and exits with the code of the whole.
    ///
    /// - Parameter shrink: instead of what the pipelines say.
    func export(
        _ files: [String], _ plan: PlanRequest, shrink: ShrinkPolicy? = nil, command: String,
        onlyListedAccounts: Bool = false, files runFiles: RunFileOptions
    ) throws {
        var pipelines = try PipelineLoading.load(
            files, options.place, sendsRequests: true, log: console.eventLog)
        if let shrink {
            for pipeline in pipelines.indices {
                for stream in pipelines[pipeline].streams.indices {
                    pipelines[pipeline].streams[stream].windows.shrink = shrink
                }
            }
        }
        let stop = StopToken()
        let log = console.eventLog
        let signals = SignalWatch(stopping: stop) { number in
            log.write(
                RunEvent(
                    .runInterrupted,
                    "signal \(number): requests in flight are ended and the run stops; it can be resumed",
                    [(.signal, .count(Int(number)))]))
        }
        let transport = makeTransport(stop)
        var outcomes: [PipelineOutcome] = []
        for pipeline in pipelines where !stop.isStopped {
            var request = self.request(plan, command: command)
            request.onlyListedAccounts = onlyListedAccounts
            let outcome = export(pipeline, request, transport, stop)
            outcomes.append(outcome)
            EndCommands(log: log).run(of: pipeline, outcome)
        }
        let reports = outcomes.compactMap(\.report)
        RunFiles(options: runFiles, log: log).write(outcomes)
        ReportPrinter(format: console.format, log: log).print(reports)
        if let signal = signals.signalNumber { throw ExitCode(128 + signal) }
        let exitCode = RunReport.exitCode(of: reports)
        // The other pipelines are not affected by one that could not begin.
        if let refused = outcomes.first(where: { $0.report == nil }) {
            throw exitCode == 0 ? ExitCode(refused.exitCode) : .failure
        }
        if exitCode != 0 { throw ExitCode(exitCode) }
    }

    /// What a run would do now.
    func plan(_ pipeline: Pipeline, _ plan: PlanRequest) throws -> Plan {
        let transport = makeTransport(StopToken())
        return try failing(
            try ExportPipeline(pipeline, environment: environment(transport)).plan(
                request(plan, command: "plan")))
    }

    /// The same without holding the windows; see ``ExportPipeline/forEachPlanned(_:_:)``.
    func forEachPlanned(
        _ pipeline: Pipeline, _ plan: PlanRequest, _ body: (PlannedWindow, _ isDue: Bool) -> Void
    ) throws -> Plan {
        let transport = makeTransport(StopToken())
        return try failing(
            try ExportPipeline(pipeline, environment: environment(transport)).forEachPlanned(
                request(plan, command: "plan"), body))
    }

    /// What a plan would take, by the provider's totals.
    func probe(
        _ pipeline: Pipeline, _ plan: Plan
    ) throws -> (streams: [PlanProbe.Estimate], whole: PlanProbe.Estimate) {
        let stop = StopToken()
        let signals = SignalWatch(stopping: stop) { _ in }
        defer { withExtendedLifetime(signals) {} }
        let probe = PlanProbe(pipeline, environment: environment(makeTransport(stop)))
        return try failing(try probe.run(plan, stop: stop))
    }

    /// Tries the credentials of all accounts.
    ///
    /// - Returns: the exit code; see ``CredentialCheck``.
    func check(
        _ pipeline: Pipeline, _ onOutcome: (CredentialCheck.Outcome) -> Void
    ) -> Int32 {
        let stop = StopToken()
        let signals = SignalWatch(stopping: stop) { _ in }
        let check = CredentialCheck(pipeline, environment: environment(makeTransport(stop)))
        let code = check.run(
            streams: options.streams, accounts: options.accounts, dueAt: options.dueAt,
            stop: stop, onOutcome: onOutcome)
        return signals.signalNumber.map { 128 + $0 } ?? code
    }

    private func makeTransport(_ stop: StopToken) -> HTTPTransport {
        HTTPTransport(
            userAgent: CDRX.tool, stop: stop,
            certificateFile: ProcessInfo.processInfo.environment["SSL_CERT_FILE"])
    }

    private func export(
        _ pipeline: Pipeline, _ request: ExportPipeline.Request, _ transport: HTTPTransport,
        _ stop: StopToken
    ) -> PipelineOutcome {
        let meter = RunMeter()
        let display = ProgressDisplay(meter, console.eventLog, pipeline: pipeline.name)
        let environment = environment(transport, meter)
        var outcome = PipelineOutcome(
            pipeline: pipeline.name, streams: pipeline.streams.map(\.name),
            startedAt: SystemClock.now())
        do throws(ExportError) {
            outcome.report = try ending(display) { () throws(ExportError) in
                try ExportPipeline(pipeline, environment: environment).run(request, stop: stop)
            }
        } catch {
            outcome.error = error
            var event = RunEvent(
                .runRefused, error.message,
                [(.code, .text(error.code)), (.kind, .text(error.kind.rawValue))])
            event.pipeline = pipeline.name
            console.eventLog.write(event)
        }
        outcome.endedAt = SystemClock.now()
        return outcome
    }

    private func ending<Value>(
        _ display: ProgressDisplay, _ body: () throws(ExportError) -> Value
    ) throws(ExportError) -> Value {
        defer { display.end() }
        return try body()
    }

    private func request(_ plan: PlanRequest, command: String) -> ExportPipeline.Request {
        ExportPipeline.Request(
            plan: plan, dueAt: options.selection.now?.moment, streams: options.streams,
            accounts: options.accounts,
            command: command + (options.place.shard.map { " --shard \($0)" } ?? ""))
    }

    /// Turns an error into its message and exit code.
    private func failing<Value>(
        _ body: @autoclosure () throws(ExportError) -> Value
    ) throws -> Value {
        do {
            return try body()
        } catch {
            logger.error("\(error.message) [\(error.code)]")
            throw error.exitCode
        }
    }

    private func environment(
        _ transport: HTTPTransport, _ meter: RunMeter = RunMeter()
    ) -> RunEnvironment {
        let log = console.eventLog
        return RunEnvironment(
            clock: SystemClock.environment(), transport: transport, disk: SystemDisk(),
            makeObjectStore: { location, stop throws(ObjectStorageError) in
                let client = try StoreAccess.client(of: location, stop: stop) { retry in
                    if log.leastLevel <= .debug { log.write(RunEvent(retry)) }
                }
                return { client.quoting($0) }
            },
            hostName: ProcessInfo.processInfo.hostName,
            processID: ProcessInfo.processInfo.processIdentifier, tool: CDRX.tool,
            meter: meter, leastLevel: log.leastLevel, onEvent: log.write)
    }
}

extension ExportError {
    /// 75 for a held ledger or store, 77 for a store's credentials, 64 for flags that do not fit the pipeline, 78 for what its file asks
    /// wrongly, else 1.
    var exitCode: ExitCode {
        switch code {
        case LedgerError.Code.ledgerLocked.rawValue, LedgerError.Code.outputLocked.rawValue,
            PartitionError.Code.leaseHeld.rawValue:
            ProcessExit.temporaryFailure
        case ObjectStorageError.Code.accessDenied.rawValue,
            ObjectStorageError.Code.credentials.rawValue:
            ProcessExit.authentication
        case ObjectStorageError.Code.noBucket.rawValue: ProcessExit.configuration
        case PlanningError.Code.unknownStream.rawValue,
            PlanningError.Code.unknownAccount.rawValue, PlanningError.Code.rangeOffGrid.rawValue,
            PlanningError.Code.emptyRange.rawValue, ExportError.Code.tableDiffers.rawValue,
            WarehouseError.Code.formatNotLoadable.rawValue,
            WarehouseError.Code.storeNotReadable.rawValue:
            .validationFailure
        default: kind == .configuration ? ProcessExit.configuration : .failure
        }
    }
}

extension RunEvent {
    /// A request to a store that is made again.
    fileprivate init(_ retry: StoreRetry) {
        self.init(
            .storeRetried, "\(retry.reason.message); asked again",
            [
                (.code, .text(retry.reason.code)), (.attempt, .count(retry.failed)),
                (.attempts, .count(retry.attempts)),
                (.pauseSeconds, .milliseconds(retry.pauseMilliseconds)),
            ])
    }
}
