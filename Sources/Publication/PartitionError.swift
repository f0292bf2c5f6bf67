public import ExportModel
public import FileSystem
import ObjectStorage

/// Why a partition could not be written, published or read.
public struct PartitionError: ErrorContract, FileSystemFailure {
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
        /// Somebody else writes the same partition of an object store.
        case conflict = "publication_conflict"
        /// Another machine runs the pipeline.
        case leaseHeld = "lease_held"
        /// Another machine took the lease over, or it could not be renewed in time.
        case leaseLost = "lease_lost"
        /// Run files of several pipelines were to be made one.
        case runsOfOtherPipeline = "runs_of_other_pipeline"
    }

    public let reason: Code
    public let message: String
    public let cause: (any Error)?

    /// The reason in snake case; that of the object store where it failed.
    public var code: String { (cause as? ObjectStorageError)?.code ?? reason.rawValue }
    /// What the error means for the run.
    public var kind: FailureKind { (cause as? ObjectStorageError)?.kind ?? .storage }

    public init(_ reason: Code, _ message: String, cause: (any Error)? = nil) {
        self.reason = reason
        self.message = message
        self.cause = cause
    }

    public init(_ error: FileSystemError) {
        let reason = Code(rawValue: error.code.rawValue) ?? .storageFailed
        self.init(reason, error.message, cause: error)
    }
}

extension PartitionError.Code: ReportedCode {
    public var explanation: CodeExplanation {
        switch self {
        case .storageFull:
            CodeExplanation(
                "No room is left, or a quota is used up. What is published stays.",
                remedy: "Free space and run again.")
        case .storageDenied:
            CodeExplanation(
                "This user may not read or write the file or directory.",
                remedy: "Let the user that runs cdrx write there, or choose another directory.")
        case .storageReadOnly:
            CodeExplanation(
                "The file system is mounted read-only.",
                remedy: "Mount it writable, or choose another directory.")
        case .storageMissing:
            CodeExplanation(
                "A directory or file that must be there is not.",
                remedy: "Check that nothing else moves or deletes files there, and run again.")
        case .storageFailed:
            CodeExplanation(
                "The file system failed in another way; the message has what it says.",
                remedy: "Check the disk and the system log, and run again.")
        case .rereadDiffers:
            CodeExplanation(
                "A file read back before publication differs from what was written, so that it "
                    + "is not published.",
                remedy: "Check disk and memory of the machine, and run again.")
        case .manifestUnreadable:
            CodeExplanation(
                "A manifest is no JSON of the documented shape, or of a newer version.",
                remedy: "`cdrx verify` names the damage; export the window again with `backfill "
                    + "--force`.")
        case .conflict:
            CodeExplanation(
                "Somebody else writes the same partition of the object store: another pipeline, "
                    + "another program, or a machine that lost its lease. Nothing of theirs was "
                    + "overwritten.",
                remedy: "Give each pipeline an output or stream names of its own, then run again.")
        case .leaseHeld:
            CodeExplanation(
                "Another machine runs this pipeline on the same object store now; exit code 75.",
                remedy: "Wait until it ends. If that machine is gone, its lease ends by itself "
                    + "after a minute.")
        case .leaseLost:
            CodeExplanation(
                "The run could not renew its lease in time, or another machine took it over, so "
                    + "that it stopped publishing; exit code 75. What is published is whole.",
                remedy: "Run again: what was extracted is in the archive and is not asked for "
                    + "twice.")
        case .runsOfOtherPipeline:
            CodeExplanation(
                "Run files of several pipelines were to be made one.",
                remedy: "Merge the run files of one pipeline.")
        }
    }
}
