import ArgumentParser
import ExportModel
import ExportRun
import Logging

/// How a command talks: data on stdout, messages on stderr.
struct ConsoleOptions: ParsableArguments {
    enum DataFormat: String, CaseIterable, ExpressibleByArgument {
        case table, json
        /// The items of a report alone, a line each, as they come.
        case ndjson
    }

    enum LogFormat: String, CaseIterable, ExpressibleByArgument {
        case text, json
    }

    @Option(help: "How data is printed on stdout.")
    var format = DataFormat.table

    @Option(help: "How messages are written to stderr.")
    var logFormat = LogFormat.text

    @Flag(name: .shortAndLong, help: "Only warnings and errors on stderr.")
    var quiet = false

    @Flag(
        name: .shortAndLong,
        help: "More on stderr: each retry, throttle, slice, resumption and login, with its reason.")
    var verbose = false

    /// What happens in runs, to the process's one console.
    var eventLog: EventLog {
        EventLog(format: logFormat, leastLevel: quiet ? .warning : verbose ? .debug : .info)
    }

    /// A logger for the process's one console.
    ///
    /// - Parameter isTimed: whether text has the time, as suits what takes long.
    func makeLogger(isTimed: Bool = false) -> Logger {
        var logger = Logger(label: "cdrx") { _ in
            ConsoleLogHandler(format: logFormat, isTimed: isTimed)
        }
        logger.logLevel = quiet ? .warning : verbose ? .debug : .info
        return logger
    }

    /// Turns an error into its message and exit code.
    func reporting<Value>(_ body: () throws(ExportError) -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            makeLogger().error("\(error.message) [\(error.code)]")
            throw error.exitCode
        }
    }
}

/// Where a pipeline's files lie, and which part of its accounts is meant.
struct PlaceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write below DIR, or s3://bucket/prefix, instead of the pipeline's output.path.",
            valueName: "dir"),
        completion: .directory, transform: OutputArgument.parse)
    var out: String?

    @Option(
        help: ArgumentHelp(
            "Keep ledger and archive in DIR instead of the pipeline's state.", valueName: "dir"),
        completion: .directory, transform: StateArgument.parse)
    var state: String?

    @Option(
        help: ArgumentHelp(
            "Only the accounts of shard I of N, as in 2/4: N runs of different shards share the "
                + "work.", valueName: "i/n"),
        transform: ShardArgument.parse)
    var shard: Shard?
}

/// Which pipeline, and how much of it.
struct PipelineOptions: ParsableArguments {
    @OptionGroup var place: PlaceOptions
    @OptionGroup var selection: SelectionOptions

    var streams: Set<String>? { selection.streams }
    var accounts: Set<String>? { selection.accounts }
    var dueAt: Timestamp { selection.dueAt }
}

/// How much of a pipeline, and when.
struct SelectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take TIME for now, as in 2026-11-20T03:00:00Z (for tests and re-runs).",
            valueName: "time"),
        transform: MomentArgument.parse)
    var now: MomentArgument?

    @Option(help: ArgumentHelp("Only this stream; may be repeated.", valueName: "name"))
    var stream: [String] = []

    @Option(help: ArgumentHelp("Only this account; may be repeated.", valueName: "name"))
    var account: [String] = []

    var streams: Set<String>? { stream.isEmpty ? nil : Set(stream) }
    var accounts: Set<String>? { account.isEmpty ? nil : Set(account) }
    /// What decides which windows are due.
    var dueAt: Timestamp { now?.moment ?? SystemClock.now() }
}
