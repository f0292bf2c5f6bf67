import ArgumentParser
import ExportModel
import ExportRun
import FileSystem
import Foundation
import Publication
import RunLedger

/// `cdrx status FILE`
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Print what the ledger knows of every window.")

    @Argument(help: "Pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @OptionGroup var pipelineOptions: PipelineOptions
    @OptionGroup var console: ConsoleOptions

    func run() throws {
        for pipeline in try PipelineLoading.load([file], out: pipelineOptions.out) {
            let inspection = PipelineInspection(pipeline, disk: SystemDisk())
            switch console.format {
            case .json: try printLines(inspection)
            case .table: try printTable(inspection)
            }
        }
    }

    private func printLines(_ inspection: PipelineInspection) throws {
        var lines = JSONLines()
        try forEachWindow(inspection) { record, state in
            lines.append(JSONReport.status(record, state: state))
        }
        lines.print()
    }

    private func printTable(_ inspection: PipelineInspection) throws {
        var table = TextTable([
            ("STREAM", .left), ("ACCOUNT", .left), ("WINDOW", .left), ("STATE", .left),
            ("ATTEMPTS", .right), ("ROWS", .right), ("REJECTS", .right), ("PUBLISHED", .left),
            ("FAILURE", .left),
        ])
        try forEachWindow(inspection) { record, state in
            table.append([
                record.identity.stream, record.identity.account, record.identity.window, state,
                "\(record.attempts)",
                record.archived.map { "\($0.rows)" } ?? "-",
                record.archived.map { "\($0.rejects)" } ?? "-",
                record.published?.publishedAt.iso8601 ?? "-",
                record.failure.map { "\($0.code): \($0.message)" } ?? "",
            ])
        }
        table.print()
    }

    /// Hands out windows with what to call their state.
    private func forEachWindow(
        _ inspection: PipelineInspection, _ body: (WindowRecord, String) -> Void
    ) throws {
        try inspection.forEachWindow(
            streams: pipelineOptions.streams, accounts: pipelineOptions.accounts
        ) { record in
            body(record, inspection.isOutdated(record) ? "outdated" : record.state.rawValue)
        }
    }
}

/// `cdrx verify FILE-or-DIR`
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Re-read partitions and compare them with their manifests and the ledger.")

    @Argument(help: "Pipeline file, export directory or partition directory.")
    var target: String

    @Option(
        help: ArgumentHelp("As for run.", valueName: "dir"), transform: OutputArgument.parse)
    var out: String?

    @OptionGroup var console: ConsoleOptions

    func run() throws {
        let verification = try verification()
        for finding in verification.findings {
            switch console.format {
            case .json: Console.printData(JSONReport.finding(finding))
            case .table:
                Console.printData("\(finding.kind.rawValue)  \(finding.path): \(finding.message)")
            }
        }
        Console.printMessage(
            "\(verification.directories.count, "partition") read, "
                + "\(verification.findings.count, "finding")")
        if verification.directories.isEmpty, verification.findings.isEmpty {
            Console.printMessage(
                "error: nothing was verified: there is no partition in or below '\(target)'; name "
                    + "a partition, the export's directory, or a pipeline file that was run")
            throw ExitCode.failure
        }
        if !verification.findings.isEmpty { throw ExitCode.failure }
    }

    private func verification() throws -> Verification {
        let disk = SystemDisk()
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: target, isDirectory: &isDirectory) else {
            throw ValidationError("there is no file or directory '\(target)'")
        }
        if isDirectory.boolValue {
            return try PipelineInspection.verify(directory: target, disk: disk)
        }
        let pipelines = try PipelineLoading.load([target], out: out)
        return try PipelineInspection(pipelines[0], disk: disk).verify()
    }
}
