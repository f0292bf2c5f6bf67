import ExportModel
import PartitionFormats
import Publication
import Testing

@testable import ExportRun

/// Rows to published partitions, on a real directory.
@Suite struct PartitionWriterTests {
    private static let schema = TableSchema(columns: [
        Column(name: "account", type: .text), Column(name: "call_id", type: .text),
        Column(name: "started_at", type: .timestamp),
    ])

    /// 2026-11-19T00:00:00Z
    private static let start: Int64 = 1_795_046_400_000

    private static func batch(_ account: String, _ rows: Range<Int>) -> RecordBatch {
        var (accounts, ids, times) = (TextColumn(), TextColumn(), NumberColumn())
        for row in rows {
            accounts.append(account)
            ids.append("\(account)-\(row)")
            times.append(start + Int64(row))
        }
        return RecordBatch(
            schema: schema, rowCount: rows.count,
            columns: [.text(accounts), .text(ids), .timestamp(times)])
    }

    private static func options(
        _ path: String, format: OutputFormat = .csv, compression: OutputCompression = .gzip,
        partByteCount: Int = 1 << 28
    ) -> OutputOptions {
        OutputOptions(
            path: path, format: format, compression: compression, level: nil, columns: .unified,
            partByteCount: partByteCount, timestamps: .iso8601, csv: CSVOptions(),
            parquet: ParquetOptions())
    }

    private static func description(account: String) -> PartitionDescription {
        let range = TimeRange(
            start: Timestamp(epochMilliseconds: start),
            end: Timestamp(epochMilliseconds: start + 86_400_000))
        return PartitionDescription(
            pipeline: "nightly", stream: "calls", endpoint: "telecmi.v2.user.out_missed",
            account: account,
            window: Window(
                key: .day(CivilDate(daysSinceEpoch: 20_776)), range: range,
                timeZoneIdentifier: "UTC"), schema: schema)
    }

    private static func account(_ name: String) -> ManifestAccount {
        ManifestAccount(
            name, counts: ExtractionCounts(), verifiedBy: .total, reconciled: true,
            extractedAt: Timestamp(epochMilliseconds: start))
    }

    private static func publish(
        _ rowCount: Int, as options: OutputOptions, runID: String = "run-1"
    ) throws -> PublishedPartition {
        let publisher = PartitionPublisher(
            root: options.path, pipeline: "nightly", runID: runID, tool: "cdrx/1.2.3")
        let writer = try PartitionWriter(
            description(account: "a"), publisher: publisher, options: options)
        _ = try writer.append(batch("a", 0..<rowCount))
        writer.endAccount(account("a"))
        return try writer.prepare(publishedAt: Timestamp(epochMilliseconds: start)).publish()
    }

    @Test func formatAndPartsLeaveTheContentAsItIs() throws {
        var contents: Set<String> = []
        for format in EncoderRegistry.formats {
            for partByteCount in [10_000, 1 << 28] {
                let place = try Workplace()
                defer { place.remove() }
                let options = Self.options(
                    place.directory, format: format, partByteCount: partByteCount)
                contents.insert(try Self.publish(3_000, as: options).manifest.contentSHA256)
            }
        }
        #expect(contents.count == 1)
    }

    /// Python: for each row of account a, `b"\1" + pack("<I", 1) + b"a" + b"\1" + pack("<I", 3) +
    /// b"a-0" + b"\1" + pack("<q", milliseconds)`
    @Test func digestIsThatOfTheRows() throws {
        let place = try Workplace()
        defer { place.remove() }
        let manifest = try Self.publish(2, as: Self.options(place.directory)).manifest
        #expect(
            manifest.accounts.map(\.sha256) == [
                "1fc0381d5517f05c25d1083b8088353c1b8b2ad247ee3322569e778751c5675b"
            ])
    }

    /// What a new version of the codec's library does: the same rows in other stored bytes.
    @Test(arguments: [OutputFormat.csv, .ndjson, .parquet])
    func anotherLevelChangesNothing(format: OutputFormat) throws {
        let (place, other) = (try Workplace(), try Workplace())
        defer {
            place.remove()
            other.remove()
        }
        // gzip's levels give equal bytes for so few rows.
        var options = Self.options(place.directory, format: format, compression: .zstd)
        options.level = 1
        let first = try Self.publish(5, as: options)
        options.level = 19
        options.path = other.directory
        let stored = try Self.publish(5, as: options)
        #expect(stored.manifest.files != first.manifest.files, "the level changes stored bytes")
        options.path = place.directory
        let again = try Self.publish(5, as: options, runID: "run-2")
        #expect(!again.changed)
        #expect(again.manifest == first.manifest)
        #expect(try Self.publish(6, as: options, runID: "run-3").changed)
        options.compression = .none
        options.level = nil
        #expect(try Self.publish(6, as: options, runID: "run-4").changed == (format != .parquet))
    }

    @Test(arguments: OutputFormat.allCases)
    func publishedPartsAreVerified(format: OutputFormat) throws {
        let place = try Workplace()
        defer { place.remove() }
        let options = Self.options(place.directory, format: format, partByteCount: 3_000)
        let manifest = try Self.publish(250, as: options).manifest
        #expect(manifest.files.count > 1)
        #expect(manifest.files.map(\.rows).reduce(0, +) == 250)
        #expect(manifest.rows == 250)
        #expect(manifest.tool == "cdrx/1.2.3")
        let times = manifest.accounts.map { [$0.firstStartedAt, $0.lastStartedAt] }
        #expect(
            times == [
                [
                    ManifestTime(iso8601: "2026-11-19T00:00:00.000Z"),
                    ManifestTime(iso8601: "2026-11-19T00:00:00.249Z"),
                ]
            ])
        let verifier = PartitionVerifier()
        for partition in try verifier.partitions(under: place.directory) {
            #expect(verifier.findings(in: partition) == [])
        }
    }
}
