import ArgumentParser
import BoundedDispatch
import ExportModel
import ExportRun
import Extraction
import FileSystem
import Foundation
import Logging
import Planning
import Publication

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
        onlyListedAccounts: Bool = false
    ) throws {
        var pipelines = try PipelineLoading.load(files, out: options.out, sendsRequests: true)
        if let shrink {
            for pipeline in pipelines.indices {
                for stream in pipelines[pipeline].streams.indices {
                    pipelines[pipeline].streams[stream].windows.shrink = shrink
                }
            }
        }
        let stop = StopToken()
        let logger = logger
        let signals = SignalWatch(stopping: stop) { number in
            logger.notice(
                "signal \(number): requests in flight are ended and the run stops; it can be resumed"
            )
        }
        let transport = makeTransport(stop)
        var reports: [RunReport] = []
        var refused: ExitCode?
        for pipeline in pipelines where !stop.isStopped {
            do {
                var request = self.request(plan, command: command)
                request.onlyListedAccounts = onlyListedAccounts
                reports.append(try export(pipeline, request, transport, stop))
            } catch let code as ExitCode {
                // The other pipelines are not affected.
                refused = refused ?? code
            }
        }
        ReportPrinter(format: console.format, logger: logger).print(reports)
        if let signal = signals.signalNumber { throw ExitCode(128 + signal) }
        let exitCode = RunReport.exitCode(of: reports)
        if let refused { throw exitCode == 0 ? refused : .failure }
        if exitCode != 0 { throw ExitCode(exitCode) }
    }

    /// What a run would do now.
    func plan(_ pipeline: Pipeline, _ plan: PlanRequest) throws -> Plan {
        let transport = makeTransport(StopToken())
        return try failing(
            try ExportPipeline(pipeline, environment: environment(transport)).plan(
                request(plan, command: "plan")))
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
    ) throws -> RunReport {
        try failing(
            try ExportPipeline(pipeline, environment: environment(transport)).run(
                request, stop: stop))
    }

    private func request(_ plan: PlanRequest, command: String) -> ExportPipeline.Request {
        ExportPipeline.Request(
            plan: plan, dueAt: options.now?.moment, streams: options.streams,
            accounts: options.accounts, command: command)
    }

    /// Turns an error of the whole run into its message and exit code.
    private func failing<Value>(_ body: @autoclosure () throws(ExportError) -> Value) throws
        -> Value
    {
        do {
            return try body()
        } catch {
            Console.showProgress("")
            logger.error("\(error.message)")
            throw error.exitCode
        }
    }

    private func environment(_ transport: HTTPTransport) -> RunEnvironment {
        let progress = ProgressPrinter(logger: logger, isQuiet: console.quiet)
        return RunEnvironment(
            clock: SystemClock.environment(), transport: transport,
            disk: SystemDisk(), logger: logger,
            hostName: ProcessInfo.processInfo.hostName,
            processID: ProcessInfo.processInfo.processIdentifier, tool: CDRX.tool,
            onWindow: progress.show)
    }
}

extension ExportError {
    /// 75 for a held ledger, 64 for flags that do not fit the pipeline, 78 for what its file asks
    /// wrongly, else 1.
    var exitCode: ExitCode {
        switch code {
        case "ledger_locked", "output_locked": ProcessExit.temporaryFailure
        case "unknown_stream", "unknown_account", "range_off_grid", "empty_range", "table_differs",
            "format_not_loadable":
            .validationFailure
        default: kind == .configuration ? ProcessExit.configuration : .failure
        }
    }
}

/// Reports every window as it ends: on a terminal as one moving line, else as log lines.
struct ProgressPrinter: Sendable {
    let logger: Logger
    let isQuiet: Bool

    @Sendable
    func show(_ done: Int, _ all: Int, _ result: WindowResult) {
        let name = "\(result.stream)/\(result.account)/\(result.window)"
        if let failure = result.failure {
            logger.error("\(name): \(failure.message) [\(failure.code)]")
        }
        if result.status == .interrupted {
            logger.notice("\(name): interrupted; the next run resumes it")
        } else if result.status == .skipped {
            // The summary counts them: there may be thousands.
        } else if Console.stderrIsTerminal, !isQuiet {
            Console.showProgress(done == all ? "" : "\(done) of \(all) windows, last \(name)")
        } else if result.failure == nil {
            logger.info(
                "\(name): \(result.status.rawValue), \(result.rows) rows (\(done) of \(all))")
        }
    }
}
