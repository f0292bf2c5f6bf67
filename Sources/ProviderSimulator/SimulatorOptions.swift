public import ExportModel

/// What a simulator serves, and which faults it injects.
public struct SimulatorOptions: Sendable {
    /// Whether a record whose time equals a bound of the window is in it; no provider documents it.
    public enum WindowBounds: String, CaseIterable, Sendable {
        /// Both bounds belong to the window.
        case closed
        /// The start belongs to the window, the end does not.
        case halfOpen = "half-open"
        /// Neither does.
        case open
    }

    /// Address to listen on; loopback unless a test says otherwise.
    public var host = "127.0.0.1"
    /// 0: any free port.
    public var port = 0
    /// All data and all faults follow from it.
    public var seed: UInt64 = 1
    /// Records per UTC day, endpoint and account: 0…10,000,000.
    public var rowsPerDay = 5_000
    /// First UTC day with records.
    public var firstDay = SimulatorOptions.defaultDay(2025)
    /// UTC day after the last one with records.
    public var endDay = SimulatorOptions.defaultDay(2027)
    /// Wait before every answer.
    public var latencyMilliseconds = 0
    /// Rows a page has at most, whatever was asked for; nil: only the documented maximum holds.
    public var pageSizeCap: Int?
    /// How bounds are read.
    public var bounds = WindowBounds.closed
    /// Rates from 0 to 1: per request, for `dirtyRows` per record.
    public var faults: [SimulatorFault: Double] = [:]
    /// Records that drift adds to each endpoint and account until it ends.
    ///
    /// 0 means 100 if `faults` has a rate for drift; without a rate, a number means a rate of 0.05.
    public var driftRows = 0
    /// Records that `leave` takes from each endpoint and account at most.
    static let departureLimit = 100
    /// The highest total that `total-cap` reports.
    static let totalCap = 1_000

    /// How long `hang` lasts.
    public var hangMilliseconds = 60_000
    /// How long `slow-body` takes in all.
    public var slowBodyMilliseconds = 200
    /// Whether an error code in a body is the HTTP status too, as the documents may be read;
    /// observed answers have status 200.
    public var repeatsCodeAsStatus = false
    /// Catalog entries to serve besides the five documented ones, from nothing but their data.
    public var extraEndpoints: [Endpoint] = []

    /// 5,000 rows a day in 2025 and 2026, no fault, any free port.
    public init() {}

    /// The rate of a fault with the defaults for drift worked in.
    func rate(of fault: SimulatorFault) -> Double {
        if let rate = faults[fault] { return rate }
        return fault == .drift && driftRows > 0 ? 0.05 : 0
    }

    /// Records that drift may add to each endpoint and account.
    var driftBudget: Int {
        if driftRows > 0 { return driftRows }
        return (faults[.drift] ?? 0) > 0 ? 100 : 0
    }

    /// 1 January; the year 1970 stands in where the calendar has no such year.
    private static func defaultDay(_ year: Int) -> CivilDate {
        CivilDate(year: year, month: 1, day: 1) ?? CivilDate(daysSinceEpoch: 0)
    }
}
