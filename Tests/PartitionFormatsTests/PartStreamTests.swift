import Compression
import ExportModel
import Foundation
import Testing

@testable import PartitionFormats

@Suite struct PartStreamTests {
    private static func batch(_ rows: Range<Int>) -> RecordBatch {
        TestTable.batch(
            [("call_id", .text), ("agent", .text)],
            rows.map { row in
                [
                    .text("id-\(row)"),
                    row % 7 == 0 ? .null : .text(String(repeating: "x", count: row % 23)),
                ]
            })
    }

    private struct Part: Equatable {
        var name: String
        var rowCount: Int
        var dataByteCount: Int
        var bytes: [UInt8] = []
    }

    /// The parts of some batches, as their files have them.
    private static func parts(
        _ batches: [RecordBatch], _ options: OutputOptions, defersCompression: Bool = false
    ) throws -> [Part] {
        var parts: [Part] = []
        var output: [UInt8] = []
        var open: PartStream?
        var tools = CompressionTools()
        func close(_ part: PartStream) throws {
            for job in part.takeCompressionJobs() { job.run(with: &tools) }
            try part.finish(into: &output)
            parts.append(
                Part(
                    name: part.name, rowCount: part.rowCount, dataByteCount: part.dataByteCount,
                    bytes: output))
            output = []
            open = nil
        }
        for batch in batches {
            var row = 0
            while row < batch.rowCount {
                let part =
                    try open
                    ?? PartStream(
                        number: parts.count, of: TestTable.description(batch.schema),
                        options: options, defersCompression: defersCompression, into: &output)
                open = part
                row += try part.append(batch, rows: row..<batch.rowCount, to: &output)
                if part.isFull { try close(part) }
            }
        }
        if let open { try close(open) }
        return parts
    }

    @Test(arguments: [OutputCompression.gzip, .zstd, .none], OutputFormat.allCases)
    func sameRowsGiveTheSamePartsWhateverTheBatches(
        compression: OutputCompression, format: OutputFormat
    ) throws {
        let options = TestTable.options(
            format: format, compression: compression, partByteCount: 10_000)
        let parts = try Self.parts([Self.batch(0..<3_000)], options)
        #expect(parts.count > 3)
        #expect(parts.reduce(0) { $0 + $1.rowCount } == 3_000)
        for size in [1, 7, 1_000, 1_024, 1_025] {
            let batches = stride(from: 0, to: 3_000, by: size).map {
                Self.batch($0..<min($0 + size, 3_000))
            }
            #expect(try Self.parts(batches, options) == parts, "batches of \(size) rows")
        }
        #expect(
            try Self.parts([Self.batch(0..<3_000)], options, defersCompression: true) == parts)
    }

    @Test func nameSaysNumberFormatAndCodec() throws {
        let batch = Self.batch(0..<1)
        let expected: [(OutputFormat, OutputCompression, String)] = [
            (.csv, .gzip, "part-00000.csv.gz"), (.ndjson, .zstd, "part-00000.ndjson.zst"),
            (.csv, .none, "part-00000.csv"), (.parquet, .zstd, "part-00000.parquet"),
        ]
        for (format, compression, name) in expected {
            let options = TestTable.options(format: format, compression: compression)
            #expect(try Self.parts([batch], options).map(\.name) == [name])
        }
    }

    @Test func partIsClosedByTheRowThatReachesItsSize() throws {
        // "a\n" and rows of 10 bytes: 2 + 10 + 10 reaches 22, the third row opens the next part.
        let batch = TestTable.batch([("a", .text)], (0..<5).map { _ in [.text("123456789")] })
        let parts = try Self.parts(
            [batch], TestTable.options(compression: .none, partByteCount: 22))
        #expect(parts.map(\.rowCount) == [2, 2, 1])
        #expect(parts.map(\.dataByteCount) == [22, 22, 12])
        #expect(parts.map(\.bytes.count) == [22, 22, 12])
        #expect(parts.map(\.name) == ["part-00000.csv", "part-00001.csv", "part-00002.csv"])
    }

    static let python = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(.enabled(if: python != nil))
    func pythonReadsEveryTextUnchanged() throws {
        let values = [
            "a,b", "say \"hi\"", "two\nlines", "cr\rlf\r\n", "żółw 🐢", " ", "", "'", "\\", "\\n",
        ]
        let batch = TestTable.batch(
            [("n", .int), ("name", .text)],
            values.enumerated().map { [.number(Int64($0)), .text($1)] })
        let part = try #require(try Self.parts([batch], TestTable.options()).first)
        let path = NSTemporaryDirectory() + "\(UUID().uuidString).csv.gz"
        try Data(part.bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: try #require(Self.python))
        process.arguments = [
            "-c",
            """
            import csv, gzip, json, sys
            rows = list(csv.reader(gzip.open(sys.argv[1], "rt", encoding="utf-8", newline="")))
            print(json.dumps([row[1] for row in rows[1:]]))
            """, path,
        ]
        process.standardOutput = pipe
        try process.run()
        let read = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(try JSONDecoder().decode([String].self, from: read) == values)
    }

    @Test func headerLargerThanAPartStillTakesARow() throws {
        let batch = TestTable.batch([("a_long_name", .text)], [[.text("x")], [.text("y")]])
        let parts = try Self.parts(
            [batch], TestTable.options(compression: .none, partByteCount: 5))
        #expect(parts.map(\.rowCount) == [1, 1])
    }
}
