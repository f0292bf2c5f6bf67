import ExportModel
import GRDB

/// What a row about an account window holds, in this order: a column is found by its place, because
/// its name would be looked for in each row.
enum WindowColumn: Int, CaseIterable {
    case startMs, endMs, timeZone, state, attempts, run, startedAt, finishedAt
    case failureRun, failedAt, failureKind, failureCode, failureMessage
    case archivedAt, archivedRun, versionRun, versionNumber, archive
    case rows, rejects, duplicates, outsideWindow, reportedTotal, requests
    case publishedRun, publishedNumber

    static let list = PartitionColumn.list("windows", allCases.map { "\($0)" })
}

extension Row {
    fileprivate subscript<Value: DatabaseValueConvertible & StatementColumnConvertible>(
        _ column: WindowColumn
    ) -> Value {
        self[column.rawValue]
    }

    fileprivate subscript(_ column: WindowColumn) -> DatabaseValue {
        self[column.rawValue]
    }
}

extension WindowRecord {
    /// What follows `SELECT` of a query whose rows are read by ``init(_:row:_:in:)``.
    static let columns = WindowColumn.list + ", " + PartitionColumn.list

    /// The rest of such a query.
    static let source = """
        FROM windows LEFT JOIN partitions ON partitions.export = windows.export
            AND partitions.stream = windows.stream AND partitions.window = windows.window
            AND partitions.account = windows.partition_account
        """

    /// How many columns ``columns`` names.
    static let columnCount = WindowColumn.allCases.count + PartitionColumn.allCases.count

    /// Reads a row that begins with ``columns``.
    init(
        _ identity: WindowIdentity, row: Row, _ names: LedgerNames, in database: Database
    ) throws {
        self.init(
            identity: identity, range: TimeRange(row[.startMs], row[.endMs]),
            timeZoneIdentifier: try names.name(of: row[.timeZone], in: database),
            state: try WindowState(row[.state]), attempts: row[.attempts],
            runID: try names.name(of: row[.run], in: database),
            startedAt: Timestamp(epochMilliseconds: row[.startedAt]),
            finishedAt: Timestamp(row[.finishedAt]),
            failure: try FailureRecord(row: row, names, in: database),
            archived: try ArchivedOutcome(row: row, names, in: database),
            archive: try ArchiveState(row[.archive]),
            publishedVersionID: try names.versionID(
                row[.publishedRun], row[.publishedNumber], in: database),
            published: try PartitionOutcome(
                row: row, from: WindowColumn.allCases.count, names, in: database))
    }
}

extension ArchivedOutcome {
    /// nil if no version was ever verified.
    fileprivate init?(row: Row, _ names: LedgerNames, in database: Database) throws {
        let id = try names.versionID(row[.versionRun], row[.versionNumber], in: database)
        guard let id, let archivedAt = Timestamp(row[.archivedAt]) else { return nil }
        self.init(
            versionID: id, rows: row[.rows], rejects: row[.rejects],
            duplicates: row[.duplicates], outsideWindow: row[.outsideWindow],
            reportedTotal: row[.reportedTotal], requests: row[.requests], archivedAt: archivedAt,
            runID: try names.name(of: row[.archivedRun], in: database))
    }
}

extension FailureRecord {
    /// nil unless the last finished attempt failed.
    fileprivate init?(row: Row, _ names: LedgerNames, in database: Database) throws {
        guard let failedAt = Timestamp(row[.failedAt]) else { return nil }
        self.init(
            runID: try names.name(of: row[.failureRun], in: database), failedAt: failedAt,
            // While the next attempt runs, the state is that attempt's.
            state: try WindowState(row[.state]) == .shrunk ? .shrunk : .failed,
            kind: try known(row[.failureKind], "failure kind"), code: row[.failureCode],
            message: row[.failureMessage])
    }
}

extension LedgerNames {
    /// A version's id of the archive, from its two columns; nil where the first is null.
    func versionID(
        _ run: Int64?, _ number: Int64?, in database: Database
    ) throws -> String? {
        guard let run else { return nil }
        let name = try name(of: run, in: database)
        return number.map { "\(name).\($0)" } ?? name
    }

    /// A version's id as two columns, so that versions of one run share a name. What does not end in
    /// a number is a name as a whole.
    func versionColumns(
        _ id: String, in database: Database
    ) throws -> (run: Int64, number: Int64?) {
        if let dot = id.lastIndex(of: "."), let number = Int64(id[id.index(after: dot)...]),
            number >= 0, id.hasSuffix(".\(number)")
        {
            return (try makeID(of: String(id[..<dot]), in: database), number)
        }
        return (try makeID(of: id, in: database), nil)
    }
}

extension TimeRange {
    /// nil where a window has no bounds.
    init?(_ start: Int64?, _ end: Int64?) {
        guard let start = Timestamp(start), let end = Timestamp(end), start <= end else {
            return nil
        }
        self.init(start: start, end: end)
    }
}

extension Timestamp {
    init?(_ epochMilliseconds: Int64?) {
        guard let epochMilliseconds else { return nil }
        self.init(epochMilliseconds: epochMilliseconds)
    }
}
