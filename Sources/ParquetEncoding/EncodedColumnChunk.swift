/// What the footer must know of a column chunk. Offsets count from the row group's first byte.
struct EncodedColumnChunk: Sendable {
    var leaf: LeafColumn
    /// Places, nulls and empty lists among them.
    var placeCount: Int
    /// nil where no page uses a dictionary.
    var dictionaryPageOffset: Int?
    var dataEncoding: PageEncoding
    var pages: [Page] = []
    /// Page headers included.
    var uncompressedByteCount = 0
    var compressedByteCount = 0
    var statistics: ColumnStatistics
    /// Bytes of all texts; nil for other types.
    var textByteCount: Int?
    /// Places at each definition and repetition level; empty outside lists.
    var definitionCounts: [Int] = []
    var repetitionCounts: [Int] = []
    /// Header and bits; nil where none was asked for.
    var bloomFilter: [UInt8]?

    /// A data page.
    struct Page: Sendable {
        var offset: Int
        /// Its header included.
        var byteCount: Int
        /// Counted from the row group's first row.
        var firstRow: Int
        var statistics: ColumnStatistics
        /// Bytes of its texts; nil for other types.
        var textByteCount: Int?
    }
}

/// One row group's pages, and what the footer must know of them. Belongs to no place in a file
/// until ``ParquetFileAssembler/append(_:to:)`` gives it one.
public struct EncodedRowGroup: Sendable {
    public let rowCount: Int
    /// The column chunks, one behind the other.
    public internal(set) var bytes: [UInt8]
    /// In the order of the file's leaves.
    var chunks: [EncodedColumnChunk]
}
