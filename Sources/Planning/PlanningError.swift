public import ExportModel

/// What keeps a pipeline from being planned at all.
public struct PlanningError: ErrorContract {
    /// Of a ``Code``.
    public let code: String
    public let message: String
    public let cause: (any Error)?

    init(code: Code, message: String, cause: (any Error)? = nil) {
        self.code = code.rawValue
        self.message = message
        self.cause = cause
    }

    /// The same error, where it happened.
    init(_ error: PlanningError, of stream: String) {
        code = error.code
        message = "stream '\(stream)': \(error.message)"
        cause = error
    }
}
