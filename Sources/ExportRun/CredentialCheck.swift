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

    /// Tries every account, as many at once as the pipeline has lanes.
    ///
    /// - Parameters:
    ///   - dueAt: decides which request lists a run would ask for.
    ///   - onOutcome: called for each, in the pipeline's order.
    /// - Returns: the exit code: 0, or as a run with these failures.
    public func run(
        streams: Set<String>?, accounts: Set<String>?, dueAt: Timestamp, stop: StopToken,
        onOutcome: (Outcome) -> Void
    ) -> Int32 {
        let dated = DatedTransport(environment.transport, now: environment.clock.now)
        var environment = environment
        environment.transport = dated
        let sessions = AccountSessions(pipeline: pipeline, stop: stop, environment: environment)
        let attempts = attempts(streams, accounts, dueAt)
        var kinds: Set<FailureKind> = []
        var isSkewed = false
        var triedCount = 0
        LaneGroup.map(
            attempts, lanes: pipeline.lanes, label: "cdrx.check", stop: stop,
            perform: { attempt in outcome(of: attempt, sessions, dated) },
            consume: { (outcome, kind) in
                triedCount += 1
                if let kind { kinds.insert(kind) }
                if outcome.state == .clockSkew { isSkewed = true }
                onOutcome(outcome)
            })
        if triedCount < attempts.count { return RunReport.exitCode(of: [.interrupted]) }
        return kinds.isEmpty && isSkewed ? 1 : RunReport.exitCode(of: kinds)
    }

    /// An account that is to be tried.
    private struct Attempt: Sendable {
        var streamIndex: Int
        var accountIndex: Int
        /// nil at endpoints without request lists.
        var ids: Result<[String]?, ExportError>
    }

    private func attempts(
        _ streams: Set<String>?, _ accounts: Set<String>?, _ dueAt: Timestamp
    ) -> [Attempt] {
        var attempts: [Attempt] = []
        for (streamIndex, stream) in pipeline.streams.enumerated()
        where streams?.contains(stream.name) ?? true {
            let ids = Result { () throws(ExportError) in try requestIDs(stream, at: dueAt) }
            for (accountIndex, account) in stream.accounts.enumerated()
            where accounts?.contains(account.name) ?? true {
                attempts.append(
                    Attempt(streamIndex: streamIndex, accountIndex: accountIndex, ids: ids))
            }
        }
        return attempts
    }

    private func outcome(
        of attempt: Attempt, _ sessions: AccountSessions, _ dated: DatedTransport
    ) -> (Outcome, FailureKind?) {
        let stream = pipeline.streams[attempt.streamIndex]
        var outcome = Outcome(
            stream: stream.name, account: stream.accounts[attempt.accountIndex].name,
            host: Self.host(of: stream.baseURL))
        var kind: FailureKind?
        do throws(ExportError) {
            let ids = try attempt.ids.get()
            if stream.requests?.parent == nil { outcome.requestIDCount = ids?.count }
            let extractor = WindowExtractor(
                stream: stream.listingDrained ?? stream,
                session: sessions.session(
                    streamIndex: attempt.streamIndex, accountIndex: attempt.accountIndex),
                transport: dated, environment: environment.clock)
            try extracting(try ask(extractor, ids))
        } catch {
            kind = error.kind
            outcome.fail(error)
        }
        if outcome.state != .unreachable {
            outcome.clockAheadSeconds = dated.clockAheadSeconds(of: outcome.host)
        }
        let skew = abs(outcome.clockAheadSeconds ?? 0)
        if outcome.state == .ok, skew > Self.toleratedSkewSeconds { outcome.state = .clockSkew }
        return (outcome, kind)
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
            ids += try RequestIDs(list, window: "\(window.window.key)")?.ids ?? []
        }
        return ids
    }

    /// Of a URL: the name, and the port where it has one.
    fileprivate static func host(of url: String) -> String {
        let parts = URLComponents(string: url)
        // The URL itself may hold a credential.
        guard let host = parts?.host else { return "the provider" }
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

/// Notes the time that the answers of each host have.
private final class DatedTransport: Transport {
    private let transport: any Transport
    private let now: @Sendable () -> Timestamp
    private let ahead = Guarded<[String: Int]>([:])

    init(_ transport: any Transport, now: @escaping @Sendable () -> Timestamp) {
        self.transport = transport
        self.now = now
    }

    /// By the host's last answer that had a time; positive where this machine is ahead.
    func clockAheadSeconds(of host: String) -> Int? { ahead.withLock { $0[host] } }

    func send(_ request: ProviderRequest) -> TransportOutcome {
        let outcome = transport.send(request)
        if case .answer(let answer) = outcome, let date = answer.date.flatMap(HTTPDate.moment) {
            let seconds = (now().epochMilliseconds - date.epochMilliseconds) / 1_000
            let host = CredentialCheck.host(of: request.url)
            ahead.withLock { $0[host] = Int(seconds) }
        }
        return outcome
    }
}
