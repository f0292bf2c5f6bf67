import BoundedDispatch
import ExportModel
import Extraction

/// The sessions of a run's accounts, made when first needed.
final class AccountSessions: Sendable {
    private struct Key: Hashable {
        var streamIndex: Int
        var accountIndex: Int
    }

    private let pipeline: Pipeline
    private let stop: StopToken
    private let environment: RunEnvironment
    private let budgets: AccountBudgets
    private let sessions = Guarded<[Key: AccountSession]>([:])

    init(pipeline: Pipeline, stop: StopToken, environment: RunEnvironment) {
        self.pipeline = pipeline
        self.stop = stop
        self.environment = environment
        budgets = AccountBudgets(of: pipeline, environment: environment.clock)
    }

    /// The session of an account, by its indices in the pipeline.
    func session(streamIndex: Int, accountIndex: Int) -> AccountSession {
        sessions.withLock { sessions in
            let key = Key(streamIndex: streamIndex, accountIndex: accountIndex)
            if let known = sessions[key] { return known }
            let stream = pipeline.streams[streamIndex]
            let budget = budgets.budget(streamIndex: streamIndex, accountIndex: accountIndex)
            let session = AccountSession(
                account: stream.accounts[accountIndex], stream: stream,
                budgets: [budget] + (budgets.whole.map { [$0] } ?? []), run: stop,
                transport: environment.transport, environment: environment.clock)
            sessions[key] = session
            return session
        }
    }
}
