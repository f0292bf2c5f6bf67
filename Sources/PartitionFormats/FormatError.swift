import Compression
public import ExportModel

/// Why rows could not be turned into the bytes of a file.
public struct FormatError: ErrorContract {
    /// What went wrong, stable.
    public enum Code: String, CaseIterable, Sendable {
        /// No encoder is registered for the format.
        case formatUnknown = "format_unknown"
        /// The encoder could not encode the rows.
        case encodingFailed = "encoding_failed"
        /// The codec refused its level or failed.
        case compressionFailed = "compression_failed"
    }

    public let reason: Code
    public let message: String
    public let cause: (any Error)?

    /// The reason in snake case.
    public var code: String { reason.rawValue }

    public init(_ reason: Code, _ message: String, cause: (any Error)? = nil) {
        self.reason = reason
        self.message = message
        self.cause = cause
    }
}

extension FormatError.Code: ReportedCode {
    public var explanation: CodeExplanation {
        switch self {
        case .formatUnknown:
            CodeExplanation(
                "No encoder is registered for the format: a mistake of cdrx.",
                remedy: "Report it.")
        case .encodingFailed:
            CodeExplanation(
                "The rows could not be encoded, so that the partition is not published.",
                remedy: "Report it, with the message.")
        case .compressionFailed: CompressionError.Code.codecFailed.explanation
        }
    }
}
