import ExportModel
import Planning
import Testing

/// Reads `2026-03-29` and `2026-03-29T02`.
func local(_ text: String) throws -> LocalHour {
    let date = try #require(CivilDate(iso8601: String(text.prefix(10))))
    return LocalHour(date: date, hour: text.count > 10 ? try #require(Int(text.suffix(2))) : 0)
}

/// Reads `2026-03-29T01:00` as UTC.
func utc(_ text: String) throws -> Timestamp {
    var bytes = Array((text + ":00").utf8)
    let seconds = bytes.withUnsafeMutableBufferPointer {
        TimestampText.localSeconds(UnsafeBufferPointer($0))
    }
    return Timestamp(epochMilliseconds: try #require(seconds) * 1_000)
}

/// `key start…end` in UTC to the minute, as in `2026-03-29 2026-03-28T23:00…2026-03-29T22:00`.
func line(_ window: Window) throws -> String {
    let range = try #require(window.range)
    return "\(window.key) \(range.start.iso8601.prefix(16))…\(range.end.iso8601.prefix(16))"
}

extension Stream {
    /// A stream of an invented endpoint.
    static func sample(
        name: String = "calls", accounts: [String] = ["main"], windows: WindowOptions,
        requests: RequestList? = nil
    ) throws -> Stream {
        let shape = RequestShape(
            path: "", encoding: .json, fixed: [], credentials: [], window: nil, requestID: nil,
            optional: [], paging: nil)
        let rules = AnswerRules(success: [], failures: [], errorTexts: [])
        let zone = SourceZone(identifier: "Z", offsetSeconds: 0)
        let endpoint = Endpoint(
            id: "sample", title: "", document: "", provider: "sample", defaultBaseURL: nil,
            request: shape,
            response: ResponseShape(
                rows: [JSONPath(["rows"])], total: .path(JSONPath(["total"])), rules: rules),
            key: [], keyHasOrdinal: false, timeField: "time", sourceZone: zone, fields: [],
            constants: [], login: nil)
        return Stream(
            name: name, endpoint: endpoint, baseURL: "http://localhost", sourceZone: zone,
            accounts: accounts.map { Account(name: $0, credentials: [:]) }, parameters: [],
            requests: requests, windows: windows,
            extract: ExtractOptions(
                pagesInFlight: 1, windowsInFlight: 1, requestsPerSecond: 1, slicePages: 1,
                pageSize: 1, timeoutMilliseconds: 1, attempts: 1, maxRejects: .unlimited),
            columns: try #require(ColumnPlan(.unified, of: endpoint)))
    }
}

extension WindowOptions {
    /// 30 minutes to settle, as by default.
    static func sample(
        every: WindowGrid = .day, range: WindowRange = .yesterday, refresh: Int = 0,
        catchUpFrom: LocalHour? = nil
    ) -> WindowOptions {
        WindowOptions(
            every: every, range: range, settleMilliseconds: 30 * 60_000, refresh: refresh,
            catchUpFrom: catchUpFrom)
    }
}

extension Pipeline {
    static func sample(_ streams: [Stream], zone: String = "UTC") -> Pipeline {
        Pipeline(
            name: "nightly", timeZoneIdentifier: zone, statePath: nil, requestsPerSecond: nil,
            output: OutputOptions(
                path: "exports", format: .csv, compression: .gzip, level: nil, columns: .unified,
                partByteCount: 1, timestamps: .iso8601, csv: CSVOptions(),
                parquet: ParquetOptions()),
            streams: streams)
    }
}

extension LedgerView {
    /// - Parameter states: stream → account → window key → facts.
    init(
        states: [String: [String: [String: WindowFacts]]],
        changedLists: [String: [String: Set<String>]] = [:], outdated: [OutdatedPartition] = [],
        archived: [String: [Window]] = [:], rejected: [RejectedWindow] = []
    ) {
        let facts = states.mapValues { accounts in
            var builder = StreamFacts.Builder()
            let names = accounts.keys.sorted()
            for (number, name) in names.enumerated() {
                for (window, facts) in accounts[name] ?? [:] {
                    builder.add(account: Int64(number), window: window, facts)
                }
            }
            return builder.finish { names[Int($0)] }
        }
        self.init(
            facts: facts, changedLists: changedLists, outdated: outdated, archived: archived,
            rejected: rejected)
    }

    /// The states of one account of the stream `calls`.
    static func sample(_ states: [String: WindowState], account: String = "main") -> LedgerView {
        LedgerView(states: ["calls": [account: states.mapValues { .init($0, archive: .kept) }]])
    }
}
