import Compression
import ExportModel
import Foundation
import ParquetEncoding
import Testing

private let judgeDirectory = ProcessInfo.processInfo.environment["PARQUET_JUDGE_DIRECTORY"]

/// Writes the files that `Tests/readers/parquet_judge.py` gives to foreign readers; only where
/// `PARQUET_JUDGE_DIRECTORY` names a directory for them.
@Suite(.enabled(if: judgeDirectory != nil))
struct JudgeFilesTests {
    static let seed: UInt64 = 20_261_119

    private enum Rows: String, CaseIterable {
        case hostile, oneRow = "one_row", noRows = "no_rows", onlyNulls = "only_nulls", orderly
        case changing

        func make() -> BatchBuilder {
            switch self {
            case .hostile:
                SampleRows.hostile(count: 3_000, seed: JudgeFilesTests.seed, longest: 1_000)
            case .oneRow: SampleRows.hostile(count: 1, seed: JudgeFilesTests.seed + 1)
            case .noRows: SampleRows.hostile(count: 0, seed: JudgeFilesTests.seed)
            case .onlyNulls: JudgeFilesTests.onlyNulls
            case .orderly: JudgeFilesTests.orderly
            case .changing: JudgeFilesTests.changing
            }
        }
    }

    /// Counters and lengthening texts, for which dictionaries do not pay, with nulls between.
    static var orderly: BatchBuilder {
        var generator = SeededGenerator(seed: seed + 2)
        var builder = BatchBuilder(SampleRows.schema)
        for row in 0..<3_000 {
            builder.append(
                UnifiedColumn.allCases.map { column in
                    if column.isNullable, row % 7 == 3 { return .null }
                    let number = Int64(row) * 1_000 + Int64.random(in: 0..<900, using: &generator)
                    switch column.type {
                    case .text where column == .callID: return .text("call-\(number)")
                    case .text:
                        let digits = String(generator.next(), radix: 36)
                        return .text(String(repeating: digits, count: 1 + row % 3))
                    case .json: return .text("{\"n\":\(number)}")
                    case .bool: return .bool(row % 2 == 0)
                    case .notes:
                        return .notes([TestNote(message: "m\(number)", createdAt: number)])
                    case .int, .decimal, .timestamp, .date: return .number(number)
                    }
                })
        }
        return builder
    }

    /// Nulls, then values that repeat, then values of their own: pages of one column chunk without
    /// values, with a dictionary, and without one.
    static var changing: BatchBuilder {
        var builder = BatchBuilder(SampleRows.schema)
        for row in 0..<1_400 {
            let phase = row % 700
            builder.append(
                UnifiedColumn.allCases.map { column in
                    if column.isNullable, phase < 200 { return .null }
                    let number = Int64(phase < 500 ? phase % 3 : row * 1_000)
                    switch column.type {
                    case .text where column == .callID: return .text("call-\(row)")
                    case .text: return .text("\(number) is a text of many words")
                    case .json: return .text("{\"n\":\(number)}")
                    case .bool: return .bool(number % 2 == 0)
                    case .notes: return .notes([TestNote(message: "m\(number)")])
                    case .int, .decimal, .timestamp, .date: return .number(number)
                    }
                })
        }
        return builder
    }

    static var onlyNulls: BatchBuilder {
        var builder = BatchBuilder(
            UnifiedColumn.allCases.map { Column(name: $0.rawValue, type: $0.type) })
        for _ in 0..<100 { builder.append(UnifiedColumn.allCases.map { _ in .null }) }
        return builder
    }

    private static let codecs: [(name: String, codec: Codec)] = [
        ("none", .none), ("gzip", .gzip(level: 6)), ("zstd", .zstd(level: 1)),
    ]

    @Test(arguments: Rows.allCases)
    private func rowsInEveryForm(_ kind: Rows) throws {
        let directory = try #require(judgeDirectory)
        print("seed \(Self.seed)")
        let name = kind.rawValue
        let rows = kind.make()
        try Self.write(rows.ndjson, "\(directory)/\(name).ndjson")
        let batch = rows.batch
        for (codecName, codec) in Self.codecs {
            for version in 1...2 {
                let bytes = try Self.file(
                    batch, codec, version: version,
                    dictionaryByteLimit: kind == .changing ? 1 << 10 : 1 << 16)
                try Self.write(bytes, "\(directory)/\(name).\(codecName).v\(version).parquet")
            }
        }
    }

    /// Small limits, so that a file has many row groups and pages.
    private static func file(
        _ batch: RecordBatch, _ codec: Codec, version: Int, dictionaryByteLimit: Int
    ) throws -> [UInt8] {
        let options = ParquetWriteOptions(
            codec: codec, dataPageVersion: version, rowGroupRowCount: 700,
            rowGroupByteCount: 16 << 20, pageRowCount: 100, pageByteCount: 1 << 16,
            dictionaryByteLimit: dictionaryByteLimit,
            bloomFilterColumns: ["call_id", "from_number", "duration_seconds", "started_at"],
            sortingColumns: [SampleRows.index(.startedAt)],
            keyValueMetadata: [.init(key: "pipeline", value: "judge")],
            createdBy: "cdrx version 0.0.0 (build test)")
        var encoder = try ParquetEncoder(schema: batch.schema, options: options)
        var bytes: [UInt8] = []
        try encoder.append(batch, rows: 0..<batch.rowCount, to: &bytes)
        try encoder.finish(to: &bytes)
        return bytes
    }

    private static func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
}
