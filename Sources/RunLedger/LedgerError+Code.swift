public import ExportModel

extension LedgerError {
    /// What went wrong with the ledger, its lock or the files beside it.
    public enum Code: String, ReportedCode {
        case ledgerLocked = "ledger_locked"
        case outputLocked = "output_locked"
        case ledgerCorrupt = "ledger_corrupt"
        case ledgerNewer = "ledger_newer"
        case ledgerOutdated = "ledger_outdated"
        case ledgerForeign = "ledger_foreign"
        case ledgerFull = "ledger_full"
        case ledgerUnwritable = "ledger_unwritable"
        case ledgerUnreadable = "ledger_unreadable"
        case ledgerBusy = "ledger_busy"
        case ledgerFailed = "ledger_failed"
        case stateUnwritable = "state_unwritable"
    }
}

extension LedgerError.Code {
    public var explanation: CodeExplanation {
        switch self {
        case .ledgerLocked:
            CodeExplanation(
                "Another process works with the ledger. Two at once would overwrite each other.",
                remedy: "Wait until it ends or stop it; the message names it.")
        case .outputLocked:
            CodeExplanation(
                "Another process writes to the output.",
                remedy: "Wait until it ends or stop it; the message names it.")
        case .ledgerCorrupt:
            CodeExplanation(
                "The ledger is damaged, so that the state of windows is not known. Published "
                    + "partitions are not affected.",
                remedy: "Restore it from a backup, or move it away with its -wal and -shm files: "
                    + "windows are then exported again.")
        case .ledgerNewer:
            CodeExplanation(
                "A newer cdrx has written the ledger.",
                remedy: "Use that version, or set `state` to another directory.")
        case .ledgerOutdated:
            CodeExplanation(
                "The ledger is of an older cdrx, or was never finished.",
                remedy:
                    "`cdrx run` brings it up to date; the message says where that is not possible.")
        case .ledgerForeign:
            CodeExplanation(
                "The SQLite file in the place of the ledger is not one.",
                remedy: "Move it away, or set `state` to another directory.")
        case .ledgerFull:
            CodeExplanation(
                "There is no room for the ledger. Nothing that is published is lost.",
                remedy: "Free space on that file system and run again.")
        case .ledgerUnwritable:
            CodeExplanation(
                "This user may not write the ledger, so that no window could be recorded.",
                remedy: "Check owner and mode of the state directory.")
        case .ledgerUnreadable:
            CodeExplanation(
                "This user may not read the ledger.",
                remedy: "Run as its owner, or let this user's group read the state directory.")
        case .ledgerBusy:
            CodeExplanation(
                "Another program has kept the ledger open for long.",
                remedy: "Close it, or wait for the run, and try again.")
        case .ledgerFailed:
            CodeExplanation(
                "SQLite could not read or write the ledger.",
                remedy: "Check the disk and the file's permissions, and run again.")
        case .stateUnwritable:
            CodeExplanation(
                "A file of the state directory cannot be written.",
                remedy: "Check space and permissions, and run again.")
        }
    }
}
