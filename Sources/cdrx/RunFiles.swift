import ArgumentParser
import ExportModel
import ExportRun
import FileSystem
import Foundation

/// Files that a run leaves for monitoring.
struct RunFileOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write the run's figures to FILE for Prometheus' textfile collector.",
            valueName: "file"),
        completion: .file(extensions: ["prom"]))
    var metricsFile: String?

    @Option(
        help: ArgumentHelp(
            "Write the run's report to FILE as JSON, as --format json prints it.",
            valueName: "file"),
        completion: .file(extensions: ["json"]))
    var summaryFile: String?

    func validate() throws {
        for (flag, path) in [("--metrics-file", metricsFile), ("--summary-file", summaryFile)] {
            if path?.isEmpty == true { throw ValidationError("\(flag) names no file") }
        }
    }
}

/// Writes what runs leave for monitoring: whoever reads a file sees the former one or the new one.
struct RunFiles {
    let options: RunFileOptions
    let log: EventLog

    func write(_ outcomes: [PipelineOutcome]) {
        if let path = options.summaryFile {
            write(outcomes.map { $0.json + "\n" }.joined(), to: path)
        }
        if let path = options.metricsFile {
            write(MetricsFile(outcomes, tool: CDRX.tool).text, to: path)
        }
    }

    private func write(_ text: String, to path: String) {
        let files = Files<ExportError>(SystemDisk())
        // The collector takes files whose names end with .prom.
        let process = ProcessInfo.processInfo.processIdentifier
        let draft = "\(path).\(process).tmp"
        do throws(ExportError) {
            try files.writeDurably(Array(text.utf8), to: draft)
            try files.rename(draft, to: path)
            try files.syncDirectory(Files<ExportError>.parent(of: path))
        } catch {
            log.write(
                RunEvent(
                    .fileNotWritten, "\(path) could not be written: \(error.message)",
                    [(.path, .text(path)), (.reason, .text(error.message))]))
        }
    }
}
