/// Encodes one leaf page by page, one row group after another.
struct ColumnChunkBuilder {
    /// How the values of all pages of the file are encoded.
    ///
    /// A column does not change from a dictionary to another encoding, although it may: fastparquet
    /// reads nulls then.
    private enum Way {
        /// No value came yet.
        case undecided
        case dictionary(ValueDictionary)
        case direct(PageEncoding)

        func forNextChunk(of type: LogicalType) -> Way {
            if case .dictionary = self { .dictionary(ValueDictionary(type)) } else { self }
        }
    }

    private let leaf: LeafColumn
    private let options: ParquetWriteOptions
    private let hasBloomFilter: Bool
    /// The rows of the page that fills up.
    var rows = LeafRows()

    private var way = Way.undecided
    /// Data pages as the file will have them.
    private var bytes: [UInt8] = []
    private var chunk: EncodedColumnChunk
    /// The least and greatest value of each page.
    private var extremes = LeafValues()
    /// Of the values where there is no dictionary; only for a bloom filter.
    private var hashes: [UInt64] = []
    private var rowCount = 0

    init(_ leaf: LeafColumn, options: ParquetWriteOptions) {
        self.leaf = leaf
        self.options = options
        hasBloomFilter = leaf.path.count == 1 && options.bloomFilterColumns.contains(leaf.path[0])
        chunk = EncodedColumnChunk(leaf)
    }

    /// Encodes the rows that came since the last page, as one page or several.
    ///
    /// - Parameter isLast: whether the chunk ends with them.
    mutating func endPage(
        isLast: Bool, with pageWriter: inout PageWriter
    ) throws(ParquetEncodingError) {
        guard rows.rowCount > 0 else { return }
        let indices = try chooseIndices(isLast: isLast, with: &pageWriter)
        try appendPages(indices, with: &pageWriter)
        rows.removeAll()
    }

    /// Ends the chunk and appends it to `output`, which begins with the row group. The next chunk
    /// begins.
    mutating func finish(
        with pageWriter: inout PageWriter, to output: inout [UInt8]
    ) throws(ParquetEncodingError) -> EncodedColumnChunk {
        try endPage(isLast: true, with: &pageWriter)
        var chunk = chunk
        if let dictionary {
            let offset = output.count
            let encoder = ValueEncoder(type: leaf.type, values: dictionary.entries)
            var values: [UInt8] = []
            values.reserveCapacity(dictionary.plainByteCount)
            encoder.append(0..<dictionary.count, .plain, to: &values)
            let size = try pageWriter.appendDictionary(
                count: dictionary.count, values: values, to: &output)
            chunk.add(size)
            chunk.dictionaryPageOffset = offset
        }
        for index in chunk.pages.indices { chunk.pages[index].offset += output.count }
        output.append(contentsOf: bytes)
        let bounds = ValueBounds(type: leaf.type, values: extremes)
        chunk.statistics = bounds.statistics(
            nullCount: chunk.statistics.nullCount,
            bounds: bounds.bounds(of: 0..<extremes.count(of: leaf.type)))
        if hasBloomFilter { chunk.bloomFilter = bloomFilter().encoded() }
        let way = way.forNextChunk(of: leaf.type)
        self = ColumnChunkBuilder(leaf, options: options)
        self.way = way
        return chunk
    }

    /// Whether the dictionary is larger than one should be.
    var isFull: Bool {
        (dictionary?.plainByteCount ?? 0) > options.dictionaryByteLimit
    }

    // MARK: - Choosing

    private var dictionary: ValueDictionary? {
        if case .dictionary(let dictionary) = way { dictionary } else { nil }
    }

    /// Decides how the page's values are encoded.
    ///
    /// - Returns: each value's entry in the dictionary; nil where the page does not use it.
    private mutating func chooseIndices(
        isLast: Bool, with pageWriter: inout PageWriter
    ) throws(ParquetEncodingError) -> [UInt32]? {
        let encoder = ValueEncoder(type: leaf.type, values: rows.values)
        let count = rows.values.count(of: leaf.type)
        switch way {
        case .direct: return nil
        case .undecided:
            if count == 0 { return nil }
            var choice = EncodingChoice(encoder, options: options)
            if let found = try choice.dictionary(isWhole: isLast, with: &pageWriter) {
                way = .dictionary(found.dictionary)
                return found.indices
            }
            way = .direct(try choice.direct(with: &pageWriter))
            return nil
        case .dictionary(var dictionary):
            // It must have one owner to grow in its place.
            way = .undecided
            var indices: [UInt32] = []
            dictionary.add(rows.values, 0..<count, to: &indices)
            way = .dictionary(dictionary)
            return indices
        }
    }

    // MARK: - Pages

