import ExportModel
import Foundation
import GRDB

/// A partition that is published: what it holds, and which version of each of its accounts.
struct Publication {
    let identity: PartitionIdentity
    let window: Window
    let outcome: PartitionOutcome
    /// All accounts that the partition holds.
    let accounts: [(entry: LedgerEntry, versionID: String)]
    /// Whose attempts end.
    let runID: String
}

/// The statements that record a publication.
extension Ledger {
    /// The number in place of an account's for a partition of several: 0 for all accounts, -1 for
    /// those of bucket 0, -2 for those of bucket 1.
    static func numberOfShared(bucket: Int?) -> Int64 { bucket.map { -1 - Int64($0) } ?? 0 }

    /// The account or bucket that a partition's number stands for.
    func share(
        _ number: Int64, in database: Database
    ) throws -> (account: String?, bucket: Int?) {
        if number > 0 { return (try names.name(of: number, in: database), nil) }
        return (nil, number < 0 ? Int(-1 - number) : nil)
    }

    /// The primary key of a partition, made of numbers that are given where there are none.
    private func makeKey(
        _ identity: PartitionIdentity, in database: Database
    ) throws -> PartitionKey {
        PartitionKey(
            export: try names.makeExport(of: identity.pipeline, in: database),
            stream: try names.makeID(of: identity.stream, in: database), window: identity.window,
            account: try identity.account.map { try names.makeID(of: $0, in: database) }
                ?? Self.numberOfShared(bucket: identity.bucket))
    }

    /// The primary key of a partition; nil if the ledger cannot hold it.
    func key(_ identity: PartitionIdentity, in database: Database) throws -> PartitionKey? {
        var account: Int64? = Self.numberOfShared(bucket: identity.bucket)
        if let name = identity.account { account = try names.id(of: name, in: database) }
        guard let export = try names.export(of: identity.pipeline, in: database),
            let stream = try names.id(of: identity.stream, in: database), let account
        else { return nil }
        return PartitionKey(
            export: export, stream: stream, window: identity.window, account: account)
    }

    /// - Returns: partitions that hold no account any more, and are forgotten.
    func publish(
        _ publication: Publication, in database: Database
    ) throws -> [PartitionIdentity] {
        let key = try makeKey(publication.identity, in: database)
        try insert(publication, key, in: database)
        let run = try names.makeID(of: publication.runID, in: database)
        var known = try members(of: key, in: database)
        for (entry, versionID) in publication.accounts {
            let version = try names.versionColumns(versionID, in: database)
            let held = HeldVersion(
                run: version.run, number: version.number, partition: key.account)
            let account = try names.makeID(of: entry.identity.account, in: database)
            let found = known.removeValue(forKey: account)
            if found?.state == .complete, found?.held == held { continue }
            if found?.hasAttempt(of: run) != true {
                try begin(
                    entry, runID: publication.runID, at: publication.outcome.publishedAt,
                    in: database)
            }
            try complete(
                key, account, held, at: publication.outcome.publishedAt, in: database)
        }
        for (account, found) in known where found.held?.partition == key.account {
            try release(key, account, in: database)
        }
        return try forgetEmptyPartitions(beside: key, publication.identity, in: database)
    }

