import ExportModel
import Extraction

/// The request budgets of a run: one for each set of credentials at each provider.
///
/// Streams that send the same credentials to the same base URL share a budget, whatever their
/// accounts are called; the slowest of their rates holds. Two customers of one provider never share
/// one.
struct AccountBudgets: Sendable {
    /// By stream and account index.
    private let budgets: [[RequestBudget]]
    /// What all requests of the run share; nil where the pipeline sets no limit.
    let whole: RequestBudget?

    init(of pipeline: Pipeline, environment: ExtractionEnvironment) {
        var rates: [BudgetKey: Double] = [:]
        let keys = pipeline.streams.map { stream in
            stream.accounts.map { account in
                guard let key = BudgetKey(of: account, in: stream) else {
                    preconditionFailure("a run's credentials are read")
                }
                let rate = stream.extract.requestsPerSecond
                rates[key] = min(rates[key] ?? rate, rate)
                return key
            }
        }
        let shared = rates.mapValues {
            RequestBudget(requestsPerSecond: $0, environment: environment)
        }
        budgets = keys.map { $0.compactMap { shared[$0] } }
        whole = pipeline.requestsPerSecond.map {
            RequestBudget(requestsPerSecond: $0, environment: environment)
        }
    }

    /// The account's own budget, by its indices in the pipeline.
    func budget(streamIndex: Int, accountIndex: Int) -> RequestBudget {
        budgets[streamIndex][accountIndex]
    }
}

/// What accounts have in common that share a budget.
struct BudgetKey: Hashable {
    private let baseURL: String
    /// Of the credentials' values: a secret is no dictionary key. Their names differ between
    /// endpoints of one provider.
    private let credentialHash: Int

    /// nil where the credentials were not read.
    init?(of account: Account, in stream: Stream) {
        let values = account.credentials.values
        if values.contains(where: \.isUnread) { return nil }
        var hasher = Hasher()
        for value in values.map({ $0.revealed() }).sorted() { hasher.combine(value) }
        credentialHash = hasher.finalize()
        var baseURL = stream.baseURL.lowercased()
        while baseURL.hasSuffix("/") { baseURL.removeLast() }
        self.baseURL = baseURL
    }
}
