import ArgumentParser
import CFileSystem
import Foundation

/// The command line: arguments in, exit codes out; everything else is in the modules below.
@main
struct CDRX: AsyncParsableCommand {
    /// What manifests, the `User-Agent` and the first line of `--version` say.
    static let version = "0.1.0"
    /// When ``version`` last changed, for the man page.
    static let versionDate = "2026-11-22"
    static let tool = "cdrx/\(version)"

    static let configuration = CommandConfiguration(
        commandName: "cdrx",
        abstract: "Exports call detail records into verified partitions.",
        discussion: """
            A published partition is complete, exact and reproducible, or it is not published.

            Exit codes: 0 all windows complete, 1 some window is not, 64 usage, 69 providers could \
            not be reached, 74 output could not be written, 75 another run holds the ledger or the \
            output, 77 authentication failed, 78 invalid pipeline file, 130/143 interrupted and \
            resumable.

            `cdrx help CODE` explains a code that a message ends with, as in `cdrx help unreconciled`; \
            `cdrx help codes` lists them.

            Examples:
              cdrx init telecmi.v1.outanswered -o calls.yaml
              cdrx run calls.yaml
              cdrx status calls.yaml
            """,
        version: BuildFacts.text,
        subcommands: [
            InitCommand.self, RunCommand.self, BackfillCommand.self, RebuildCommand.self,
            PlanCommand.self,
            ValidateCommand.self,
            CheckCommand.self, StatusCommand.self, VerifyCommand.self, RejectsCommand.self,
            ReportCommand.self,
            FilesCommand.self, LoadCommand.self, EndpointsCommand.self, SchemaCommand.self,
            SimulateCommand.self,
            ArchiveCommand.self, CompletionsCommand.self, ManualCommand.self, RunsCommand.self,
        ])

    /// As in every other message.
    static var _errorLabel: String { "error" }

    static func main() async {
        cfs_use_two_heaps()
        Console.survivesClosedPipes()
        let arguments = Array(ProcessInfo.processInfo.arguments.dropFirst())
        do {
            if let topic = try HelpTopic(arguments) { return topic.print() }
            var command = try await asyncParseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            CommandFailure(error: error, arguments: arguments).exit()
        }
    }
}
