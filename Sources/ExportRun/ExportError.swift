public import ExportModel
public import FileSystem

/// What ends a run before or beside its windows. What ends a single window is in the report.
public struct ExportError: ErrorContract, FileSystemFailure {
    /// What it means for the run's exit code.
    public let kind: FailureKind
    public let code: String
    public let message: String
    public let cause: (any Error)?

    public init(
        _ kind: FailureKind, code: String, message: String, cause: (any Error)? = nil
    ) {
        self.kind = kind
        self.code = code
        self.message = message
        self.cause = cause
    }

    public init(_ error: FileSystemError) {
        self.init(.storage, code: error.code.rawValue, message: error.message, cause: error)
    }

    /// Takes over another target's error.
    init(_ kind: FailureKind, _ error: any ErrorContract) {
        self.init(kind, code: error.code, message: error.message, cause: error)
    }
}
