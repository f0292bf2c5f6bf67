import ArgumentParser
import ExportModel
import ExportRun
import FileSystem
import Logging
import Planning
import RunLedger

/// `cdrx plan FILE`
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Print the windows that run or backfill would export now, and why.",
        discussion: """
            Nothing is written, and without --probe nothing is sent. --probe asks the provider for \
            totals (one request a window, at most 200) and prints the rows, requests, time and \
            bytes that the plan would take.

            Examples:
              cdrx plan nightly.yaml
              cdrx plan history.yaml --from 2024-01-01 --to 2026-01-01 --probe
              cdrx plan history.yaml --from 2024-01-01 --to 2026-01-01 --summary
              cdrx plan nightly.yaml --shard 2/4 --format ndjson
            """)

    @Argument(help: "Pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @Option(
        help: ArgumentHelp("Plan a backfill from this window on.", valueName: "day"),
        transform: BorderArgument.parse)
    var from: BorderArgument?

    @Option(
        help: ArgumentHelp("First window that the backfill leaves out.", valueName: "day"),
        transform: BorderArgument.parse)
    var to: BorderArgument?

    @Flag(help: "Plan a backfill that exports complete windows again.")
    var force = false

    @Flag(help: "Ask for totals: how many rows, requests, minutes and bytes.")
    var probe = false

    @Flag(help: "A line an account: windows, requests, and seconds at the rate it is allowed.")
    var summary = false

    @OptionGroup var pipelineOptions: PipelineOptions
    @OptionGroup var console: ConsoleOptions

    func validate() throws {
        try BorderArgument.requireBothOrNone(from, to)
        if probe, summary || console.format == .ndjson {
            throw ValidationError(
                "--probe goes with neither --summary nor --format ndjson, which print windows "
                    + "before all are known")
        }
        if force, from == nil {
            throw ValidationError("--force needs --from and --to, as for backfill")
        }
    }

    private var request: PlanRequest {
        guard let from, let to else { return .run }
        return .backfill(from: from.hour, to: to.hour, mode: force ? .force : .missing)
    }

    func run() throws {
        let session = ExportSession(pipelineOptions, console)
        let pipelines = try PipelineLoading.load(
            [file], pipelineOptions.place, sendsRequests: probe, log: console.eventLog)
        for pipeline in pipelines {
            if summary {
                try printAccounts(session, pipeline)
            } else if console.format == .ndjson {
                try printLines(session, pipeline)
            } else {
                try printPlan(session, pipeline)
            }
        }
    }

    private func printPlan(_ session: ExportSession, _ pipeline: Pipeline) throws {
        let plan = try session.plan(pipeline, request)
        var describer = PlanDescriber(pipeline, pipelineOptions)
        let described = plan.windows.map { describer.describe($0) }
        try console.reporting { () throws(ExportError) in try describer.finish() }
        let estimate = probe ? try session.probe(pipeline, plan) : nil
        switch console.format {
        case .json, .ndjson:
            JSONReport.printPlan(plan, described, estimate, of: pipeline)
        case .table:
            printTable(described)
            if let estimate { ProbeTable(estimate).print() }
            printSummary(plan, of: pipeline)
        }
        if let failure = estimate?.whole.failures.first {
            console.makeLogger().error("\(failure.message) [\(failure.code)]")
            throw ExitCode(RunReport.exitCode(of: [failure.kind]))
        }
    }

    /// A line a window as it is planned: none is held.
    private func printLines(_ session: ExportSession, _ pipeline: Pipeline) throws {
        var describer = PlanDescriber(pipeline, pipelineOptions)
        var texts = PlanTexts()
        var lines = JSONLines()
        _ = try session.forEachPlanned(pipeline, request) { window, isDue in
            if isDue { lines.append(JSONReport.planned(describer.describe(window), &texts)) }
        }
        lines.print()
        try console.reporting { () throws(ExportError) in try describer.finish() }
    }

    private func printAccounts(_ session: ExportSession, _ pipeline: Pipeline) throws {
        var summary = try console.reporting { () throws(ExportError) in
            try PlanSummary(of: pipeline)
        }
        _ = try session.forEachPlanned(pipeline, request) { window, isDue in
            if isDue { summary.add(window) }
        }
        try console.reporting { () throws(ExportError) in try summary.finish() }
        switch console.format {
        case .json, .ndjson: JSONReport.print(summary, console.format, of: pipeline)
        case .table: AccountTable(summary).print()
        }
    }

    private func printTable(_ windows: [DescribedWindow]) {
        let terminal = Terminal.standardOutput()
        let isNarrow = terminal.columnCount.map { $0 < 140 } ?? false
        var table = TextTable(
            [("STREAM", .left), ("ACCOUNT", .left), ("WINDOW", .fixed)]
                + (isNarrow ? [] : [("START", .fixed), ("END", .fixed)])
                + [("FROM", .fixed), ("WHY", .left)])
        for window in windows {
            let planned = window.planned
            let range = planned.window.range
            table.append(
                [planned.stream, planned.account, "\(planned.window.key)"]
                    + (isNarrow ? [] : [range?.start.iso8601 ?? "-", range?.end.iso8601 ?? "-"])
                    + [planned.needsNoRequest ? "archive" : "provider", window.explanation])
        }
        table.print(fitting: terminal.columnCount)
    }

    private func printSummary(_ plan: Plan, of pipeline: Pipeline) {
        let asked = plan.windows.count { !$0.needsNoRequest }
        let next = plan.nextDueAt(in: pipeline).map { ", the next at \($0.iso8601)" } ?? ""
        Console.printMessage(
            "\(plan.windows.count, "window") to export, \(asked) of them from the provider, "
                + "\(plan.skippedComplete) complete already, "
                + "\(plan.notDue.count) not due yet\(next)")
        for windows in plan.outdated { Console.printMessage(windows.message) }
        for stream in plan.streamsWithoutDates {
            Console.printMessage(
                "\(stream): a request list has no dates, so backfill leaves it out")
        }
    }
}

