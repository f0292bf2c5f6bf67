public import BoundedDispatch
public import ExportModel
import Extraction

/// Tries the credentials of accounts with one small request each; nothing is written, and no drain
/// is touched.
public struct CredentialCheck: Sendable {
    /// What one account's attempt brought.
    public struct Outcome: Sendable {
        public var stream: String
        public var account: String
        /// nil: the provider answered as documented.
        public var failure: WindowResult.Failure?
    }

    private let pipeline: Pipeline
    private let environment: RunEnvironment

    public init(_ pipeline: Pipeline, environment: RunEnvironment) {
        self.pipeline = pipeline
        self.environment = environment
    }

    /// Tries every account in turn.
    ///
    /// - Parameter onOutcome: called after each.
    /// - Returns: the exit code: 0, or as a run with these failures.
    public func run(
        streams: Set<String>?, accounts: Set<String>?, stop: StopToken,
        onOutcome: (Outcome) -> Void
    ) -> Int32 {
        let sessions = AccountSessions(pipeline: pipeline, stop: stop, environment: environment)
        var kinds: Set<FailureKind> = []
        for (streamIndex, stream) in pipeline.streams.enumerated()
        where streams?.contains(stream.name) ?? true {
            for (accountIndex, account) in stream.accounts.enumerated()
            where accounts?.contains(account.name) ?? true {
                let session = sessions.session(
                    streamIndex: streamIndex, accountIndex: accountIndex)
                var outcome = Outcome(stream: stream.name, account: account.name, failure: nil)
                do throws(ExtractionError) {
                    let extractor = WindowExtractor(
                        stream: stream.listingDrained ?? stream, session: session,
                        transport: environment.transport, environment: environment.clock)
                    try extractor.probe(at: environment.clock.now())
                } catch {
                    kinds.insert(error.kind)
                    outcome.failure = WindowResult.Failure(
                        kind: error.kind, code: error.code, message: error.message)
                }
                onOutcome(outcome)
            }
        }
        return RunReport.exitCode(of: kinds)
    }
}
