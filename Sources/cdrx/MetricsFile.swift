import ExportModel
import ExportRun
import Foundation
import RunLedger

/// The figures of runs in the text format of Prometheus, for the textfile collector of its node
/// exporter.
///
/// `pipelines/README.md` ("Metrics") lists them; a test compares the two.
struct MetricsFile {
    /// What a metric says, by its name.
    static let help: [(name: String, help: String)] = [
        ("cdrx_run_info", "The last run, its id and the version of cdrx as labels."),
        ("cdrx_run_start_timestamp_seconds", "When the last run began."),
        ("cdrx_run_end_timestamp_seconds", "When the last run ended."),
        ("cdrx_run_duration_seconds", "How long the last run took."),
        ("cdrx_run_exit_code", "Exit code of the last run."),
        (
            "cdrx_last_complete_timestamp_seconds",
            "When a run last ended with every window complete."
        ),
        ("cdrx_run_windows", "Account windows of the last run, by what they are after it."),
        ("cdrx_run_skipped_windows", "Account windows that were complete already."),
        ("cdrx_run_waiting_windows", "Account windows asked for that are not due yet."),
        ("cdrx_run_rows", "Rows of the partitions that the windows of the last run are in."),
        ("cdrx_run_rejects", "Records of these windows that are no rows."),
        ("cdrx_run_late_rows", "Rows that came after their window was first published."),
        ("cdrx_run_requests", "Requests sent, retries and logins included."),
        ("cdrx_run_retries", "Requests that repeated another one."),
        ("cdrx_run_throttles", "Responses that complained about the rate (HTTP 429)."),
        ("cdrx_run_rewalks", "Slices walked again because records moved while they were read."),
        ("cdrx_run_wait_seconds", "How long pages waited before they were asked for again."),
        ("cdrx_run_response_bytes", "Bytes of response bodies, decompressed."),
    ]

    private var samples: [String: [(labels: [(String, String)], value: String)]] = [:]

    /// - Parameters:
    ///   - outcomes: of each pipeline.
    ///   - tool: `cdrx/<version>`
    init(_ outcomes: [PipelineOutcome], tool: String) {
        for outcome in outcomes { add(outcome, tool) }
    }

    /// The file's text.
    var text: String {
        var text = ""
        for (name, help) in Self.help {
            guard let own = samples[name], !own.isEmpty else { continue }
            text += "# HELP \(name) \(help)\n# TYPE \(name) gauge\n"
            for (labels, value) in own {
                let pairs = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }
                text += "\(name){\(pairs.joined(separator: ","))} \(value)\n"
            }
        }
        return text
    }

    private mutating func add(_ outcome: PipelineOutcome, _ tool: String) {
        let pipeline = [("pipeline", outcome.pipeline)]
        add("cdrx_run_exit_code", pipeline, Int(outcome.exitCode))
        add("cdrx_run_start_timestamp_seconds", pipeline, outcome.startedAt)
        add("cdrx_run_end_timestamp_seconds", pipeline, outcome.endedAt)
        guard let report = outcome.report else { return }
        let version = String(tool.drop { $0 != "/" }.dropFirst())
        add("cdrx_run_info", pipeline + [("run", report.runID), ("version", version)], 1)
        add(
            "cdrx_run_duration_seconds", pipeline,
            number: SecondsText.exact(report.milliseconds))
        if let moment = report.lastCompleteAt {
            add("cdrx_last_complete_timestamp_seconds", pipeline, moment)
        }
        add("cdrx_run_skipped_windows", pipeline, report.skippedComplete)
        add("cdrx_run_waiting_windows", pipeline, report.notDue.count)
        for stream in outcome.streams { add(stream, of: report, pipeline) }
    }

    private mutating func add(
        _ stream: String, of report: RunReport, _ pipeline: [(String, String)]
    ) {
        let labels = pipeline + [("stream", stream)]
        let windows = report.windows.filter { $0.stream == stream }
        var states: [String: Int] = [:]
        for window in windows { states[window.state.rawValue, default: 0] += 1 }
        for (state, count) in states.sorted(by: { $0.key < $1.key }) {
            add("cdrx_run_windows", labels + [("state", state)], count)
        }
        add("cdrx_run_rows", labels, windows.reduce(0) { $0 + $1.rows })
        add("cdrx_run_rejects", labels, windows.reduce(0) { $0 + $1.rejects })
        add("cdrx_run_late_rows", labels, windows.reduce(0) { $0 + ($1.rowChanges?.late ?? 0) })
        let traffic = report.streams.first { $0.stream == stream }?.traffic ?? RequestTraffic()
        add("cdrx_run_requests", labels, traffic.requests)
        add("cdrx_run_retries", labels, traffic.retries)
        add("cdrx_run_throttles", labels, traffic.throttles)
        add("cdrx_run_rewalks", labels, traffic.rewalks)
        add(
            "cdrx_run_wait_seconds", labels,
            number: SecondsText.exact(traffic.waitMilliseconds))
        add("cdrx_run_response_bytes", labels, Int(traffic.responseBytes))
    }

    private mutating func add(_ name: String, _ labels: [(String, String)], _ value: Int) {
        add(name, labels, number: "\(value)")
    }

    private mutating func add(_ name: String, _ labels: [(String, String)], _ moment: Timestamp) {
        add(name, labels, number: SecondsText.exact(moment.epochMilliseconds))
    }

    private mutating func add(
        _ name: String, _ labels: [(String, String)], number: String
    ) {
        precondition(Self.help.contains { $0.name == name }, "every metric has its help")
        samples[name, default: []].append((labels, number))
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
            "\n", with: "\\n")
    }
}