/// A planned window and what the ledger says of it.
struct DescribedWindow {
    var planned: PlannedWindow
    var state: ReportedState
    /// Of a window whose last attempt failed.
    var record: WindowRecord?

    /// Why it is exported: the reason's word, and what it means here.
    var explanation: String {
        "\(planned.reason.rawValue.replacing("_", with: " ")): \(details)"
    }

    private var details: String {
        switch planned.reason {
        case .forced: "complete, and --force asks for it again"
        case .retry: retry
        case .publish: "verified and archived, not published yet"
        case .archivePruned: "its partition is made again, and the archive lacks it"
        case .outdated: "made with other settings than the pipeline file's"
        case .rebuild: "asked for"
        case .listChanged: "its list of request ids is another one now"
        case .refresh: "one of the newest, read again for late records"
        case .range: "in the pipeline's range, never begun"
        case .catchUp: "after catch_up_from, never begun"
        case .backfill: "in the stretch, never begun"
        }
    }

    private var retry: String {
        guard let record, let failure = record.failure else {
            return state.words + " before"
        }
        return "\(state.words) after \(record.attempts, "attempt"), \(failure.code)"
    }
}

extension Plan {
    /// When the first window that is not due yet will be.
    func nextDueAt(in pipeline: Pipeline) -> Timestamp? {
        notDue.compactMap { window in
            let settle = pipeline.streams[window.streamIndex].windows.settleMilliseconds
            return window.window.range?.end.advanced(milliseconds: settle)
        }.min()
    }
}

/// What a plan would take, a line a stream.
private struct ProbeTable {
    private let streams: [PlanProbe.Estimate]
    private let whole: PlanProbe.Estimate

    init(_ estimate: (streams: [PlanProbe.Estimate], whole: PlanProbe.Estimate)) {
        streams = estimate.streams
        whole = estimate.whole
    }

    func print() {
        var table = TextTable([
            ("STREAM", .left), ("WINDOWS", .right), ("KNOWN", .right), ("ROWS", .right),
            ("REQUESTS", .right), ("MINUTES", .right), ("MB", .right),
        ])
        for estimate in streams + (streams.count > 1 ? [whole] : []) {
            table.append([
                estimate.stream ?? "all", "\(estimate.windowCount)", "\(estimate.knownCount)",
                "\(estimate.rows)", "\(estimate.requests)", Self.tenths(estimate.seconds / 60),
                Self.tenths(Double(estimate.byteCount) / 1e6),
            ])
        }
        Console.printData("")
        table.print(fitting: Terminal.standardOutput().columnCount)
        if whole.knownCount < whole.windowCount {
            Console.printMessage(
                "the totals of \(whole.knownCount) of \(whole.windowCount, "window") are known; "
                    + "the others count as the average of their stream")
        }
    }

    /// Rounded up, so that nothing takes no time.
    private static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded(.up))
        return "\(tenths / 10).\(tenths % 10)"
    }
}
