public import ExportModel

/// Something about a published partition that is not as its manifest says.
public struct PartitionFinding: Hashable, Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        case missingManifest = "missing_manifest"
        case unreadableManifest = "unreadable_manifest"
        case missingFile = "missing_file"
        case wrongSize = "wrong_size"
        case wrongSHA256 = "wrong_sha256"
        /// An object that was written again since its manifest.
        case wrongETag = "wrong_etag"
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

extension PartitionFinding.Kind: ReportedCode {
    public var explanation: CodeExplanation {
        switch self {
        case .missingManifest:
            CodeExplanation(
                "A partition has no `_manifest.json`, so that it cannot be checked.",
                remedy: "Export the window again with `backfill --force`.")
        case .unreadableManifest:
            CodeExplanation(
                "The manifest is no JSON of the documented shape.",
                remedy: "Export the window again with `backfill --force`.")
        case .missingFile:
            CodeExplanation(
                "A file that the manifest names is not there: rows are missing.",
                remedy: "Export the window again with `backfill --force`.")
        case .wrongSize:
            CodeExplanation(
                "A file has another size than was published.",
                remedy: "Find out who changed it; export the window again with `backfill --force`.")
        case .wrongSHA256:
            CodeExplanation(
                "A file has other bytes than were published.",
                remedy: "Find out who changed it; export the window again with `backfill --force`.")
        case .wrongETag:
            CodeExplanation(
                "An object was written again after its manifest, so that it may have other bytes.",
                remedy:
                    "`cdrx verify --deep` says whether it has. If a run was killed, the next one "
                    + "mends it; else find out who writes there, and export the window again with "
                    + "`backfill --force`.")
        case .wrongRowCount:
            CodeExplanation(
                "A file, or all together, has another number of rows than was published.",
                remedy: "Export the window again with `backfill --force`.")
        case .unreadableFile:
            CodeExplanation(
                "A file does not decompress, or ends within a row.",
                remedy: "Export the window again with `backfill --force`.")
        case .unexpectedFile:
            CodeExplanation(
                "A file lies there that the manifest does not name: readers would take its rows "
                    + "too.",
                remedy: "Find out who put it there, and remove it.")
        case .unexpectedKind:
            CodeExplanation(
                "A link, a pipe or a device lies where a file should be; it is not read.",
                remedy: "Find out who put it there, remove it, and export the window again.")
        case .missingSuccess:
            CodeExplanation(
                "A complete partition lacks `_SUCCESS`, so that readers may wait for it.",
                remedy: "Export the window again with `backfill --force`.")
        }
    }
}
