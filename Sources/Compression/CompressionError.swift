public import ExportModel

/// Why bytes could not be compressed or read back.
///
/// Conforms to no contract of the model because this target imports only the codecs; its fields
/// are the contract's.
public struct CompressionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, stable.
    public enum Code: String, CaseIterable, Sendable {
        /// The codec has no such level.
        case levelOutOfRange = "compression_level"
        /// The codec refused to work: no memory, or a misuse by us.
        case codecFailed = "compression_failed"
        /// The bytes are not what the codec writes, or their checksum differs.
        case corrupt = "compressed_data_corrupt"
        /// The bytes end before the data does.
        case truncated = "compressed_data_truncated"
        /// Bytes follow after the end of the data.
        case trailingData = "compressed_data_trailing"
        /// More data than the caller allowed.
        case tooLarge = "compressed_data_too_large"
    }

    public let reason: Code
    public let message: String

    /// The reason in snake case.
    public var code: String { reason.rawValue }
    public var description: String { "\(code): \(message)" }

    init(_ reason: Code, _ message: String) {
        self.reason = reason
        self.message = message
    }
}

extension CompressionError.Code: ReportedCode {
    public var explanation: CodeExplanation {
        switch self {
        case .levelOutOfRange:
            CodeExplanation(
                "The codec has no such level.",
                remedy: "Correct `level` in the pipeline file.")
        case .codecFailed:
            CodeExplanation(
                "The codec refused to work, mostly for lack of memory.",
                remedy: "Give the process more memory, and run again.")
        case .corrupt:
            CodeExplanation(
                "Compressed data differ from their checksum.",
                remedy: "Check the disk; `cdrx verify` and `cdrx archive verify` name the files.")
        case .truncated:
            CodeExplanation(
                "Compressed data end too early.",
                remedy: "Check the disk; `cdrx verify` and `cdrx archive verify` name the files.")
        case .trailingData:
            CodeExplanation(
                "Something follows after the end of compressed data.",
                remedy: "Check who else writes there; `cdrx verify` names the files.")
        case .tooLarge:
            CodeExplanation(
                "Compressed data unpack to more than they may.",
                remedy: "Check who else writes there; `cdrx verify` names the files.")
        }
    }
}
