public import ExportModel
import Planning
public import RunLedger

/// An account window of a pipeline: what the ledger says of it, or that nothing is known of it.
public struct CoveredWindow: Sendable {
    public var stream: String
    public var account: String
    /// ``WindowKey/description``
    public var window: String
    /// nil for a request list.
    public var range: TimeRange?
    public var state: ReportedState
    /// nil where it was never begun.
    public var record: WindowRecord?
}

/// A window of a stream, all its accounts together.
public struct CoverageCell: Sendable {
    /// ``WindowKey/description``
    public let window: String
    /// nil for a request list.
    public let range: TimeRange?
    /// Account windows in each state; states that none has are left out.
    public internal(set) var counts: [ReportedState: Int] = [:]
    /// Rows of the newest verified versions.
    public internal(set) var rows = 0
    public internal(set) var rejects = 0
    /// Requests that these versions took.
    public internal(set) var requests = 0
    /// Between the start and the end of the last attempts, added up.
    public internal(set) var attemptMilliseconds: Int64 = 0

    /// The state that needs attention most.
    public var worst: ReportedState {
        Self.order.first { counts[$0] != nil } ?? .notDue
    }

    /// The states, the one that needs attention most first.
    public static let order: [ReportedState] = [
        .failed, .missing, .shrunk, .unreconciled, .interrupted, .skipped, .running, .archived,
        .notDue, .outdated, .complete,
    ]

    init(_ window: CoveredWindow) {
        self.window = window.window
        range = window.range
    }

    mutating func add(_ window: CoveredWindow) {
        counts[window.state, default: 0] += 1
        guard let record = window.record else { return }
        if let archived = record.archived {
            rows += archived.rows
            rejects += archived.rejects
            requests += archived.requests
        }
        if let finished = record.finishedAt {
            attemptMilliseconds += max(
                finished.epochMilliseconds - record.startedAt.epochMilliseconds, 0)
        }
    }
}

/// How far a stream has come: a cell a window, oldest first, request lists before.
public struct StreamCoverage: Sendable {
    public let stream: String
    /// Accounts that have a window in it.
    public internal(set) var accountCount = 0
    /// Account windows in each state.
    public private(set) var counts: [ReportedState: Int] = [:]
    public private(set) var cells: [CoverageCell] = []
    /// The oldest window that readers lack something of.
    public private(set) var oldestGap: String?
    /// The newest window whose accounts are all complete.
    public var newestComplete: String? {
        cells.last { $0.worst == .complete || $0.worst == .outdated }?.window
    }
    public var rows: Int { cells.reduce(0) { $0 + $1.rows } }

    private var places: [String: Int] = [:]

    init(stream: String) {
        self.stream = stream
    }

    mutating func add(_ window: CoveredWindow) {
        counts[window.state, default: 0] += 1
        if let place = places[window.window] {
            cells[place].add(window)
        } else {
            var cell = CoverageCell(window)
            cell.add(window)
            places[window.window] = cells.count
            cells.append(cell)
        }
    }

    mutating func finish() {
        // Windows that no account has are found when the next one begins.
        cells.sort { ($0.start, $0.window) < ($1.start, $1.window) }
        places = [:]
        oldestGap = cells.first { $0.worst.isGap }?.window
    }
}

extension CoverageCell {
    fileprivate var start: Int64 { range?.start.epochMilliseconds ?? .min }
}

/// Finds the windows of one stream that should be there and are not, as the ledger's windows go by
/// in order.
struct CoverageBuilder {
    /// What is known of an account that the pipeline file has.
    private struct Known {
        let name: String
        /// Its windows are expected from here on; nil: nothing says that it has any.
        var start: Timestamp?
        /// The ledger's windows without a hole, up to the latest so far.
        var covered: TimeRange?
        /// Has a request list without dates.
        var hasBatch = false

        mutating func take(_ range: TimeRange) {
            start = min(start ?? range.start, range.start)
            if let covered, range.start <= covered.end {
                self.covered = TimeRange(start: covered.start, end: max(covered.end, range.end))
            } else {
                covered = range
            }
        }

