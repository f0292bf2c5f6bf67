public import ExportModel

/// Why no statements could be written.
public struct WarehouseError: ErrorContract {
    public enum Code: String, CaseIterable, Sendable {
        /// The warehouse cannot read the pipeline's format or codec.
        case formatNotLoadable = "format_not_loadable"
        /// The warehouse cannot let a column take null.
        case columnNotRelaxable = "column_not_relaxable"
        /// The warehouse cannot read the object store that the output lies in.
        case storeNotReadable = "store_not_readable"
    }

    public let reason: Code
    public let message: String
    public let cause: (any Error)?

    public var code: String { reason.rawValue }

    init(_ reason: Code, _ message: String, cause: (any Error)? = nil) {
        self.reason = reason
        self.message = message
        self.cause = cause
    }
}

extension WarehouseError.Code: ReportedCode {
    public var explanation: CodeExplanation {
        switch self {
        case .columnNotRelaxable:
            CodeExplanation(
                "The table's column takes no null, rows have one now, and the warehouse cannot "
                    + "change that.",
                remedy: "Load everything into another table: `--all --table NAME`.")
        case .storeNotReadable:
            CodeExplanation(
                "The warehouse cannot read the object store that the output lies in.",
                remedy: "Copy the output to where it can, or name it there by other means: "
                    + "`--location`, as the message says.")
        case .formatNotLoadable:
            CodeExplanation(
                "The warehouse cannot read the pipeline's format or codec.",
                remedy:
                    "Choose a format that it reads: `output: {format: csv}`; then `cdrx rebuild`.")
        }
    }
}
