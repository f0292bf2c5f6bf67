public import ExportModel

/// What keeps a pipeline from being planned at all.
public struct PlanningError: ErrorContract {
    /// `unknown_time_zone`, `range_off_grid`, `empty_range`, `unknown_stream`, `unknown_account` or
    /// `too_many_windows`.
    public let code: String
    public let message: String
    public let cause: (any Error)?

    init(code: String, message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }
}
