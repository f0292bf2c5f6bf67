import ArgumentParser
import ExportModel
import ExportRun
import FileSystem
import Foundation
import Publication

/// `cdrx verify FILE-or-DIR`
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare partitions with their manifests and the ledger.",
        discussion: """
            In a directory every file is read. In an object store sizes and ETags of a list are \
            compared, 1,000 objects a request; --deep reads every object too. `cdrx help KIND` \
            explains a finding, as in `cdrx help wrong_size`.

            Examples:
              cdrx verify nightly.yaml
              cdrx verify exports/commo/dt=2026-11-19
              cdrx verify s3://bucket/exports --deep
            """)

    @Argument(help: "Pipeline file, or the directory or s3:// URI of an export or a partition.")
    var target: String

    @Flag(help: "Read objects too, whose size and ETag are as they should be.")
    var deep = false

    @OptionGroup var place: PlaceOptions

    @OptionGroup var console: ConsoleOptions

    func run() throws {
        let (verification, pipeline) = try verification()
        switch console.format {
        case .json, .ndjson: printJSON(verification, pipeline)
        case .table:
            for finding in verification.findings {
                Console.printData("\(finding.kind.rawValue)  \(finding.path): \(finding.message)")
            }
        }
        Console.printMessage(
            "\(verification.partitionCount, "partition") read, "
                + "\(verification.findings.count, "finding")")
        if verification.partitionCount == 0, verification.findings.isEmpty {
            Console.printMessage(
                "error: nothing was verified: there is no partition in or below '\(target)'; name "
                    + "a partition, the export's directory, or a pipeline file that was run")
            throw ExitCode.failure
        }
        if !verification.findings.isEmpty { throw ExitCode.failure }
    }

    private func printJSON(_ verification: Verification, _ pipeline: String?) {
        var partitions = JSONObject()
        partitions.add("partitions", verification.partitionCount)
        var writer = JSONReportWriter(
            "verify", console.format, pipeline: pipeline, partitions, list: "findings")
        var counts: [PartitionFinding.Kind: Int] = [:]
        for finding in verification.findings {
            counts[finding.kind, default: 0] += 1
            writer.append(JSONReport.finding(finding))
        }
        writer.finish(
            counts: PartitionFinding.Kind.allCases.compactMap { kind in
                counts[kind].map { (kind.rawValue, $0) }
            })
    }

    /// - Returns: also the pipeline's name, where the target is a pipeline file.
    private func verification() throws -> (Verification, pipeline: String?) {
        if target.hasPrefix(ObjectStoreLocation.scheme) {
            return (try Verification(of: OutputAccess.open(uri: target), isDeep: deep), nil)
        }
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: target, isDirectory: &isDirectory) else {
            throw ValidationError("there is no file or directory '\(target)'")
        }
        if isDirectory.boolValue {
            let output = DirectoryOutput(root: target, disk: SystemDisk())
            return (try Verification(of: output, isDeep: deep), nil)
        }
        let pipeline = try PipelineLoading.load([target], place)[0]
        let inspection = try OutputAccess.inspection(of: pipeline)
        return (try inspection.verify(isDeep: deep), pipeline.name)
    }
}
