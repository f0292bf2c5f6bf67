import ExportModel
import Testing

@testable import PartitionFormats

@Suite struct ParquetPartitionEncoderTests {
    private static let columns: [(String, ColumnType)] = [
        ("account", .text), ("call_id", .text), ("started_at", .timestamp), ("duration", .int),
    ]

    private static func batch(_ rows: Range<Int>) -> RecordBatch {
        TestTable.batch(
            columns,
            rows.map { row in
                [
                    .text("main"), .text("call-\(row)"), .number(Int64(row) * 1_000),
                    row % 3 == 0 ? .null : .number(Int64(row)),
                ]
            })
    }

    private static func encode(
        _ batches: [RecordBatch], limit: Int = .max
    ) throws -> (bytes: [UInt8], taken: Int, dataByteCount: Int) {
        var encoder = try ParquetPartitionEncoder(
            TestTable.description(batch(0..<1).schema),
            options: TestTable.options(format: .parquet, compression: .zstd))
        var bytes: [UInt8] = []
        var taken = 0
        encoder.begin(into: &bytes)
        for batch in batches where encoder.dataByteCount < limit {
            taken += try encoder.append(
                batch, rows: 0..<batch.rowCount, limit: limit, to: &bytes)
        }
        let dataByteCount = encoder.dataByteCount
        try encoder.finish(into: &bytes)
        return (bytes, taken, dataByteCount)
    }

    @Test func bytesDoNotDependOnBatches() throws {
        let whole = try Self.encode([Self.batch(0..<5_000)])
        let pieces = try Self.encode([
            Self.batch(0..<1), Self.batch(1..<1_777), Self.batch(1_777..<5_000),
        ])
        #expect(whole.bytes == pieces.bytes)
        #expect(whole.dataByteCount == pieces.dataByteCount)
    }

    /// 4 + 4 and 4 + 6 bytes of text, 8 of time, 4 of number: 30 a row up to `call-9`; every third
    /// row has no number.
    @Test func rowThatReachesTheLimitIsTaken() throws {
        let sizes = [26, 56, 86, 112, 142, 172, 198, 228, 258, 284]
        for (limit, rows) in [(1, 1), (26, 1), (27, 2), (56, 2), (57, 3), (1_000, 10)] {
            let result = try Self.encode([Self.batch(0..<10)], limit: limit)
            #expect(result.taken == rows, "\(limit)")
            #expect(result.dataByteCount == sizes[rows - 1], "\(limit)")
        }
    }
}