    private func insert(
        _ publication: Publication, _ key: PartitionKey, in database: Database
    ) throws {
        let (window, outcome) = (publication.window, publication.outcome)
        let statement = try database.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO partitions VALUES
                    (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        let slash = outcome.directory.lastIndex(of: "/").map(outcome.directory.index(after:))
        let leafStart = slash ?? outcome.directory.startIndex
        let content = Data(hexadecimal: outcome.contentSHA256)
        try statement.execute(
            arguments: key.arguments + [
                window.range?.start.epochMilliseconds, window.range?.end.epochMilliseconds,
                try names.makeID(of: window.timeZoneIdentifier, in: database),
                outcome.publishedAt.epochMilliseconds,
                try names.makeID(of: outcome.runID, in: database),
                try version(of: content, at: key, in: database),
                try names.makeID(of: String(outcome.directory[..<leafStart]), in: database),
                String(outcome.directory[leafStart...]), outcome.rows, outcome.rejects,
                outcome.byteCount, outcome.lateRows, outcome.changedRows,
                try names.makeID(of: outcome.fingerprint, in: database), content,
                outcome.isComplete, outcome.accountCount, outcome.missingCount,
            ])
    }

    /// The version number that stays as long as the content does, or the next one.
    private func version(
        of content: Data, at key: PartitionKey, in database: Database
    ) throws -> Int {
        let standing = try database.cachedStatement(
            sql: """
                SELECT version FROM partitions
                WHERE \(PartitionKey.condition) AND content_sha256 = ?
                """)
        if let version = try Int.fetchOne(standing, arguments: key.arguments + [content]) {
            return version
        }
        let next = try database.cachedStatement(
            sql: "UPDATE counters SET value = value + 1 WHERE name = 'version' RETURNING value")
        guard let version = try Int.fetchOne(next) else {
            throw LedgerError(unknown: "nothing", "newest version")
        }
        return version
    }

    // MARK: - Its account windows

    /// The version of an account window that a partition holds, and which partition.
    private struct HeldVersion: Equatable {
        var run: Int64
        var number: Int64?
        var partition: Int64
    }

    /// An account window that a partition may hold.
    private struct Member {
        var state: WindowState
        var run: Int64
        var held: HeldVersion?

        /// Whether the run has an attempt that is not over; see ``Ledger/ensureAttempt(_:runID:at:in:)``.
        func hasAttempt(of run: Int64) -> Bool {
            self.run == run && (state == .running || state == .archived)
        }
    }

    /// The account windows that the partition may hold, by account.
    private func members(
        of key: PartitionKey, in database: Database
    ) throws -> [Int64: Member] {
        let isOne = key.account <= 0 ? "" : " AND account = ?"
        let statement = try database.cachedStatement(
            sql: """
                SELECT account, state, run, published_run, published_number, partition_account
                FROM windows WHERE export = ? AND stream = ? AND window = ?\(isOne)
                """)
        let rows = try Row.fetchCursor(
            statement, arguments: isOne.isEmpty ? key.windowArguments : key.arguments)
        var members: [Int64: Member] = [:]
        while let row = try rows.next() {
            var held: HeldVersion?
            if let run = row[3] as Int64?, let partition = row[5] as Int64? {
                held = HeldVersion(run: run, number: row[4], partition: partition)
            }
            members[row[0]] = Member(state: try WindowState(row[1]), run: row[2], held: held)
        }
        return members
    }

    /// What is known of an earlier failure is dropped.
    private func complete(
        _ key: PartitionKey, _ account: Int64, _ held: HeldVersion, at moment: Timestamp,
        in database: Database
    ) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE windows SET
                    state = ?, finished_at = ?, \(Self.noFailure),
                    published_run = ?, published_number = ?, partition_account = ?
                WHERE \(PartitionKey.condition)
                """)
        let values: StatementArguments = [
            WindowState.complete.number, moment.epochMilliseconds, held.run, held.number,
            held.partition,
        ]
        try statement.execute(arguments: values + key.windowArguments + [account])
    }

    /// An account window that its partition does not hold any more is no longer complete.
    private func release(_ key: PartitionKey, _ account: Int64, in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE windows SET
                    state = CASE state WHEN ? THEN ? ELSE state END,
                    published_run = NULL, published_number = NULL, partition_account = NULL
                WHERE \(PartitionKey.condition)
                """)
        let values: StatementArguments = [
            WindowState.complete.number, WindowState.archived.number,
        ]
        try statement.execute(arguments: values + key.windowArguments + [account])
    }

    /// Forgets partitions of the other layout whose account windows are all in the given one.
    private func forgetEmptyPartitions(
        beside key: PartitionKey, _ identity: PartitionIdentity, in database: Database
    ) throws -> [PartitionIdentity] {
        let isShared = key.account <= 0
        let others = isShared ? "account <> ?" : "account <= 0"
        // By the primary key: there may be as many partitions as accounts.
        let own = "(partitions.account <= 0 OR windows.account = partitions.account)"
        let statement = try database.cachedStatement(
            sql: """
                DELETE FROM partitions WHERE export = ? AND stream = ? AND window = ? AND \(others)
                    AND NOT EXISTS (
                        SELECT 1 FROM windows WHERE windows.export = partitions.export
                            AND windows.stream = partitions.stream
                            AND windows.window = partitions.window AND \(own)
                            AND windows.partition_account = partitions.account)
                RETURNING account
                """)
        let arguments = isShared ? key.arguments : key.windowArguments
        return try Int64.fetchAll(statement, arguments: arguments).map { number in
            var forgotten = identity
            (forgotten.account, forgotten.bucket) = try share(number, in: database)
            return forgotten
        }
    }
}

/// The primary key of a partition, in numbers.
struct PartitionKey {
    var export: Int64
    var stream: Int64
    var window: String
    var account: Int64

    static let condition = "export = ? AND stream = ? AND window = ? AND account = ?"

    /// In the order of ``condition``.
    var arguments: StatementArguments { [export, stream, window, account] }

    /// Those of all partitions and account windows of the window.
    var windowArguments: StatementArguments { [export, stream, window] }
}
