import ExportModel

/// A page whose rows have been identified: each with its time and key, where they can be read.
///
/// Rows and bytes lie in one object, so that a walk passes pages around for one reference count.
struct IdentifiedPage: Sendable {
    private final class Content: Sendable {
        let page: RawPage
        let identities: RowIdentities
        let repeatedKeyCount: Int

        init(_ page: RawPage, _ identities: RowIdentities) {
            self.page = page
            self.identities = identities
            repeatedKeyCount = identities.repeatCount
        }
    }

    private let content: Content
    /// What the provider said is there in all; where it does not say, the page's own rows.
    var total: Int
    /// How the answer goes on.
    var envelope = PageEnvelope()
    /// JSON forbids it, cdrx accepts it.
    let hasTrailingComma: Bool
    /// The page stayed short or doubled after all attempts.
    var isSuspect = false

    /// Stands for a time that cannot be read.
    static let noTime = Int64.min

    init(_ page: RawPage, _ identities: RowIdentities, total: Int, hasTrailingComma: Bool) {
        precondition(identities.count == page.rows.count, "every row has an identity")
        content = Content(page, identities)
        self.total = total
        self.hasTrailingComma = hasTrailingComma
    }

    /// The rows themselves.
    var page: RawPage { content.page }

    /// Memory of the page with its times and keys.
    var memoryByteCount: Int { content.page.memoryByteCount + identities.memoryByteCount }

    /// Rows of the page, readable or not.
    var rowCount: Int { content.identities.count }

    /// Time, key and hash of each row.
    var identities: RowIdentities { content.identities }

    /// Rows that repeat a key of the same page.
    var repeatedKeyCount: Int { content.repeatedKeyCount }

    /// Epoch milliseconds of each row's start; ``noTime`` where it cannot be read.
    var times: [Int64] { content.identities.rows.map(\.time) }

    /// A row's key; empty where it cannot be read. Only its bytes are compared.
    func key(_ row: Int) -> ArraySlice<UInt8> { content.identities.key(row) }

    /// Whether both pages hold the same records in the same order; rows that repeat a key of their
    /// page do not count.
    func hasSameRecords(as other: IdentifiedPage) -> Bool {
        if repeatedKeyCount == 0, other.repeatedKeyCount == 0 {
            return rowCount == other.rowCount
                && (0..<rowCount).allSatisfy { isSameRecord($0, as: $0, on: other) }
        }
        let own = identities.rowsWithoutRepeats
        let others = other.identities.rowsWithoutRepeats
        guard own.count == others.count else { return false }
        return zip(own, others).allSatisfy { isSameRecord($0, as: $1, on: other) }
    }

    /// Whether a page after a full one shows that nothing follows: it has no row that the full one
    /// has not. Some providers answer with their last page again.
    func hasNothingNew(after full: IdentifiedPage) -> Bool {
        (0..<rowCount).allSatisfy { row in
            (0..<full.rowCount).contains { isSameRecord(row, as: $0, on: full) }
        }
    }

    /// By key and time; without a key, by the bytes as they came.
    func isSameRecord(_ row: Int, as otherRow: Int, on other: IdentifiedPage) -> Bool {
        guard identities.rows[row].time == other.identities.rows[otherRow].time,
            identities.hasKey(row, equalTo: otherRow, of: other.identities)
        else { return false }
        return identities.isKeyed(row) || raw(row) == other.raw(otherRow)
    }

    /// Equal for the same record wherever it is seen: its key, or without one its bytes.
    func identity(_ row: Int) -> [UInt8] {
        identities.isKeyed(row) ? [1] + key(row) : [0] + raw(row)
    }

    /// A row's bytes as they came.
    func raw(_ row: Int) -> ArraySlice<UInt8> {
        content.page.body[content.page.rows[row]]
    }
}
