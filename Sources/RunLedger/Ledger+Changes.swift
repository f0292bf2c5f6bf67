import BoundedDispatch
public import ExportModel
import GRDB

/// What becomes of windows.
///
/// Changes of threads that wait for each other become one transaction with one sync: the call whose
/// turn it is records all that wait.
extension Ledger {
    /// Records that attempts begin.
    ///
    /// Unlike all else this is not synced to disk: after a power loss a window is remembered as it
    /// was before, and so is planned again.
    ///
    /// - Returns: what the ledger says of each window now; nil for a first attempt.
    @discardableResult
    public func markRunning(
        _ entries: [LedgerEntry], runID: String, at moment: Timestamp
    ) throws(LedgerError) -> [WindowRecord?] {
        try record("recording a window", isDurable: false) { ledger, database in
            try entries.map { entry in
                let attempts = try ledger.begin(entry, runID: runID, at: moment, in: database)
                return attempts == 1 ? nil : try ledger.window(entry.identity, in: database)
            }
        }
    }

    /// Records that account windows are verified and in the archive, in one transaction.
    ///
    /// Not synced to disk, as ``markRunning(_:runID:at:)``: the archive is, and knows it after a
    /// power loss. What is known of an earlier failure is dropped.
    public func markArchived(
        _ outcomes: [(entry: LedgerEntry, outcome: ArchivedOutcome)]
    ) throws(LedgerError) {
        try record("recording an archived window", isDurable: false) { ledger, database in
            for (entry, outcome) in outcomes {
                try ledger.ensureAttempt(
                    entry, runID: outcome.runID, at: outcome.archivedAt, in: database)
                try ledger.archive(entry, outcome, in: database)
            }
        }
    }

    /// Records a publication in one transaction; it is on disk when the call returns.
    ///
    /// Account windows become complete, and what is known of their earlier failures is dropped; one
    /// that is complete with the same version stays as it is. One that the partition held and does
    /// not hold any more is no longer published. A partition of the other layout (one account, all
    /// accounts) whose account windows are all in this one is forgotten.
    ///
    /// - Parameters:
    ///   - archived: account windows that were verified, and that ``markArchived(_:)`` was not
    ///     told of.
    ///   - accounts: all that the partition holds, with the versions it was made of. What it holds
    ///     of an account whose last attempt failed is here too.
    ///   - incomplete: those of them that the next run must try again, and why: unreconciled ones,
    ///     and ones that keep an earlier version because their last attempt failed.
    ///   - runID: whose attempts end, where that is not the run that published the content.
    /// - Returns: the partitions that are forgotten.
    @discardableResult
    public func markPublished(
        _ identity: PartitionIdentity, window: Window, _ outcome: PartitionOutcome,
        archived: [(entry: LedgerEntry, outcome: ArchivedOutcome)] = [],
        accounts: [(entry: LedgerEntry, versionID: String)],
        incomplete: [(entry: LedgerEntry, failure: FailureRecord)] = [], by runID: String? = nil
    ) throws(LedgerError) -> [PartitionIdentity] {
        let publication = Publication(
            identity: identity, window: window, outcome: outcome, accounts: accounts,
            runID: runID ?? outcome.runID)
        return try record("recording a publication") { ledger, database in
            for (entry, outcome) in archived {
                try ledger.ensureAttempt(
                    entry, runID: outcome.runID, at: outcome.archivedAt, in: database)
                try ledger.archive(entry, outcome, in: database)
            }
            let forgotten = try ledger.publish(publication, in: database)
            for (entry, failure) in incomplete {
                try ledger.fail(entry, failure, in: database)
            }
            return forgotten
        }
    }

    /// Records failures in one transaction; they are on disk when the call returns. What is
    /// published or archived stays so.
    public func markFailed(
        _ failures: [(entry: LedgerEntry, failure: FailureRecord)]
    ) throws(LedgerError) {
        try record("recording a failure") { ledger, database in
            for (entry, failure) in failures {
                try ledger.ensureAttempt(
                    entry, runID: failure.runID, at: failure.failedAt, in: database)
                try ledger.fail(entry, failure, in: database)
            }
        }
    }

