import Compression

/// Compresses pages and puts their headers in front. One writer serves one row group.
struct PageWriter {
    /// Of pages whose codec leaves no choice.
    private let version: Int
    private let codec: Codec
    private let compressor: BlockCompressor
    private var compressed: [UInt8] = []

    /// A data page before compression.
    struct DataPage {
        /// Places, nulls and empty lists among them.
        var placeCount: Int
        var nullCount: Int
        var rowCount: Int
        var encoding: PageEncoding
        var statistics: ColumnStatistics
        /// Without lengths; empty where the column has none.
        var repetitionLevels: [UInt8] = []
        var definitionLevels: [UInt8] = []
        var values: [UInt8] = []
    }

    /// Bytes of a page in the file, its header included.
    struct Size {
        var uncompressed: Int
        var compressed: Int
    }

    init(options: ParquetWriteOptions) throws(ParquetEncodingError) {
        version = options.dataPageVersion
        codec = options.codec
        do {
            compressor = try BlockCompressor(options.codec)
        } catch {
            throw ParquetEncodingError(.compression, error.message, cause: error)
        }
    }

    mutating func append(
        _ page: DataPage, to output: inout [UInt8]
    ) throws(ParquetEncodingError) -> Size {
        version == 2
            ? try appendVersion2(page, to: &output) : try appendVersion1(page, to: &output)
    }

    mutating func appendDictionary(
        count: Int, values: [UInt8], to output: inout [UInt8]
    ) throws(ParquetEncodingError) -> Size {
        try compress(values)
        return try appendPage(.dictionary, uncompressed: values.count, to: &output) { writer in
            writer.writeStructure(field: 7) { writer in
                writer.writeInt32(count, field: 1)
                writer.writeInt32(PageEncoding.plain.rawValue, field: 2)
            }
        }
    }

    /// Bytes that `values` compress to.
    mutating func compressedByteCount(_ values: [UInt8]) throws(ParquetEncodingError) -> Int {
        try compress(values)
        return compressed.count
    }

    /// Levels with their lengths and values, compressed together.
    private mutating func appendVersion1(
        _ page: DataPage, to output: inout [UInt8]
    ) throws(ParquetEncodingError) -> Size {
        var body: [UInt8] = []
        body.reserveCapacity(
            page.repetitionLevels.count + page.definitionLevels.count + page.values.count + 8)
        for levels in [page.repetitionLevels, page.definitionLevels] where !levels.isEmpty {
            body.appendLittleEndian(UInt32(truncatingIfNeeded: levels.count))
            body.append(contentsOf: levels)
        }
        body.append(contentsOf: page.values)
        try compress(body)
        return try appendPage(.data, uncompressed: body.count, to: &output) { writer in
            writer.writeStructure(field: 5) { writer in
                writer.writeInt32(page.placeCount, field: 1)
                writer.writeInt32(page.encoding.rawValue, field: 2)
                writer.writeInt32(PageEncoding.runLength.rawValue, field: 3)
                writer.writeInt32(PageEncoding.runLength.rawValue, field: 4)
                page.statistics.write(to: &writer, field: 5)
            }
        }
    }

    /// Levels as they are, then the values, compressed where that makes them shorter.
    private mutating func appendVersion2(
        _ page: DataPage, to output: inout [UInt8]
    ) throws(ParquetEncodingError) -> Size {
        try compress(page.values)
        let isCompressed = codec != .none && compressed.count < page.values.count
        let levels = page.repetitionLevels + page.definitionLevels
        compressed = levels + (isCompressed ? compressed : page.values)
        let uncompressed = levels.count + page.values.count
        return try appendPage(.dataV2, uncompressed: uncompressed, to: &output) { writer in
            writer.writeStructure(field: 8) { writer in
                writer.writeInt32(page.placeCount, field: 1)
                writer.writeInt32(page.nullCount, field: 2)
                writer.writeInt32(page.rowCount, field: 3)
                writer.writeInt32(page.encoding.rawValue, field: 4)
                writer.writeInt32(page.definitionLevels.count, field: 5)
                writer.writeInt32(page.repetitionLevels.count, field: 6)
                writer.writeBool(isCompressed, field: 7)
                page.statistics.write(to: &writer, field: 8)
            }
        }
    }

    /// Appends the header, its last field by `writeDetails`, and what is in `compressed`.
    private func appendPage(
        _ type: PageType, uncompressed: Int, to output: inout [UInt8],
        writeDetails: (inout ThriftCompactWriter) -> Void
    ) throws(ParquetEncodingError) -> Size {
        guard uncompressed <= Int(Int32.max), compressed.count <= Int(Int32.max) else {
            throw ParquetEncodingError(
                .tooLarge,
                "a page of \(uncompressed) bytes: a single row may hold at most 2 GiB")
        }
        let checksum = compressed.withUnsafeBytes { crc32($0) }
        var header = ThriftCompactWriter()
        header.appendStructure { writer in
            writer.writeInt32(type.rawValue, field: 1)
            writer.writeInt32(uncompressed, field: 2)
            writer.writeInt32(compressed.count, field: 3)
            writer.writeInt32(Int(Int32(bitPattern: checksum)), field: 4)
            writeDetails(&writer)
        }
        output.append(contentsOf: header.bytes)
        output.append(contentsOf: compressed)
        return Size(
            uncompressed: header.bytes.count + uncompressed,
            compressed: header.bytes.count + compressed.count)
    }

    private mutating func compress(_ bytes: [UInt8]) throws(ParquetEncodingError) {
        compressed.removeAll(keepingCapacity: true)
        // A typed throw does not pass through `withUnsafeBytes`.
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(CompressionError) in
                try compressor.compress(buffer, to: &compressed)
            }
        }
        if case .failure(let error) = result {
            throw ParquetEncodingError(.compression, error.message, cause: error)
        }
    }
}
