public import ExportModel

/// What a plan must know of the ledger: of one pipeline's account windows and partitions.
public struct LedgerView: Sendable {
    /// By stream.
    let facts: [String: StreamFacts]
    /// Stream → account → ``WindowKey/description`` of complete windows whose list of request ids
    /// is another one now.
    let changedLists: [String: [String: Set<String>]]
    /// Oldest first.
    let outdated: [OutdatedPartition]
    /// Stream → windows of which the archive has, or had, a version; oldest first.
    let archived: [String: [Window]]
    let rejected: [RejectedWindow]

    /// - Parameters:
    ///   - facts: by stream; windows that are missing count as never started. Accounts that the pipeline does
    ///     not have any more are in it: partitions hold them.
    ///   - changedLists: these are exported again.
    ///   - outdated: all of the pipeline, oldest first.
    ///   - archived: read only for a rebuild.
    ///   - rejected: read only for a rebuild of what has rejects.
    public init(
        facts: [String: StreamFacts] = [:], changedLists: [String: [String: Set<String>]] = [:],
        outdated: [OutdatedPartition] = [], archived: [String: [Window]] = [:],
        rejected: [RejectedWindow] = []
    ) {
        self.facts = facts
        self.changedLists = changedLists
        self.outdated = outdated
        self.archived = archived
        self.rejected = rejected
    }
}
