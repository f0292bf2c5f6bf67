import ArgumentParser
import ExportModel
import ExportRun
import FileSystem
import Foundation

/// `cdrx report FILE -o report.html`
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write what is known of a pipeline as one HTML page that opens from disk.",
        discussion: """
            Coverage calendars, rows, answered and missed calls and durations by window, the \
            history of runs, rejects by reason, and windows that changed late. The page loads \
            nothing and runs no script; it is made of ledger, manifests and files of rejects.

            Examples:
              cdrx report nightly.yaml -o nightly.html
            """)

    @Argument(help: "Pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where to write the page; - is stdout.", valueName: "path"),
        completion: .file(extensions: ["html"]))
    var output = "report.html"

    @Option(
        help: ArgumentHelp("Leave out windows before it, as in 2026-01-01.", valueName: "day"),
        transform: BorderArgument.parse)
    var since: BorderArgument?

    @OptionGroup var pipelineOptions: PipelineOptions
    @OptionGroup var console: ConsoleOptions

    func run() throws {
        let pipeline = try PipelineLoading.load([file], pipelineOptions.place)[0]
        let inspection = try OutputAccess.inspection(of: pipeline)
        let data = try console.reporting { () throws(ExportError) in
            try ReportData(
                of: pipeline, inspection,
                streams: pipelineOptions.streams, accounts: pipelineOptions.accounts,
                since: since?.hour, dueAt: pipelineOptions.dueAt)
        }
        let page = ReportPage(data).html.text
        if output == "-" { return Console.printText(page) }
        do {
            try Data(page.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
        } catch {
            Console.printMessage(
                "error: \(output) cannot be written: \(error.localizedDescription)")
            throw ProcessExit.unwritable
        }
        for note in data.notes { Console.printMessage("warning: \(note)") }
        Console.printMessage("\(output): \(page.utf8.count / 1_000) kB; open it in a browser")
    }
}
