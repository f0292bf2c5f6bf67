public import ExportModel

/// Why a body gave no page.
///
/// The message names the place by its byte offset and never repeats what stands there.
public struct PageDecodingError: ErrorContract, Equatable {
    /// The kinds of failure; the raw value is the error's code.
    public enum Kind: String, CaseIterable, Sendable {
        /// Empty, HTML, or JSON that breaks the grammar of RFC 8259.
        case notJSON = "not_json"
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
