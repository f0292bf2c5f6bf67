/// The windows of one run.
public struct Plan: Sendable {
    /// What is to be exported: streams in the pipeline's order, in each the oldest windows first,
    /// in each window the accounts in the file's order, those of one bucket after those of another.
    ///
    /// Neighbours are different accounts wherever there is more than one, so lanes that take
    /// windows in this order spend the budgets of several accounts, and a slow account holds up no
    /// other.
    public var windows: [PlannedWindow] = []
    /// Windows asked for whose end and settle time have not passed; in the same order.
    public var notDue: [PlannedWindow] = []
    /// Windows asked for that are complete already.
    public var skippedComplete = 0
    /// Partitions that stay as they are although the pipeline's settings changed, or although they
    /// were to be made again; streams in the pipeline's order.
    public var outdated: [OutdatedWindows] = []
    /// Streams that a backfill leaves out, since their one request list has no dates.
    public var streamsWithoutDates: [String] = []

    public init() {}

    /// Plans of different streams, one after the other.
    public init(joining plans: [Plan]) {
        for plan in plans {
            windows += plan.windows
            notDue += plan.notDue
            skippedComplete += plan.skippedComplete
            outdated += plan.outdated
            streamsWithoutDates += plan.streamsWithoutDates
        }
    }

    /// Notes partitions of a stream that stay as they are.
    ///
    /// - Parameter windows: their keys, oldest first.
    mutating func report(
        _ windows: [String], _ cause: OutdatedWindows.Cause, of stream: String
    ) {
        let found = OutdatedWindows(stream: stream, cause: cause, windows: windows)
        if let found { outdated.append(found) }
    }
}
