/// One field of one row as the provider wrote it.
public struct RawCell: Sendable, Equatable {
    /// What kind of JSON value stands there.
    public enum Kind: UInt8, Sendable {
        /// The row has no such field.
        case missing
        case null, string, number, `true`, `false`, array, object
        /// The row names the field more than once; which value counts is not known.
        case repeated
    }

    public var kind: Kind
    /// A string that holds escapes: its text must be read with ``JSONText/appendUnescaped(_:to:)``.
    public var isEscaped: Bool
    /// The field's place among its row's fields, from 0.
    public var position: UInt16
    /// The value's raw text in the page's body, quotes included.
    public var offset: UInt32
    public var byteCount: UInt32

    public init(
        kind: Kind, isEscaped: Bool = false, position: UInt16 = 0, offset: UInt32 = 0,
        byteCount: UInt32 = 0
    ) {
        self.kind = kind
        self.isEscaped = isEscaped
        self.position = position
        self.offset = offset
        self.byteCount = byteCount
    }

    /// The raw text's place in the page's body.
    public var range: Range<Int> { Int(offset)..<Int(offset) + Int(byteCount) }

    /// A string's place in the body without its quotes.
    public var unquotedRange: Range<Int> { range.lowerBound + 1..<range.upperBound - 1 }
}

/// A field that the endpoint's entry does not name.
public struct UnknownField: Sendable, Equatable {
    public var row: Int
    /// The raw name in the page's body, quotes included.
    public var name: Range<Int>
    public var value: RawCell
    /// Which of ``RawPage/namePrefixes`` stands before the name, from 1; 0: none. A name after one
    /// may be empty.
    public var prefix: UInt16

    public init(row: Int, name: Range<Int>, value: RawCell, prefix: UInt16 = 0) {
        self.row = row
        self.name = name
        self.value = value
        self.prefix = prefix
    }
}

/// One response body, cut into fields but not yet typed.
public struct RawPage: Sendable {
    /// The body as it was received, or the JSON that was made of it.
    public var body: [UInt8]
    /// The body as it was received, where ``body`` is another.
    public var received: [UInt8]?
    /// Columns of ``cells``: one for each field of the endpoint's entry, in its order, then those of
    /// ``CellLayout``.
    public var fieldCount: Int
    /// Each row's raw text in ``body``, in the provider's order.
    public var rows: [Range<Int>]
    /// Row-major, `rows.count` × `fieldCount`.
    public var cells: [RawCell]
    /// Ordered by row, then by place in the row.
    public var unknownFields: [UnknownField]
    /// Rows that hold bytes which are not UTF-8. They can only become rejects.
    public var invalidRows: Set<Int>
    /// For each row its place among those of its record, from 1; 0 where the record is one row.
    /// Empty where all are.
    public var ordinals: [Int32] = []
    /// Paths that names of unknown fields begin with, as JSON without quotes.
    public var namePrefixes: [[UInt8]] = []
    /// The place of the page among the requests of its slice, from 1; for request lists the place
    /// of the id in the list.
    public var number: Int
    /// The id asked for, at endpoints that are asked by id.
    public var requestID: String?

    public init(
        body: [UInt8], fieldCount: Int, rows: [Range<Int>], cells: [RawCell],
        unknownFields: [UnknownField], invalidRows: Set<Int> = [], number: Int = 1,
        requestID: String? = nil
    ) {
        precondition(cells.count == rows.count * fieldCount)
        self.body = body
        self.fieldCount = fieldCount
        self.rows = rows
        self.cells = cells
        self.unknownFields = unknownFields
        self.invalidRows = invalidRows
        self.number = number
        self.requestID = requestID
    }

    public func cell(row: Int, field: Int) -> RawCell {
        cells[row * fieldCount + field]
    }

    /// The unknown fields of a row.
    public func unknownFields(of row: Int) -> ArraySlice<UnknownField> {
        var low = 0
        var high = unknownFields.count
        while low < high {
            let middle = (low + high) / 2
            if unknownFields[middle].row < row { low = middle + 1 } else { high = middle }
        }
        return unknownFields[low...].prefix { $0.row == row }
    }

    /// What the provider sent.
    public var receivedBody: [UInt8] { received ?? body }

    /// Memory of body, rows and cells.
    public var memoryByteCount: Int {
        body.count + (received?.count ?? 0) + rows.count * MemoryLayout<Range<Int>>.stride
            + cells.count * MemoryLayout<RawCell>.stride
            + unknownFields.count * MemoryLayout<UnknownField>.stride
    }
}

/// A row's place in an extracted slice.
public struct RowReference: Hashable, Sendable {
    /// Index into ``ExtractedSlice/pages``.
    public var page: Int32
    public var row: Int32

    public init(page: Int, row: Int) {
        self.page = Int32(page)
        self.row = Int32(row)
    }
}

/// What a verified walk of one slice brought: the raw pages, and which of their rows count.
public struct ExtractedSlice: Sendable {
    /// What was asked for without padding; nil for a request list.
    public var range: TimeRange?
    /// In the order of their numbers.
    public var pages: [RawPage]
    /// Rows inside the range, each record once, by start time, then by key.
    public var rows: [RowReference]
    /// A hash of each row's key, the same in every walk; empty where nobody needs it.
    public var keyHashes: [UInt64]
    /// Rows without a readable key or time, in page order. They can only become rejects.
    public var unidentified: [RowReference]
    /// Rows without a readable time that a neighboring window sets aside, not this one.
    public var foreign: [RowReference] = []
    /// Ids the provider knows no record of, with their place in the list, from 1.
    public var unknownRequestIDs: [UnknownRequestID]
    public var counts: ExtractionCounts

    public init(
        range: TimeRange?, pages: [RawPage], rows: [RowReference], keyHashes: [UInt64] = [],
        unidentified: [RowReference],
        unknownRequestIDs: [UnknownRequestID] = [], counts: ExtractionCounts
    ) {
        self.range = range
        self.pages = pages
        self.rows = rows
        self.keyHashes = keyHashes
        self.unidentified = unidentified
        self.unknownRequestIDs = unknownRequestIDs
        self.counts = counts
    }
}

/// A request id without a record.
public struct UnknownRequestID: Hashable, Sendable {
    /// Place in the list, from 1.
    public var number: Int
    public var id: String

    public init(number: Int, id: String) {
        self.number = number
        self.id = id
    }
}

/// What an extraction saw, added up over slices.
public struct ExtractionCounts: Hashable, Sendable {
    /// The provider's own total (padding included), as last reported.
    public var reportedTotal = 0
    /// Rows received again under a key that was there already.
    public var duplicates = 0
    /// Rows of the padding, outside `[start, end)`.
    public var outsideWindow = 0
    public var pages = 0
    public var requests = 0
    public var retries = 0
    /// Bodies with a comma before a closing bracket, which JSON forbids and cdrx accepts.
    public var trailingCommaPages = 0

    public init() {}

    public static func += (left: inout Self, right: Self) {
        left.reportedTotal += right.reportedTotal
        left.duplicates += right.duplicates
        left.outsideWindow += right.outsideWindow
        left.pages += right.pages
        left.requests += right.requests
        left.retries += right.retries
        left.trailingCommaPages += right.trailingCommaPages
    }
}
