/// Encodes one leaf of a row group into pages.
struct ColumnChunkEncoder {
    private let leaf: LeafColumn
    private let rows: LeafRows
    private let options: ParquetWriteOptions
    private let encoder: ValueEncoder
    private let bounds: ValueBounds

    init(_ leaf: LeafColumn, _ rows: LeafRows, options: ParquetWriteOptions) {
        self.leaf = leaf
        self.rows = rows
        self.options = options
        encoder = ValueEncoder(type: leaf.type, values: rows.values)
        bounds = ValueBounds(type: leaf.type, values: rows.values)
    }

    /// Appends the chunk's pages to `output`, which begins with the row group.
    func encode(
        with pageWriter: inout PageWriter, hasBloomFilter: Bool, to output: inout [UInt8]
    ) throws(ParquetEncodingError) -> EncodedColumnChunk {
        let valueCount = rows.valueCount(in: 0..<rows.placeCount, leaf.maxDefinitionLevel)
        let choice = try EncodingChoice.make(
            encoder, count: valueCount, options: options, pageWriter: &pageWriter)
        var chunk = EncodedColumnChunk(
            leaf: leaf, placeCount: rows.placeCount, dataEncoding: choice.encoding,
            statistics: ColumnStatistics(nullCount: rows.placeCount - valueCount))
        if leaf.type.physicalType == .byteArray {
            chunk.textByteCount = encoder.textByteCount(of: 0..<valueCount)
        }
        if let dictionary = choice.dictionary {
            try appendDictionaryPage(dictionary, of: &chunk, with: &pageWriter, to: &output)
        }
        try appendDataPages(choice, of: &chunk, with: &pageWriter, to: &output)
        if leaf.maxRepetitionLevel > 0 { countLevels(of: &chunk) }
        if hasBloomFilter {
            chunk.bloomFilter = bloomFilter(choice.dictionary, count: valueCount).encoded()
        }
        return chunk
    }

    private func appendDictionaryPage(
        _ dictionary: ValueDictionary, of chunk: inout EncodedColumnChunk,
        with pageWriter: inout PageWriter, to output: inout [UInt8]
    ) throws(ParquetEncodingError) {
        chunk.dictionaryPageOffset = output.count
        var entries: [UInt8] = []
        entries.reserveCapacity(dictionary.plainByteCount)
        encoder.appendPlain(dictionary.entries, to: &entries)
        let size = try pageWriter.appendDictionary(
            count: dictionary.entries.count, values: entries, to: &output)
        chunk.uncompressedByteCount += size.uncompressed
        chunk.compressedByteCount += size.compressed
    }

    private func appendDataPages(
        _ choice: EncodingChoice, of chunk: inout EncodedColumnChunk,
        with pageWriter: inout PageWriter, to output: inout [UInt8]
    ) throws(ParquetEncodingError) {
        let pages = PageRange.pages(
            of: rows, maxDefinitionLevel: leaf.maxDefinitionLevel, rowLimit: options.pageRowCount,
            byteLimit: options.pageByteCount
        ) { values in
            // Indices are shorter than what they stand for; pages are cut by rows then.
            choice.dictionary == nil ? encoder.plainByteCount(of: values) : 0
        }
        var marks = [Int32](repeating: -1, count: choice.dictionary?.entries.count ?? 0)
        var chunkBounds: (least: Int, greatest: Int)?
        for (index, range) in pages.enumerated() {
            let pageBounds = bounds(
                of: range, choice, marks: &marks, page: Int32(truncatingIfNeeded: index))
            chunkBounds = union(chunkBounds, pageBounds)
            let statistics = bounds.statistics(
                nullCount: range.places.count - range.values.count, bounds: pageBounds)
            let page = page(range, choice, statistics)
            let offset = output.count
            let size = try pageWriter.append(page, to: &output)
            chunk.uncompressedByteCount += size.uncompressed
            chunk.compressedByteCount += size.compressed
            chunk.pages.append(
                EncodedColumnChunk.Page(
                    offset: offset, byteCount: size.compressed, firstRow: range.rows.lowerBound,
                    statistics: statistics,
                    textByteCount: leaf.type.physicalType == .byteArray
                        ? encoder.textByteCount(of: range.values) : nil))
        }
        chunk.statistics = bounds.statistics(
            nullCount: chunk.statistics.nullCount, bounds: chunkBounds)
    }

    private func page(
        _ range: PageRange, _ choice: EncodingChoice, _ statistics: ColumnStatistics
    ) -> PageWriter.DataPage {
        var page = PageWriter.DataPage(
            placeCount: range.places.count, nullCount: statistics.nullCount,
            rowCount: range.rows.count, encoding: choice.encoding, statistics: statistics)
        appendLevels(
            rows.repetitionLevels, range.places, max: leaf.maxRepetitionLevel,
            to: &page.repetitionLevels)
        appendLevels(
            rows.definitionLevels, range.places, max: leaf.maxDefinitionLevel,
            to: &page.definitionLevels)
        if let dictionary = choice.dictionary {
            dictionary.appendIndices(range.values, to: &page.values)
        } else {
            page.values.reserveCapacity(encoder.plainByteCount(of: range.values))
            encoder.append(range.values, choice.encoding, to: &page.values)
        }
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

    private func bounds(
        of range: PageRange, _ choice: EncodingChoice, marks: inout [Int32], page: Int32
    ) -> (least: Int, greatest: Int)? {
        guard let dictionary = choice.dictionary else { return bounds.bounds(of: range.values) }
        return bounds.bounds(of: range.values, in: dictionary, marks: &marks, page: page)
    }

    private func union(
        _ left: (least: Int, greatest: Int)?, _ right: (least: Int, greatest: Int)?
    ) -> (least: Int, greatest: Int)? {
        guard let left, let right else { return left ?? right }
        return (
            least: bounds.precedes(right.least, left.least) ? right.least : left.least,
            greatest: bounds.precedes(left.greatest, right.greatest)
                ? right.greatest : left.greatest
        )
    }

    private func countLevels(of chunk: inout EncodedColumnChunk) {
        chunk.definitionCounts = Array(repeating: 0, count: leaf.maxDefinitionLevel + 1)
        chunk.repetitionCounts = Array(repeating: 0, count: leaf.maxRepetitionLevel + 1)
        for level in rows.definitionLevels { chunk.definitionCounts[Int(level)] += 1 }
        for level in rows.repetitionLevels { chunk.repetitionCounts[Int(level)] += 1 }
    }

    private func bloomFilter(_ dictionary: ValueDictionary?, count: Int) -> BloomFilter {
        var filter = BloomFilter(distinctCount: dictionary?.entries.count ?? count)
        if let dictionary {
            for entry in dictionary.entries { filter.insert(bounds.hash(of: entry)) }
        } else {
            for index in 0..<count { filter.insert(bounds.hash(of: index)) }
        }
        return filter
    }
}

extension ValueBounds {
    /// The hash of a value's plain encoding, a text's without its length.
    fileprivate func hash(of index: Int) -> UInt64 {
        switch type.physicalType {
        case .boolean: XXHash64.hash(values.booleans[index])
        case .int32: XXHash64.hash(Int32(truncatingIfNeeded: values.numbers[index]))
        case .int64: XXHash64.hash(values.numbers[index])
        case .byteArray: values.texts.withView { XXHash64.hash($0[index]) }
        }
    }
}
