import ArgumentParser
import ExportRun
import Planning

/// `cdrx rebuild FILE`
struct RebuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Make partitions again from the archive, without a request.",
        discussion: """
            After a change of columns, format or mapping, after an endpoint's entry was mended, or \
            after an output directory was lost. Unchanged partitions are not rewritten.

            Examples:
              cdrx rebuild nightly.yaml --outdated
              cdrx rebuild nightly.yaml --rejected --from 2026-11-01 --to 2026-12-01
            """)

    @Argument(help: "Pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @Option(
        help: ArgumentHelp(
            "First window, as in 2026-01-01; without it the oldest.", valueName: "day"),
        transform: BorderArgument.parse)
    var from: BorderArgument?

    @Option(
        help: ArgumentHelp(
            "First window that is not made any more; without it all.", valueName: "day"),
        transform: BorderArgument.parse)
    var to: BorderArgument?

    @Flag(help: "Only partitions that were made with other settings than today's.")
    var outdated = false

    @Flag(help: "Only windows with rejects, and those that were refused because of them.")
    var rejected = false

    @Flag(help: "Leave out accounts that are no longer in the pipeline file.")
    var onlyListed = false

    @OptionGroup var pipelineOptions: PipelineOptions
    @OptionGroup var console: ConsoleOptions
    @OptionGroup var runFiles: RunFileOptions

    func validate() throws {
        try BorderArgument.requireOrder(from, to)
    }

    func run() throws {
        let request = PlanRequest.rebuild(
            from: from?.hour, to: to?.hour, outdatedOnly: outdated, rejectedOnly: rejected)
        let command =
            ["rebuild"] + (from.map { ["--from", $0.text] } ?? [])
            + (to.map { ["--to", $0.text] } ?? []) + (outdated ? ["--outdated"] : [])
            + (rejected ? ["--rejected"] : []) + (onlyListed ? ["--only-listed"] : [])
        try ExportSession(pipelineOptions, console).export(
            [file], request, command: command.joined(separator: " "),
            onlyListedAccounts: onlyListed, files: runFiles)
    }
}
