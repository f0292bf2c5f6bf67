public import ExportModel
public import FileSystem

/// What goes wrong with the archive.
public struct ArchiveError: ErrorContract, FileSystemFailure {
    /// `archive_failed` (the file system does), `archive_damaged` (a version cannot be read back),
    /// `archive_missing` (the version is not, or no longer, in the archive).
    public let code: String
    public let message: String
    public let cause: (any Error)?

    init(code: String, message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// What the file system says; its message names path and remedy.
    public init(_ error: FileSystemError) {
        self.init(code: "archive_failed", message: "the archive: \(error.message)", cause: error)
    }

    static func damaged(_ version: String, _ path: String, at offset: Int) -> Self {
        Self(
            code: "archive_damaged",
            message: """
                version \(version) cannot be read back: the block at byte \(offset) of \(path) is \
                damaged; export its window again with backfill --force
                """)
    }

    static func missing(_ version: String) -> Self {
        Self(
            code: "archive_missing",
            message: "the archive has no version \(version); export its window again")
    }
}
