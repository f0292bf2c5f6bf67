public import ExportModel

/// What a decoder looks for in the bodies of one endpoint.
public struct PageLayout: Hashable, Sendable {
    /// The columns of ``RawPage/cells``.
    public var cells: CellLayout
    /// Where the rows lie; nil for answers without rows. The empty path is the body itself.
    public var rows: JSONPath?
    /// Values of the envelope to bring along. Paths may share beginnings; what lies inside a list of
    /// rows is never found, but what lies inside the one object in its place is.
    public var captures: [JSONPath]
    public var body: ResponseShape.BodyFormat
    /// Names of which the header of a CSV body has one each; else it is no list of records.
    public var requiredColumns: [[String]]

    /// - Parameter fields: keys of a row.
    public init(endpoint fields: [String], rows: JSONPath?, captures: [JSONPath]) {
        cells = CellLayout(fields.map { Field(name: $0, type: .text) })
        self.rows = rows
        self.captures = captures
        body = .json
        requiredColumns = []
    }

    /// What an entry's answers have, with the rows at one of their places.
    public init(of endpoint: Endpoint, rows: JSONPath?, captures: [JSONPath]) {
        cells = CellLayout(endpoint.fields, expand: endpoint.response.expand)
        self.rows = rows
        self.captures = captures
        body = endpoint.response.body
        requiredColumns = (endpoint.key + [endpoint.timeField]).compactMap(endpoint.fieldIndex)
            .map { endpoint.fields[$0].sources.flatMap(\.keys) }
    }
}

/// Sizes above which a body is refused instead of decoded.
public struct DecodingLimits: Hashable, Sendable {
    public var bodyByteCount: Int
    public var rowCount: Int
    /// Brackets open at the same time.
    public var depth: Int

    /// By default 64 MiB, 100,000 rows, 64 levels.
    public init(bodyByteCount: Int = 64 << 20, rowCount: Int = 100_000, depth: Int = 64) {
        self.bodyByteCount = bodyByteCount
        self.rowCount = rowCount
        self.depth = depth
    }
}

/// One value of the envelope.
public struct CapturedValue: Hashable, Sendable {
    /// Never `missing` or `repeated`.
    public var kind: RawCell.Kind
    /// A string's text, a number as it is written, `true`, `false` or `null`; empty for arrays and
    /// objects. Half a surrogate pair leaves the string as it is written.
    public var text: String

    public init(kind: RawCell.Kind, text: String) {
        self.kind = kind
        self.text = text
    }
}

/// What stands at the rows path.
public enum RowsKind: Hashable, Sendable {
    case absent
    case array
    /// One object in the array's place: it counts as one row.
    case object
    /// A scalar or null: no rows.
    case other
}

/// One body cut into rows, fields and envelope values.
public struct DecodedPage: Sendable {
    /// `number` and `requestID` are the caller's to set. An element of the rows array that is no
    /// object is a row of missing cells.
    public var page: RawPage
    public var rowsKind: RowsKind
    /// As many as ``PageLayout/captures``, in that order; nil where the body has no such value.
    public var captures: [CapturedValue?]
    /// Whether a comma stands before a closing bracket, which JSON forbids and is accepted here.
    public var hasTrailingComma: Bool

    public init(
        page: RawPage, rowsKind: RowsKind, captures: [CapturedValue?], hasTrailingComma: Bool
    ) {
        self.page = page
        self.rowsKind = rowsKind
        self.captures = captures
        self.hasTrailingComma = hasTrailingComma
    }
}
