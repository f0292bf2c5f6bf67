/// What every error of cdrx reports: a code for programs, a message for people.
///
/// Each target has one struct that conforms. A message says what went wrong, where, and the remedy;
/// it holds no secret and no phone number.
public protocol ErrorContract: Error, Sendable, CustomStringConvertible {
    /// Stable, in snake case; documented in the README.
    var code: String { get }
    var message: String { get }
    /// The error underneath, for logs.
    var cause: (any Error)? { get }
}

extension ErrorContract {
    public var description: String { "\(code): \(message)" }
}

/// What an error means for the run, and so for its exit code.
public enum FailureKind: String, Codable, CaseIterable, Sendable {
    /// The provider refused the credentials.
    case authentication
    /// No complete answer after all attempts: refused connections, time-outs, resets, 5xx.
    case unreachable
    /// The provider asked to slow down, at every attempt.
    case throttled
    /// The provider says that the request itself is wrong.
    case badRequest = "bad_request"
    /// The account or this machine is not set up for the call (licence, allow-list, route).
    case configuration
    /// Records and reported total do not agree.
    case unreconciled
    /// An answer that no rule recognises.
    case unknownAnswer = "unknown_answer"
    /// The provider has fewer rows than are published.
    case shrunk
    /// More rejects than the pipeline allows.
    case tooManyRejects = "too_many_rejects"
    /// The file system or the ledger failed.
    case storage
    /// The run was stopped; the window resumes next time.
    case interrupted
}
