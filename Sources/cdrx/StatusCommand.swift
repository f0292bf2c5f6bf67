import ArgumentParser
import ExportModel
import ExportRun
import FileSystem
import Foundation
import Logging
import RunLedger

/// `cdrx status FILE`
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Print how far a pipeline has come: a summary, a calendar, and what is wrong.",
        discussion: """
            A window is missing where it is due, lies after the first that is known, and was never \
            begun. With --windows, --failed or --gaps the windows themselves are listed.

            Examples:
              cdrx status nightly.yaml
              cdrx status nightly.yaml --failed
              cdrx status nightly.yaml --gaps --since 2026-01-01 --format json
              cdrx status nightly.yaml --rebuild
            """)

    @Argument(help: "Pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @Flag(help: "List every window of every account.")
    var windows = false

    @Flag(
        help: ArgumentHelp(
            "First make a lost ledger again from the manifests of the output; what it knows stays."
        ))
    var rebuild = false

    @Flag(help: "List the windows whose last attempt failed, and why.")
    var failed = false

    @Flag(help: "List the windows that are due and not complete, missing ones too.")
    var gaps = false

    @Option(
        help: ArgumentHelp("Leave out windows before it, as in 2026-01-01.", valueName: "day"),
        transform: BorderArgument.parse)
    var since: BorderArgument?

    @OptionGroup var pipelineOptions: PipelineOptions
    @OptionGroup var console: ConsoleOptions

    private var isList: Bool { windows || failed || gaps }

    func run() throws {
        for pipeline in try PipelineLoading.load([file], pipelineOptions.place) {
            let failures = rebuild ? try rebuildLedger(of: pipeline) : 0
            switch console.format {
            case .json, .ndjson: try printJSON(pipeline)
            case .table: try printTables(pipeline)
            }
            if failures > 0 { throw ExitCode.failure }
        }
    }

    /// - Returns: how many partitions were left out.
    private func rebuildLedger(of pipeline: Pipeline) throws -> Int {
        let output = try OutputAccess.open(pipeline)
        let holder = LockHolder(
            processID: ProcessInfo.processInfo.processIdentifier,
            host: ProcessInfo.processInfo.hostName, command: "status \(file) --rebuild",
            startedAt: SystemClock.now())
        let rebuilt = try console.reporting { () throws(ExportError) in
            try LedgerRebuild(pipeline, from: output, holder: holder, disk: SystemDisk())
        }
        let logger = console.makeLogger()
        for failure in rebuilt.failures { logger.error("\(failure.message) [\(failure.code)]") }
        let (count, path) = (rebuilt.restoredCount, pipeline.stateDirectory.ledgerPath)
        logger.info(
            "\(path): \(count) of \(rebuilt.partitionCount, "partition") recorded, others were known"
        )
        return rebuilt.failures.count
    }

    /// Whether a window is to be listed.
    private func isAsked(_ window: CoveredWindow) -> Bool {
        if windows || !isList { return true }
        return failed && window.state.isFailure || gaps && window.state.isGap
    }

    @discardableResult
    private func cover(
        _ pipeline: Pipeline, _ body: (CoveredWindow) -> Void
    ) throws -> [StreamCoverage] {
        try console.reporting { () throws(ExportError) in
            try PipelineInspection(pipeline, disk: SystemDisk()).coverage(
                streams: pipelineOptions.streams, accounts: pipelineOptions.accounts,
                since: since?.hour, now: pipelineOptions.dueAt, body)
        }
    }

    private func printJSON(_ pipeline: Pipeline) throws {
        var writer = JSONReportWriter(
            "status", console.format, pipeline: pipeline.name, list: "windows")
        var counts: [ReportedState: Int] = [:]
        let streams = try cover(pipeline) { window in
            guard isAsked(window) else { return }
            counts[window.state, default: 0] += 1
            writer.append(JSONReport.status(window))
        }
        var members = JSONObject()
        members.add("streams", streams.map(JSONReport.coverage))
        writer.finish(counts: JSONReport.counts(counts), members)
    }

    private func printTables(_ pipeline: Pipeline) throws {
        let terminal = Terminal.standardOutput()
        if isList { return try printList(pipeline, terminal) }
        var failures = FailureGroups()
        let streams = try cover(pipeline) { failures.add($0) }
        StatusSummary(streams).print(of: pipeline, terminal)
        for stream in streams { CoverageCalendar(stream).print(terminal) }
        CoverageCalendar.printLegend(of: streams, terminal)
        failures.print(terminal)
    }

    private func printList(_ pipeline: Pipeline, _ terminal: Terminal) throws {
        let isNarrow = terminal.isNarrow
        var table = TextTable(
            [("STREAM", .left), ("ACCOUNT", .left), ("WINDOW", .fixed), ("STATE", .fixed)]
                + (isNarrow
                    ? []
                    : [
                        ("ATTEMPTS", .right), ("ROWS", .right), ("REJECTS", .right),
                        ("PUBLISHED", .fixed),
                    ]) + [("FAILURE", .left)])
        try cover(pipeline) { window in
            guard isAsked(window) else { return }
            let record = window.record
            let details = [
                "\(record?.attempts ?? 0)", record?.archived.map { "\($0.rows)" } ?? "-",
                record?.archived.map { "\($0.rejects)" } ?? "-",
                record?.published?.publishedAt.iso8601 ?? "-",
            ]
            table.append(
                [window.stream, window.account, window.window, window.state.words]
                    + (isNarrow ? [] : details)
                    + [record?.failure.map { "\($0.code): \($0.message)" } ?? ""])
        }
        table.print(fitting: terminal.columnCount)
    }
}
