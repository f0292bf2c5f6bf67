import ArgumentParser
import ExportModel
import ExportRun
import FileSystem
import Foundation
import Logging
import PipelineFile
import Publication
import RunLedger
import WarehouseSchema

/// `cdrx load FILE --dialect D --target NAME`
struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Print, or carry out, what brings a warehouse up to date with the output.",
        discussion: """
            Prints the statements for every published version that the target has not loaded yet: \
            new, changed, emptied and removed partitions, in one transaction a stream. A partition \
            replaces what the table holds of it, so that loading it twice doubles nothing. With \
            --exec a command reads the statements, and what they load is recorded when it exits \
            with 0; otherwise nothing is recorded, and --mark does it once they ran.

            Examples:
              cdrx load nightly.yaml --dialect postgres --target wh --exec 'psql'
              cdrx load nightly.yaml --target wh --dry-run
              cdrx load nightly.yaml --dialect duckdb --target lab > load.sql
            """)

    @Argument(help: "Pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @Option(help: "The warehouse's SQL; not needed with --mark and --dry-run.")
    var dialect: DialectName?

    @Option(
        help: ArgumentHelp(
            "The warehouse's name: what it has loaded is remembered by it.", valueName: "name"))
    var target: String

    @Option(help: ArgumentHelp("Only this stream; may be repeated.", valueName: "name"))
    var stream: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            The table's name, qualified with points if need be; {stream} stands for the stream's \
            name (default: the stream's name).
            """, valueName: "name"))
    var table: String?

    @Option(
        help: ArgumentHelp(
            """
            Where the warehouse reaches the output, as in s3://bucket/exports or, for Snowflake, \
            @stage/exports (default: its absolute path, or its place in the object store).
            """, valueName: "uri"))
    var location: String?

    @Option(
        help: ArgumentHelp(
            "Shell command that reads the statements, as in 'psql \"$URL\"'.", valueName: "command")
    )
    var exec: String?

    @Flag(help: "Print nothing; record that the target has loaded what would be printed.")
    var mark = false

    @Option(
        help: ArgumentHelp(
            "With --mark: refuse unless that is the script of this id.", valueName: "id"))
    var script: String?

    @Flag(help: "List the partitions instead of printing statements.")
    var dryRun = false

    @Flag(help: "Load all partitions again.")
    var all = false

    @Option(
        help: ArgumentHelp("Load windows again, from this one on.", valueName: "day"),
        transform: BorderArgument.parse)
    var from: BorderArgument?

    @Option(
        help: ArgumentHelp("The first window that is not loaded again.", valueName: "day"),
        transform: BorderArgument.parse)
    var to: BorderArgument?

    @OptionGroup var place: PlaceOptions

    @OptionGroup var console: ConsoleOptions

    func validate() throws {
        if [exec != nil, mark, dryRun].count(where: { $0 }) > 1 {
            throw ValidationError("--exec, --mark and --dry-run exclude each other")
        }
        if script != nil, !mark { throw ValidationError("--script goes with --mark") }
        if (from == nil) != (to == nil) || (all && from != nil) {
            throw ValidationError("give --all, or both --from and --to, or none of them")
        }
        try BorderArgument.requireOrder(from, to)
        if target.isEmpty { throw ValidationError("--target needs a name") }
        if !mark, !dryRun { try validateStatements() }
    }

    private func validateStatements() throws {
        guard let dialect = dialect?.dialect else {
            throw ValidationError(
                "which SQL does the warehouse take? Add --dialect "
                    + DialectName.allValueStrings.joined(separator: "|"))
        }
        if dialect == .postgres, let location, DirectoryRule.flaw(of: location) != nil {
            throw ValidationError(
                "psql reads files of the machine it runs on: --location must be a directory there")
        }
        if dialect == .snowflake, let location, !location.hasPrefix("@"), !location.hasPrefix("/") {
            throw ValidationError(
                "snowflake reads files from a stage: give --location @stage/path, or none to "
                    + "upload them")
        }
    }

    /// Where the warehouse reaches the output.
    private func place(of pipeline: Pipeline) throws -> String {
        if let location {
            return location.count > 1 && location.hasSuffix("/")
                ? String(location.dropLast()) : location
        }
        guard let store = pipeline.output.objectStore else {
            if !mark, let dialect = dialect?.dialect, dialect.loadsOnlyObjectStores {
                throw ValidationError(
                    "\(dialect.rawValue) loads from an object store only; say where the output "
                        + "directory lies there, as in --location gs://bucket/exports")
            }
            return URL(fileURLWithPath: pipeline.output.path).standardizedFileURL.path
        }
        guard !mark, let dialect else { return store.uri }
        do throws(WarehouseError) {
            return try dialect.dialect.location(of: store)
        } catch {
            throw ExportError(
                .configuration, code: error.code, message: error.message, cause: error)
        }
    }

    func run() throws {
        let pipeline = try PipelineLoading.load([file], place)[0]
        if let table, !table.contains("{stream}"), stream.count != 1, pipeline.streams.count > 1 {
            throw ValidationError(
                "--table \(table) is one table for several streams; write {stream} into it, or "
                    + "add --stream")
        }
        let logger = console.makeLogger(isTimed: true)
        do {
            try run(pipeline, logger)
        } catch let error as ExportError {
            logger.error("\(error.message) [\(error.code)]")
            throw error.exitCode
        }
    }

    private func run(_ pipeline: Pipeline, _ logger: Logger) throws {
        let load = try WarehouseLoad(
            pipeline, request, holder: exec != nil || mark ? holder : nil,
            disk: SystemDisk(), output: OutputAccess.open(pipeline))
        for note in load.notes { logger.warning("\(note)") }
        if dryRun { return show(load.plan) }
        let prepared = load.prepare(at: try place(of: pipeline))
        for failure in prepared.failures { logger.error("\(failure.message)") }
        if mark {
            try record(prepared, of: load, logger)
        } else if let dialect {
            let script = try prepared.script(
                in: dialect.dialect, reading: location == nil ? pipeline.output.objectStore : nil)
            if let exec {
                try execute(exec, script, prepared, of: load, logger)
            } else {
                Console.printText(script)
            }
        }
        if !prepared.failures.isEmpty { throw ExitCode.failure }
    }

    private var request: WarehouseLoad.Request {
        var scope = all ? LoadPlan.Scope.all : .missing
        if let from, let to { scope = .windows(WindowSpan(from: from.hour, to: to.hour)) }
        return WarehouseLoad.Request(
            target: target, streams: stream.isEmpty ? nil : Set(stream), scope: scope,
            table: table)
    }

    /// The command line without --exec, which may hold a password.
    private var holder: LockHolder {
        LockHolder(
            processID: ProcessInfo.processInfo.processIdentifier,
            host: ProcessInfo.processInfo.hostName, command: "load \(file) --target \(target)",
            startedAt: SystemClock.now())
    }

    private func execute(
        _ command: String, _ script: String, _ prepared: PreparedLoad, of load: WarehouseLoad,
        _ logger: Logger
    ) throws {
        if prepared.steps.isEmpty {
            logger.info("target \(target): nothing to load")
            return
        }
        let remedy = "; nothing is recorded, the next load does all of it again"
        let ending: CommandPipe.Ending
        do {
            ending = try CommandPipe(command: command, inheriting: load.lockDescriptor)
                .run(feeding: script)
        } catch let error as POSIXError where error.code == .EPIPE {
            logger.error("the command of --exec ended before it read all statements\(remedy)")
            throw ExitCode.failure
        } catch {
            logger.error("the command of --exec did not run: \(error)\(remedy)")
            throw ExitCode.failure
        }
        switch ending {
        case .exited(0): try record(prepared, of: load, logger)
        case .exited(let status):
            logger.error("the command of --exec exited with status \(status)\(remedy)")
            throw ExitCode.failure
        case .killed(let signal):
            logger.error("the command of --exec was ended by signal \(signal)\(remedy)")
            throw ExitCode.failure
        }
    }

    private func record(
        _ prepared: PreparedLoad, of load: WarehouseLoad, _ logger: Logger
    ) throws {
        if let script, script != prepared.identifier {
            logger.error(
                """
                what is published has changed since script \(script) was printed (it is \
                \(prepared.identifier) now); nothing is recorded, load again
                """)
            throw ExitCode.failure
        }
        try load.record(prepared, at: SystemClock.now())
        let count = prepared.steps.count
        logger.info(
            "target \(target): \(count) partition\(count == 1 ? "" : "s") recorded as loaded")
    }

    private func show(_ plan: LoadPlan) {
        if console.format != .table {
            for step in plan.steps { Console.printData(JSONReport.load(step)) }
            return
        }
        var table = TextTable([
            ("STREAM", .left), ("ACCOUNT", .left), ("WINDOW", .left), ("CHANGE", .left),
            ("ROWS", .right), ("MISSING", .right),
        ])
        for step in plan.steps {
            table.append([
                step.name.stream, step.name.account ?? "*", step.name.window, step.change.rawValue,
                step.published.map { "\($0.rows)" } ?? "-",
                step.published.map { "\($0.missingCount)" } ?? "-",
            ])
        }
        table.print()
    }
}
