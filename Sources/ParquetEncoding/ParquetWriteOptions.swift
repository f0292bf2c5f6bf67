public import Compression

/// How a Parquet file is laid out.
///
/// The same rows under the same options give the same bytes.
public struct ParquetWriteOptions: Hashable, Sendable {
    /// Of every page by itself.
    public var codec: Codec
    /// 1 or 2 (Parquet specification, "Data Pages").
    public var dataPageVersion: Int
    /// A row group is closed at this many rows.
    public var rowGroupRowCount: Int
    /// A row group is closed before the row that would take its plain size (4 bytes and the text
    /// for a text, the width of the type for others) over this.
    public var rowGroupByteCount: Int
    /// Plain bytes of the rows that wait for the end of their pages, at most, unless a single row is
    /// longer; bounds memory.
    public var pendingByteCount: Int
    /// Rows of a page, at most; pages are what the page index lets readers skip.
    public var pageRowCount: Int
    /// Plain bytes of a page, at most, unless a single row is longer.
    public var pageByteCount: Int
    /// Plain bytes that a dictionary may have. A chunk whose first page needs more has none; a row
    /// group ends with the page that takes a dictionary over it. 0: no dictionaries.
    public var dictionaryByteLimit: Int
    /// Columns that get a split-block bloom filter: any but booleans and notes.
    public var bloomFilterColumns: [String]
    /// Columns (by index in the schema) that the rows are sorted by, ascending with nulls last.
    /// Declared in every row group, not checked.
    public var sortingColumns: [Int]
    public var keyValueMetadata: [KeyValue]
    /// `<application> version <version> (build <build>)`, a form that readers parse.
    public var createdBy: String

    /// An entry of the file's key/value metadata.
    public struct KeyValue: Hashable, Sendable {
        public var key: String
        public var value: String

        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    public init(
        codec: Codec = .zstd(), dataPageVersion: Int = 1,
        rowGroupRowCount: Int = 262_144, rowGroupByteCount: Int = 64 << 20,
        pendingByteCount: Int = 8 << 20, pageRowCount: Int = 20_000, pageByteCount: Int = 1 << 20,
        dictionaryByteLimit: Int = 1 << 20, bloomFilterColumns: [String] = [],
        sortingColumns: [Int] = [], keyValueMetadata: [KeyValue] = [],
        createdBy: String = "cdrx version 0.0.0 (build unknown)"
    ) {
        self.codec = codec
        self.dataPageVersion = dataPageVersion
        self.rowGroupRowCount = rowGroupRowCount
        self.rowGroupByteCount = rowGroupByteCount
        self.pendingByteCount = pendingByteCount
        self.pageRowCount = pageRowCount
        self.pageByteCount = pageByteCount
        self.dictionaryByteLimit = dictionaryByteLimit
        self.bloomFilterColumns = bloomFilterColumns
        self.sortingColumns = sortingColumns
        self.keyValueMetadata = keyValueMetadata
        self.createdBy = createdBy
    }
}
