import ArgumentParser
import ExportModel
import ExportRun
import Planning

/// `cdrx plan FILE`
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Print the windows that run would export now; nothing is sent or written.")

    @Argument(help: "Pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @OptionGroup var pipelineOptions: PipelineOptions
    @OptionGroup var console: ConsoleOptions

    func run() throws {
        let session = ExportSession(pipelineOptions, console)
        let pipelines = try PipelineLoading.load([file], out: pipelineOptions.out)
        for pipeline in pipelines {
            let plan = try session.plan(pipeline)
            switch console.format {
            case .json: Console.printData(JSONReport.plan(plan, of: pipeline))
            case .table: printTable(plan)
            }
        }
    }

    private func printTable(_ plan: Plan) {
        var table = TextTable([
            ("STREAM", .left), ("ACCOUNT", .left), ("WINDOW", .left), ("START", .left),
            ("END", .left), ("WHY", .left), ("FROM", .left),
        ])
        for window in plan.windows {
            table.append([
                window.stream, window.account, "\(window.window.key)",
                window.window.range?.start.iso8601 ?? "-", window.window.range?.end.iso8601 ?? "-",
                window.reason.rawValue, window.needsNoRequest ? "archive" : "provider",
            ])
        }
        table.print()
        let asked = plan.windows.count { !$0.needsNoRequest }
        Console.printMessage(
            "\(plan.windows.count, "window") to export, \(asked) of them from the provider, "
                + "\(plan.skippedComplete) complete already, "
                + "\(plan.notDue.count) not due yet")
        for windows in plan.outdated { Console.printMessage(windows.message) }
    }
}
