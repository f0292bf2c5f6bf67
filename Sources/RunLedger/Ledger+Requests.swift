import GRDB

/// Requests that verified account windows took.
public struct RequestCount: Hashable, Sendable {
    public var windows = 0
    public var requests = 0
}

/// The same for a stream.
public struct StreamRequests: Hashable, Sendable {
    public var accounts: [String: RequestCount] = [:]
    public var whole = RequestCount()
}

extension Ledger {
    /// Requests that the newest verified versions of a pipeline's windows took, by stream.
    public func requestCounts(
        pipeline: String
    ) throws(LedgerError) -> [String: StreamRequests] {
        try read("reading windows") { database in
            var streams: [String: StreamRequests] = [:]
            guard let export = try names.export(of: pipeline, in: database) else { return streams }
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT stream, account, count(*), sum(requests) FROM windows
                    WHERE export = ? AND requests IS NOT NULL GROUP BY stream, account
                    """,
                arguments: [export])
            while let row = try rows.next() {
                let stream = try names.name(of: row[0], in: database)
                let account = try names.name(of: row[1], in: database)
                let count = RequestCount(windows: row[2], requests: row[3])
                streams[stream, default: StreamRequests()].accounts[account] = count
                streams[stream]?.whole.windows += count.windows
                streams[stream]?.whole.requests += count.requests
            }
            return streams
        }
    }
}
