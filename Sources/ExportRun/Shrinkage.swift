import Publication
import RunLedger

/// Fewer rows of a window than stand published.
struct Shrinkage: CustomStringConvertible {
    /// ``WindowResult/Failure/code`` of a window that keeps what stands.
    static let code = "shrunk"

    /// Rows that readers see.
    let standing: Int
    /// Rows that the provider has now.
    let found: Int
    /// Records of the provider that are no rows now.
    private let rejects: Int

    /// nil where nothing stands, or as many rows were found at least.
    ///
    /// - Parameter recorded: what the ledger says is published, in case it cannot be read.
    init?(_ intake: WindowIntake, recorded: PartitionOutcome?) {
        guard let standing = intake.standingManifest?.rows ?? recorded?.rows,
            intake.rowCount < standing
        else { return nil }
        self.standing = standing
        found = intake.rowCount
        rejects = intake.rejectCount
    }

    /// Both counts, for messages.
    var description: String {
        let others = rejects == 0 ? "" : " and \(rejects) rejects"
        return "the provider has \(found) rows\(others), \(standing) are published"
    }

    /// Whether an earlier run asked twice already, and this one asked for all of it again.
    func isConfirmed(by record: WindowRecord?, journal: PageJournal) -> Bool {
        guard case .fresh = journal.origin else { return false }
        return record?.failure?.code == Self.code
    }
}
