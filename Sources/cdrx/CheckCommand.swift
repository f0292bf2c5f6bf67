import ArgumentParser
import ExportModel
import ExportRun

/// `cdrx check FILE`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Try every account's credentials with one small request.",
        discussion: """
            Prints a line an account: ok, wrong credentials, unreachable, clock skew (the \
            provider's clock and this machine's differ by more than a minute), unproven or failed. \
            Request lists that a run would ask for now are read, and their first ids tried. \
            Nothing is written.

            Examples:
              cdrx check nightly.yaml
              cdrx check nightly.yaml --stream commo --account hq
            """)

    @Argument(help: "Pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @OptionGroup var pipelineOptions: PipelineOptions
    @OptionGroup var console: ConsoleOptions

    func run() throws {
        let session = ExportSession(pipelineOptions, console)
        let pipelines = try PipelineLoading.load(
            [file], pipelineOptions.place, sendsRequests: true, log: console.eventLog)
        for pipeline in pipelines {
            try console.reporting { () throws(ExportError) in
                try pipeline.requireKnown(
                    streams: pipelineOptions.streams, accounts: pipelineOptions.accounts)
            }
            let code =
                switch console.format {
                case .json, .ndjson: printJSON(session, pipeline)
                case .table: print(session, pipeline)
                }
            if code != 0 { throw ExitCode(code) }
        }
    }

    private func printJSON(_ session: ExportSession, _ pipeline: Pipeline) -> Int32 {
        var writer = JSONReportWriter(
            "check", console.format, pipeline: pipeline.name, list: "accounts")
        var counts: [CredentialCheck.State: Int] = [:]
        let code = session.check(pipeline) { outcome in
            counts[outcome.state, default: 0] += 1
            writer.append(JSONReport.check(outcome))
        }
        writer.finish(
            counts: CredentialCheck.State.allCases.compactMap { state in
                counts[state].map { (state.rawValue, $0) }
            })
        return code
    }

    /// A line as soon as an account has answered: there may be thousands.
    private func print(_ session: ExportSession, _ pipeline: Pipeline) -> Int32 {
        let names = pipeline.streams.flatMap { stream in
            stream.accounts.map { "\(stream.name)/\($0.name)" }
        }
        let width = names.map(\.count).max() ?? 0
        return session.check(pipeline) { outcome in
            let name = "\(outcome.stream)/\(outcome.account)"
            let padding = String(repeating: " ", count: max(width - name.count, 0))
            Console.printData("\(name)\(padding)  \(outcome.words)")
        }
    }
}

extension CredentialCheck.Outcome {
    /// How the account stands, and why.
    fileprivate var words: String {
        let state = state.rawValue.replacing("_", with: " ")
        if let failure { return "\(state): \(failure.message) [\(failure.code)]" }
        if self.state == .clockSkew, let seconds = clockAheadSeconds {
            let direction = seconds > 0 ? "ahead of" : "behind"
            return "\(state): this machine's clock is \(abs(seconds)) s \(direction) \(host)'s; "
                + "windows fall due by it, so correct the one that is wrong"
        }
        let lists = requestIDCount.map { ", \($0, "request id") listed" } ?? ""
        return "\(state) (\(host)\(lists))"
    }
}
