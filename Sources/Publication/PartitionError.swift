public import ExportModel

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Why a partition could not be written, published or read.
public struct PartitionError: ErrorContract {
    /// What went wrong, stable.
    public enum Code: String, CaseIterable, Sendable {
        /// No room left, or a quota is used up.
        case storageFull = "storage_full"
        /// The directory or file may not be written or read by this user.
        case storageDenied = "storage_denied"
        /// The file system is mounted read-only.
        case storageReadOnly = "storage_read_only"
        /// A directory or file that must be there is not.
        case storageMissing = "storage_missing"
        /// Any other answer of the file system, input/output errors among them.
        case storageFailed = "storage_failed"
        /// A file read back before publication differs from what was written.
        case rereadDiffers = "reread_differs"
        /// A manifest that is not JSON of the documented shape, or of a newer version.
        case manifestUnreadable = "manifest_unreadable"
    }

    public let reason: Code
    public let message: String
    public let cause: (any Error)?
    /// `errno` of the call that failed; nil where no call did.
    public let errorNumber: Int32?

    /// The reason in snake case.
    public var code: String { reason.rawValue }
    /// What the error means for the run.
    public var kind: FailureKind { .storage }

    public init(
        _ reason: Code, _ message: String, cause: (any Error)? = nil, errorNumber: Int32? = nil
    ) {
        self.reason = reason
        self.message = message
        self.cause = cause
        self.errorNumber = errorNumber
    }

    /// What stands at a path is nothing that cdrx writes. It is never opened: reading a pipe would
    /// wait for its writer.
    static func irregular(_ path: String) -> PartitionError {
        PartitionError(
            .storageFailed,
            "\(path) is a link, a pipe or a device, so it is not read; find out who put it there, "
                + "remove it, and export the window again with backfill --force")
    }

    /// The error of a system call.
    ///
    /// - Parameters:
    ///   - doing: what was tried, as in `write`.
    ///   - path: the file or directory it was tried on.
    public init(errorNumber: Int32, doing: String, path: String) {
        let (reason, remedy) = Self.classify(errorNumber)
        let text = String(cString: strerror(errorNumber))
        self.init(
            reason, "cannot \(doing) \(path): \(text) (errno \(errorNumber)); \(remedy)",
            errorNumber: errorNumber)
    }

    /// Whether the file system has no such call at all, so that another way must be taken.
    var isUnsupported: Bool {
        guard let errorNumber else { return false }
        return [EINVAL, ENOSYS, ENOTSUP, EOPNOTSUPP].contains(errorNumber)
    }

    private static func classify(_ errorNumber: Int32) -> (Code, String) {
        switch errorNumber {
        case ENOSPC, EDQUOT:
            (.storageFull, "free some space and run again, published partitions are untouched")
        case EMFILE, ENFILE:
            (.storageFailed, "raise the limit of open files (`ulimit -n`) and run again")
        case EACCES, EPERM:
            (.storageDenied, "let the user that runs cdrx write there, or choose another --out")
        case EROFS:
            (.storageReadOnly, "mount the file system writable, or choose another --out")
        case ENOENT, ENOTDIR:
            (.storageMissing, "check that nothing else moves or deletes files there, run again")
        case EIO:
            (.storageFailed, "the disk or its connection fails; check the system log, run again")
        default:
            (.storageFailed, "check the file system and run again")
        }
    }
}
