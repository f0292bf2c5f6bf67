public import ExportModel

extension ArchiveError {
    /// What went wrong with the archive.
    public enum Code: String, ReportedCode {
        case archiveFailed = "archive_failed"
        case archiveDamaged = "archive_damaged"
        case archiveMissing = "archive_missing"
    }
}

extension ArchiveError.Code {
    public var explanation: CodeExplanation {
        switch self {
        case .archiveFailed:
            CodeExplanation(
                "The archive in the state directory cannot be read or written, so the window "
                    + "could not be kept and is not published.",
                remedy: "Check space and permissions of the state directory, then run again.")
        case .archiveDamaged:
            CodeExplanation(
                "A block of the archive differs from its checksum. What is published stays; "
                    + "only what is in that block must be asked for again.",
                remedy: "`cdrx archive verify` names the windows; export them again with `backfill "
                    + "--force`, and check the disk.")
        case .archiveMissing:
            CodeExplanation(
                "The archive does not hold what a partition should be made of: it was pruned, "
                    + "or its files were removed.",
                remedy:
                    "Ask the provider again with `backfill --force`, or restore the state directory "
                    + "from a backup.")
        }
    }
}
