/// How a version of a partition differs from the one before, record by record.
public struct RowChanges: Hashable, Sendable {
    /// Records whose key the version before did not have.
    public var late: Int
    /// Records whose values were others in the version before.
    public var changed: Int
    /// Records whose key the new version does not have any more.
    public var gone: Int

    public init(late: Int, changed: Int, gone: Int) {
        self.late = late
        self.changed = changed
        self.gone = gone
    }
}

/// Compares two versions in one pass.
///
/// Both have the order of the rows, so that a row waits for its like only as long as one version is
/// ahead of the other: memory grows with what is late or gone, not with the partition.
enum RowComparison {
    /// - Parameters: nil for a version without rows.
    /// - Returns: nil where two rows of a version have the same key hash, so that nobody can say
    ///   which row is which.
    static func changes(
        from old: RowDigestReader?, to new: RowDigestReader?
    ) throws(LedgerError) -> RowChanges? {
        var (gone, late): ([UInt64: UInt64], [UInt64: UInt64]) = ([:], [:])
        var changed = 0
        while true {
            let (before, after) = (try old?.next(), try new?.next())
            if before == nil, after == nil { break }
            if before == after { continue }
            if let before {
                if let values = late.removeValue(forKey: before.key) {
                    changed += values == before.values ? 0 : 1
                } else if gone.updateValue(before.values, forKey: before.key) != nil {
                    return nil
                }
            }
            if let after {
                if let values = gone.removeValue(forKey: after.key) {
                    changed += values == after.values ? 0 : 1
                } else if late.updateValue(after.values, forKey: after.key) != nil {
                    return nil
                }
            }
        }
        return RowChanges(late: late.count, changed: changed, gone: gone.count)
    }
}
