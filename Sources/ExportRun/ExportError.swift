import Archive
public import ExportModel
import Extraction
import Extraction
public import FileSystem
import Publication
import RunLedger

/// What ends a run before or beside its windows. What ends a single window is in the report.
public struct ExportError: ErrorContract, FileSystemFailure {
    /// What it means for the run's exit code.
    public let kind: FailureKind
    public let code: String
    public let message: String
    public let cause: (any Error)?

    /// - Parameter code: of this target.
    public init(
        _ kind: FailureKind, code: Code, message: String, cause: (any Error)? = nil
    ) {
        self.init(kind, code: code.rawValue, message: message, cause: cause)
    }

    /// Takes over a code as another target, the ledger or an HTTP status gave it.
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

    /// ``code`` of a partition that is not published before all its accounts are there.
    static let waitingCode = Code.accountsMissing.rawValue

    /// A stop ended the work.
    static let interrupted = ExportError(.interrupted, ExtractionError.interrupted)

    /// `publish: complete` waits for an account.
    static func waiting(for account: String) -> ExportError {
        ExportError(
            .configuration, code: waitingCode,
            message: "account '\(account)' is missing, and `publish: complete` waits for all")
    }
}

// MARK: - Other targets' errors
//
// An autoclosure infers the type of what it throws; a closure would have to spell it out.

/// Runs a call of the ledger; its errors are storage errors.
@discardableResult
func storing<Value>(
    _ body: @autoclosure () throws(LedgerError) -> Value
) throws(ExportError) -> Value {
    do { return try body() } catch { throw ExportError(.storage, error) }
}

/// Runs a call of publication.
@discardableResult
func publishing<Value>(
    _ body: @autoclosure () throws(PartitionError) -> Value
) throws(ExportError) -> Value {
    do { return try body() } catch { throw ExportError(error.kind, error) }
}

/// Runs a call of the archive; its errors are storage errors.
@discardableResult
func archiving<Value>(
    _ body: @autoclosure () throws(ArchiveError) -> Value
) throws(ExportError) -> Value {
    do { return try body() } catch { throw ExportError(.storage, error) }
}

/// Runs a call of extraction.
@discardableResult
func extracting<Value>(
    _ body: @autoclosure () throws(ExtractionError) -> Value
) throws(ExportError) -> Value {
    do { return try body() } catch { throw ExportError(error.kind, error) }
}
