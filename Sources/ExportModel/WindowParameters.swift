/// The parameters that bound a window: how they are called and written, and which records they
/// select.
public struct WindowParameters: Hashable, Sendable {
    /// Which parameters there are.
    public enum Names: Hashable, Sendable {
        /// One for each bound.
        case bounds(start: String, end: String)
        /// One for both; `{start}` and `{end}` in the template stand for them.
        case interval(name: String, template: String)
        /// The first day, and how many days.
        case days(date: String, count: String)
    }

    /// Whether a bound itself is selected.
    public enum Bound: String, CaseIterable, Sendable {
        case inclusive, exclusive
        /// The document does not say.
        case unknown
    }

    /// Which moment of a record the window is about.
    public enum Selection: String, CaseIterable, Sendable {
        case start, end
    }

    public var names: Names
    public var format: TimeFormat
    public var startBound: Bound
    public var endBound: Bound
    /// Of the values sent; nil: that of the provider's zone-less times.
    public var timeZone: SourceZone?
    public var selects: Selection
    /// The longest time between a record's start and its end; 0 where records are selected by
    /// their start.
    public var reachMilliseconds: Int64
    /// A longer range must not be asked for at once; nil: any may.
    public var maximumSpanMilliseconds: Int64?

    public init(
        names: Names, format: TimeFormat, startBound: Bound = .unknown, endBound: Bound = .unknown,
        timeZone: SourceZone? = nil, selects: Selection = .start, reachMilliseconds: Int64 = 0,
        maximumSpanMilliseconds: Int64? = nil
    ) {
        self.names = names
        self.format = format
        self.startBound = startBound
        self.endBound = endBound
        self.timeZone = timeZone
        self.selects = selects
        self.reachMilliseconds = reachMilliseconds
        self.maximumSpanMilliseconds = maximumSpanMilliseconds
    }

    /// Two parameters whose bounds are not documented.
    public init(start: String, end: String, format: TimeFormat) {
        self.init(names: .bounds(start: start, end: end), format: format)
    }

    /// What the parameters are called, in the order they are sent.
    public var parameterNames: [String] {
        switch names {
        case .bounds(let start, let end): [start, end]
        case .interval(let name, _): [name]
        case .days(let date, let count): [date, count]
        }
    }

    /// Whether the values sent depend on a zone.
    public var isLocal: Bool {
        switch format {
        case .epochSeconds, .epochMilliseconds, .epochMicroseconds, .iso8601: false
        case .rfc2822, .localDateTime, .date, .pattern: true
        }
    }
}
