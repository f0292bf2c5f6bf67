public import ExportModel

/// Why the endpoint catalog inside the program cannot be used: a mistake in cdrx itself.
///
/// Mistakes in the user's files are no errors but ``Diagnostic``s.
public struct PipelineFileError: ErrorContract {
    /// `catalog_invalid`
    public let code: String
    public let message: String
    public let cause: (any Error)?

    init(catalog diagnostics: [Diagnostic]) {
        code = "catalog_invalid"
        message =
            "the built-in endpoint catalog has mistakes; this is a bug of cdrx, please report it:\n"
            + diagnostics.map(\.description).joined(separator: "\n")
        cause = nil
    }
}
