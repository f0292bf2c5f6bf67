import Archive
import BoundedDispatch
import ExportModel
import Publication
import RunLedger

/// What all account windows and partitions of a run share.
struct RunShared: Sendable {
    let pipeline: Pipeline
    let runID: String
    let environment: RunEnvironment
    let events: RunEvents
    let ledger: Ledger
    let archive: Archive
    let publisher: PartitionPublisher
    let sessions: AccountSessions
    let manifests: PublishedPartitions
    let reachability: Reachability
    let stop: StopToken
    /// ``PlanFingerprint/content(of:output:)`` by the stream's name.
    let fingerprints: [String: String]
    /// Whether accounts that left the pipeline file leave their partitions too.
    let onlyListedAccounts: Bool
    /// Whether a rebuild takes versions too that were refused because of their rejects.
    let takesRefused: Bool
    /// ``ExportModel/Pipeline/accountsByBucket``
    let listedAccounts: [[Bucket?: Set<String>]]
    private let versionCount = Guarded(0)

    /// Names of the accounts that the pipeline file has of a stream, or of a bucket of it.
    func listed(_ streamIndex: Int, _ bucket: Bucket?) -> Set<String> {
        listedAccounts[streamIndex][bucket] ?? []
    }

    /// What streams take their request ids from that other streams have.
    var parents: ParentIDs {
        ParentIDs(
            pipeline: pipeline, ledger: ledger, archive: archive, sessions: sessions,
            environment: environment)
    }

    /// An id for a new version of an account window in the archive.
    func makeVersionID() -> String {
        let number = versionCount.withLock { count in
            count += 1
            return count
        }
        return "\(runID).\(number)"
    }
}
