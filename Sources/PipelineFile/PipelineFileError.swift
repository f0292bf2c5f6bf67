public import ExportModel

/// Why the endpoint catalog inside the program cannot be used: a mistake in cdrx itself.
///
/// Mistakes in the user's files are no errors but ``Diagnostic``s.
public struct PipelineFileError: ErrorContract {
    /// The catalog's mistakes are cdrx's own.
    public enum Code: String, ReportedCode {
        case catalogInvalid = "catalog_invalid"
    }

    public let code: String
    public let message: String
    public let cause: (any Error)?

    init(catalog diagnostics: [Diagnostic]) {
        code = Code.catalogInvalid.rawValue
        message =
            "the built-in endpoint catalog has mistakes; this is a bug of cdrx, please report it:\n"
            + diagnostics.map(\.description).joined(separator: "\n")
        cause = nil
    }
}

extension PipelineFileError.Code {
    public var explanation: CodeExplanation {
        switch self {
        case .catalogInvalid:
            CodeExplanation(
                "The endpoints inside the program have mistakes: one of cdrx itself.",
                remedy: "Report it.")
        }
    }
}
