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
}
