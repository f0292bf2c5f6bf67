import ExportModel

/// The shape of a simulated pipeline, drawn from a seed. What a later run changes is `var`.
struct Scenario: Sendable {
    struct Stream: Sendable {
        let name: String
        let endpoint: SimulatedEndpoint
        /// Names, which are the tokens too.
        let accounts: [String]
        /// The provider leaves out what lies at the end of the range it is asked for.
        let hasOpenEnd: Bool
        let pageSize: Int
        let slicePages: Int
        let pagesInFlight: Int
        let confirm: String
        /// Commo's `syncflag: 1`: what is read is marked, and not listed again.
        let isDrain: Bool
        /// Of a request list.
        var requestIDs: [String]
    }

    static let zones = [("UTC", 0), ("Asia/Kolkata", 19_800), ("America/New_York", -18_000)]
    /// 2026-01-01T00:00:00Z
    static let newYear: Int64 = 1_767_225_600_000

    let seed: UInt64
    var streams: [Stream]
    let zone: String
    let zoneSeconds: Int
    let isHourly: Bool
    let windowCount: Int
    let lanes: Int
    let windowsInFlight: Int
    let attempts: Int
    let hasOwnState: Bool
    let refresh: Int
    /// One directory for all accounts of a window, or one for each.
    let isByWindow: Bool
    /// Partitions into which the accounts of a window are dealt.
    let buckets: Int
    /// Whether accounts that fail keep a partition from being published.
    let waitsForAll: Bool
    /// `archive: {keep: …}`
    let keep: String
    var shrink: String
    var format: RowText.Format
    var compression: String
    var columns: [String]
    let partByteCount: Int

    init(_ seed: UInt64) {
        self.seed = seed
        var draw = Draw(seed, "scenario")
        (zone, zoneSeconds) = draw.pick(Self.zones)
        isHourly = draw.oneIn(2)
        windowCount = draw.number(1...3)
        lanes = draw.pick([1, 1, 2, 4, 16])
        windowsInFlight = draw.pick([1, 2, 8])
        attempts = draw.number(2...4)
        hasOwnState = draw.oneIn(3)
        refresh = draw.oneIn(3) ? 1 : 0
        isByWindow = !draw.oneIn(3)
        var bucketDraw = Draw(seed, "buckets")
        buckets = isByWindow ? bucketDraw.pick([1, 1, 2, 3]) : 1
        waitsForAll = draw.oneIn(4)
        keep = draw.pick(["35d", "forever", "none"])
        shrink = draw.pick(["keep", "replace", "replace"])
        (format, compression, columns) = Self.output(&draw)
        partByteCount = draw.pick([1_024, 2_048, 1 << 28])
        let accountLimit = draw.pick([1, 1, 2, 3, 3, 8])
        var streams: [Stream] = []
        for index in 0..<draw.pick([1, 1, 1, 1, 2, 2, 3]) {
            streams.append(Self.stream(index, accountLimit: accountLimit, &draw))
        }
        self.streams = streams
    }

    private static func stream(
        _ index: Int, accountLimit: Int, _ draw: inout Draw
    ) -> Stream {
        let endpoint = draw.pick(
            [.userOutMissed, .userOutMissed, .outAnswered, .getBill, .requestCDR]
                as [SimulatedEndpoint])
        let count = endpoint == .requestCDR ? 1 : draw.number(1...accountLimit)
        return Stream(
            name: "s\(index)", endpoint: endpoint,
            accounts: (0..<count).map { "a\(index)-\($0)" },
            hasOpenEnd: draw.oneIn(4), pageSize: draw.pick([1, 2, 3, 5, 10]),
            slicePages: draw.pick([2, 3, 5, 200]), pagesInFlight: draw.pick([1, 2, 4, 8]),
            confirm: draw.oneIn(4) ? "all" : "edges",
            isDrain: endpoint == .getBill && draw.oneIn(2),
            requestIDs: endpoint == .requestCDR ? (0..<draw.number(1...12)).map { "rid-\($0)" } : []
        )
    }

    private static func output(
        _ draw: inout Draw
    ) -> (RowText.Format, String, [String]) {
        let format: RowText.Format = draw.pick([.csv, .csv, .ndjson, .ndjson, .parquet])
        let columns =
            draw.oneIn(3)
            ? ["call_id", "started_at", "account", "to_number", "rate"] : RowText.unified
        return (format, draw.pick(["none", "none", "gzip", "zstd"]), columns)
    }

    /// Draws another format and other columns.
    mutating func changeOutput(_ draw: inout Draw) {
        (format, compression, columns) = Self.output(&draw)
    }

    // MARK: - Windows

    var windowMilliseconds: Int64 { isHourly ? 3_600_000 : 86_400_000 }
    /// The start of the first window.
    var start: Int64 { Self.newYear - Int64(zoneSeconds) * 1_000 }
    var end: Int64 { start + Int64(windowCount) * windowMilliseconds }
    /// What the time is for plans: the last window has settled, the next has not ended.
    var dueAt: Timestamp { Timestamp(epochMilliseconds: end + 2_400_000) }
    /// Within the day that the windows lie in, or the first of its days; local.
    var localStart: LocalHour { localHour(0) }
    var localEnd: LocalHour { localHour(windowCount) }

    private func localHour(_ window: Int) -> LocalHour {
        let day = Int(Self.newYear / 86_400_000)
        return isHourly
            ? LocalHour(date: CivilDate(daysSinceEpoch: day), hour: window)
            : LocalHour(date: CivilDate(daysSinceEpoch: day + window))
    }

