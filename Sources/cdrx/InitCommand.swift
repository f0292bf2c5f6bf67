import ArgumentParser
import ExportModel
import Foundation
import PipelineFile

/// `cdrx init ENDPOINT…`
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a first pipeline file for some endpoints, with every choice explained.",
        discussion: """
            `cdrx endpoints` lists the endpoints. The file takes secrets from the environment; the \
            names it needs, and the next command, are printed.

            Examples:
              cdrx init telecmi.v1.outanswered -o calls.yaml
              cdrx init commo.get_bill piopiy.requestid_cdr -o nightly.yaml
              cdrx init --schema > pipeline.schema.json
              cdrx init --endpoint-schema > endpoint.schema.json
            """)

    @Argument(
        help: "Ids of endpoints.",
        completion: .custom { _, _, _ in
            EndpointCatalog.bundled.endpoints.map(\.id)
        })
    var endpoints: [String] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Write to FILE instead of stdout, with its schema beside it.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var output: String?

    @Option(help: ArgumentHelp("The pipeline's name (default: the file's).", valueName: "name"))
    var name: String?

    @Flag(help: "Overwrite FILE.")
    var force = false

    @Flag(help: "Print the JSON Schema of pipeline files, for editors.")
    var schema = false

    @Flag(help: "Print the JSON Schema of endpoint files, for editors.")
    var endpointSchema = false

    func validate() throws {
        if let name, !PipelineTemplate.isName(name) {
            throw ValidationError("--name '\(name)': a name is lower-case letters, digits and '-'")
        }
        if schema, endpointSchema {
            throw ValidationError("--schema and --endpoint-schema exclude each other")
        }
        if printedSchema != nil, !endpoints.isEmpty || output != nil {
            throw ValidationError(
                "a schema is printed by itself; leave out endpoints and -o, or the flag")
        }
    }

    func run() throws {
        if let printedSchema {
            Console.printData(printedSchema.bytes)
            return
        }
        let template = PipelineTemplate(try chosen(), name: pipelineName)
        guard let output else {
            Console.printText(template.text)
            Console.printMessage(
                "To keep it, say -o: cdrx init \(endpoints.joined(separator: " ")) -o calls.yaml")
            return
        }
        try write(Array(template.text.utf8), to: output, overwriting: force)
        let schemaPath = Self.beside(output, FileSchema.pipeline.fileName)
        if !FileManager.default.fileExists(atPath: schemaPath) {
            try write(FileSchema.pipeline.bytes, to: schemaPath, overwriting: false)
        }
        printNext(template, output)
    }

    private var printedSchema: FileSchema? {
        schema ? .pipeline : endpointSchema ? .endpoint : nil
    }

    private func chosen() throws -> [Endpoint] {
        let catalog = EndpointCatalog.bundled
        if endpoints.isEmpty {
            let listed = catalog.endpoints.map { "  \($0.id): \($0.title)" }
                .joined(separator: "\n")
            throw ValidationError("which endpoints? Name one or more of:\n\(listed)")
        }
        var chosen: [Endpoint] = []
        for id in endpoints where !chosen.contains(where: { $0.id == id }) {
            chosen.append(try catalog.require(id))
        }
        return chosen
    }

    private var pipelineName: String {
        if let name { return name }
        let stem = (((output ?? "") as NSString).lastPathComponent as NSString)
            .deletingPathExtension
        let allowed = stem.lowercased().map { character in
            PipelineTemplate.isName(String(character)) ? character : "-"
        }
        return PipelineTemplate.isName(String(allowed)) ? String(allowed) : "calls"
    }

    /// What the shell needs, and the commands in their order.
    private func printNext(_ template: PipelineTemplate, _ file: String) {
        Console.printMessage("Wrote \(file). Set what it needs:")
        for variable in template.variables {
            let summary = variable.summary.isEmpty ? "" : "    # \(variable.summary)"
            Console.printMessage("  export \(variable.name)='…'\(summary)")
        }
        for list in template.requestLists {
            let list = Self.beside(file, list)
            Console.printMessage(
                "Write request ids, one a line, into \(list) ({window}: 2026-01-31)")
        }
        Console.printMessage("Then:")
        Console.printMessage("  cdrx check \(file)    # tries the credentials")
        Console.printMessage(
            "  cdrx run \(file)      # exports what is due: yesterday and, by `refresh`, the day before"
        )
        let addresses = template.addressVariables.map { "export \($0)=http://127.0.0.1:8765" }
        Console.printMessage(
            "Without an account: start `cdrx simulate` in another terminal, \(addresses.joined(separator: " and "))"
                + ", and take any secrets; its data begins at 2026-01-01.")
    }

    private static func beside(_ file: String, _ name: String) -> String {
        let directory = (file as NSString).deletingLastPathComponent
        return directory.isEmpty ? name : directory + "/" + name
    }

    private func write(_ bytes: [UInt8], to path: String, overwriting: Bool) throws {
        do {
            try Data(bytes).write(
                to: URL(fileURLWithPath: path), options: overwriting ? .atomic : .withoutOverwriting
            )
        } catch let error as CocoaError where error.code == .fileWriteFileExists {
            throw ValidationError("\(path) exists and stays as it is; --force overwrites it")
        } catch {
            Console.printMessage(
                "error: \(path) cannot be written: \(error.localizedDescription); check the directory"
            )
            throw ProcessExit.unwritable
        }
    }
}
