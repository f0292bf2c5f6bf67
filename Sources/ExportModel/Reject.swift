/// A record that does not fit its schema, kept aside whole.
public struct Reject: Hashable, Sendable {
    /// Why a record was set aside. The raw value is what `_rejects.ndjson.gz` says.
    public enum Reason: String, CaseIterable, Sendable {
        /// A field that every record must have is missing, null or a sentinel.
        case missing = "missing_field"
        /// The value has a type the field does not accept.
        case wrongType = "wrong_type"
        /// Text that is not a number, time or boolean where one must be.
        case malformed = "malformed_value"
        /// A number with more digits than the column holds exactly.
        case doesNotFit = "does_not_fit"
        /// A value outside the documented set of the field.
        case unknownValue = "unknown_value"
        /// The record names the field more than once.
        case repeated = "repeated_field"
        /// An element of the rows array that is no object.
        case notAnObject = "not_an_object"
        /// The record holds bytes that are not UTF-8.
        case invalidUTF8 = "invalid_utf8"
        /// The provider knows no record of this request id.
        case unknownRequestID = "unknown_request_id"
    }

    public var reason: Reason
    /// The provider's name of the field; nil where the whole record is at fault.
    public var field: String?
    /// The page or request number the record came with, from 1.
    public var page: Int
    /// The record's JSON text, minified; as it came where it is not UTF-8.
    public var raw: [UInt8]
    /// The field's raw value, cut to ``valueLimit`` bytes; empty where it has none.
    public var value: [UInt8]

    /// Bytes of a value that are kept, enough to be recognized.
    public static let valueLimit = 64

    public init(
        reason: Reason, field: String?, page: Int, raw: [UInt8], value: [UInt8] = []
    ) {
        self.reason = reason
        self.field = field
        self.page = page
        self.raw = raw
        self.value = value
    }
}

extension Reject.Reason: ReportedCode {
    public var explanation: CodeExplanation {
        switch self {
        case .missing:
            CodeExplanation(
                "A field that every record must have is missing, null or a value that stands "
                    + "for nothing.",
                remedy:
                    "Correct `required` or `null_values` of the endpoint's entry, if the record is "
                    + "right.")
        case .wrongType:
            CodeExplanation(
                "A value has a type that its field does not take, as a list for a number.",
                remedy:
                    "Correct the field's `type` in the endpoint's entry, if the record is right.")
        case .malformed:
            CodeExplanation(
                "A text is no number, time or boolean where one must be, or holds what no "
                    + "warehouse takes.",
                remedy:
                    "Correct the field's `type` in the endpoint's entry, if the record is right.")
        case .doesNotFit:
            CodeExplanation(
                "A number has more digits than its column holds; it is never rounded.",
                remedy:
                    "Ask the provider; or give the field a wider `decimal(p,s)` in an entry of your "
                    + "own.")
        case .unknownValue:
            CodeExplanation(
                "A value is outside the set that the entry documents.",
                remedy: "Add it to the field's `translation`, if the provider has added it.")
        case .repeated:
            CodeExplanation(
                "The record names the field more than once, so that it cannot be told which one "
                    + "is meant.",
                remedy: "Ask the provider.")
        case .notAnObject:
            CodeExplanation(
                "An element of the list of rows is no record.",
                remedy: "Check `response.rows` of the endpoint's entry.")
        case .invalidUTF8:
            CodeExplanation(
                "The record holds bytes that are not UTF-8.",
                remedy: "Ask the provider; `raw_base64` in `_rejects.ndjson.gz` has the bytes.")
        case .unknownRequestID:
            CodeExplanation(
                "The provider knows no record of this request id.",
                remedy: "Check the list; it does not count toward `max_rejects`.")
        }
    }
}
