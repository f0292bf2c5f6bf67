import ArgumentParser
import ExportModel
import Foundation
import PartitionWriting
import WarehouseSchema

/// `cdrx schema FILE --stream S --dialect D`
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the statements that make a stream's table in a warehouse, or load it.",
        discussion: """
            The table has the exported columns, and cdrx_account and cdrx_window, which name the \
            partition a row came with: loads delete by them first, so that loading a window again \
            replaces it.
            """)

    @Argument(help: "Pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @Option(help: ArgumentHelp("Stream whose table it is.", valueName: "name"))
    var stream: String

    @Option(help: "The warehouse's SQL.")
    var dialect: DialectName

    @Option(
        help: ArgumentHelp(
            "The table's name, qualified with points if need be (default: the stream's name).",
            valueName: "name"))
    var table: String?

    @Flag(help: "Print what loads the partitions that the last run published.")
    var load = false

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("With --load: this run instead of the last.", valueName: "id"))
    var runID: String?

    @Option(
        help: ArgumentHelp(
            """
            With --load: where the warehouse reaches the output directory, as in \
            s3://bucket/exports (default: its absolute path).
            """, valueName: "uri"))
    var location: String?

    @Flag(help: "Print BigQuery's JSON schema file instead of statements.")
    var jsonSchema = false

    @Option(help: ArgumentHelp("As for run.", valueName: "dir"))
    var out: String?

    func validate() throws {
        if jsonSchema, dialect.dialect != .bigquery {
            throw ValidationError("--json-schema is BigQuery's; add --dialect bigquery")
        }
        if jsonSchema, load { throw ValidationError("--json-schema and --load exclude each other") }
        if !load, runID != nil || location != nil {
            throw ValidationError("--run and --location go with --load")
        }
        if load, dialect.dialect.loadsOnlyObjectStores, location == nil {
            throw ValidationError(
                "\(dialect.dialect.rawValue) loads from an object store only; say where the output "
                    + "directory lies there, as in --location gs://bucket/exports")
        }
    }

    func run() throws {
        let pipeline = try PipelineLoading.load([file], out: out)[0]
        guard let stream = pipeline.streams.first(where: { $0.name == stream }) else {
            let known = pipeline.streams.map(\.name).joined(separator: ", ")
            throw ValidationError("\(file) has no stream '\(stream)'; it has \(known)")
        }
        let table = WarehouseTable(stream, output: pipeline.output, name: table)
        if jsonSchema {
            Console.printData(table.bigQueryJSONSchema)
        } else if load {
            try printLoad(table, stream, pipeline)
        } else {
            for statement in table.creation(in: dialect.dialect) { Console.printData(statement) }
        }
    }

    private func printLoad(
        _ table: WarehouseTable, _ stream: ExportModel.Stream, _ pipeline: Pipeline
    ) throws {
        let location =
            location.map(Self.withoutLastSlash) ?? Self.absolutePath(pipeline.output.path)
        let published: PublishedRun
        let statements: [String]
        do {
            published = try PublishedRun(
                of: stream, in: pipeline, runID: runID, location: location,
                fileSystem: SystemFileSystem())
            statements = try table.loading(published.partitions, in: dialect.dialect)
        } catch {
            Console.printMessage("error: \(error.message)")
            throw ExitCode.failure
        }
        for note in published.notes { Console.printMessage("note: \(note)") }
        Console.printData(
            "-- \(pipeline.name), stream \(stream.name), run \(published.runID): "
                + "\(published.partitions.count) partitions")
        if published.partitions.isEmpty { return }
        for statement in statements { Console.printData(statement) }
    }

    private static func absolutePath(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }

    private static func withoutLastSlash(_ location: String) -> String {
        location.count > 1 && location.hasSuffix("/") ? String(location.dropLast()) : location
    }
}

/// A dialect on the command line.
struct DialectName: ExpressibleByArgument {
    static var allValueStrings: [String] { Dialect.allCases.map(\.rawValue) }

    let dialect: Dialect

    init?(argument: String) {
        guard let dialect = Dialect(rawValue: argument) else { return nil }
        self.dialect = dialect
    }
}
