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

/// What a plan must know of an account window.
public struct WindowFacts: Hashable, Sendable {
    public var state: WindowState
    /// Whether the archive has its last verified version, so that it can be published without a
    /// request.
    public var hasArchive: Bool

    public init(_ state: WindowState, hasArchive: Bool) {
        self.state = state
        self.hasArchive = hasArchive
    }
}
