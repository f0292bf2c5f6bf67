import ArgumentParser
import ExportModel
import ExportRun
import FileSystem
import Foundation
import Publication
import RunLedger

/// `cdrx rejects FILE`
struct RejectsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rejects",
        abstract: "List the records that published and failed windows set aside, and why.",
        discussion: """
            `cdrx help REASON` explains a reason, as in `cdrx help missing_field`.

            Examples:
              cdrx rejects nightly.yaml
              cdrx rejects nightly.yaml --stream commo --format json
            """)

    @Argument(help: "Pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @OptionGroup var pipelineOptions: PipelineOptions
    @OptionGroup var console: ConsoleOptions

    func run() throws {
        for pipeline in try PipelineLoading.load([file], pipelineOptions.place) {
            try list(pipeline)
        }
    }

    private func list(_ pipeline: Pipeline) throws {
        let inspection = try OutputAccess.inspection(of: pipeline)
        let (streams, accounts) = (pipelineOptions.streams, pipelineOptions.accounts)
        var listing = Listing(of: pipeline, format: console.format, accounts: accounts)
        for window in try inspection.windows(streams: streams, accounts: accounts) {
            guard let path = try inspection.keptRejects(of: window) else { continue }
            for line in try RejectsFile().lines(ofFile: path) {
                try listing.append(
                    line, of: window.identity.stream, window.identity.window, .failed,
                    account: window.identity.account)
            }
        }
        for partition in try inspection.partitions(streams: streams)
        where partition.published.rejects > 0 {
            let identity = partition.identity
            for line in try inspection.rejects(of: partition) {
                try listing.append(
                    line, of: identity.stream, identity.window, .complete,
                    account: identity.account)
            }
        }
        listing.finish()
    }
}

/// Prints rejects as they are found, and in the end how many there are.
private struct Listing {
    /// One line of `_rejects.ndjson.gz`; `raw` is printed from the line itself.
    private struct Line: Decodable {
        /// nil in files that an older cdrx wrote.
        var account: String?
        var reason: String
        var field: String?
        var page: Int
    }

    private let format: ConsoleOptions.DataFormat
    /// nil for all.
    private let accounts: Set<String>?
    private var table = TextTable([
        ("STREAM", .left), ("ACCOUNT", .left), ("WINDOW", .left), ("STATE", .left),
        ("REASON", .left), ("FIELD", .left), ("PAGE", .right),
    ])
    private var writer: JSONReportWriter
    private var reasons: [String: Int] = [:]

    init(of pipeline: Pipeline, format: ConsoleOptions.DataFormat, accounts: Set<String>?) {
        self.format = format
        self.accounts = accounts
        writer = JSONReportWriter("rejects", format, pipeline: pipeline.name, list: "rejects")
    }

    /// - Parameters:
    ///   - state: of the version that the reject belongs to: published, or failed.
    ///   - account: where the line does not say whose it is.
    mutating func append(
        _ reject: [UInt8], of stream: String, _ window: String, _ state: ReportedState,
        account: String?
    ) throws {
        let line = try JSONDecoder().decode(Line.self, from: Data(reject))
        let account = line.account ?? account ?? "?"
        guard accounts?.contains(account) ?? true else { return }
        reasons[line.reason, default: 0] += 1
        if format != .table {
            var object = JSONObject()
            object.add("stream", stream)
            object.add("window", window)
            object.add("state", state.rawValue)
            if line.account == nil { object.add("account", account) }
            object.addMembers(of: reject)
            writer.append(object)
        } else {
            table.append([
                stream, account, window, state.rawValue, line.reason, line.field ?? "-",
                "\(line.page)",
            ])
        }
    }

    mutating func finish() {
        let sorted = reasons.sorted { $0.key < $1.key }
        switch format {
        case .json, .ndjson: writer.finish(counts: sorted.map { ($0.key, $0.value) })
        case .table: table.print(fitting: Terminal.standardOutput().columnCount)
        }
        let summary = sorted.map { "\($0.value) \($0.key)" }
        Console.printMessage(
            summary.isEmpty ? "no rejects" : "rejects: " + summary.joined(separator: ", "))
    }
}