    private mutating func appendPages(
        _ indices: [UInt32]?, with pageWriter: inout PageWriter
    ) throws(ParquetEncodingError) {
        let encoder = ValueEncoder(type: leaf.type, values: rows.values)
        let ranges = PageRange.pages(
            of: rows, maxDefinitionLevel: leaf.maxDefinitionLevel, rowLimit: options.pageRowCount,
            byteLimit: options.pageByteCount
        ) { values in
            // Indices are shorter than what they stand for; pages are cut by rows then.
            indices == nil ? encoder.plainByteCount(of: values) : 0
        }
        for range in ranges {
            let nullCount = range.places.count - range.values.count
            let statistics = statistics(of: range, indices, nullCount: nullCount)
            let page = page(range, indices, statistics, encoder)
            let offset = bytes.count
            let size = try pageWriter.append(page, to: &bytes)
            let textByteCount =
                leaf.type.physicalType == .byteArray
                ? encoder.textByteCount(of: range.values) : nil
            chunk.add(size)
            chunk.add(
                EncodedColumnChunk.Page(
                    offset: offset, byteCount: size.compressed,
                    firstRow: rowCount + range.rows.lowerBound, encoding: page.encoding,
                    statistics: statistics, textByteCount: textByteCount))
        }
        chunk.placeCount += rows.placeCount
        if leaf.maxRepetitionLevel > 0 { chunk.count(rows) }
        if hasBloomFilter, indices == nil {
            let bounds = ValueBounds(type: leaf.type, values: rows.values)
            for index in 0..<rows.values.count(of: leaf.type) {
                hashes.append(bounds.hash(of: index))
            }
        }
        rowCount += rows.rowCount
    }

    /// The page's statistics; notes its extremes.
    private mutating func statistics(
        of range: PageRange, _ indices: [UInt32]?, nullCount: Int
    ) -> ColumnStatistics {
        let bounds: ValueBounds
        let found: (least: Int, greatest: Int)?
        if let indices, let dictionary {
            bounds = ValueBounds(type: leaf.type, values: dictionary.entries)
            found = bounds.bounds(ofEntries: indices[range.values])
        } else {
            bounds = ValueBounds(type: leaf.type, values: rows.values)
            found = bounds.bounds(of: range.values)
        }
        if let found {
            extremes.append(found.least, of: bounds.values, leaf.type)
            extremes.append(found.greatest, of: bounds.values, leaf.type)
        }
        return bounds.statistics(nullCount: nullCount, bounds: found)
    }

    private func page(
        _ range: PageRange, _ indices: [UInt32]?, _ statistics: ColumnStatistics,
        _ encoder: ValueEncoder
    ) -> PageWriter.DataPage {
        var page = PageWriter.DataPage(
            placeCount: range.places.count, nullCount: statistics.nullCount,
            rowCount: range.rows.count, encoding: .plain, statistics: statistics)
        appendLevels(
            rows.repetitionLevels, range.places, max: leaf.maxRepetitionLevel,
            to: &page.repetitionLevels)
        appendLevels(
            rows.definitionLevels, range.places, max: leaf.maxDefinitionLevel,
            to: &page.definitionLevels)
        if let indices {
            page.encoding = .dictionary
            ValueDictionary.appendIndices(indices[range.values], to: &page.values)
            return page
        }
        if case .direct(let encoding) = way { page.encoding = encoding }
        page.values.reserveCapacity(encoder.plainByteCount(of: range.values))
        encoder.append(range.values, page.encoding, to: &page.values)
        return page
    }

    private func appendLevels(
        _ levels: [UInt8], _ places: Range<Int>, max: Int, to output: inout [UInt8]
    ) {
        guard max > 0 else { return }
        levels.withUnsafeBufferPointer { levels in
            RunLengthEncoder.append(
                UnsafeBufferPointer(rebasing: levels[places]),
                width: BitPacking.width(of: UInt64(max)), to: &output)
        }
    }

    private func bloomFilter() -> BloomFilter {
        let known = dictionary?.hashes ?? []
        var filter = BloomFilter(distinctCount: known.count + hashes.count)
        for hash in known { filter.insert(hash) }
        for hash in hashes { filter.insert(hash) }
        return filter
    }
}

extension EncodedColumnChunk {
    fileprivate mutating func add(_ size: PageWriter.Size) {
        uncompressedByteCount += size.uncompressed
        compressedByteCount += size.compressed
    }

    fileprivate mutating func add(_ page: Page) {
        pages.append(page)
        statistics.nullCount += page.statistics.nullCount
        if let count = page.textByteCount { textByteCount = (textByteCount ?? 0) + count }
    }

    /// Counts the levels of a list's places.
    fileprivate mutating func count(_ rows: LeafRows) {
        for level in rows.definitionLevels { definitionCounts[Int(level)] += 1 }
        for level in rows.repetitionLevels { repetitionCounts[Int(level)] += 1 }
    }
}
