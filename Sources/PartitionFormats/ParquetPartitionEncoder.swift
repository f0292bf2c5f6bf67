import Compression
public import ExportModel
import ParquetEncoding

/// Rows as Parquet: one file a part, compressed page by page.
///
/// Row groups hold at most 262,144 rows or 64 MiB of plain values (the defaults of
/// ``ParquetWriteOptions``); the codec's default level is 6 for gzip and 1 for zstd. Memory holds
/// one row group as the file will have it, and a page of rows.
public struct ParquetPartitionEncoder: PartitionEncoder {
    public static let compressesItself = true
    public static let fileExtension = "parquet"

    /// Plain bytes of the rows taken so far.
    public private(set) var dataByteCount = 0

    private var encoder: ParquetEncoder
    private var order: RowOrder

    /// - Throws: ``FormatError/Code/encodingFailed`` for options that Parquet does not have.
    public init(
        _ description: PartitionDescription, options: OutputOptions
    ) throws(FormatError) {
        order = RowOrder(description.schema, selection: options.columns)
        let writeOptions = ParquetWriteOptions(
            codec: options.codec,
            dataPageVersion: options.parquet.dataPageVersion,
            // The selection may lie with the file, the columns with the stream.
            bloomFilterColumns: options.parquet.bloomFilters.filter { name in
                description.schema.columns.contains { $0.name == name }
            },
            sortingColumns: order.columns, keyValueMetadata: Self.metadata(of: description),
            createdBy: Self.createdBy(description.tool))
        let schema = description.schema
        encoder = try encoding(try ParquetEncoder(schema: schema, options: writeOptions))
    }

    public mutating func begin(into output: inout [UInt8]) {}

    public mutating func append(
        _ batch: RecordBatch, rows: Range<Int>, limit: Int, to output: inout [UInt8]
    ) throws(FormatError) -> Int {
        let taken = rows.lowerBound..<end(of: rows, in: batch, limit: limit)
        order.note(batch, rows: taken)
        try encoding(try encoder.append(batch, rows: taken, to: &output))
        dataByteCount += batch.plainByteCount(of: taken)
        return taken.count
    }

    public mutating func finish(into output: inout [UInt8]) throws(FormatError) {
        encoder.declareSorting(first: order.holdingCount)
        try encoding(try encoder.finish(to: &output))
    }

    /// Behind the first row that reaches `limit`, or the end of all rows.
    private func end(of rows: Range<Int>, in batch: RecordBatch, limit: Int) -> Int {
        let room = limit - dataByteCount
        // Nearly always.
        if batch.plainByteCount(of: rows) < room { return rows.upperBound }
        var (low, high) = (rows.lowerBound + 1, rows.upperBound)
        while low < high {
            let middle = low + (high - low) / 2
            if batch.plainByteCount(of: rows.lowerBound..<middle) >= room {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return low
    }

    private static func metadata(
        of description: PartitionDescription
    ) -> [ParquetWriteOptions.KeyValue] {
        let pairs: [(String, String?)] = [
            ("pipeline", description.pipeline), ("stream", description.stream),
            ("account", description.account), ("window", description.window.key.description),
            ("schema_sha256", description.schema.sha256),
        ]
        return pairs.compactMap { name, value in
            value.map { ParquetWriteOptions.KeyValue(key: name, value: $0) }
        }
    }

    /// `cdrx version 0.1.0 (build cdrx)` for `cdrx/0.1.0`.
    private static func createdBy(_ tool: String) -> String {
        let parts = tool.split(separator: "/", maxSplits: 1)
        return "cdrx version \(parts.count == 2 ? String(parts[1]) : "0.0.0") (build cdrx)"
    }
}

private func encoding<Value>(
    _ body: @autoclosure () throws(ParquetEncodingError) -> Value
) throws(FormatError) -> Value {
    do {
        return try body()
    } catch {
        throw FormatError(
            .encodingFailed, "cannot encode Parquet: \(error.message)", cause: error)
    }
}
