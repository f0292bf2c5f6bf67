import ExportModel
import Extraction

/// The request budgets of a run: one for each set of credentials at each provider.
///
/// Streams that send the same credentials to the same base URL share a budget, whatever their
/// accounts are called; the slowest of their rates holds. Two customers of one provider never share
/// one.
struct AccountBudgets: Sendable {
    private struct Key: Hashable {
        var baseURL: String
        /// Of the credentials' values: a secret is no dictionary key. Their names differ between
        /// endpoints of one provider.
        var credentialHash: Int
    }

    /// By stream and account index.
    private let budgets: [[RequestBudget]]
    /// What all requests of the run share; nil where the pipeline sets no limit.
    let whole: RequestBudget?

    init(of pipeline: Pipeline, environment: ExtractionEnvironment) {
        var rates: [Key: Double] = [:]
        let keys = pipeline.streams.map { stream in
            stream.accounts.map { account in
                let key = Self.key(of: account, in: stream)
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

    private static func key(of account: Account, in stream: Stream) -> Key {
        var hasher = Hasher()
        for value in account.credentials.values.map({ $0.revealed() }).sorted() {
            hasher.combine(value)
        }
        var baseURL = stream.baseURL.lowercased()
        while baseURL.hasSuffix("/") { baseURL.removeLast() }
        return Key(baseURL: baseURL, credentialHash: hasher.finalize())
    }
}
