/// Names a window: in the ledger, in messages and in directories.
public enum WindowKey: Hashable, Sendable, CustomStringConvertible {
    /// `isRepeated` marks the second of two hours that a clock going back gives the same name.
    case hour(CivilDate, hour: Int, isRepeated: Bool)
    case day(CivilDate)
    case month(year: Int, month: Int)
    /// A request list.
    case batch(String)

    /// `2026-11-19`, `2026-11-19T07`, `2026-11`, `batch=<name>`.
    public var description: String {
        switch self {
        case .hour(let date, let hour, let isRepeated):
            "\(date)T\(twoDigits(hour))" + (isRepeated ? "-repeated" : "")
        case .day(let date): "\(date)"
        case .month(let year, let month): "\(monthText(year, month))"
        case .batch(let name): "batch=\(name)"
        }
    }

    /// Directories below `cdrx_account=<account>`, as Hive names partitions.
    public var pathComponents: [String] {
        switch self {
        case .hour(let date, let hour, let isRepeated):
            ["dt=\(date)", "hour=\(twoDigits(hour))" + (isRepeated ? "-repeated" : "")]
        case .day(let date): ["dt=\(date)"]
        case .month(let year, let month): ["month=\(monthText(year, month))"]
        case .batch(let name): ["batch=\(name)"]
        }
    }

    /// Reads a ``description``; nil for any other text.
    public init?(_ description: String) {
        if description.hasPrefix("batch=") {
            self = .batch(String(description.dropFirst("batch=".count)))
            return
        }
        let date = CivilDate(iso8601: String(description.prefix(10)))
        let hour = Int(description.dropFirst(11).prefix(2)).flatMap { $0 < 24 ? $0 : nil }
        let month = CivilDate(iso8601: description + "-01")
        let keys = [
            date.map { WindowKey.day($0) },
            date.map { .hour($0, hour: hour ?? 0, isRepeated: description.hasSuffix("-repeated")) },
            month.map { .month(year: $0.year, month: $0.month) },
        ]
        guard let key = keys.compactMap(\.self).first(where: { "\($0)" == description }) else {
            return nil
        }
        self = key
    }

    private func twoDigits(_ value: Int) -> String {
        value < 10 ? "0\(value)" : "\(value)"
    }

    /// `yyyy-mm`
    private func monthText(_ year: Int, _ month: Int) -> String {
        let digits = String(year)
        return String(repeating: "0", count: max(4 - digits.count, 0)) + digits + "-"
            + twoDigits(month)
    }
}

/// The unit that is planned, extracted, published, recorded and retried.
public struct Window: Hashable, Sendable {
    public var key: WindowKey
    /// nil for a request list, which has no bounds.
    public var range: TimeRange?
    /// The zone the window was cut in.
    public var timeZoneIdentifier: String

    public init(key: WindowKey, range: TimeRange?, timeZoneIdentifier: String) {
        self.key = key
        self.range = range
        self.timeZoneIdentifier = timeZoneIdentifier
    }
}

/// What the ledger remembers a window by.
public struct WindowIdentity: Hashable, Sendable, CustomStringConvertible {
    public var pipeline: String
    public var stream: String
    public var account: String
    /// ``WindowKey/description``
    public var window: String

    public init(pipeline: String, stream: String, account: String, window: String) {
        self.pipeline = pipeline
        self.stream = stream
        self.account = account
        self.window = window
    }

    /// `stream/account/window`, for messages.
    public var description: String { "\(stream)/\(account)/\(window)" }
}

/// What the ledger says of an account window.
public enum WindowState: String, CaseIterable, Codable, Sendable {
    case running, complete, failed
    /// The run was stopped; nothing is wrong with the window.
    case interrupted
    /// It is published, and the provider has fewer rows of it now: what stands stays.
    case shrunk
    /// It is verified and in the archive, and no published partition holds it yet.
    case archived
}

/// Whether an account window can be published without a request.
public enum ArchiveState: Int, CaseIterable, Sendable {
    /// It was never verified.
    case nothing
    /// The archive has its newest verified version.
    case kept
    /// The archive had it, or an older cdrx published the window without one.
    case pruned
}

/// What a plan must know of an account window.
public struct WindowFacts: Hashable, Sendable {
    public var state: WindowState
    public var archive: ArchiveState

    public init(_ state: WindowState, archive: ArchiveState) {
        self.state = state
        self.archive = archive
    }
}
