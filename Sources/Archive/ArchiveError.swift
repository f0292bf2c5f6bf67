public import ExportModel
public import FileSystem

/// What goes wrong with the archive.
public struct ArchiveError: ErrorContract, FileSystemFailure {
    /// Of a ``Code``.
    public let code: String
    public let message: String
    public let cause: (any Error)?

    init(code: Code, message: String, cause: (any Error)? = nil) {
        self.code = code.rawValue
        self.message = message
        self.cause = cause
    }

    /// What the file system says; its message names path and remedy.
    public init(_ error: FileSystemError) {
        self.init(code: .archiveFailed, message: "the archive: \(error.message)", cause: error)
    }

    /// ``code`` of a version that cannot be read back.
    public static let damagedCode = Code.archiveDamaged.rawValue

    static func damaged(_ version: String, _ path: String, at offset: Int) -> Self {
        Self(
            code: .archiveDamaged,
            message: """
                version \(version) cannot be read back: the block at byte \(offset) of \(path) is \
                damaged; export its window again with backfill --force
                """)
    }

    static func missing(_ version: String) -> Self {
        Self(
            code: .archiveMissing,
            message: "the archive has no version \(version); export its window again")
    }
}
