import ArgumentParser
import ExportModel
import WarehouseSchema

/// `cdrx schema FILE --stream S --dialect D`, or with `--view NAME` in place of `--stream`
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the statements that make a stream's table in a warehouse.",
        discussion: """
            The table has the exported columns, and cdrx_account and cdrx_window, which name the \
            partition a row came with: `cdrx load` deletes by them first, so that loading a window \
            again replaces it. cdrx_loaded_at says when that was, cdrx_run_id which run published \
            the row. --view prints a view over the tables of all streams.

            Examples:
              cdrx schema nightly.yaml --stream commo --dialect postgres
              cdrx schema nightly.yaml --stream commo --dialect bigquery --json-schema
              cdrx schema nightly.yaml --view all_calls --dialect duckdb
            """)

    @Argument(help: "Pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @Option(help: ArgumentHelp("Stream whose table it is.", valueName: "name"))
    var stream: String?

    @Option(
        help: ArgumentHelp(
            "Print a view of this name over the tables of all streams.", valueName: "name"))
    var view: String?

    @Option(help: "The warehouse's SQL.")
    var dialect: DialectName

    @Option(
        help: ArgumentHelp(
            """
            The table's name, qualified with points if need be; {stream} stands for the stream's \
            name (default: the stream's name).
            """, valueName: "name"))
    var table: String?

    @Flag(help: "Print BigQuery's JSON schema file instead of statements.")
    var jsonSchema = false

    @Option(
        help: ArgumentHelp("As for run.", valueName: "dir"), transform: OutputArgument.parse)
    var out: String?

    func validate() throws {
        if jsonSchema, dialect.dialect != .bigquery {
            throw ValidationError("--json-schema is BigQuery's; add --dialect bigquery")
        }
        if (stream == nil) == (view == nil) {
            throw ValidationError("give --stream NAME for its table, or --view NAME for a view")
        }
        if view != nil, jsonSchema { throw ValidationError("--json-schema goes with --stream") }
    }

    func run() throws {
        let pipeline = try PipelineLoading.load([file], out: out)[0]
        if let view { return try print(view, over: pipeline) }
        guard let stream = pipeline.streams.first(where: { $0.name == stream }) else {
            let asked = stream ?? ""
            throw ValidationError(
                "\(file) has no stream '\(asked)'"
                    + NearestName.remedy(for: asked, among: pipeline.streams.map(\.name)))
        }
        let table = WarehouseTable(
            stream, output: pipeline.output, name: tableName(of: stream.name))
        if jsonSchema {
            Console.printData(table.bigQueryJSONSchema)
        } else {
            for statement in table.creation(in: dialect.dialect) { Console.printData(statement) }
        }
    }

    private func tableName(of stream: String) -> String {
        table?.replacing("{stream}", with: stream) ?? stream
    }

    private func print(_ view: String, over pipeline: Pipeline) throws {
        if let table, !table.contains("{stream}"), pipeline.streams.count > 1 {
            throw ValidationError(
                "--table \(table) is one table for several streams; write {stream} into it")
        }
        let view = WarehouseView(pipeline, name: view, table: tableName)
        for statement in view.creation(in: dialect.dialect) { Console.printData(statement) }
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
