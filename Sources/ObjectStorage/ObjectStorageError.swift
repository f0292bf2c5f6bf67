public import ExportModel
public import FileSystem

/// Why a store could not be read or written.
public struct ObjectStorageError: ErrorContract, FileSystemFailure {
    /// What went wrong, stable.
    public enum Code: String, CaseIterable, Sendable {
        /// What stands at the key is not what the condition asks for.
        case conditionFailed = "store_condition_failed"
        /// The store refuses these credentials, or what they ask for.
        case accessDenied = "store_access_denied"
        /// The store has no such bucket.
        case noBucket = "store_no_bucket"
        /// This machine's clock is wrong, and correcting it once did not help.
        case skewed = "store_clock_skewed"
        /// No connection.
        case unreachable = "store_unreachable"
        /// A refusal that no repetition mends.
        case refused = "store_refused"
        /// The store failed at every attempt.
        case failing = "store_failing"
        /// No credentials were found, or they are not to be had.
        case credentials = "store_credentials"
        /// What answers is no S3.
        case unreadable = "store_unreadable"
        /// The object is larger than it may be.
        case tooLarge = "store_object_too_large"
        /// A file to be stored, or one of credentials, cannot be read.
        case file = "store_file_unreadable"
        /// The run was stopped.
        case stopped = "store_stopped"
    }

    public let reason: Code
    public let message: String
    public let cause: (any Error)?

    /// The reason in snake case.
    public var code: String { reason.rawValue }
    /// What the error means for the run.
    public var kind: FailureKind { reason == .stopped ? .interrupted : .storage }

    public init(_ reason: Code, _ message: String, cause: (any Error)? = nil) {
        self.reason = reason
        self.message = message
        self.cause = cause
    }

    public init(_ error: FileSystemError) {
        self.init(.file, error.message, cause: error)
    }
}

extension ObjectStorageError.Code: ReportedCode {
    public var explanation: CodeExplanation {
        switch self {
        case .conditionFailed:
            CodeExplanation(
                "Another writer changed the object in between, so that nothing was overwritten.",
                remedy: "Find the other writer: one pipeline has one output. Then run again.")
        case .accessDenied:
            CodeExplanation(
                "The store refuses the credentials, or what they may not do.",
                remedy: "Check the credentials and their policy: cdrx reads, writes, deletes and "
                    + "lists below the prefix.")
        case .noBucket:
            CodeExplanation(
                "The store has no such bucket.",
                remedy: "Check `output.path`, `endpoint` and `region`, or create the bucket.")
        case .skewed:
            CodeExplanation(
                "The store finds the time of the requests wrong, also after it was corrected by "
                    + "the store's own clock.",
                remedy: "Set this machine's clock, and run again.")
        case .unreachable:
            CodeExplanation(
                "There was no connection to the store at any attempt.",
                remedy: "Check `endpoint`, `region`, network and certificates; then run again.")
        case .refused:
            CodeExplanation(
                "The store refuses the request, and would refuse it again.",
                remedy: "The message has the store's own words; check the settings of `output`.")
        case .failing:
            CodeExplanation(
                "The store failed at every attempt, or asked for fewer requests.",
                remedy: "Run again later; what is published stays.")
        case .credentials:
            CodeExplanation(
                "No credentials for the store were found, or their source does not give them.",
                remedy: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or another source that "
                    + "the message names.")
        case .unreadable:
            CodeExplanation(
                "What answers at the endpoint is no S3-compatible store.",
                remedy: "Check `endpoint`, and proxies in between.")
        case .tooLarge:
            CodeExplanation(
                "The object is larger than it may be: 5 GiB to be stored with one request.",
                remedy: "Cut the windows smaller, or find out who else writes there.")
        case .file:
            CodeExplanation(
                "A file that should be stored, or one with credentials, cannot be read.",
                remedy: "The message names it; check that it is there and may be read.")
        case .stopped:
            CodeExplanation(
                "The run was stopped. Nothing is lost.",
                remedy: "Run again: it resumes.")
        }
    }
}
