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
    /// nil: nothing is counted or reported.
    private let events: RunEvents?
    private let budgets: AccountBudgets
    private let sessions = Guarded<[Key: AccountSession]>([:])

    init(
        pipeline: Pipeline, stop: StopToken, environment: RunEnvironment, events: RunEvents? = nil
    ) {
        self.pipeline = pipeline
        self.stop = stop
        self.events = events
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
            let account = stream.accounts[accountIndex]
            let session = AccountSession(
                account: account, stream: stream,
                budgets: [budget] + (budgets.whole.map { [$0] } ?? []), run: stop,
                transport: environment.transport, environment: environment.clock,
                observer: observer(of: account, in: stream, streamIndex, budget))
            sessions[key] = session
            return session
        }
    }

    private func observer(
        of account: Account, in stream: Stream, _ streamIndex: Int, _ budget: RequestBudget
    ) -> any ExtractionObserver {
        guard let events else { return SilentObserver() }
        let meter = environment.meter.stream(streamIndex)
        meter.add(budget)
        return AccountObserver(
            RunEvent.Subject(stream: stream.name, account: account.name), of: stream, meter, events)
    }
}
