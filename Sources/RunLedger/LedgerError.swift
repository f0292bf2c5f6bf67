public import ExportModel
public import FileSystem
import GRDB

/// What goes wrong with the ledger, its lock or the files beside it.
public struct LedgerError: ErrorContract, FileSystemFailure {
    /// Of a ``Code``.
    public let code: String
    public let message: String
    public let cause: (any Error)?

    init(code: Code, message: String, cause: (any Error)? = nil) {
        self.code = code.rawValue
        self.message = message
        self.cause = cause
    }

    public init(_ error: FileSystemError) {
        self.init(code: .stateUnwritable, message: error.message, cause: error)
    }

    /// Names what SQLite says, and the remedy.
    ///
    /// - Parameter action: what failed, as in "recording a run".
    init(_ error: any Error, path: String, while action: String) {
        if let known = error as? LedgerError {
            self = known
            return
        }
        guard let failure = error as? DatabaseError else {
            self.init(
                code: .ledgerFailed, message: "\(action) failed at \(path): \(error)",
                cause: error)
            return
        }
        let said = failure.message ?? "SQLite error \(failure.resultCode.rawValue)"
        let (code, remedy) = Self.remedy(for: failure.resultCode)
        self.init(
            code: code, message: "\(action) failed at \(path): \(said); \(remedy)", cause: error)
    }

    private static func remedy(for code: ResultCode) -> (code: Code, remedy: String) {
        switch code {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            (
                .ledgerCorrupt,
                "restore it from a backup, or move it away with its -wal and -shm files: published "
                    + "partitions stay, and their windows are exported again"
            )
        case .SQLITE_FULL:
            (.ledgerFull, "free space on that file system and run again")
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            (.ledgerUnwritable, "check that this user may write there")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            (.ledgerBusy, "another program has the file open for long; close it and run again")
        default:
            (.ledgerFailed, "check the disk and the file's permissions, and run again")
        }
    }
}
