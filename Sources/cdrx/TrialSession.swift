import ArgumentParser
import BoundedDispatch
import ExportModel
import ExportRun
import Extraction
import FileSystem
import Foundation
import Logging

/// Tries one endpoint of a pipeline on its provider, for `endpoints ID --try`.
struct TrialSession {
    let console: ConsoleOptions
    let selection: SelectionOptions

    /// One request for the first stream of the endpoint that was chosen, and its first account.
    func run(_ id: String, in file: String) throws {
        let pipelines = try PipelineLoading.load(
            [file], out: nil, sendsRequests: true, log: console.eventLog)
        guard let pipeline = pipelines.first else { return }
        try console.reporting { () throws(ExportError) in
            try pipeline.requireKnown(streams: selection.streams, accounts: selection.accounts)
        }
        let streamIndex = pipeline.streams.firstIndex {
            $0.endpoint.id == id && selection.streams?.contains($0.name) ?? true
        }
        guard let streamIndex else {
            throw ValidationError(
                "no stream of \(file) has the endpoint '\(id)'; add one with an account to try")
        }
        let stream = pipeline.streams[streamIndex]
        let accountIndex = stream.accounts.firstIndex {
            selection.accounts?.contains($0.name) ?? true
        }
        guard let accountIndex else {
            throw ValidationError("the stream '\(stream.name)' has no such account")
        }
        let stop = StopToken()
        let signals = SignalWatch(stopping: stop) { _ in }
        let trial = EndpointTrial(pipeline, environment: environment(stop))
        let outcome = trial.run(
            streamIndex: streamIndex, accountIndex: accountIndex, dueAt: selection.dueAt,
            stop: stop)
        let report = TrialReport(endpoint: stream.endpoint, outcome: outcome)
        if console.format == .table { report.printTable() } else { report.printJSON() }
        if let signal = signals.signalNumber { throw ExitCode(128 + signal) }
        try end(outcome)
    }

    private func end(_ outcome: EndpointTrial.Outcome) throws {
        if let failure = outcome.failure {
            console.makeLogger().error("\(failure.message) [\(failure.code)]")
            throw ExitCode(RunReport.exitCode(of: [failure.kind]))
        }
        if outcome.rows.isEmpty, outcome.recordCount > 0 { throw ExitCode.failure }
    }

    private func environment(_ stop: StopToken) -> RunEnvironment {
        let process = ProcessInfo.processInfo
        let transport = HTTPTransport(
            userAgent: CDRX.tool, stop: stop,
            certificateFile: process.environment["SSL_CERT_FILE"])
        return RunEnvironment(
            clock: SystemClock.environment(), transport: transport, disk: SystemDisk(),
            hostName: process.hostName, processID: process.processIdentifier, tool: CDRX.tool)
    }
}
