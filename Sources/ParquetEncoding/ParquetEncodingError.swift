public import ExportModel

/// Why columns could not be turned into Parquet.
public struct ParquetEncodingError: ErrorContract {
    public enum Code: String, CaseIterable, Sendable {
        /// An option is outside its range or names a column that cannot carry it.
        case invalidOption = "parquet_invalid_option"
        /// A batch has other columns than the file.
        case schemaMismatch = "parquet_schema_mismatch"
        /// A value contradicts its column: null where the column is required, or an integer
        /// beyond 32 bits.
        case invalidValue = "parquet_invalid_value"
        /// Something does not fit the 31 bits that the format gives its size.
        case tooLarge = "parquet_too_large"
        /// The codec failed; `cause` says how.
        case compression = "parquet_compression"
    }

    public let kind: Code
    public let message: String
    public let cause: (any Error)?

    public var code: String { kind.rawValue }

    public init(_ kind: Code, _ message: String, cause: (any Error)? = nil) {
        self.kind = kind
        self.message = message
        self.cause = cause
    }
}

extension ParquetEncodingError.Code: ReportedCode {
    public var explanation: CodeExplanation {
        switch self {
        case .invalidOption:
            CodeExplanation(
                "An option of Parquet is outside its range, or names a column that cannot carry "
                    + "it.",
                remedy: "Correct `parquet:` in the pipeline file.")
        case .schemaMismatch:
            CodeExplanation(
                "Rows have other columns than the file: a mistake of cdrx.",
                remedy: "Report it.")
        case .invalidValue:
            CodeExplanation(
                "A value contradicts its column: a mistake of cdrx. Nothing is published.",
                remedy: "Report it, with the message.")
        case .tooLarge:
            CodeExplanation(
                "Something is larger than Parquet can hold.",
                remedy: "Lower `part_bytes`.")
        case .compression:
            CodeExplanation(
                "The codec failed.",
                remedy: "Run again; if it stays, report it.")
        }
    }
}
