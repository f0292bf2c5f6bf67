/// Joins encoded row groups to a file: magic bytes, row groups in the order they come, page index,
/// footer. Keeps the metadata of what was appended, not its bytes.
struct ParquetFileAssembler: Sendable {
    private static let magic = Array("PAR1".utf8)

    private let schema: FileSchema
    private var options: ParquetWriteOptions
    private(set) var groups: [PlacedRowGroup] = []
    /// Bytes appended so far, whatever became of the caller's array.
    private(set) var byteCount = 0
    private(set) var rowCount = 0

    init(schema: FileSchema, options: ParquetWriteOptions) {
        self.schema = schema
        self.options = options
    }

    /// Appends a row group of the same schema and options, its bloom filters after it.
    mutating func append(_ group: EncodedRowGroup, to output: inout [UInt8]) {
        if byteCount == 0 { append(Self.magic, to: &output) }
        var placed = PlacedRowGroup(start: byteCount, group: group)
        append(group.bytes, to: &output)
        placed.group.bytes = []
        for (index, chunk) in group.chunks.enumerated() {
            guard let filter = chunk.bloomFilter else { continue }
            placed.bloomFilters[index] = byteCount..<byteCount + filter.count
            append(filter, to: &output)
            placed.group.chunks[index].bloomFilter = nil
        }
        groups.append(placed)
        rowCount += group.rowCount
    }

    /// Declares only the first `count` of the options' sorting columns. Takes effect in
    /// ``finish(to:)``.
    mutating func declareSorting(first count: Int) {
        options.sortingColumns = Array(options.sortingColumns.prefix(count))
    }

    /// Appends the page index and the footer. A file without row groups is valid.
    ///
    /// - Precondition: called once, last.
    mutating func finish(to output: inout [UInt8]) {
        if byteCount == 0 { append(Self.magic, to: &output) }
        for group in groups.indices {
            for (index, chunk) in groups[group].group.chunks.enumerated() {
                let bytes = PageIndex.columnIndex(of: chunk)
                groups[group].columnIndexes[index] = byteCount..<byteCount + bytes.count
                append(bytes, to: &output)
            }
        }
        for group in groups.indices {
            let start = groups[group].start
            for (index, chunk) in groups[group].group.chunks.enumerated() {
                let bytes = PageIndex.offsetIndex(of: chunk, start: start)
                groups[group].offsetIndexes[index] = byteCount..<byteCount + bytes.count
                append(bytes, to: &output)
            }
        }
        let footer = FileFooter(
            schema: schema, options: options, rowCount: rowCount, groups: groups
        ).encoded()
        append(footer, to: &output)
        var end: [UInt8] = []
        end.appendLittleEndian(UInt32(truncatingIfNeeded: footer.count))
        append(end + Self.magic, to: &output)
    }

    private mutating func append(_ bytes: [UInt8], to output: inout [UInt8]) {
        output.append(contentsOf: bytes)
        byteCount += bytes.count
    }
}

/// A row group with its places in the file; the arrays have an element for each leaf.
struct PlacedRowGroup: Sendable {
    /// File offset of the first page.
    var start: Int
    /// Without its bytes and bloom filters.
    var group: EncodedRowGroup
    var bloomFilters: [Range<Int>?]
    var columnIndexes: [Range<Int>?]
    var offsetIndexes: [Range<Int>?]

    init(start: Int, group: EncodedRowGroup) {
        self.start = start
        self.group = group
        let none = [Range<Int>?](repeating: nil, count: group.chunks.count)
        bloomFilters = none
        columnIndexes = none
        offsetIndexes = none
    }
}
