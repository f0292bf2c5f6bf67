import ArgumentParser
import ExportModel
import ExportRun
import PipelineFile
import Planning

/// `cdrx run FILE…`
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Export the windows that the pipeline's range, catch-up and refresh ask for.",
        discussion: """
            Examples:
              cdrx run nightly.yaml
              cdrx run telecmi.yaml commo.yaml --quiet
              cdrx run nightly.yaml --stream commo --account hq --out /srv/exports
            """)

    @Argument(help: "Pipeline files.", completion: .file(extensions: ["yaml", "yml"]))
    var files: [String]

    @OptionGroup var pipelineOptions: PipelineOptions
    @OptionGroup var console: ConsoleOptions
    @OptionGroup var runFiles: RunFileOptions

    func run() throws {
        try ExportSession(pipelineOptions, console).export(
            files, .run, command: "run", files: runFiles)
    }
}

/// `cdrx backfill FILE --from D --to D`
struct BackfillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backfill",
        abstract: "Export any stretch of windows, skipping those that are complete.",
        discussion: """
            Examples:
              cdrx backfill history.yaml --from 2024-01-01 --to 2026-01-01
              cdrx backfill nightly.yaml --from 2026-11-19 --to 2026-11-20 --force
              cdrx backfill hourly.yaml --from 2026-11-19T07 --to 2026-11-19T09
            """)

    @Argument(help: "Pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @Option(
        help: ArgumentHelp("First window, as in 2026-01-01.", valueName: "day"),
        transform: BorderArgument.parse)
    var from: BorderArgument

    @Option(
        help: ArgumentHelp("First window that is not exported any more.", valueName: "day"),
        transform: BorderArgument.parse)
    var to: BorderArgument

    @Flag(help: "Skip windows that are complete (the default).")
    var missing = false

    @Flag(help: "Export complete windows again; unchanged ones are not rewritten.")
    var force = false

    @Option(
        help: ArgumentHelp(
            "What to do with a window of which the provider has fewer rows than are published, "
                + "instead of what the pipeline says: keep, replace or fail.",
            valueName: "policy"), transform: ShrinkArgument.parse)
    var shrink: ShrinkPolicy?

    @OptionGroup var pipelineOptions: PipelineOptions
    @OptionGroup var console: ConsoleOptions
    @OptionGroup var runFiles: RunFileOptions

    func validate() throws {
        if missing, force { throw ValidationError("--missing and --force exclude each other") }
        try BorderArgument.requireOrder(from, to)
    }

    func run() throws {
        let request = PlanRequest.backfill(
            from: from.hour, to: to.hour, mode: force ? .force : .missing)
        try ExportSession(pipelineOptions, console).export(
            [file], request, shrink: shrink,
            command: "backfill --from \(from.text) --to \(to.text)" + (force ? " --force" : "")
                + (shrink.map { " --shrink \($0.rawValue)" } ?? ""), files: runFiles)
    }
}

/// `--shrink`
private enum ShrinkArgument {
    static func parse(_ text: String) throws -> ShrinkPolicy {
        guard let policy = ShrinkPolicy(rawValue: text) else {
            let known = ShrinkPolicy.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(text)' is none of \(known)")
        }
        return policy
    }
}

/// `cdrx validate FILE…`
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check pipeline and endpoint files: every mistake at once, no request.",
        discussion: """
            A file with `provider` and `endpoints` alone is an endpoint file. No command of a credential (`${command:…}`) is run; `cdrx check` does that.

            Examples:
              cdrx validate nightly.yaml
              cdrx validate pipelines/nightly.yaml pipelines/history.yaml
              cdrx validate my-pbx.yaml
            """)

    @Argument(
        help: "Pipeline files, and endpoint files.", completion: .file(extensions: ["yaml", "yml"]))
    var files: [String]

    @Option(
        help: ArgumentHelp("As for run.", valueName: "dir"), transform: OutputArgument.parse)
    var out: String?

    func run() throws {
        var lines: [String] = []
        for file in files {
            do {
                lines.append("\(file): valid (\(try summary(of: file)))")
            } catch let code as ExitCode where code == ProcessExit.configuration {
                // Its findings are printed; those of the other files are to be too.
            }
        }
        guard lines.count == files.count else { throw ProcessExit.configuration }
        for line in lines { Console.printData(line) }
    }

    private func summary(of file: String) throws -> String {
        if PipelineLoading.isEndpointFile(file) {
            let own = try PipelineLoading.catalog(file).own
            return "\(own.count, "endpoint"): \(own.joined(separator: ", "))"
        }
        let streams = try PipelineLoading.load([file], out: out).flatMap(\.streams)
        let accounts = streams.reduce(0) { $0 + $1.accounts.count }
        return "\(streams.count, "stream"), \(accounts, "account")"
    }
}
