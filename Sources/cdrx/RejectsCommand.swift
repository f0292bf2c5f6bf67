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
        abstract: "List the records that published and failed windows set aside, and why.")

    @Argument(help: "Pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @OptionGroup var pipelineOptions: PipelineOptions
    @OptionGroup var console: ConsoleOptions

    func run() throws {
        for pipeline in try PipelineLoading.load([file], out: pipelineOptions.out) {
            try list(pipeline)
        }
    }

    private func list(_ pipeline: Pipeline) throws {
        let inspection = PipelineInspection(pipeline, disk: SystemDisk())
        let (streams, accounts) = (pipelineOptions.streams, pipelineOptions.accounts)
        var listing = Listing(of: pipeline, format: console.format)
        for window in try inspection.windows(streams: streams, accounts: accounts) {
            guard let path = try inspection.keptRejects(of: window) else { continue }
            for line in try RejectsFile().lines(ofFile: path) {
                try listing.append(line, of: window.identity, .failed)
            }
        }
        for partition in try inspection.partitions(streams: streams)
        where partition.published.rejects > 0 {
            for (account, line) in try inspection.rejects(of: partition)
            where accounts?.contains(account) ?? true {
                let identity = WindowIdentity(
                    pipeline: pipeline.name, stream: partition.identity.stream, account: account,
                    window: partition.identity.window)
                try listing.append(line, of: identity, .complete)
            }
        }
        listing.finish()
    }
}

/// Prints rejects as they are found, and in the end how many there are.
private struct Listing {
    /// One line of `_rejects.ndjson.gz`; `raw` is printed from the line itself.
    private struct Line: Decodable {
        var reason: String
        var field: String?
        var page: Int
    }

    let format: ConsoleOptions.DataFormat
    private var table = TextTable([
        ("STREAM", .left), ("ACCOUNT", .left), ("WINDOW", .left), ("STATE", .left),
        ("REASON", .left), ("FIELD", .left), ("PAGE", .right),
    ])
    private var writer: JSONReportWriter
    private var reasons: [String: Int] = [:]

    init(of pipeline: Pipeline, format: ConsoleOptions.DataFormat) {
        self.format = format
        writer = JSONReportWriter("rejects", pipeline: pipeline.name, list: "rejects")
    }

    /// - Parameter state: of the version that the reject belongs to: published, or failed.
    mutating func append(
        _ reject: [UInt8], of window: WindowIdentity, _ state: ReportedState
    ) throws {
        let line = try JSONDecoder().decode(Line.self, from: Data(reject))
        reasons[line.reason, default: 0] += 1
        if format == .json {
            writer.append(Self.json(window, state, reject))
        } else {
            table.append([
                window.stream, window.account, window.window, state.rawValue, line.reason,
                line.field ?? "-", "\(line.page)",
            ])
        }
    }

    mutating func finish() {
        let sorted = reasons.sorted { $0.key < $1.key }
        switch format {
        case .json: writer.finish(counts: sorted.map { ($0.key, $0.value) })
        case .table: table.print(fitting: Terminal.standardOutput().columnCount)
        }
        let summary = sorted.map { "\($0.value) \($0.key)" }
        Console.printMessage(
            summary.isEmpty ? "no rejects" : "rejects: " + summary.joined(separator: ", "))
    }

    /// The line with the names and the state of its window in front.
    private static func json(
        _ identity: WindowIdentity, _ state: ReportedState, _ line: [UInt8]
    ) -> JSONObject {
        var object = JSONObject()
        object.add("stream", identity.stream)
        object.add("account", identity.account)
        object.add("window", identity.window)
        object.add("state", state.rawValue)
        object.addMembers(of: line)
        return object
    }
}
