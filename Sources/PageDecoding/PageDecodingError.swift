public import ExportModel

/// Why a body gave no page.
///
/// The message names the place by its byte offset and never repeats what stands there.
public struct PageDecodingError: ErrorContract, Equatable {
    /// The kinds of failure; the raw value is the error's code.
    public enum Kind: String, CaseIterable, Sendable {
        /// Empty, HTML, or JSON that breaks the grammar of RFC 8259.
        case notJSON = "not_json"
        /// The header has no column for the key or the time, or text follows a closing quote.
        case notCSV = "not_csv"
        /// It begins as a gzip file, and is none.
        case notGzip = "not_gzip"
        /// Valid as far as it goes, but it ends too early.
        case cutBody = "cut_body"
        /// More bytes than ``DecodingLimits/bodyByteCount``.
        case tooLarge = "too_large"
        /// More open brackets than ``DecodingLimits/depth``.
        case tooDeep = "too_deep"
        /// More rows than ``DecodingLimits/rowCount``.
        case tooManyRows = "too_many_rows"
        /// More than 65,536 fields in one row.
        case tooManyFields = "too_many_fields"
        /// The envelope names the rows, or a value that classifies the answer, twice.
        case repeatedKey = "repeated_key"
        case outOfMemory = "out_of_memory"
    }

    public let kind: Kind
    /// Where in the body decoding stopped.
    public let byteOffset: Int

    public init(kind: Kind, byteOffset: Int) {
        self.kind = kind
        self.byteOffset = byteOffset
    }

    public var code: String { kind.rawValue }

    public var cause: (any Error)? { nil }

    public var message: String {
        switch kind {
        case .notJSON: "the answer is not JSON from byte \(byteOffset) on"
        case .notCSV:
            "the answer is no CSV with the columns of key and time, from byte \(byteOffset) on"
        case .notGzip: "the answer is a damaged gzip file, from byte \(byteOffset) on"
        case .cutBody: "the answer ends too early, at byte \(byteOffset)"
        case .tooLarge: "the answer is larger than \(byteOffset) bytes; ask for smaller pages"
        case .tooDeep: "the answer nests too deeply at byte \(byteOffset)"
        case .tooManyRows: "the answer has too many rows, from byte \(byteOffset) on"
        case .tooManyFields: "a row of the answer has too many fields, from byte \(byteOffset) on"
        case .repeatedKey: "the answer repeats a key of its envelope at byte \(byteOffset)"
        case .outOfMemory: "not enough memory to decode the answer"
        }
    }
}

extension PageDecodingError.Kind: ReportedCode {
    public var explanation: CodeExplanation {
        switch self {
        case .notJSON:
            CodeExplanation(
                "The body is no JSON, at every attempt; it is not taken for an empty page.",
                remedy: "Check `base_url` and proxies in between; else ask the provider.")
        case .notCSV:
            CodeExplanation(
                "The body is no CSV, or its header has no column for the record's key or time, at "
                    + "every attempt; it is not taken for an empty page.",
                remedy: "Compare the entry's `key`, `time` and their sources with the header.")
        case .notGzip:
            CodeExplanation(
                "The body is a gzip file that is damaged, at every attempt.",
                remedy: "Run again later; then ask the provider.")
        case .cutBody:
            CodeExplanation(
                "The body ends too early, at every attempt.",
                remedy: "Run again later; lower `page_size`.")
        case .tooLarge:
            CodeExplanation(
                "The body is larger than cdrx takes.",
                remedy: "Ask for smaller pages (`page_size`).")
        case .tooDeep:
            CodeExplanation(
                "The body nests deeper than cdrx takes.",
                remedy: "Check `base_url`; no known provider sends such a body.")
        case .tooManyRows:
            CodeExplanation(
                "A page has more rows than cdrx takes.",
                remedy: "Ask for smaller pages (`page_size`).")
        case .tooManyFields:
            CodeExplanation(
                "A record has more fields than cdrx takes.",
                remedy: "Check `response.rows` of the endpoint's entry.")
        case .repeatedKey:
            CodeExplanation(
                "The response names its rows, its total or its status twice, so that it cannot "
                    + "be told which one is meant.",
                remedy: "Ask the provider.")
        case .outOfMemory:
            CodeExplanation(
                "There is not enough memory.",
                remedy: "Lower `lanes`, `pages_in_flight` or `page_size`, or give the process more."
            )
        }
    }
}
