import Compression

/// The struct `FileMetaData` that ends a file.
struct FileFooter {
    /// What the encodings used here belong to (`parquet.thrift`, `FileMetaData.version`).
    private static let formatVersion = 2

    let schema: FileSchema
    let options: ParquetWriteOptions
    let rowCount: Int
    let groups: [PlacedRowGroup]

    func encoded() -> [UInt8] {
        var writer = ThriftCompactWriter()
        writer.appendStructure { writer in
            writer.writeInt32(Self.formatVersion, field: 1)
            schema.write(to: &writer)
            writer.writeInt64(rowCount, field: 3)
            writer.writeList(groups.enumerated(), of: .structure, field: 4) { writer, group in
                writer.appendStructure { append(group.element, ordinal: group.offset, to: &$0) }
            }
            if !options.keyValueMetadata.isEmpty {
                writer.writeList(options.keyValueMetadata, of: .structure, field: 5) {
                    writer, pair in
                    writer.appendStructure { writer in
                        writer.writeBinary(pair.key.utf8, field: 1)
                        writer.writeBinary(pair.value.utf8, field: 2)
                    }
                }
            }
            writer.writeBinary(options.createdBy.utf8, field: 6)
            // Every leaf is ordered as its type defines.
            writer.writeList(schema.leaves, of: .structure, field: 7) { writer, _ in
                writer.appendStructure { $0.writeStructure(field: 1) { _ in } }
            }
        }
        return writer.bytes
    }

    private func append(
        _ placed: PlacedRowGroup, ordinal: Int, to writer: inout ThriftCompactWriter
    ) {
        let chunks = placed.group.chunks
        writer.writeList(chunks.indices, of: .structure, field: 1) { writer, index in
            writer.appendStructure { append(chunk: index, of: placed, to: &$0) }
        }
        writer.writeInt64(chunks.reduce(0) { $0 + $1.uncompressedByteCount }, field: 2)
        writer.writeInt64(placed.group.rowCount, field: 3)
        if !options.sortingColumns.isEmpty {
            writer.writeList(options.sortingColumns, of: .structure, field: 4) { writer, column in
                writer.appendStructure { writer in
                    writer.writeInt32(schema.leafRanges[column].lowerBound, field: 1)
                    writer.writeBool(false, field: 2)
                    writer.writeBool(false, field: 3)
                }
            }
        }
        writer.writeInt64(placed.start, field: 5)
        writer.writeInt64(chunks.reduce(0) { $0 + $1.compressedByteCount }, field: 6)
        if ordinal <= Int16.max { writer.writeInt16(ordinal, field: 7) }
    }

    /// The fields of `ColumnChunk`.
    private func append(
        chunk index: Int, of placed: PlacedRowGroup, to writer: inout ThriftCompactWriter
    ) {
        let chunk = placed.group.chunks[index]
        // Deprecated, but required: 0 where the metadata is nowhere else.
        writer.writeInt64(0, field: 2)
        writer.writeStructure(field: 3) { writer in
            appendMetadata(
                chunk, start: placed.start, bloomFilter: placed.bloomFilters[index], to: &writer)
        }
        if let place = placed.offsetIndexes[index] {
            writer.writeInt64(place.lowerBound, field: 4)
            writer.writeInt32(place.count, field: 5)
        }
        if let place = placed.columnIndexes[index] {
            writer.writeInt64(place.lowerBound, field: 6)
            writer.writeInt32(place.count, field: 7)
        }
    }

    /// The fields of `ColumnMetaData`.
    private func appendMetadata(
        _ chunk: EncodedColumnChunk, start: Int, bloomFilter: Range<Int>?,
        to writer: inout ThriftCompactWriter
    ) {
        writer.writeInt32(chunk.leaf.type.physicalType.rawValue, field: 1)
        writer.writeList(encodings(of: chunk), of: .int32, field: 2) { writer, encoding in
            writer.appendInteger(encoding.rawValue)
        }
        writer.writeList(chunk.leaf.path, of: .binary, field: 3) { writer, name in
            writer.appendBinary(name.utf8)
        }
        writer.writeInt32(codecNumber, field: 4)
        writer.writeInt64(chunk.placeCount, field: 5)
        writer.writeInt64(chunk.uncompressedByteCount, field: 6)
        writer.writeInt64(chunk.compressedByteCount, field: 7)
        writer.writeInt64(start + (chunk.pages.first?.offset ?? 0), field: 9)
        if let offset = chunk.dictionaryPageOffset {
            writer.writeInt64(start + offset, field: 11)
        }
        chunk.statistics.write(to: &writer, field: 12)
        writeEncodingStatistics(chunk, to: &writer)
        if let bloomFilter {
            writer.writeInt64(bloomFilter.lowerBound, field: 14)
            writer.writeInt32(bloomFilter.count, field: 15)
        }
        writeSizeStatistics(chunk, to: &writer)
    }

    /// Of levels, dictionary and values, each once, in the order of their numbers.
    private func encodings(of chunk: EncodedColumnChunk) -> [PageEncoding] {
        var encodings = Set(chunk.pages.map(\.encoding))
        if chunk.leaf.maxDefinitionLevel > 0 { encodings.insert(.runLength) }
        if chunk.dictionaryPageOffset != nil { encodings.insert(.plain) }
        return encodings.sorted()
    }

    /// Tells readers whether all data pages use the dictionary.
    private func writeEncodingStatistics(
        _ chunk: EncodedColumnChunk, to writer: inout ThriftCompactWriter
    ) {
        let data: PageType = options.dataPageVersion == 2 ? .dataV2 : .data
        var counts = chunk.encodingCounts.map {
            (type: data, encoding: $0.encoding, count: $0.count)
        }
        if chunk.dictionaryPageOffset != nil {
            counts.insert((type: .dictionary, encoding: .plain, count: 1), at: 0)
        }
        writer.writeList(counts, of: .structure, field: 13) { writer, pages in
            writer.appendStructure { writer in
                writer.writeInt32(pages.type.rawValue, field: 1)
                writer.writeInt32(pages.encoding.rawValue, field: 2)
                writer.writeInt32(pages.count, field: 3)
            }
        }
    }

    private func writeSizeStatistics(
        _ chunk: EncodedColumnChunk, to writer: inout ThriftCompactWriter
    ) {
        guard chunk.textByteCount != nil || !chunk.definitionCounts.isEmpty else { return }
        writer.writeStructure(field: 16) { writer in
            if let count = chunk.textByteCount { writer.writeInt64(count, field: 1) }
            guard !chunk.definitionCounts.isEmpty else { return }
            writer.writeList(chunk.repetitionCounts, of: .int64, field: 2) { writer, count in
                writer.appendInteger(count)
            }
            writer.writeList(chunk.definitionCounts, of: .int64, field: 3) { writer, count in
                writer.appendInteger(count)
            }
        }
    }

    private var codecNumber: Int {
        switch options.codec {
        case .none: 0
        case .gzip: 2
        case .zstd: 6
        }
    }
}