        /// Whether the ledger should have a window, by what is known up to its end, and has not.
        /// The windows of an earlier grid count too.
        func lacks(_ range: TimeRange) -> Bool {
            guard let start, start <= range.start else { return false }
            return covered.map { range.start < $0.start || $0.end < range.end } ?? true
        }
    }

    private let stream: ExportModel.Stream?
    private let expected: ExpectedWindows?
    /// Windows before are left out.
    private let since: Timestamp?
    private var accounts: [Known] = []
    private var places: [String: Int] = [:]
    private var seen: Set<String> = []
    /// Windows that may still lack accounts, the newest first; nil before the first is known.
    private var open: [(window: Window, isDue: Bool)]?
    private var coverage: StreamCoverage

    /// - Parameters:
    ///   - stream: nil where the pipeline file does not have it any more.
    ///   - accounts: nil for all.
    init(
        _ name: String, _ stream: ExportModel.Stream?, accounts: Set<String>?,
        timeZoneIdentifier: String, now: Timestamp, since: Timestamp?
    ) throws(ExportError) {
        self.stream = stream
        self.since = since
        coverage = StreamCoverage(stream: name)
        guard let stream else {
            expected = nil
            return
        }
        expected = try planning { () throws(PlanningError) in
            try ExpectedWindows(of: stream, timeZoneIdentifier: timeZoneIdentifier, now: now)
        }
        for account in stream.accounts where accounts?.contains(account.name) ?? true {
            places[account.name] = self.accounts.count
            self.accounts.append(Known(name: account.name, start: expected?.start))
        }
    }

    /// Takes a window of the ledger; they come by start, request lists first.
    ///
    /// - Parameter body: gets it, after the windows before it that are missing.
    mutating func add(
        _ record: WindowRecord, _ state: ReportedState, _ body: (CoveredWindow) -> Void
    ) throws(ExportError) {
        let identity = record.identity
        if let range = record.range {
            if open == nil { try openWindows(from: range.start) }
            close(before: range.start, body)
        }
        if let place = places[identity.account] {
            if let range = record.range {
                accounts[place].take(range)
            } else {
                accounts[place].hasBatch = true
            }
        }
        hand(
            CoveredWindow(
                stream: identity.stream, account: identity.account, window: identity.window,
                range: record.range, state: state, record: record), body)
    }

    /// What is left: windows that are missing after the ledger's last.
    mutating func finish(_ body: (CoveredWindow) -> Void) throws(ExportError) -> StreamCoverage {
        if open == nil, let start = expected?.start { try openWindows(from: start) }
        close(before: nil, body)
        if let stream, let batch = stream.requests?.singleBatch {
            for account in accounts where !account.hasBatch {
                hand(
                    CoveredWindow(
                        stream: stream.name, account: account.name,
                        window: "\(WindowKey.batch(batch))", range: nil, state: .missing,
                        record: nil), body)
            }
        }
        coverage.accountCount = seen.count
        coverage.finish()
        return coverage
    }

    private mutating func openWindows(from first: Timestamp) throws(ExportError) {
        guard let expected else { return }
        let start = min(first, expected.start ?? first)
        open = try planning { () throws(PlanningError) in
            try expected.windows(from: start).reversed()
        }
    }

    /// Hands out what is missing of windows that end by `moment`; nil: of all.
    private mutating func close(before moment: Timestamp?, _ body: (CoveredWindow) -> Void) {
        while let (window, isDue) = open?.last, let range = window.range,
            moment.map({ range.end <= $0 }) ?? true
        {
            open?.removeLast()
            for account in accounts where account.lacks(range) {
                hand(
                    CoveredWindow(
                        stream: coverage.stream, account: account.name, window: "\(window.key)",
                        range: range, state: isDue ? .missing : .notDue, record: nil), body)
            }
        }
    }

    private mutating func hand(_ window: CoveredWindow, _ body: (CoveredWindow) -> Void) {
        if let since, window.range.map({ $0.start < since }) ?? false { return }
        seen.insert(window.account)
        coverage.add(window)
        body(window)
    }
}

/// Runs a step of planning.
private func planning<Value>(
    _ body: () throws(PlanningError) -> Value
) throws(ExportError) -> Value {
    do {
        return try body()
    } catch {
        throw ExportError(.configuration, error)
    }
}
