import ExportModel
import Foundation
import GRDB

/// What a row about a partition holds, in this order.
enum PartitionColumn: Int, CaseIterable {
    case publishedAt, run, version, parent, directory, rows, rejects, bytes, lateRows, changedRows
    case fingerprint, contentSha256, isComplete, accountCount, missingCount

    static let list = list("partitions", allCases.map { "\($0)" })

    /// For `SELECT`; `startMs` is the column `start_ms`.
    static func list(_ table: String, _ columns: [String]) -> String {
        columns.map { column in
            table + "." + column.map { $0.isUppercase ? "_" + $0.lowercased() : "\($0)" }.joined()
        }.joined(separator: ", ")
    }
}

extension PartitionOutcome {
    /// Reads a row that has ``PartitionColumn/list`` from the column `first` on; nil where it has
    /// no partition.
    init?(row: Row, from first: Int, _ names: LedgerNames, in database: Database) throws {
        func place(_ column: PartitionColumn) -> Int { first + column.rawValue }
        guard let publishedAt = Timestamp(row[place(.publishedAt)]) else { return nil }
        let leaf: String = row[place(.directory)]
        let digest: Data = row[place(.contentSha256)]
        self.init(
            runID: try names.name(of: row[place(.run)], in: database), publishedAt: publishedAt,
            directory: try names.name(of: row[place(.parent)], in: database) + leaf,
            rows: row[place(.rows)], rejects: row[place(.rejects)],
            byteCount: row[place(.bytes)], lateRows: row[place(.lateRows)],
            changedRows: row[place(.changedRows)],
            fingerprint: try names.name(of: row[place(.fingerprint)], in: database),
            contentSHA256: digest.hexadecimal, isComplete: row[place(.isComplete)],
            accountCount: row[place(.accountCount)], missingCount: row[place(.missingCount)])
        version = row[place(.version)]
    }
}

extension PartitionRecord {
    /// What follows `SELECT` of a query whose rows are read by ``init(_:row:_:in:)``.
    static let columns =
        "partitions.start_ms, partitions.end_ms, partitions.time_zone, " + PartitionColumn.list

    /// How many columns ``columns`` names.
    static let columnCount = 3 + PartitionColumn.allCases.count

    /// Reads a row that begins with ``columns``.
    init?(
        _ identity: PartitionIdentity, row: Row, _ names: LedgerNames, in database: Database
    ) throws {
        guard let published = try PartitionOutcome(row: row, from: 3, names, in: database) else {
            return nil
        }
        self.init(
            identity: identity, range: TimeRange(row[0], row[1]),
            timeZoneIdentifier: try names.name(of: row[2], in: database), published: published)
    }
}
