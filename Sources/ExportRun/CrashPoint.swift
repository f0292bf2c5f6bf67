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
    /// The slice is in the journal.
    case sliceJournaled
    /// Its rows are in the staged partition.
    case sliceStaged
    /// The partition is durable in staging, and not visible.
    case partitionPrepared
    /// Readers see it, the ledger does not know.
    case partitionPublished
    /// The ledger knows, the journal is still there.
    case publicationRecorded
    /// The window is done.
    case windowDone
    /// All windows are done, the run file is not there.
    case windowsDone
    /// The run file is there, in the ledger the run still runs.
    case runFileWritten
    /// A drain is about to ask for the first time.
    case drainBegun
    /// The provider handed out records and marked them; they are nowhere on disk.
    case drainAnswered
    /// They are in the inbox.
    case drainJournaled
    /// The inbox is whole, the archives do not know it.
    case drainEnded
    /// One archive has its answers.
    case drainArchived
    /// A neighbouring window was merged and published.
    case drainMerged
    /// All is published, the inbox is still there.
    case drainPublished
}
