import ExportModel
import Foundation
import PipelineFile

/// Files that people write: a pipeline, or findings with a place, and never both nothing.
enum PipelineTarget {
    /// A pipeline file; the same bytes are also the endpoint file and the accounts file it names.
    static func runPipeline(_ bytes: [UInt8]) {
        read(files: ["p.yaml": bytes], otherwise: bytes)
        let own = "pipeline: p\noutput: {path: o}\nendpoints: [e.yaml]\nstreams: []\n"
        read(files: ["p.yaml": Array(own.utf8)], otherwise: bytes)
    }

    /// An accounts file.
    static func runAccounts(_ bytes: [UInt8]) {
        let text = """
            pipeline: p
            output: {path: o}
            windows: {every: day, range: yesterday}
            streams:
              - {stream: s, endpoint: telecmi.v2.user.out_missed, accounts: {file: a.csv}}
            """
        read(files: ["p.yaml": Array(text.utf8)], otherwise: bytes)
    }

    private static func read(files: [String: [UInt8]], otherwise bytes: [UInt8]) {
        let reader = PipelineReader(
            catalog: EndpointCatalog.bundled, environment: ["TOKEN": "t"],
            readFile: { files[$0] ?? bytes })
        let result = reader.read("p.yaml")
        precondition(result.pipeline != nil || !result.diagnostics.isEmpty, "nothing was said")
        for diagnostic in result.diagnostics { precondition(!"\(diagnostic)".isEmpty) }
    }
}
