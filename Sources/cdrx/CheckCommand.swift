import ArgumentParser
import ExportRun

/// `cdrx check FILE`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Try every account's credentials with one small request.")

    @Argument(help: "Pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @OptionGroup var pipelineOptions: PipelineOptions
    @OptionGroup var console: ConsoleOptions

    func run() throws {
        let pipelines = try PipelineLoading.load(
            [file], out: pipelineOptions.out, sendsRequests: true)
        try ExportSession(pipelineOptions, console).check(pipelines)
    }
}
