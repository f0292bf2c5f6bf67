import ArgumentParser
import ExportModel
import ExportRun
import FileSystem
import Publication

/// `cdrx runs …`
struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "Work with run files, which say what runs published.",
        subcommands: [RunsMergeCommand.self])
}

/// `cdrx runs merge FILE…`
struct RunsMergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Make one run file of several: what the shards of a run published.",
        discussion: """
            Prints the run file, or writes it with --output. A partition that several runs published \
            is in it once, as the latest of them left it.

            Examples:
              cdrx runs merge exports/_runs/*.json --output night.json
              cdrx runs merge shard-1.json shard-2.json | jq .partitions
            """)

    @Argument(help: "Run files of one pipeline.", completion: .file(extensions: ["json"]))
    var files: [String]

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write FILE instead.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var output: String?

    @OptionGroup var console: ConsoleOptions

    func run() throws {
        let disk = Files<ExportError>(SystemDisk())
        try console.reporting { () throws(ExportError) in
            var read: [RunFile] = []
            for path in files {
                let bytes = try disk.contents(of: path)
                read.append(
                    try publishing { () throws(PartitionError) in
                        try RunFile(json: bytes, path: path)
                    })
            }
            let merged = try publishing { () throws(PartitionError) in
                try RunFile.merged(read, tool: CDRX.tool)
            }
            guard let output else { return Console.printData(merged.json) }
            let draft = output + ".tmp"
            try disk.writeDurably(merged.json, to: draft)
            try disk.rename(draft, to: output)
            try disk.syncDirectory(Files<ExportError>.parent(of: output))
        }
    }

    private func publishing<Value>(
        _ body: () throws(PartitionError) -> Value
    ) throws(ExportError) -> Value {
        do {
            return try body()
        } catch {
            throw ExportError(.storage, code: error.code, message: error.message, cause: error)
        }
    }
}
