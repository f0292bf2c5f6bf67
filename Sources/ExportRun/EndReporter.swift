import ExportModel

/// Reports how account windows and partitions end, and counts them.
///
/// The same failure of many account windows is reported once: within a partition with the number of
/// its accounts, over the partitions a few times, and the rest at the end of the run.
struct EndReporter {
    /// Account windows of a partition with the same failure that are reported one by one, and
    /// partitions with the same failure that are.
    static let maximumSingleReports = 3
    /// Names that a message has at most.
    static let maximumNames = 5

    /// What makes failures the same.
    fileprivate struct Reason: Hashable {
        var stream: String
        var status: WindowResult.Status
        var code: String?
        var message: String?
    }

    private struct Repeats {
        /// Partitions whose failures of this reason were reported.
        var reportedCount = 0
        /// Account windows whose failures were not.
        var silentCount = 0
        var accounts: [String] = []
        var example: WindowResult
    }

    private let events: RunEvents
    private var repeats: [Reason: Repeats] = [:]
    /// In the order of their first report.
    private var reasons: [Reason] = []

    init(_ events: RunEvents) {
        self.events = events
    }

    /// Takes what became of a partition and its account windows.
    mutating func take(_ finished: FinishedPartition) {
        var groups: [Reason: [WindowResult]] = [:]
        var order: [Reason] = []
        for (_, result) in finished.windows.sorted(by: { $0.index < $1.index }) {
            if result.isReportedAlone {
                events.report(.windowEnded) { RunEvent($0, result) }
                continue
            }
            let reason = Reason(result)
            if groups[reason] == nil { order.append(reason) }
            groups[reason, default: []].append(result)
        }
        for reason in order { report(groups[reason] ?? [], reason) }
        if let partition = finished.partition { events.report(RunEvent(partition)) }
    }

    /// Reports what was held back.
    func end() {
        for reason in reasons {
            guard let held = repeats[reason], held.silentCount > 0 else { continue }
            let windows = "\(held.silentCount, "more account window")"
            events.report(
                RunEvent(
                    .failuresRepeated,
                    level: reason.status == .interrupted ? .notice : .error,
                    of: RunEvent.Subject(stream: reason.stream),
                    """
                    \(windows) \(reason.status == .interrupted ? "were" : "are") \
                    \(reason.status.rawValue) for the same reason (accounts \
                    \(Self.names(held.accounts, of: held.accounts.count))): \
                    \(held.example.endText)
                    """,
                    [
                        (.state, .text(held.example.state.rawValue)),
                        (.windows, .count(held.silentCount)),
                        (.names, .list(held.accounts)),
                    ] + held.example.failureFields))
        }
    }

    private mutating func report(_ results: [WindowResult], _ reason: Reason) {
        guard let first = results.first else { return }
        if repeats[reason] == nil {
            repeats[reason] = Repeats(example: first)
            reasons.append(reason)
        }
        guard let known = repeats[reason], known.reportedCount < Self.maximumSingleReports else {
            repeats[reason]?.silentCount += results.count
            for result in results.prefix(Self.maximumNames) {
                guard let held = repeats[reason]?.accounts, held.count < Self.maximumNames,
                    !held.contains(result.account)
                else { continue }
                repeats[reason]?.accounts.append(result.account)
            }
            return
        }
        repeats[reason]?.reportedCount += 1
        if results.count <= Self.maximumSingleReports {
            for result in results { events.report(RunEvent(.windowEnded, result)) }
            return
        }
        let names = results.prefix(Self.maximumNames).map(\.account)
        events.report(
            RunEvent(
                .windowEnded, level: first.eventLevel,
                of: RunEvent.Subject(stream: first.stream, window: first.window),
                """
                \(results.count) accounts (\(Self.names(names, of: results.count))): \
                \(first.endText)
                """,
                [
                    (.state, .text(first.state.rawValue)), (.accounts, .count(results.count)),
                    (.names, .list(names)),
                ] + first.failureFields))
    }

    /// `a, b and 7 more`
    static func names(_ names: [String], of count: Int) -> String {
        let shown = names.prefix(maximumNames).joined(separator: ", ")
        let more = count - min(names.count, maximumNames)
        return more > 0 ? "\(shown) and \(more) more" : shown
    }
}

extension EndReporter.Reason {
    fileprivate init(_ result: WindowResult) {
        self.init(
            stream: result.stream, status: result.status, code: result.failure?.code,
            message: result.failure?.message)
    }
}

extension WindowResult {
    /// Whether nothing went wrong.
    fileprivate var isReportedAlone: Bool {
        switch status {
        case .published, .unchanged, .archived, .skipped: failure == nil
        case .unreconciled, .shrunk, .failed, .interrupted: false
        }
    }

    fileprivate var eventLevel: RunEvent.Level {
        if failure != nil { return .error }
        return status == .interrupted ? .notice : .debug
    }

    fileprivate var failureFields: [(name: RunEvent.Field, value: RunEvent.Value)] {
        guard let failure else { return [] }
        return [
            (.code, .text(failure.code)), (.kind, .text(failure.kind.rawValue)),
            (.reason, .text(failure.message)),
        ]
    }

    /// How it ended, for people.
    fileprivate var endText: String {
        if let failure { return failure.message }
        switch status {
        case .interrupted: return "interrupted; the next run resumes it"
        case .skipped: return "skipped; the next run tries it"
        case .archived: return "archived; its partition waits for other accounts"
        default: return "\(status.rawValue), \(rows) rows, \(requests) requests"
        }
    }
}

extension RunEvent {
    /// The end of an account window.
    fileprivate init(_ name: Name, _ result: WindowResult) {
        self.init(
            name, level: result.eventLevel,
            of: Subject(stream: result.stream, account: result.account, window: result.window),
            result.endText,
            [
                (.state, .text(result.state.rawValue)), (.rows, .count(result.rows)),
                (.rejects, .count(result.rejects)), (.requests, .count(result.requests)),
                (.duplicates, .count(result.duplicates)),
                (.outsideWindow, .count(result.outsideWindow)),
            ] + result.failureFields)
    }

    /// A partition that stands published now.
    fileprivate init(_ partition: PartitionResult) {
        let count = partition.accountCount - partition.missing.count
        var parts = ["\(partition.changed ? "published" : "unchanged"), \(partition.rows) rows"]
        if partition.rejects > 0 { parts.append("\(partition.rejects) rejects") }
        if partition.accountCount > 1 { parts.append("\(count, "account")") }
        if !partition.missing.isEmpty {
            let names = EndReporter.names(partition.missing, of: partition.missing.count)
            parts.append("without \(names)")
        }
        self.init(
            .partitionPublished,
            of: Subject(
                stream: partition.stream, account: partition.account, window: partition.window),
            parts.joined(separator: ", "),
            [
                (.directory, .text(partition.directory)), (.changed, .flag(partition.changed)),
                (.complete, .flag(partition.isComplete)), (.rows, .count(partition.rows)),
                (.rejects, .count(partition.rejects)), (.accounts, .count(count)),
                (.missing, .count(partition.missing.count)),
            ])
    }
}
