import ExportModel
import Testing

@testable import PartitionWriting

private typealias Fixture = PublicationFixture

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

    @Test func orderThatRowsDoNotHaveIsNotDeclared() {
        func order(_ rows: [(Int64, String)], _ selection: ColumnSelection = .unified) -> Int {
            let batch = TestTable.batch(
                [("call_id", .text), ("started_at", .timestamp)],
                rows.map { [.text($0.1), .number($0.0)] })
            var order = ParquetRowOrder(batch.schema, selection: selection)
            order.note(batch, rows: 0..<batch.rowCount)
            return order.holdingCount
        }
        #expect(order([(1, "b"), (2, "a"), (2, "b"), (2, "b")]) == 2)
        #expect(order([(1, "b"), (2, "b"), (2, "a")]) == 1)
        #expect(order([(2, "a"), (1, "b")]) == 0)
        let renamed = ColumnSelection.list([
            PickedColumn(name: "leg", outputName: "call_id"),
            PickedColumn(name: "answered_at", outputName: "started_at"),
        ])
        #expect(order([(1, "b"), (2, "a")], renamed) == 0)
    }

    @Test func publishedPartsAreVerifiedAndLeftAloneWhenUnchanged() throws {
        let fileSystem = MemoryFileSystem()
        let options = TestTable.options(
            path: Fixture.root, format: .parquet, compression: .gzip, partByteCount: 3_000)
        var changed: [Bool] = []
        for _ in 0..<2 {
            let staged = try Fixture.publisher(fileSystem, options: options)
                .stage(TestTable.description(Self.batch(0..<1).schema))
            try staged.append(Self.batch(0..<250))
            let summary = ExtractionSummary(
                counts: ExtractionCounts(), extractedAt: Fixture.extractedAt)
            let published = try staged.prepare(summary).publish()
            changed.append(published.changed)
            #expect(published.manifest.files.map(\.path).first == "part-00000.parquet")
            #expect(published.manifest.files.count == 3)
            #expect(published.manifest.files.map(\.rows).reduce(0, +) == 250)
            #expect(published.manifest.files.allSatisfy { $0.uncompressedBytes >= 1_000 })
        }
        #expect(changed == [true, false])
        let verifier = PartitionVerifier(fileSystem: fileSystem)
        for partition in try verifier.partitions(under: Fixture.root) {
            #expect(verifier.findings(in: partition) == [])
        }
    }
}
