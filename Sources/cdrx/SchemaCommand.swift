import ArgumentParser
import ExportModel
import WarehouseSchema

/// `cdrx schema FILE --stream S --dialect D`
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the statements that make a stream's table in a warehouse.",
        discussion: """
            The table has the exported columns, and cdrx_account and cdrx_window, which name the \
            partition a row came with: `cdrx load` deletes by them first, so that loading a window \
            again replaces it.
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

    @Flag(help: "Print BigQuery's JSON schema file instead of statements.")
    var jsonSchema = false

    @Option(
        help: ArgumentHelp("As for run.", valueName: "dir"), transform: OutputArgument.parse)
    var out: String?

    func validate() throws {
        if jsonSchema, dialect.dialect != .bigquery {
            throw ValidationError("--json-schema is BigQuery's; add --dialect bigquery")
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
        } else {
            for statement in table.creation(in: dialect.dialect) { Console.printData(statement) }
        }
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
