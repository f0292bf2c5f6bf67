public import ExportModel

extension ExportError {
    /// What ends a run, a partition or a load.
    public enum Code: String, ReportedCode {
        case accountsMissing = "accounts_missing"
        case archiveOfOtherRequest = "archive_of_other_request"
        case drainedArchiveMissing = "drained_archive_missing"
        case outputMissing = "output_missing"
        case outputOfOtherLayout = "output_of_other_layout"
        case outputOfOtherPipeline = "output_of_other_pipeline"
        case parentIncomplete = "parent_incomplete"
        case parentWithoutIDs = "parent_without_ids"
        case publishedDiffers = "published_differs"
        case shardsNeedBuckets = "shards_need_buckets"
        case shardsShareAccount = "shards_share_account"
        case shrunk
        case tableDiffers = "table_differs"
        case tooManyRejects = "too_many_rejects"
        case unreadableRequestList = "unreadable_request_list"
        case unrecoverableDrain = "unrecoverable_drain"
        case windowNotArchived = "window_not_archived"
    }
}

extension ExportError.Code {
    public var explanation: CodeExplanation {
        switch self {
        case .accountsMissing:
            CodeExplanation(
                "`publish: complete` waits until every account of the window has its records.",
                remedy:
                    "See to the accounts that failed and run again, or say `publish: available`.")
        case .archiveOfOtherRequest:
            CodeExplanation(
                "The pipeline file asks with other parameters, another path, window or key than "
                    + "the archived answers were given for, or verifies them by another total or "
                    + "`confirm`. They may lack records, so they are not "
                    + "published under today's request; what is published stays.",
                remedy: "Ask the provider again: `cdrx backfill --force` with `--from` and `--to`.")
        case .drainedArchiveMissing:
            CodeExplanation(
                "The archive has fewer records than were published of a drained window, and the "
                    + "provider does not hand them out as new a second time.",
                remedy:
                    "Restore the state directory from a backup, or export the window with a value "
                    + "that lists all records (`syncflag: 3`).")
        case .outputMissing:
            CodeExplanation(
                "The output directory is not there although partitions were published in it: "
                    + "loading would empty the warehouse.",
                remedy: "Mount the output, or name its place with `--out`.")
        case .outputOfOtherLayout:
            CodeExplanation(
                "The stream was published with the other `partition:`; readers would count its "
                    + "rows twice.",
                remedy:
                    "Keep that layout, or choose another output.path, or move the stream away and "
                    + "run `cdrx rebuild`.")
        case .outputOfOtherPipeline:
            CodeExplanation(
                "Another pipeline publishes this stream in this output and would be "
                    + "overwritten.",
                remedy: "Give this pipeline another output.path or stream name.")
        case .parentIncomplete:
            CodeExplanation(
                "The request ids of the window are rows of another stream (`for_each`), whose "
                    + "window is not complete, or not in the archive any more.",
                remedy:
                    "See to that stream and run again; where the archive was pruned, ask anew with "
                    + "`backfill --force --stream` and its name.")
        case .parentWithoutIDs:
            CodeExplanation(
                "The rows of the stream that `for_each` names do not have the field, or have no "
                    + "id in it.",
                remedy:
                    "Name the field that has the ids; `cdrx endpoints ID` lists those of the "
                    + "stream's endpoint.")
        case .publishedDiffers:
            CodeExplanation(
                "A published partition is not as its manifest and the ledger say, so that it is "
                    + "not loaded.",
                remedy: "Run again, which finishes a killed run; else export the window again with "
                    + "`backfill --force`.")
        case .shardsNeedBuckets:
            CodeExplanation(
                "A partition would hold accounts of several shards, so that none of them could "
                    + "publish it.",
                remedy:
                    "Say `buckets: N` in `output:`, with a multiple of the number of shards, or "
                    + "`partition: account`.")
        case .shardsShareAccount:
            CodeExplanation(
                "Accounts with the same credentials are in different shards: each would use up "
                    + "the rate that they share.",
                remedy: "Call these accounts by one name, which decides the shard.")
        case .shrunk:
            CodeExplanation(
                "The provider, asked twice, has fewer rows than are published. What is "
                    + "published stays.",
                remedy:
                    "Ask the provider why; `backfill --force --shrink replace` gives the rows up.")
        case .tableDiffers:
            CodeExplanation(
                "The target holds the stream in another table, so that a part of the rows would "
                    + "be missing in this one.",
                remedy: "Name another `--target`, or load everything with `--all`.")
        case .tooManyRejects:
            CodeExplanation(
                "More records cannot be typed than `max_rejects` allows, so that the window is "
                    + "not published.",
                remedy: "`cdrx rejects` lists them; correct the endpoint's entry, or raise "
                    + "`max_rejects`.")
        case .unreadableRequestList:
            CodeExplanation(
                "The list of request ids of a window cannot be read, so that it is not known "
                    + "what to ask for.",
                remedy: "Write the file, one id a line (empty if there are none), and run again.")
        case .unrecoverableDrain:
            CodeExplanation(
                "An answer of a drain may have been lost, and the endpoint's entry names no "
                    + "value that lists records already read.",
                remedy: "Add `drained` to the parameter in the endpoint's entry.")
        case .windowNotArchived:
            CodeExplanation(
                "The archive has nothing of this window.",
                remedy: "`cdrx archive list` prints what it has; the window may have been pruned.")
        }
    }
}
