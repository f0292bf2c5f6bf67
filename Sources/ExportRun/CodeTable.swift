import Archive
import Compression
public import ExportModel
import Extraction
import ObjectStorage
import PageDecoding
import ParquetEncoding
import PartitionFormats
import Planning
import Publication
import RunLedger
import WarehouseSchema

/// Every code that cdrx reports, from the declarations themselves: what `cdrx help CODE` prints and
/// `pipelines/CODES.md` lists.
public enum CodeTable {
    /// A code in the table.
    public struct Entry: Sendable {
        /// As it is printed.
        public let text: String
        public let explanation: CodeExplanation
    }

    /// Codes that are reported in the same place.
    public struct Group: Sendable {
        public let title: String
        /// Where they appear.
        public let place: String
        /// By text; each once.
        public let entries: [Entry]
    }

    /// In the order of the reference.
    public static let groups: [Group] = [
        Group(
            title: "Errors", place: "in brackets after a message, and as `code` in JSON",
            entries: list(
                ExtractionError.Code.self, TransportFailure.Kind.self, PageDecodingError.Kind.self,
                ExportError.Code.self, PlanningError.Code.self, LedgerError.Code.self,
                ArchiveError.Code.self, PartitionError.Code.self, ObjectStorageError.Code.self,
                FormatError.Code.self,
                ParquetEncodingError.Code.self, CompressionError.Code.self,
                WarehouseError.Code.self)),
        Group(
            title: "Rejects", place: "as `reason` in `_rejects.ndjson.gz` and `cdrx rejects`",
            entries: list(Reject.Reason.self)),
        Group(
            title: "Findings", place: "as the first word of a line of `cdrx verify`",
            entries: list(PartitionFinding.Kind.self)),
    ]

    /// nil for an unknown code; `http_503` is explained as `http_NNN`.
    public static func entry(_ text: String) -> Entry? {
        let isStatus = text.wholeMatch(of: /http_[0-9]{3}/) != nil
        let name = isStatus ? ExtractionError.Code.httpNNN.rawValue : text
        return groups.lazy.flatMap(\.entries).first { $0.text == name }
    }

    private static func list(_ types: any ReportedCode.Type...) -> [Entry] {
        var seen: Set<String> = []
        return types.flatMap { entries(of: $0) }.filter { seen.insert($0.text).inserted }
            .sorted { $0.text < $1.text }
    }

    private static func entries<Code: ReportedCode>(of _: Code.Type) -> [Entry] {
        Code.allCases.map { Entry(text: $0.rawValue, explanation: $0.explanation) }
    }
}
