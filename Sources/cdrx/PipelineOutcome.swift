import ArgumentParser
import ExportModel
import ExportRun

/// How the run of one pipeline file ended, or why it did not begin.
struct PipelineOutcome {
    /// The pipeline's name.
    let pipeline: String
    /// Names of its streams, in its order.
    let streams: [String]
    let startedAt: Timestamp
    var endedAt: Timestamp
    /// nil where there was none.
    var report: RunReport?
    /// Why there was none.
    var error: ExportError?

    init(pipeline: String, streams: [String], startedAt: Timestamp) {
        self.pipeline = pipeline
        self.streams = streams
        self.startedAt = startedAt
        endedAt = startedAt
    }

    /// As if it were the only one, signals aside.
    var exitCode: Int32 { report?.exitCode ?? error?.exitCode.rawValue ?? 0 }

    /// A line of JSON (`pipelines/run-report.schema.json`).
    var json: String { report.map(JSONReport.run) ?? JSONReport.refused(self) }
}
