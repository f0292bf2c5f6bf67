public import BoundedDispatch
public import ExportModel
import Extraction
import Foundation
import Planning

/// Tries the credentials of accounts with one small request each, and reads the request lists that a
/// run would ask for now. Nothing is written, and no drain is touched.
public struct CredentialCheck: Sendable {
    /// How an account stands.
    public enum State: String, CaseIterable, Sendable {
        /// The provider answered as documented.
        case ok
        case wrongCredentials = "wrong_credentials"
        case unreachable
        /// The credentials hold, and the clocks of provider and machine differ.
        case clockSkew = "clock_skew"
        /// None of the ids that were asked for is known, and the provider's refusal may mean that
        /// as well as wrong credentials.
        case unproven
        /// Anything else; see the failure.
        case failed
    }

    /// What one account's attempt brought.
    public struct Outcome: Sendable {
        public var stream: String
        public var account: String
        public var state = State.ok
        /// Host and port that were asked.
        public var host: String
        /// How far this machine's clock is ahead of the provider's; nil where the answer has no
        /// time.
        public var clockAheadSeconds: Int?
        /// Ids of the request lists that a run would ask for now; nil at other endpoints.
        public var requestIDCount: Int?
        /// nil for `ok` and `clock_skew`.
        public var failure: WindowResult.Failure?
    }

    /// Clocks that differ less are equal: an answer takes its time, and `Date` has whole seconds.
    public static let toleratedSkewSeconds = 60
    /// Ids of a list that are asked for until one is known.
    private static let triedIDCount = 3

    private let pipeline: Pipeline
    private let environment: RunEnvironment

    public init(_ pipeline: Pipeline, environment: RunEnvironment) {
        self.pipeline = pipeline
        self.environment = environment
    }

    /// Tries every account in turn.
    ///
    /// - Parameters:
    ///   - dueAt: decides which request lists a run would ask for.
    ///   - onOutcome: called after each.
    /// - Returns: the exit code: 0, or as a run with these failures.
    public func run(
        streams: Set<String>?, accounts: Set<String>?, dueAt: Timestamp, stop: StopToken,
        onOutcome: (Outcome) -> Void
    ) -> Int32 {
        let dated = DatedTransport(environment.transport, now: environment.clock.now)
        var environment = environment
        environment.transport = dated
        let sessions = AccountSessions(pipeline: pipeline, stop: stop, environment: environment)
        var kinds: Set<FailureKind> = []
        var isSkewed = false
        for (streamIndex, stream) in pipeline.streams.enumerated()
        where streams?.contains(stream.name) ?? true {
            let lists = Result { () throws(ExportError) in try requestIDs(stream, at: dueAt) }
            for (accountIndex, account) in stream.accounts.enumerated()
            where accounts?.contains(account.name) ?? true {
                if stop.isStopped { return RunReport.exitCode(of: [.interrupted]) }
                var outcome = Outcome(
                    stream: stream.name, account: account.name, host: Self.host(of: stream))
                dated.forget()
                do throws(ExportError) {
                    let ids = try lists.get()
                    outcome.requestIDCount = ids?.count
                    let extractor = WindowExtractor(
                        stream: stream.listingDrained ?? stream,
                        session: sessions.session(
                            streamIndex: streamIndex, accountIndex: accountIndex),
                        transport: dated, environment: environment.clock)
                    try extracting(try ask(extractor, ids))
                } catch {
                    kinds.insert(error.kind)
                    outcome.fail(error)
                }
                outcome.clockAheadSeconds = dated.clockAheadSeconds
                let skew = abs(outcome.clockAheadSeconds ?? 0)
                if outcome.state == .ok, skew > Self.toleratedSkewSeconds {
                    outcome.state = .clockSkew
                    isSkewed = true
                }
                onOutcome(outcome)
            }
        }
        return kinds.isEmpty && isSkewed ? 1 : RunReport.exitCode(of: kinds)
    }

    /// Asks for the last minute, or for ids until one is known.
    private func ask(
        _ extractor: WindowExtractor, _ ids: [String]?
    ) throws(ExtractionError) {
        guard let ids else {
            let now = environment.clock.now()
            let minute = TimeRange(start: now.advanced(milliseconds: -60_000), end: now)
            _ = try extractor.probe(.range(minute))
            return
        }
        var doubt: ExtractionError?
        // Without a list, an id that nobody has: most providers say so.
        for id in ids.isEmpty ? ["cdrx-check"] : Array(ids.prefix(Self.triedIDCount)) {
            do throws(ExtractionError) {
                _ = try extractor.probe(.requestID(id))
                return
            } catch {
                guard error.isDoubtfulAuthentication else { throw error }
                doubt = doubt ?? error
            }
        }
        if let doubt { throw doubt }
    }

    /// The ids that a run would ask for now, whether they are exported already or not; nil at
    /// endpoints that have none.
    private func requestIDs(
        _ stream: ExportModel.Stream, at moment: Timestamp
    ) throws(ExportError) -> [String]? {
        guard let list = stream.requests else { return nil }
        var alone = pipeline
        alone.streams = [stream]
        let plan: Plan
        do {
            plan = try Planner(pipeline: alone, layout: pipeline.output.partition, now: moment)
                .plan(ledger: LedgerView())
        } catch {
            throw ExportError(.configuration, error)
        }
        var ids: [String] = []
        var seen: Set<String> = []
        for window in plan.windows where seen.insert("\(window.window.key)").inserted {
            ids += try RequestIDs(list, window: "\(window.window.key)").ids
        }
        return ids
    }

    private static func host(of stream: ExportModel.Stream) -> String {
        let parts = URLComponents(string: stream.baseURL)
        guard let host = parts?.host else { return stream.baseURL }
        return parts?.port.map { "\(host):\($0)" } ?? host
    }
}

extension CredentialCheck.Outcome {
    fileprivate mutating func fail(_ error: ExportError) {
        failure = WindowResult.Failure(error)
        let isDoubtful = (error.cause as? ExtractionError)?.isDoubtfulAuthentication ?? false
        state =
            switch error.kind {
            case .authentication: isDoubtful ? .unproven : .wrongCredentials
            case .unreachable: .unreachable
            default: .failed
            }
    }
}

/// Notes the time that the provider's answers have.
private final class DatedTransport: Transport {
    private let transport: any Transport
    private let now: @Sendable () -> Timestamp
    private let ahead = Guarded<Int?>(nil)

    init(_ transport: any Transport, now: @escaping @Sendable () -> Timestamp) {
        self.transport = transport
        self.now = now
    }

    /// By the last answer that had a time; positive where this machine is ahead.
    var clockAheadSeconds: Int? { ahead.withLock { $0 } }

    func forget() { ahead.withLock { $0 = nil } }

    func send(_ request: ProviderRequest) -> TransportOutcome {
        let outcome = transport.send(request)
        if case .answer(let answer) = outcome, let date = answer.date.flatMap(HTTPDate.moment) {
            let seconds = (now().epochMilliseconds - date.epochMilliseconds) / 1_000
            ahead.withLock { $0 = Int(seconds) }
        }
        return outcome
    }
}
