import Archive
import ArgumentParser
import ExportModel
import ExportRun
import FileSystem
import Foundation
import Logging
import RunLedger

/// `cdrx archive …`
struct ArchiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive",
        abstract: "List, verify, prune or export what the provider sent.",
        subcommands: [
            ArchiveListCommand.self, ArchiveVerifyCommand.self, ArchivePruneCommand.self,
            ArchiveExportCommand.self,
        ])
}

/// What all commands about the archive take.
struct ArchiveOptions: ParsableArguments {
    @Argument(help: "Pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @OptionGroup var place: PlaceOptions

    @Option(help: ArgumentHelp("Only this stream; may be repeated.", valueName: "name"))
    var stream: [String] = []

    var streams: Set<String>? { stream.isEmpty ? nil : Set(stream) }

    func pipelines() throws -> [Pipeline] { try PipelineLoading.load([file], place) }
}

/// `cdrx archive list FILE`
struct ArchiveListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Print what is archived of each window.",
        discussion: """
            Examples:
              cdrx archive list nightly.yaml
              cdrx archive list nightly.yaml --stream commo --format json
            """)

    @OptionGroup var options: ArchiveOptions

    @Option(help: ArgumentHelp("Only this account; may be repeated.", valueName: "name"))
    var account: [String] = []

    @OptionGroup var console: ConsoleOptions

    func run() throws {
        for pipeline in try options.pipelines() {
            var windows: [ArchivedWindowSummary] = []
            try console.reporting { () throws(ExportError) in
                try ArchiveInspection(pipeline, fileSystem: SystemDisk()).forEachWindow(
                    streams: options.streams, accounts: account.isEmpty ? nil : Set(account)
                ) { windows.append($0) }
            }
            switch console.format {
            case .json, .ndjson: printLines(windows)
            case .table: printTable(windows)
            }
        }
    }

    private func printLines(_ windows: [ArchivedWindowSummary]) {
        var lines = JSONLines()
        for window in windows {
            var object = JSONObject()
            object.add("stream", window.stream)
            object.add("window", window.window)
            object.add("accounts", window.accounts)
            object.add("versions", window.versions)
            object.add("slices", window.slices)
            object.add("bytes", window.byteCount)
            object.add("from", window.range?.start.iso8601)
            object.add("to", window.range?.end.iso8601)
            lines.append(object)
        }
        lines.print()
    }

    private func printTable(_ windows: [ArchivedWindowSummary]) {
        var table = TextTable([
            ("STREAM", .left), ("WINDOW", .left), ("ACCOUNTS", .right), ("VERSIONS", .right),
            ("SLICES", .right), ("BYTES", .right), ("FROM", .left), ("TO", .left),
        ])
        for window in windows {
            table.append([
                window.stream, window.window, "\(window.accounts)", "\(window.versions)",
                "\(window.slices)", "\(window.byteCount)", window.range?.start.iso8601 ?? "-",
                window.range?.end.iso8601 ?? "-",
            ])
        }
        table.print()
        let byteCount = windows.reduce(0) { $0 + $1.byteCount }
        Console.printMessage("\(windows.count, "window"), \(byteCount, "byte")")
    }
}

/// `cdrx archive verify FILE`
struct ArchiveVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read every block of the archive, and look for what the ledger counts on.",
        discussion: """
            Exits with 1 if anything is damaged or missing.

            Examples:
              cdrx archive verify nightly.yaml
            """)

    @OptionGroup var options: ArchiveOptions

    @OptionGroup var console: ConsoleOptions

    func run() throws {
        var isWhole = true
        for pipeline in try options.pipelines() {
            let (windows, problems) = try console.reporting { () throws(ExportError) in
                try ArchiveInspection(pipeline, fileSystem: SystemDisk())
                    .verify(streams: options.streams)
            }
            switch console.format {
            case .json, .ndjson: printLines(problems)
            case .table: for problem in problems { Console.printData(Self.text(problem)) }
            }
            Console.printMessage(
                "\(windows, "archived window") read, \(problems.count, "problem") found")
            if !problems.isEmpty { isWhole = false }
        }
        if !isWhole { throw ExitCode(1) }
    }

    private func printLines(_ problems: [ArchiveProblem]) {
        var lines = JSONLines()
        for problem in problems {
            var object = JSONObject()
            object.add("stream", problem.stream)
            object.add("window", problem.window)
            object.add("accounts", problem.accounts)
            object.add("file", problem.path)
            object.add("byte", problem.byte)
            object.add("message", problem.message)
            lines.append(object)
        }
        lines.print()
    }

    private static func text(_ problem: ArchiveProblem) -> String {
        let file = problem.path.map { path in
            path + (problem.byte.map { " at byte \($0)" } ?? "") + ": "
        }
        let shown = problem.accounts.prefix(5).joined(separator: ", ")
        let more = problem.accounts.count > 5 ? " and \(problem.accounts.count - 5) more" : ""
        let accounts =
            problem.accounts.isEmpty
            ? "" : " (account\(problem.accounts.count == 1 ? "" : "s") \(shown)\(more))"
        return "\(problem.stream)/\(problem.window)\(accounts): \(file ?? "")\(problem.message)"
    }
}

