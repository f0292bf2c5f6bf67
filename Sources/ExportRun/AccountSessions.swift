import BoundedDispatch
import ExportModel
import Extraction
import Synchronization

/// The sessions of a run's accounts, made when first needed; budgets are shared across streams.
final class AccountSessions: Sendable {
    private struct Key: Hashable {
        var streamIndex: Int
        var accountIndex: Int
    }

    private struct State {
        var sessions: [Key: AccountSession] = [:]
        /// By provider and account name: the same account in two streams has one budget.
        var budgets: [String: RequestBudget] = [:]
    }

    private let pipeline: Pipeline
    private let stop: StopToken
    private let environment: RunEnvironment
    private let wholeBudget: RequestBudget?
    private let state = Mutex(State())

    init(pipeline: Pipeline, stop: StopToken, environment: RunEnvironment) {
        self.pipeline = pipeline
        self.stop = stop
        self.environment = environment
        wholeBudget = pipeline.requestsPerSecond.map {
            RequestBudget(requestsPerSecond: $0, environment: environment.clock)
        }
    }

    /// The session of an account, by its indices in the pipeline.
    func session(streamIndex: Int, accountIndex: Int) -> AccountSession {
        state.withLock { state in
            let key = Key(streamIndex: streamIndex, accountIndex: accountIndex)
            if let known = state.sessions[key] { return known }
            let stream = pipeline.streams[streamIndex]
            let account = stream.accounts[accountIndex]
            let name = "\(stream.endpoint.provider)/\(account.name)"
            let budget =
                state.budgets[name]
                ?? RequestBudget(
                    requestsPerSecond: stream.extract.requestsPerSecond,
                    environment: environment.clock)
            state.budgets[name] = budget
            let session = AccountSession(
                account: account, stream: stream,
                budgets: [budget] + (wholeBudget.map { [$0] } ?? []), run: stop,
                transport: environment.transport, environment: environment.clock)
            state.sessions[key] = session
            return session
        }
    }
}
