public import BoundedDispatch
public import ExportModel
import Synchronization

/// One account of one stream during a run: its credentials, its budgets, and whether it goes on.
///
/// Shared by all lanes of all its windows. An authentication failure stops it at once, and only it.
public final class AccountSession: Sendable {
    /// Whose requests these are.
    public let account: Account
    /// Stops with the run, or when the provider refuses the credentials.
    public let stop: StopToken
    /// The account's own first, then that of the whole pipeline.
    let budgets: [RequestBudget]
    private let login: LoginCall?
    private let environment: ExtractionEnvironment
    private let observer: any ExtractionObserver
    private let state: Guarded<State>

    /// Apart from the state, which a login holds for as long as it takes.
    private let refused = Guarded<ExtractionError?>(nil)

    private struct State {
        var credentials: [String: Secret]
        /// Counts logins; 0 before the first one where one is needed.
        var generation: Int
        /// See ``LoginCall/Token/renewalMilliseconds``.
        var renewalMilliseconds: Int64?
        var lastLoginFailure: ExtractionError?
    }

    /// Logins that failed; read without the lock, so that a caller knows what it waited for.
    private let failedLoginCount = Atomic<Int>(0)

    /// - Parameters:
    ///   - budgets: each request spends from all of them.
    ///   - run: the run's own token.
    ///   - observer: learns of the account's logins.
    public init(
        account: Account, stream: Stream, budgets: [RequestBudget], run: StopToken,
        transport: any Transport, environment: ExtractionEnvironment,
        observer: any ExtractionObserver = SilentObserver()
    ) {
        self.account = account
        self.observer = observer
        self.budgets = budgets
        self.environment = environment
        stop = StopToken(childOf: run)
        state = Guarded(State(credentials: account.credentials, generation: 0))
        if let login = stream.endpoint.login, account.credentials[login.issues] == nil {
            self.login = LoginCall(
                login: login, stream: stream, transport: transport, environment: environment,
                observer: observer)
        } else {
            login = nil
        }
    }

    /// Why the provider refused this account; nil as long as it has not.
    public var refusal: ExtractionError? { refused.withLock { $0 } }

    /// Notes a refusal and stops the account.
    func refuse(_ error: ExtractionError) {
        refused.withLock { $0 = $0 ?? error }
        stop.stop()
    }

    /// How long a request that came at `now` would wait for the budgets.
    func budgetPauseMilliseconds(at now: Int64) -> Int64 {
        var pause = 0.0
        for budget in budgets { pause = max(pause, budget.pauseMilliseconds(at: now)) }
        return Int64(pause.rounded(.up))
    }

    /// Counts a request that leaves at `now`.
    func spendBudgets(at now: Int64) {
        for budget in budgets { budget.spend(at: now) }
    }

    /// What to send, and the login it comes from.
    ///
    /// The first caller logs in where that is needed, also because the token ends soon; the others
    /// wait for it.
    func credentials() throws(ExtractionError) -> (values: [String: Secret], generation: Int) {
        try current(notOlderThan: login == nil ? 0 : 1)
    }

    /// Logs in again unless that has happened since `generation`.
    ///
    /// - Returns: false where there is no login: the credentials cannot be renewed.
    func renew(after generation: Int) throws(ExtractionError) -> Bool {
        guard login != nil else { return false }
        _ = try current(notOlderThan: generation + 1)
        return true
    }

    /// The lock is held during a login on purpose: nobody could send anything meanwhile.
    private func current(
        notOlderThan generation: Int
    ) throws(ExtractionError) -> (values: [String: Secret], generation: Int) {
        let failuresSeen = failedLoginCount.load(ordering: .acquiring)
        return try state.withLock { state throws(ExtractionError) in
            let now = environment.monotonicMilliseconds()
            let isOver = state.renewalMilliseconds.map { $0 <= now } ?? false
            if state.generation < generation || isOver, let login {
                if let refusal { throw refusal }
                // Whoever waited while a login failed shares its failure instead of trying too.
                if failedLoginCount.load(ordering: .acquiring) != failuresSeen,
                    let failure = state.lastLoginFailure
                {
                    throw failure
                }
                try logIn(login, &state)
            }
            return (state.credentials, state.generation)
        }
    }

    private func logIn(_ login: LoginCall, _ state: inout State) throws(ExtractionError) {
        do throws(ExtractionError) {
            let token = try login.token(
                credentials: account.credentials, budgets: budgets, stop: stop)
            state.credentials[login.issues] = token.secret
            state.renewalMilliseconds = token.renewalMilliseconds
            state.generation += 1
            observer.observe(.loggedIn(isRenewal: state.generation > 1))
        } catch {
            if error.kind == .authentication { refused.withLock { $0 = $0 ?? error } }
            state.lastLoginFailure = error
            failedLoginCount.add(1, ordering: .releasing)
            throw error
        }
    }
}
