public import ExportModel
public import Planning
import RunLedger

/// What a plan would take, account by account, as far as can be said without a request.
public struct PlanSummary: Sendable {
    /// Where a number of requests comes from.
    public enum Basis: String, CaseIterable, Sendable {
        /// What the account's windows took so far.
        case account
        /// What the windows of the stream's other accounts took.
        case stream
        /// The list of request ids.
        case list
        /// Nothing is known: one request a window, as for a window of one page.
        case minimum
    }

    /// An account that has windows in the plan.
    public struct Account: Hashable, Sendable {
        public var stream: String
        public var account: String
        /// Windows that the provider is asked for.
        public var windows = 0
        /// Windows that are made of the archive.
        public var archivedWindows = 0
        public var requests = 0
        public var basis = Basis.minimum
        /// As long as the requests take at the account's rate.
        public var seconds = 0.0
    }

    /// Streams in the pipeline's order, in each the accounts in the file's.
    public private(set) var accounts: [Account] = []
    /// As long as all takes: accounts side by side, those that share credentials one after the other.
    public private(set) var seconds = 0.0

    private let pipeline: Pipeline
    private let history: [String: StreamRequests]
    /// By stream and account index.
    private var found: [[Account?]]

    /// - Throws: what reading the ledger does.
    public init(of pipeline: Pipeline) throws(ExportError) {
        self.pipeline = pipeline
        let ledger = try storing(
            try Ledger.openReadOnly(pipeline.stateDirectory, output: pipeline.output.identity))
        history = try storing(try ledger?.requestCounts(pipeline: pipeline.name) ?? [:])
        found = pipeline.streams.map { Array(repeating: nil, count: $0.accounts.count) }
    }

    /// Takes a window that is due.
    public mutating func add(_ window: PlannedWindow) {
        let (stream, account) = (window.streamIndex, window.accountIndex)
        var sum =
            found[stream][account] ?? Account(stream: window.stream, account: window.account)
        if window.needsNoRequest { sum.archivedWindows += 1 } else { sum.windows += 1 }
        let list = pipeline.streams[stream].requests
        // What another stream will have is not known before it was exported.
        if let list, list.parent == nil, !window.needsNoRequest {
            sum.basis = .list
            // A list that cannot be read fails its window later, and asks for nothing.
            let ids = try? RequestIDs(list, window: "\(window.window.key)")
            sum.requests += ids?.ids.count ?? 0
        }
        found[stream][account] = sum
    }

    /// Adds up what the windows take, once all were taken.
    public mutating func finish() throws(ExportError) {
        let rates = BudgetRates(of: pipeline)
        var spent: [BudgetRates.Key: Double] = [:]
        var requests = 0
        for (streamIndex, stream) in pipeline.streams.enumerated() {
            for (index, account) in stream.accounts.enumerated() {
                guard var sum = found[streamIndex][index] else { continue }
                if sum.basis != .list { estimate(&sum) }
                let key = rates.key(of: account, in: stream)
                sum.seconds = Double(sum.requests) / rates.requestsPerSecond(of: key)
                spent[key, default: 0] += sum.seconds
                requests += sum.requests
                accounts.append(sum)
            }
        }
        let capped = pipeline.requestsPerSecond.map { Double(requests) / $0 } ?? 0
        seconds = max(spent.values.max() ?? 0, capped)
    }

    private func estimate(_ sum: inout Account) {
        let known = history[sum.stream]
        let average: Double
        if let own = known?.accounts[sum.account] {
            (sum.basis, average) = (.account, own.average)
        } else if let whole = known?.whole {
            (sum.basis, average) = (.stream, whole.average)
        } else {
            (sum.basis, average) = (.minimum, 1)
        }
        sum.requests = Int((Double(sum.windows) * average).rounded(.up))
    }
}

extension RequestCount {
    fileprivate var average: Double { Double(requests) / Double(max(windows, 1)) }
}
