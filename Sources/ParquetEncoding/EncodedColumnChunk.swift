/// What the footer must know of a column chunk. Offsets count from the row group's first byte.
struct EncodedColumnChunk: Sendable {
    var leaf: LeafColumn
    /// Places, nulls and empty lists among them.
    var placeCount = 0
    /// nil where no page uses a dictionary.
    var dictionaryPageOffset: Int?
    var pages: [Page] = []
    /// Page headers included.
    var uncompressedByteCount = 0
    var compressedByteCount = 0
    var statistics = ColumnStatistics(nullCount: 0)
    /// Bytes of all texts; nil for other types.
    var textByteCount: Int?
    /// Places at each definition and repetition level; empty outside lists.
    var definitionCounts: [Int] = []
    var repetitionCounts: [Int] = []
    /// Header and bits; nil where none was asked for.
    var bloomFilter: [UInt8]?

    init(_ leaf: LeafColumn) {
        self.leaf = leaf
        guard leaf.maxRepetitionLevel > 0 else { return }
        definitionCounts = Array(repeating: 0, count: leaf.maxDefinitionLevel + 1)
        repetitionCounts = Array(repeating: 0, count: leaf.maxRepetitionLevel + 1)
    }

    /// How many pages have each encoding, in the order of their numbers.
    var encodingCounts: [(encoding: PageEncoding, count: Int)] {
        Dictionary(grouping: pages, by: \.encoding).map { ($0.key, $0.value.count) }
            .sorted { $0.0 < $1.0 }
    }

    /// A data page.
    struct Page: Sendable {
        var offset: Int
        /// Its header included.
        var byteCount: Int
        /// Counted from the row group's first row.
        var firstRow: Int
        var encoding: PageEncoding
        var statistics: ColumnStatistics
        /// Bytes of its texts; nil for other types.
        var textByteCount: Int?
    }
}

/// One row group's pages, and what the footer must know of them. Belongs to no place in a file
/// until ``ParquetFileAssembler/append(_:to:)`` gives it one.
struct EncodedRowGroup: Sendable {
    let rowCount: Int
    /// The column chunks, one after the other.
    var bytes: [UInt8]
    /// In the order of the file's leaves.
    var chunks: [EncodedColumnChunk]
}
