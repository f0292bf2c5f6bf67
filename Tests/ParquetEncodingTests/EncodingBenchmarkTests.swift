import Compression
import ExportModel
import Foundation
import ParquetEncoding
import Testing

private let benchDirectory = ProcessInfo.processInfo.environment["PARQUET_BENCH_DIRECTORY"]

/// Times the encoder on 500,000 rows and writes the files that `Tests/readers/parquet_bench.py`
/// compares with pyarrow's; only where `PARQUET_BENCH_DIRECTORY` names a directory. Run in release.
@Suite(.enabled(if: benchDirectory != nil), .serialized)
struct EncodingBenchmarkTests {

    @Test func halfAMillionRows() throws {
        let directory = try #require(benchDirectory)
        let batch = SampleRows.v2Like(count: 500_000, seed: 1)
        for (name, codec) in [
            ("zstd", Codec.zstd(level: 1)), ("gzip", .gzip(level: 6)), ("none", .none),
        ] {
            var best = Double.infinity
            var bytes: [UInt8] = []
            for _ in 0..<(name == "gzip" ? 1 : 5) {
                bytes.removeAll(keepingCapacity: true)
                let start = ContinuousClock.now
                var encoder = try ParquetEncoder(
                    schema: batch.schema, options: ParquetWriteOptions(codec: codec))
                try encoder.append(batch, rows: 0..<batch.rowCount, to: &bytes)
                try encoder.finish(to: &bytes)
                best = min(best, (ContinuousClock.now - start) / .seconds(1))
            }
            print("ours \(name) \(best) s \(bytes.count) bytes")
            try Data(bytes).write(to: URL(fileURLWithPath: "\(directory)/v2.\(name).parquet"))
            try Data("{\"seconds\": \(best)}".utf8).write(
                to: URL(fileURLWithPath: "\(directory)/v2.\(name).json"))
        }
    }
}