    /// Records one failure; see ``markFailed(_:)``.
    public func markFailed(
        _ entry: LedgerEntry, _ failure: FailureRecord
    ) throws(LedgerError) {
        try markFailed([(entry, failure)])
    }

    /// Records in one transaction that a stop ended attempts, which then do not count. What was
    /// known of the windows stays known.
    public func markInterrupted(
        _ entries: [LedgerEntry], runID: String, at moment: Timestamp
    ) throws(LedgerError) {
        try record("recording an interruption") { ledger, database in
            for entry in entries {
                try ledger.interrupt(entry, runID: runID, at: moment, in: database)
            }
        }
    }

    /// Records that the archive has no version of some account windows any more.
    ///
    /// - Parameter accounts: nil for all.
    public func markPruned(
        pipeline: String, windows: [(stream: String, window: String)],
        accounts: Set<String>? = nil
    ) throws(LedgerError) {
        try record("recording what was pruned") { ledger, database in
            guard let export = try ledger.names.export(of: pipeline, in: database) else { return }
            let ids = try accounts?.compactMap { try ledger.names.id(of: $0, in: database) }
            let list = ids?.map(String.init).joined(separator: ", ")
            let statement = try database.makeStatement(
                sql: """
                    UPDATE windows SET archive = \(ArchiveState.pruned.rawValue)
                    WHERE export = ? AND stream = ? AND window = ?
                        AND archive = \(ArchiveState.kept.rawValue)
                    \(list.map { "AND account IN (\($0))" } ?? "")
                    """)
            for (stream, window) in windows {
                guard let stream = try ledger.names.id(of: stream, in: database) else { continue }
                try statement.execute(arguments: [export, stream, window])
            }
        }
    }

    // MARK: - Waiting together

    /// A change that waits for its transaction.
    final class Change: Sendable {
        let isDurable: Bool
        private let body: @Sendable (Ledger, Database) throws -> Void
        private let failure = Guarded<(any Error)?>(nil)

        init(isDurable: Bool, _ body: @escaping @Sendable (Ledger, Database) throws -> Void) {
            self.isDurable = isDurable
            self.body = body
        }

        func make(_ ledger: Ledger, _ database: Database) throws { try body(ledger, database) }

        func fail(_ error: any Error) { failure.withLock { $0 = error } }

        /// After its transaction.
        func result() throws { if let error = failure.withLock({ $0 }) { throw error } }
    }

    private func record<Value: Sendable>(
        _ action: String, isDurable: Bool = true,
        _ body: @escaping @Sendable (Ledger, Database) throws -> Value
    ) throws(LedgerError) -> Value {
        let made = Guarded<Value?>(nil)
        let own = Change(isDurable: isDurable) { ledger, database in
            let value = try body(ledger, database)
            made.withLock { $0 = value }
        }
        waiting.withLock { $0.append(own) }
        do {
            try queue.writeWithoutTransaction { database in
                let changes = waiting.withLock { changes in
                    defer { changes = [] }
                    return changes
                }
                // None is left where an earlier call took this one too.
                if !changes.isEmpty { commit(changes, in: database) }
                try own.result()
            }
        } catch {
            throw LedgerError(error, path: directory.ledgerPath, while: action)
        }
        guard let value = made.withLock({ $0 }) else {
            preconditionFailure("a change that did not fail was made")
        }
        return value
    }

    /// Makes changes in one transaction. If that fails, each has one of its own: what is wrong with
    /// one is no failure of the others.
    func commit(_ changes: [Change], in database: Database) {
        do {
            try transact(changes, in: database)
        } catch {
            names.forget()
            if changes.count == 1 { return changes[0].fail(error) }
            for change in changes { commit([change], in: database) }
        }
    }

    private func transact(_ changes: [Change], in database: Database) throws {
        let isDurable = changes.contains(where: \.isDurable)
        if !isDurable { try database.execute(sql: "PRAGMA synchronous = NORMAL") }
        // Back to FULL whatever happens, or the next publication would not be durable.
        let result = Result {
            try database.inTransaction {
                for change in changes { try change.make(self, database) }
                return .commit
            }
        }
        if !isDurable { try database.execute(sql: "PRAGMA synchronous = FULL") }
        try result.get()
    }
}