    /// From a window's key, `2026-01-01T02` or `2026-01-02`.
    func start(ofWindow key: String) -> Int64? {
        let digits = key.split(separator: isHourly ? "T" : "-").last.flatMap { Int($0) }
        return digits.map { start + Int64(isHourly ? $0 : $0 - 1) * windowMilliseconds }
    }

    /// Of all partitions that a stream publishes.
    func directories(of stream: Stream) -> [String] {
        let windows =
            if stream.endpoint == .requestCDR {
                ["batch=list"]
            } else {
                (0..<windowCount).map {
                    isHourly ? "dt=2026-01-01/hour=0\($0)" : "dt=2026-01-0\($0 + 1)"
                }
            }
        if !isByWindow {
            let places = stream.accounts.map { "\(stream.name)/cdrx_account=\($0)/" }
            return places.flatMap { place in windows.map { place + $0 } }
        }
        let leaves = Set(
            stream.accounts.map { bucket(of: $0).map { "/" + $0.directoryName } ?? "" })
        return windows.flatMap { window in leaves.map { "\(stream.name)/\(window)\($0)" } }
    }

    /// nil where there are no buckets.
    private func bucket(of account: String) -> Bucket? {
        buckets == 1 ? nil : Bucket(holding: account, among: buckets)
    }

    /// The accounts of a stream that share a partition with one of them, sorted.
    func accounts(of stream: Stream, beside account: String) -> [String] {
        if !isByWindow { return [account] }
        return stream.accounts.filter { bucket(of: $0) == bucket(of: account) }.sorted()
    }

    // MARK: - The pipeline file

    func yaml(_ directory: String) -> String {
        let to = isHourly ? "2026-01-01T0\(windowCount)" : "2026-01-0\(windowCount + 1)"
        let from = isHourly ? "2026-01-01T00" : "2026-01-01"
        var text = """
            pipeline: simulation
            timezone: \(zone)
            \(hasOwnState ? "state: \(directory)/state" : "")
            lanes: \(lanes)
            archive: {keep: \(keep)}
            windows: {every: \(isHourly ? "hour" : "day"), range: {from: \(from), to: \(to)}, \
            refresh: \(refresh), shrink: \(shrink)}
            extract: {requests_per_second: 1000, attempts: \(attempts), max_rejects: none, \
            windows_in_flight: \(windowsInFlight)}
            output: {path: \(directory)/out, partition: \(isByWindow ? "window" : "account"), \
            \(buckets > 1 ? "buckets: \(buckets), " : "")\
            publish: \(waitsForAll ? "complete" : "available"), format: \(format.rawValue), \
            compression: \(compression), part_bytes: \(partByteCount)B, \
            columns: \(columns == RowText.unified ? "unified" : "[\(columns.joined(separator: ", "))]")}
            streams:

            """
        for (index, stream) in streams.enumerated() { text += yaml(stream, index) }
        return text
    }

    private func yaml(_ stream: Stream, _ index: Int) -> String {
        let isList = stream.endpoint == .requestCDR
        var text = """
              - stream: \(stream.name)
                endpoint: \(stream.endpoint.rawValue)
                base_url: https://s\(index)
                extract: {slice_pages: \(stream.slicePages), confirm: \(stream.confirm), \
            pages_in_flight: \(stream.pagesInFlight)\
            \(isList ? "" : ", page_size: \(stream.pageSize)")}

            """
        if stream.isDrain { text += "    params: {syncflag: 1}\n" }
        if isList {
            let ids = stream.requestIDs.joined(separator: ", ")
            text += "    requests: {ids: [\(ids)], batch: list}\n"
        }
        text += "    accounts:\n"
        for account in stream.accounts {
            let secret = "${T" + account.replacing("-", with: "_") + "}"
            let credentials =
                switch stream.endpoint {
                case .userOutMissed, .getBill: "token: \"\(secret)\""
                case .outAnswered: "appid: 11, token: \"\(secret)\""
                case .requestCDR: "appid: 22, secret: \"\(secret)\""
                }
            text += "      - {account: \(account), \(credentials)}\n"
        }
        return text
    }

    /// What the pipeline file takes from the environment.
    var secrets: [String: String] {
        var secrets: [String: String] = [:]
        for account in streams.flatMap(\.accounts) {
            secrets["T" + account.replacing("-", with: "_")] = account
        }
        return secrets
    }

    // MARK: - Records

    /// The provider's records at the beginning of the simulation.
    func makeTruth() -> Truth {
        let truth = Truth()
        for (streamIndex, stream) in streams.enumerated() {
            for account in stream.accounts.indices {
                let place = AccountPlace(stream: streamIndex, account: account)
                var draw = Draw(seed, "records \(streamIndex) \(account)")
                let count = draw.below([4, 12, 40][draw.below(3)] + 1)
                truth.add(
                    (0..<count).map { record($0, stream: stream, &draw) }, to: place)
            }
        }
        return truth
    }

    /// A record at any moment of the windows and a little around them, often at their borders.
    func record(_ number: Int, stream: Stream, _ draw: inout Draw) -> SimulatedRecord {
        var moment: Int64
        if draw.oneIn(4) {
            let border = start + Int64(draw.number(0...windowCount)) * windowMilliseconds
            moment = border + draw.pick([-1_001, -1_000, -1, 0, 1, 999, 1_000])
        } else {
            let span = Int(end - start) + 7_200_000
            moment = start - 3_600_000 + Int64(draw.below(span))
        }
        let resolution = stream.endpoint.resolutionMilliseconds
        moment = moment / resolution * resolution
        return SimulatedRecord(
            endpoint: stream.endpoint, number: number, milliseconds: moment,
            requestID: stream.endpoint == .requestCDR ? draw.pick(stream.requestIDs) : nil,
            isDirty: draw.oneIn(20))
    }
}
