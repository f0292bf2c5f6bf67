public import ExportModel
import GRDB

/// What is published.
extension Ledger {
    /// What the ledger says of one partition; nil if it was never published.
    public func partition(_ identity: PartitionIdentity) throws(LedgerError) -> PartitionRecord? {
        try read("reading a partition") { database in
            guard let key = try key(identity, in: database) else { return nil }
            let statement = try database.cachedStatement(
                sql: """
                    SELECT \(PartitionRecord.columns) FROM partitions
                    WHERE \(PartitionKey.condition)
                    """)
            return try Row.fetchOne(statement, arguments: key.arguments).flatMap {
                try PartitionRecord(identity, row: $0, names, in: database)
            }
        }
    }

    /// A pipeline's partitions by stream, start and account; request lists come first, and a
    /// partition of all accounts before those of single ones.
    public func partitions(
        pipeline: String, filter: PartitionFilter = PartitionFilter()
    ) throws(LedgerError) -> [PartitionRecord] {
        var records: [PartitionRecord] = []
        try forEachPartition(pipeline: pipeline, filter: filter) { records.append($0) }
        return records
    }

    /// Hands out what ``partitions(pipeline:filter:)`` returns, one by one.
    public func forEachPartition(
        pipeline: String, filter: PartitionFilter = PartitionFilter(),
        _ body: (PartitionRecord) -> Void
    ) throws(LedgerError) {
        try read("reading partitions") { database in
            guard let export = try names.export(of: pipeline, in: database) else { return }
            var conditions = ["export = \(export)"]
            for (column, chosen) in [
                ("stream", filter.streams), ("run", filter.publishedBy.map { [$0] }),
            ] {
                guard let chosen else { continue }
                let ids = try chosen.compactMap { try names.id(of: $0, in: database) }
                let list = ids.map(String.init).joined(separator: ", ")
                conditions.append("\(column) IN (\(list))")
            }
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT \(PartitionRecord.columns), streams.name, account, window
                    FROM partitions JOIN names AS streams ON streams.id = stream
                    LEFT JOIN names AS accounts ON accounts.id = account
                    WHERE \(conditions.joined(separator: " AND "))
                    ORDER BY streams.name, start_ms, accounts.name, window, account DESC
                    """)
            let first = PartitionRecord.columnCount
            while let row = try rows.next() {
                let share = try share(row[first + 1], in: database)
                let identity = PartitionIdentity(
                    pipeline: pipeline, stream: row[first], account: share.account,
                    bucket: share.bucket, window: row[first + 2])
                if let record = try PartitionRecord(identity, row: row, names, in: database) {
                    body(record)
                }
            }
        }
    }

    /// Partitions whose files were made with other settings than today's, request lists first, then
    /// by start.
    ///
    /// What is up to date costs nothing: an index knows which fingerprints there are.
    ///
    /// - Parameter fingerprints: those of today, of all streams of the pipeline.
    public func outdatedPartitions(
        pipeline: String, timeZone: String, fingerprints: [String]
    ) throws(LedgerError) -> [OutdatedPartition] {
        try read("reading partitions") { database in
            guard let export = try names.export(of: pipeline, in: database),
                let zone = try names.id(of: timeZone, in: database)
            else { return [] }
            let today = try fingerprints.compactMap { try names.id(of: $0, in: database) }
            let rows = try Row.fetchCursor(
                database,
                sql: Self.outdatedQuery(today.map(String.init).joined(separator: ", ")),
                arguments: [export, zone])
            var found: [OutdatedPartition] = []
            while let row = try rows.next() {
                let share = try share(row[1], in: database)
                let identity = PartitionIdentity(
                    pipeline: pipeline, stream: try names.name(of: row[0], in: database),
                    account: share.account, bucket: share.bucket, window: row[2])
                found.append(
                    OutdatedPartition(
                        identity: identity, range: TimeRange(row[3], row[4]), hasArchive: row[5]))
            }
            return found
        }
    }

    static func outdatedQuery(_ fingerprints: String) -> String {
        """
        WITH RECURSIVE known (number) AS (
            SELECT min(fingerprint) FROM partitions WHERE export = ?1 AND time_zone = ?2
            UNION ALL
            SELECT (
                SELECT min(fingerprint) FROM partitions
                WHERE export = ?1 AND time_zone = ?2 AND fingerprint > number)
            FROM known WHERE number IS NOT NULL)
        SELECT stream, account, window, start_ms, (
            SELECT whole.end_ms FROM partitions AS whole WHERE whole.export = partitions.export
                AND whole.stream = partitions.stream AND whole.window = partitions.window
                AND whole.account = partitions.account), NOT CASE
            WHEN account <= 0 THEN EXISTS (\(pruned))
            ELSE EXISTS (\(pruned) AND windows.account = partitions.account) END
        FROM partitions INDEXED BY partitions_by_fingerprint
        WHERE export = ?1 AND time_zone = ?2 AND fingerprint IN (
            SELECT number FROM known WHERE number NOT IN (\(fingerprints)))
        ORDER BY start_ms
        """
    }

    /// Account windows of a partition whose archive is gone; those of one account by primary key.
    private static let pruned = """
        SELECT 1 FROM windows WHERE windows.export = partitions.export
            AND windows.stream = partitions.stream AND windows.window = partitions.window
            AND windows.partition_account = partitions.account AND windows.archive <> 1
        """
}
