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

    /// Records publications together; they are on disk when the call returns. What is known of an
    /// earlier failure is dropped.
    ///
    /// - Parameter runID: whose attempts end, where that is not the run that published the content.
    public func markComplete(
        _ outcomes: [(entry: LedgerEntry, outcome: WindowOutcome)], by runID: String? = nil
    ) throws(LedgerError) {
        try record("recording a publication") { ledger, database in
            for (entry, outcome) in outcomes {
                try ledger.ensureAttempt(
                    entry, runID: runID ?? outcome.runID, at: outcome.publishedAt, in: database)
                try ledger.complete(entry, outcome, in: database)
            }
        }
    }

    /// Records one publication; see
    /// ``markComplete(_:)-([(entry:LedgerEntry,outcome:WindowOutcome)])``.
    public func markComplete(
        _ entry: LedgerEntry, _ outcome: WindowOutcome
    ) throws(LedgerError) {
        try markComplete([(entry, outcome)])
    }

    /// Records a publication that the next run must try again; it is on disk when the call returns.
    public func markPublishedIncomplete(
        _ entry: LedgerEntry, _ outcome: WindowOutcome, _ failure: FailureRecord
    ) throws(LedgerError) {
        try record("recording a publication") { ledger, database in
            try ledger.ensureAttempt(
                entry, runID: failure.runID, at: outcome.publishedAt, in: database)
            try ledger.complete(entry, outcome, in: database)
            try ledger.fail(entry, failure, in: database)
        }
    }

    /// Records a failure; it is on disk when the call returns. What was published before stays
    /// published.
    public func markFailed(
        _ entry: LedgerEntry, _ failure: FailureRecord
    ) throws(LedgerError) {
        try record("recording a failure") { ledger, database in
            try ledger.ensureAttempt(
                entry, runID: failure.runID, at: failure.failedAt, in: database)
            try ledger.fail(entry, failure, in: database)
        }
    }

    /// Records that a stop ended an attempt, which then does not count as one. What was known of the
    /// window stays known.
    public func markInterrupted(
        _ entry: LedgerEntry, runID: String, at moment: Timestamp
    ) throws(LedgerError) {
        try record("recording an interruption") { ledger, database in
            try ledger.interrupt(entry, runID: runID, at: moment, in: database)
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
