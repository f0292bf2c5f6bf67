#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why a call of the file system failed. Each target turns it into its own error, see
/// ``FileSystemFailure``.
public struct FileSystemError: Error, Hashable, CustomStringConvertible {
    /// What went wrong, stable.
    public enum Code: String, CaseIterable, Sendable {
        /// No room left, or a quota is used up.
        case full = "storage_full"
        /// The directory or file may not be written or read by this user.
        case denied = "storage_denied"
        /// The file system is mounted read-only.
        case readOnly = "storage_read_only"
        /// A directory or file that must be there is not.
        case missing = "storage_missing"
        /// Any other answer of the file system, input/output errors among them.
        case failed = "storage_failed"
    }

    public let code: Code
    /// What failed, where, and the remedy.
    public let message: String
    /// `errno` of the call that failed; nil where no call did.
    public let errorNumber: Int32?

    public var description: String { "\(code.rawValue): \(message)" }

    public init(_ code: Code, _ message: String, errorNumber: Int32? = nil) {
        self.code = code
        self.message = message
        self.errorNumber = errorNumber
    }

    /// The error of a system call.
    ///
    /// - Parameters:
    ///   - doing: what was tried, as in `write`.
    ///   - path: the file or directory it was tried on.
    public init(errorNumber: Int32, doing: String, path: String) {
        let (code, remedy) = Self.classify(errorNumber)
        let text = String(cString: strerror(errorNumber))
        self.init(
            code, "cannot \(doing) \(path): \(text) (errno \(errorNumber)); \(remedy)",
            errorNumber: errorNumber)
    }

    static func missing(_ path: String) -> FileSystemError {
        FileSystemError(errorNumber: ENOENT, doing: "open", path: path)
    }

    /// What stands at a path is nothing that cdrx writes. It is never opened: reading a pipe would
    /// wait for its writer.
    public static func irregular(_ path: String) -> FileSystemError {
        FileSystemError(
            .failed,
            "\(path) is a link, a pipe or a device, so it is not read; find out who put it there, "
                + "remove it, and export the window again with backfill --force")
    }

    /// Whether the file system has no such call at all, so that another way must be taken.
    public var isUnsupported: Bool {
        [EINVAL, ENOSYS, ENOTSUP, EOPNOTSUPP].contains { $0 == errorNumber }
    }

    /// Whether there is nothing at the path.
    public var isMissing: Bool { code == .missing }

    private static func classify(_ errorNumber: Int32) -> (Code, String) {
        switch errorNumber {
        case ENOSPC, EDQUOT:
            (.full, "free some space and run again, published partitions are untouched")
        case EMFILE, ENFILE:
            (.failed, "raise the limit of open files (`ulimit -n`) and run again")
        case EACCES, EPERM:
            (.denied, "let the user that runs cdrx write there, or choose another directory")
        case EROFS:
            (.readOnly, "mount the file system writable, or choose another directory")
        case ENOENT, ENOTDIR:
            (.missing, "check that nothing else moves or deletes files there, run again")
        case EIO:
            (.failed, "the disk or its connection fails; check the system log, run again")
        default:
            (.failed, "check the file system and run again")
        }
    }
}

/// An error that a target throws in place of ``FileSystemError``.
public protocol FileSystemFailure: Error {
    init(_ error: FileSystemError)
}

extension FileSystemError: FileSystemFailure {
    public init(_ error: FileSystemError) { self = error }
}
