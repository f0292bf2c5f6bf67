/// Something about a published partition that is not as its manifest says.
public struct PartitionFinding: Hashable, Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        case missingManifest = "missing_manifest"
        case unreadableManifest = "unreadable_manifest"
        case missingFile = "missing_file"
        case wrongSize = "wrong_size"
        case wrongSHA256 = "wrong_sha256"
        /// The file's rows, or the sum over the files, are not what the manifest says.
        case wrongRowCount = "wrong_row_count"
        /// The file does not decompress, or ends within a row.
        case unreadableFile = "unreadable_file"
        /// A file that the manifest does not name: readers would take its rows too.
        case unexpectedFile = "unexpected_file"
        /// A link, a pipe, a socket or a device where a file should be.
        case unexpectedKind = "unexpected_kind"
        case missingSuccess = "missing_success"
    }

    public var kind: Kind
    /// The file or directory it is about.
    public var path: String
    /// What is wrong, with both values where two differ.
    public var message: String

    public init(_ kind: Kind, _ path: String, _ message: String) {
        self.kind = kind
        self.path = path
        self.message = message
    }
}
