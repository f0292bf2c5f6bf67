/// Moments of a run between two effects that outlive the process. Tests kill the process at each of
/// them; a plain re-run must then give the same bytes.
public enum CrashPoint: String, CaseIterable, Sendable {
    /// The ledger knows that the run began.
    case runBegun
    /// Earlier runs that were killed are recorded as abandoned; their run files are not there.
    case runsTakenOver
    /// The run file of an earlier run is there, the ledger does not know.
    case owedRunFileWritten
    /// The ledger knows that a window's attempt began.
    case windowBegun
    /// A slice is verified, and nowhere on disk.
    case sliceReceived
    /// The slice is in the archive.
    case sliceArchived
    /// Its rows are judged, and staged where the partition has one account.
    case sliceStaged
    /// Account windows are in the archive from begin to end; the ledger does not know.
    case accountsArchived
    /// The partition is durable in staging, and not visible.
    case partitionPrepared
    /// Readers see it, the ledger does not know.
    case partitionPublished
    /// The ledger knows; the archive still has what no partition needs.
    case publicationRecorded
    /// The partition is done.
    case partitionDone
    /// All windows are done, the run file is not there.
    case windowsDone
    /// The run file is there, in the ledger the run still runs.
    case runFileWritten
    /// A drain is about to ask for the first time.
    case drainBegun
    /// The provider handed out records and marked them; they are nowhere on disk.
    case drainAnswered
    /// They are in the archive.
    case drainArchived
    /// Another window has its copy of them.
    case drainRouted
    /// That window was published anew.
    case drainMerged
    /// The archive has all that was drained, and its end.
    case drainEnded
}