/// `cdrx archive prune FILE`
struct ArchivePruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove what `archive: {keep: …}` does not cover any more; run does it too.",
        discussion: """
            Examples:
              cdrx archive prune nightly.yaml --dry-run
            """)

    @OptionGroup var options: ArchiveOptions

    @Option(
        help: ArgumentHelp("As for run.", valueName: "time"), transform: MomentArgument.parse)
    var now: MomentArgument?

    @Flag(help: "Print what would be removed.")
    var dryRun = false

    @OptionGroup var console: ConsoleOptions

    func run() throws {
        for pipeline in try options.pipelines() {
            let pruned = try console.reporting { () throws(ExportError) in
                try ArchiveKeeping.prune(
                    pipeline, streams: options.streams, at: now?.moment ?? SystemClock.now(),
                    dryRun: dryRun, holder: holder, fileSystem: SystemDisk())
            }
            print(pruned)
        }
    }

    private var holder: LockHolder {
        LockHolder(
            processID: ProcessInfo.processInfo.processIdentifier,
            host: ProcessInfo.processInfo.hostName, command: "archive prune \(options.file)",
            startedAt: SystemClock.now())
    }

    private func print(_ pruned: [PrunedWindow]) {
        switch console.format {
        case .json, .ndjson:
            var lines = JSONLines()
            for window in pruned {
                var object = JSONObject()
                object.add("stream", window.stream)
                object.add("window", window.window)
                object.add("bytes", window.byteCount)
                lines.append(object)
            }
            lines.print()
        case .table:
            var table = TextTable([("STREAM", .left), ("WINDOW", .left), ("BYTES", .right)])
            for window in pruned {
                table.append([window.stream, window.window, "\(window.byteCount)"])
            }
            table.print()
        }
        let byteCount = pruned.reduce(0) { $0 + $1.byteCount }
        Console.printMessage(
            "\(pruned.count, "window") \(dryRun ? "would be removed" : "removed"), "
                + "\(byteCount, "byte")")
    }
}

/// `cdrx archive export FILE --window KEY`
struct ArchiveExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print the archived responses of a window, one JSON object a line.",
        discussion: """
            `body` is the response's text as the provider sent it; where that is not UTF-8, \
            `body_base64` has its bytes. `request` counts the pages of a version.

            Examples:
              cdrx archive export nightly.yaml --window 2026-11-19
              cdrx archive export nightly.yaml --window 2026-11-19 --stream commo
            """)

    @OptionGroup var options: ArchiveOptions

    @Option(help: ArgumentHelp("The window, as status prints it.", valueName: "key"))
    var window: String

    @Option(help: ArgumentHelp("Only this account; may be repeated.", valueName: "name"))
    var account: [String] = []

    @OptionGroup var console: ConsoleOptions

    func run() throws {
        for pipeline in try options.pipelines() {
            var lines = JSONLines()
            defer { lines.print() }
            try console.reporting { () throws(ExportError) in
                try ArchiveInspection(pipeline, fileSystem: SystemDisk()).forEachPage(
                    ofWindow: window, streams: options.streams,
                    accounts: account.isEmpty ? nil : Set(account)
                ) { lines.append(Self.json($0)) }
            }
        }
    }

    private static func json(_ page: ExportedPage) -> JSONObject {
        var object = JSONObject()
        object.add("stream", page.stream)
        object.add("account", page.version.account)
        object.add("window", page.window)
        object.add("version", page.version.id)
        object.add("status", page.status)
        object.add("request", page.request)
        object.add("request_id", page.page.requestID)
        object.add("page", page.page.number)
        if let text = String(validating: page.page.body, as: UTF8.self) {
            object.add("body", text)
        } else {
            object.add("body_base64", Data(page.page.body).base64EncodedString())
        }
        return object
    }
}
