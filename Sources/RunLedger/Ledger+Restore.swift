public import ExportModel
import GRDB

/// A published partition as its manifest describes it, for a ledger that does not know of it.
public struct RestoredPartition: Sendable {
    public var identity: PartitionIdentity
    public var window: Window
    public var outcome: PartitionOutcome
    /// All that the partition holds.
    public var accounts: [(entry: LedgerEntry, outcome: ArchivedOutcome)]
    /// Those of them that the next run must try again, and why.
    public var incomplete: [(entry: LedgerEntry, failure: FailureRecord)]

    public init(
        identity: PartitionIdentity, window: Window, outcome: PartitionOutcome,
        accounts: [(entry: LedgerEntry, outcome: ArchivedOutcome)],
        incomplete: [(entry: LedgerEntry, failure: FailureRecord)] = []
    ) {
        self.identity = identity
        self.window = window
        self.outcome = outcome
        self.accounts = accounts
        self.incomplete = incomplete
    }
}

extension Ledger {
    /// Records what is published and not known here, or known as it was before; in one transaction.
    /// What is known of the same or of a later publication stays as it is.
    ///
    /// Nothing says that the archive has what the partitions hold, so it counts as pruned.
    ///
    /// - Returns: how many of the partitions were recorded.
    public func restore(_ partitions: [RestoredPartition]) throws(LedgerError) -> Int {
        try write("restoring partitions") { database in
            var count = 0
            for partition in partitions
            where try isNews(partition.identity, partition.outcome, in: database) {
                try restore(partition, in: database)
                count += 1
            }
            return count
        }
    }

    private func isNews(
        _ identity: PartitionIdentity, _ outcome: PartitionOutcome, in database: Database
    ) throws -> Bool {
        guard let key = try key(identity, in: database) else { return true }
        let published = try Int64.fetchOne(
            database,
            sql: "SELECT published_at FROM partitions WHERE \(PartitionKey.condition)",
            arguments: key.arguments)
        // The ledger's own time is taken after the manifest's.
        return published.map { $0 < outcome.publishedAt.epochMilliseconds } ?? true
    }

    private func restore(_ partition: RestoredPartition, in database: Database) throws {
        for (entry, outcome) in partition.accounts {
            try ensureAttempt(entry, runID: outcome.runID, at: outcome.archivedAt, in: database)
            try archive(entry, outcome, in: database)
        }
        _ = try publish(
            Publication(
                identity: partition.identity, window: partition.window,
                outcome: partition.outcome,
                accounts: partition.accounts.map { ($0.entry, $0.outcome.versionID) },
                runID: partition.outcome.runID), in: database)
        for (entry, failure) in partition.incomplete { try fail(entry, failure, in: database) }
        let statement = try database.cachedStatement(
            sql: """
                UPDATE windows SET archive = \(ArchiveState.pruned.rawValue)
                WHERE \(Self.isIdentity)
                """)
        for (entry, _) in partition.accounts {
            guard let key = try key(entry.identity, in: database) else { continue }
            try statement.execute(arguments: key)
        }
    }
}
