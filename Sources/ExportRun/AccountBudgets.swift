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
        let rates = BudgetRates(of: pipeline)
        let shared = rates.requestsPerSecond.mapValues {
            RequestBudget(requestsPerSecond: $0, environment: environment)
        }
        budgets = pipeline.streams.map { stream in
            stream.accounts.compactMap { shared[rates.key(of: $0, in: stream)] }
        }
        whole = pipeline.requestsPerSecond.map {
            RequestBudget(requestsPerSecond: $0, environment: environment)
        }
    }

    /// The account's own budget, by its indices in the pipeline.
    func budget(streamIndex: Int, accountIndex: Int) -> RequestBudget {
        budgets[streamIndex][accountIndex]
    }
}

/// The rates that the accounts of a pipeline are allowed.
struct BudgetRates {
    enum Key: Hashable {
        case credentials(BudgetKey)
        /// Of an account whose credentials were not read.
        case account(stream: String, account: String)
    }

    /// The slowest of the streams that share it.
    private(set) var requestsPerSecond: [Key: Double] = [:]

    init(of pipeline: Pipeline) {
        for stream in pipeline.streams {
            let rate = stream.extract.requestsPerSecond
            for account in stream.accounts {
                let key = key(of: account, in: stream)
                requestsPerSecond[key] = min(requestsPerSecond[key] ?? rate, rate)
            }
        }
    }

    func key(of account: Account, in stream: Stream) -> Key {
        BudgetKey(of: account, in: stream).map { .credentials($0) }
            ?? .account(stream: stream.name, account: account.name)
    }

    func requestsPerSecond(of key: Key) -> Double {
        guard let rate = requestsPerSecond[key] else {
            preconditionFailure("each account of the pipeline has a rate")
        }
        return rate
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
