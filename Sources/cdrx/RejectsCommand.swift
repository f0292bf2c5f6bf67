import ArgumentParser
import ExportModel
import ExportRun
import Foundation
import PartitionWriting
import RunLedger

/// `cdrx rejects FILE`
struct RejectsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rejects",
        abstract: "List the records that published partitions set aside, and why.")

    @Argument(help: "Pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @OptionGroup var pipelineOptions: PipelineOptions
    @OptionGroup var console: ConsoleOptions

    /// One line of `_rejects.ndjson.gz`; `raw` is printed from the line itself.
    private struct Line: Decodable {
        var reason: String
        var field: String?
        var page: Int
    }

    func run() throws {
        for pipeline in try PipelineLoading.load([file], out: pipelineOptions.out) {
            try list(pipeline)
        }
    }

    private func list(_ pipeline: Pipeline) throws {
        let inspection = PipelineInspection(pipeline, fileSystem: SystemFileSystem())
        var table = TextTable([
            ("STREAM", .left), ("ACCOUNT", .left), ("WINDOW", .left), ("REASON", .left),
            ("FIELD", .left), ("PAGE", .right),
        ])
        var reasons: [String: Int] = [:]
        let windows = try inspection.windows(
            streams: pipelineOptions.streams, accounts: pipelineOptions.accounts)
        for window in windows {
            guard let published = window.published, published.rejects > 0 else { continue }
            let directory = pipeline.output.path + "/" + published.directory
            for bytes in try RejectsFile().lines(in: directory) {
                let line = try JSONDecoder().decode(Line.self, from: Data(bytes))
                reasons[line.reason, default: 0] += 1
                if console.format == .json {
                    Console.printData(Self.json(window.identity, bytes))
                } else {
                    table.append([
                        window.identity.stream, window.identity.account, window.identity.window,
                        line.reason, line.field ?? "-", "\(line.page)",
                    ])
                }
            }
        }
        if console.format == .table { table.print() }
        let summary = reasons.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        Console.printMessage(
            summary.isEmpty ? "no rejects" : "rejects: " + summary.joined(separator: ", "))
    }

    /// The line with the names of its window in front.
    private static func json(_ identity: WindowIdentity, _ line: [UInt8]) -> String {
        var text: [UInt8] = []
        let names = [
            ("stream", identity.stream), ("account", identity.account),
            ("window", identity.window),
        ]
        for (name, value) in names {
            text.append(text.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
            JSONText.appendQuoted(name, to: &text)
            text.append(UInt8(ascii: ":"))
            JSONText.appendQuoted(value, to: &text)
        }
        return String(decoding: text + [UInt8(ascii: ",")] + line.dropFirst(), as: UTF8.self)
    }
}
