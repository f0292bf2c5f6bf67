import RunLedger

/// Fewer rows of a window than stand published.
struct Shrinkage: CustomStringConvertible {
    /// ``WindowResult/Failure/code`` of a window that keeps what stands.
    static let code = ExportError.Code.shrunk.rawValue

    /// Rows that readers see.
    let standing: Int
    /// Rows that the provider has now.
    let found: Int
    /// Records of the provider that are no rows now.
    private let rejects: Int

    /// nil where nothing stands, or as many rows were found at least.
    ///
    /// - Parameters:
    ///   - standing: rows of the account that readers see; nil where that cannot be read.
    ///   - record: what the ledger says, for that case.
    init?(_ summary: AccountSummary, standing: Int?, record: WindowRecord?) {
        let recorded = record?.publishedVersionID == nil ? nil : record?.archived?.rows
        guard let standing = standing ?? recorded, summary.rowCount < standing else { return nil }
        self.standing = standing
        found = summary.rowCount
        rejects = summary.rejectCount
    }

    /// Both counts, for messages.
    var description: String {
        let others = rejects == 0 ? "" : " and \(rejects) rejects"
        return "the provider has \(found) rows\(others), \(standing) are published"
    }
}
