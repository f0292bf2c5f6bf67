import ExportModel

/// What a partition holds, as one digest: rows and rejects, whatever format, compression and parts
/// they are written in.
public enum PartitionContent {
    /// SHA-256 over lines: `rows <sha256> <account>` for each account that is in the partition, then
    /// `reject <sha256>` for each reject, sorted.
    ///
    /// - Parameter rejectDigests: in any order.
    public static func sha256(accounts: [ManifestAccount], rejectDigests: [String]) -> String {
        let rows = accounts.compactMap { account in
            account.sha256.map { "rows \($0) \(account.account)\n" }
        }
        let rejects = rejectDigests.sorted().map { "reject \($0)\n" }
        return ContentDigest.hexadecimal(of: Array((rows + rejects).joined().utf8))
    }

    /// SHA-256 of a line of `_rejects.ndjson.gz`, its line break aside, without its `page`: which
    /// page a record came with depends on what else there is.
    public static func digest(ofReject line: [UInt8]) -> String {
        let mark = Array(#","page":"#.utf8)
        // No JSON string holds the mark: its quotes would be escaped.
        guard
            let start = line.indices.first(where: { line[$0...].starts(with: mark) })
        else { return ContentDigest.hexadecimal(of: line) }
        let end = line[(start + mark.count)...].firstIndex(of: UInt8(ascii: ",")) ?? line.count
        return ContentDigest.hexadecimal(of: Array(line[..<start] + line[end...]))
    }
}
