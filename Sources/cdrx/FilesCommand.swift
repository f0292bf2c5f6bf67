import ArgumentParser
import ExportModel
import ExportRun
import Logging
import Publication

/// `cdrx files FILE`
struct FilesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "files",
        abstract: "List the files of published partitions, for any loader.",
        discussion: """
            One path or s3:// URI a line; with --format json one object a line, with rows, bytes, \
            SHA-256 and ETag. What counts is the output, not the ledger: the files are those that \
            manifests name, whichever machine wrote them. Partitions whose files are not as their \
            manifest says are named on stderr and left out, and the exit code is 1.

            Examples:
              cdrx files nightly.yaml
              cdrx files nightly.yaml --from 2026-11-19 --to 2026-11-20 --stream commo
              cdrx files nightly.yaml --format json | jq -r 'select(.complete) | .uri'
            """)

    @Argument(help: "Pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @Option(
        help: ArgumentHelp("First window, as in 2026-01-01.", valueName: "day"),
        transform: BorderArgument.parse)
    var from: BorderArgument?

    @Option(
        help: ArgumentHelp("First window that is not listed any more.", valueName: "day"),
        transform: BorderArgument.parse)
    var to: BorderArgument?

    @Option(help: ArgumentHelp("Only this stream; may be repeated.", valueName: "name"))
    var stream: [String] = []

    @Option(
        help: ArgumentHelp("As for run.", valueName: "dir"), transform: OutputArgument.parse)
    var out: String?

    @OptionGroup var console: ConsoleOptions

    func validate() throws {
        try BorderArgument.requireBothOrNone(from, to)
    }

    func run() throws {
        // No ledger is read, so that no state directory is needed.
        let pipeline = try PipelineLoading.load([file], out: out, hasState: true)[0]
        let streams = stream.isEmpty ? nil : Set(stream)
        try console.reporting { () throws(ExportError) in
            try pipeline.requireKnown(streams: streams ?? [], accounts: nil)
        }
        var span: WindowSpan?
        if let from, let to { span = WindowSpan(from: from.hour, to: to.hour) }
        let output = try OutputAccess.open(pipeline)
        let committed = CommittedPartitions(
            of: pipeline, in: output, streams: streams, span: span)
        var lines = JSONLines()
        let failures = try console.reporting { () throws(ExportError) in
            try committed.forEach { directory, manifest in
                for file in manifest.files {
                    let uri = output.name(of: directory + "/" + file.path)
                    switch console.format {
                    case .table: Console.printData(uri)
                    case .json, .ndjson:
                        lines.append(JSONReport.file(file, uri, of: manifest, in: directory))
                    }
                }
            }
        }
        lines.print()
        let logger = console.makeLogger()
        for failure in failures { logger.error("\(failure.message) [\(failure.code)]") }
        if !failures.isEmpty { throw ExitCode.failure }
    }
}

extension JSONReport {
    /// A line of `cdrx files`.
    fileprivate static func file(
        _ file: ManifestFile, _ uri: String, of manifest: Manifest, in directory: String
    ) -> JSONObject {
        var object = JSONObject()
        object.add("uri", uri)
        object.add("stream", manifest.stream)
        object.add("account", RunPartition(manifest, directory: directory, changed: false).account)
        object.add("bucket", manifest.bucket?.index)
        object.add("window", manifest.window.key)
        object.add("partition", directory)
        object.add("complete", manifest.complete)
        object.add("rows", file.rows)
        object.add("bytes", file.bytes)
        object.add("sha256", file.sha256)
        object.add("etag", file.etag)
        object.add("run_id", manifest.runID)
        return object
    }
}
