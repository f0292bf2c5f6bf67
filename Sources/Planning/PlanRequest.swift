public import ExportModel

/// What a plan is asked for.
public enum PlanRequest: Hashable, Sendable {
    /// What a backfill does with windows that are complete.
    public enum BackfillMode: Sendable {
        /// Skips them.
        case missing
        /// Extracts them again.
        case force
    }

    /// The pipeline's range, its newest windows and what it has to catch up on.
    case run
    /// `[from, to)`, both on the grid of every stream that takes part.
    case backfill(from: LocalHour, to: LocalHour, mode: BackfillMode)
    /// Partitions made again from the archive, whatever the grid is now.
    ///
    /// - Parameters:
    ///   - from: nil: from the oldest on. Request lists without dates take part only if both ends
    ///     are nil.
    ///   - to: exclusive; nil: to the newest.
    ///   - outdatedOnly: those that were made with other settings than today's.
    ///   - rejectedOnly: those that have rejects, and those that were refused because of them.
    case rebuild(from: LocalHour?, to: LocalHour?, outdatedOnly: Bool, rejectedOnly: Bool)
}
