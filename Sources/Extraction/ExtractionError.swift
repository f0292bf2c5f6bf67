public import ExportModel

/// Why a window, an account or a request could not be extracted.
public struct ExtractionError: ErrorContract {
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
}

extension ExtractionError {
    /// The run was told to stop.
    static let interrupted = ExtractionError(
        .interrupted, code: "interrupted",
        message: "the run was told to stop; the window resumes with the next run")

    /// An entry whose rules speak of ids at an endpoint that is asked for a window.
    static let unknownIDWithoutID = ExtractionError(
        .unknownAnswer, code: "unknown_answer",
        message: """
            the answer means "unknown id" by the endpoint's entry, but no id was asked for; correct \
            the entry's rule (`means: unknown_id`)
            """)

    /// The walk found other records than the provider says there are.
    static func unreconciled(reported: Int, found: Int, rounds: Int) -> ExtractionError {
        ExtractionError(
            .unreconciled, code: "unreconciled",
            message: """
                the provider reports \(reported) records, but its pages hold \(found) different \
                ones (after \(rounds) walks); nothing was published for this window; run it again \
                later, and if it stays, ask the provider which number is right
                """)
    }
}
