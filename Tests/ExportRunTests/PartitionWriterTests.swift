import ExportModel
import FileSystem
import Foundation
import PartitionFormats
import Publication
import TestDisk
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

    private static func description(account: String?) -> PartitionDescription {
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

    private static func publisher(
        _ options: OutputOptions, runID: String, _ disk: any Disk = SystemDisk()
    ) -> PartitionPublisher {
        PartitionPublisher(
            DirectoryStore(root: options.path, pipeline: "nightly", disk: disk), runID: runID,
            tool: "cdrx/1.2.3", disk: disk)
    }

    /// Publishes accounts together, each with so many rows; nil for one that is missing.
    private static func publish(
        _ rowCounts: KeyValuePairs<String, Int?>, as options: OutputOptions,
        reason: String = "the token is refused", runID: String = "run-1"
    ) throws -> PublishedPartition {
        let publisher = publisher(options, runID: runID)
        let writer = try PartitionWriter(
            description(account: nil), publisher: publisher, options: options)
        for (name, rowCount) in rowCounts {
            guard let rowCount else {
                writer.addMissing(name, reason: reason)
                continue
            }
            _ = try writer.append(batch(name, 0..<rowCount))
            let reject = Reject(
                reason: .missing, field: "time", page: 1, raw: Array("\"\(name)\"".utf8))
            try writer.append([reject], of: name)
            writer.endAccount(account(name))
        }
        return try writer.prepare(publishedAt: Timestamp(epochMilliseconds: start)).publish()
    }

    private static func publish(
        _ rowCount: Int, as options: OutputOptions, runID: String = "run-1"
    ) throws -> PublishedPartition {
        let publisher = publisher(options, runID: runID)
        let writer = try PartitionWriter(
            description(account: "a"), publisher: publisher, options: options)
        _ = try writer.append(batch("a", 0..<rowCount))
        writer.endAccount(account("a"))
        return try writer.prepare(publishedAt: Timestamp(epochMilliseconds: start)).publish()
    }

    @Test func partitionOfAllAccountsListsThemByName() throws {
        let place = try Workplace()
        defer { place.remove() }
        let options = Self.options(place.directory, compression: .none)
        let published = try Self.publish(["B": 2, "a": 0, "b": 1], as: options)
        #expect(published.location.relativePath == "calls/dt=2026-11-19")
        let manifest = published.manifest
        #expect(manifest.complete)
        #expect(manifest.accounts.map(\.account) == ["B", "a", "b"])
        #expect(manifest.accounts.map(\.rows) == [2, 0, 1])
        #expect(manifest.accounts.map(\.rejects) == [1, 1, 1])
        #expect(manifest.rows == 3)
        #expect(manifest.rejects == 3)
        #expect(manifest.files.map(\.rows) == [3])
        #expect(manifest.accounts.map { $0.firstStartedAt == nil } == [false, true, false])
        // Of its rows alone, whoever else is in the partition.
        let other = try Workplace()
        defer { other.remove() }
        let alone = try Self.publish(["b": 1], as: Self.options(other.directory))
        #expect(manifest.accounts.last?.sha256 == alone.manifest.accounts.last?.sha256)
        #expect(manifest.accounts.last?.sha256 != manifest.accounts.first?.sha256)
        let directory = place.directory + "/calls/dt=2026-11-19"
        #expect(PartitionVerifier().findings(in: directory) == [])
        #expect(try PartitionVerifier().partitions(under: place.directory) == [directory])
        let text = try String(contentsOfFile: directory + "/part-00000.csv", encoding: .utf8)
        #expect(
            text == """
                account,call_id,started_at
                B,B-0,2026-11-19T00:00:00.000Z
                B,B-1,2026-11-19T00:00:00.001Z
                b,b-0,2026-11-19T00:00:00.000Z

                """)
        let partition = RunPartition(published)
        #expect(partition.account == nil)
        #expect(partition.complete)
        #expect(partition.accountCount == 3)
    }

    @Test func missingAccountsAreNamedAndNothingSaysSuccess() throws {
        let place = try Workplace()
        defer { place.remove() }
        let options = Self.options(place.directory)
        let published = try Self.publish(["a": nil, "b": 1, "c": nil], as: options)
        let manifest = published.manifest
        #expect(!manifest.complete)
        #expect(manifest.accounts.map(\.account) == ["a", "b", "c"])
        #expect(manifest.accounts.map(\.state) == [.missing, .complete, .missing])
        #expect(
            manifest.accounts.map(\.reason) == [
                "the token is refused", nil, "the token is refused",
            ])
        let directory = place.directory + "/calls/dt=2026-11-19"
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        #expect(names == ["_manifest.json", "_rejects.ndjson.gz", "part-00000.csv.gz"])
        #expect(PartitionVerifier().findings(in: directory) == [])
        let partition = RunPartition(published)
        #expect(!partition.complete)
        #expect(partition.accountCount == 1)
        #expect(partition.missing == ["a", "c"])
        // Another reason is no other content.
        let again = try Self.publish(
            ["a": nil, "b": 1, "c": nil], as: options, reason: "no route", runID: "run-1b")
        #expect(!again.changed)
        // As they come, they are added.
        let next = try Self.publish(["a": 1, "b": 1, "c": 0], as: options, runID: "run-2")
        #expect(next.changed)
        #expect(next.manifest.complete)
        #expect(FileManager.default.fileExists(atPath: directory + "/_SUCCESS"))
        #expect(PartitionVerifier().findings(in: directory) == [])
    }

    @Test func successWithoutAllAccountsIsFound() throws {
        let place = try Workplace()
        defer { place.remove() }
        _ = try Self.publish(["a": nil, "b": 1], as: Self.options(place.directory))
        let directory = place.directory + "/calls/dt=2026-11-19"
        try Data().write(to: URL(fileURLWithPath: directory + "/_SUCCESS"))
        #expect(PartitionVerifier().findings(in: directory).map(\.kind) == [.unexpectedFile])
    }

    /// Files, syncs and renames of a partition of so many accounts.
    private static func changes(accountCount: Int) throws -> (Int, [FakeDisk.SyncCall]) {
        let disk = FakeDisk()
        let options = Self.options("/export")
        let publisher = publisher(options, runID: "run-1", disk)
        let writer = try PartitionWriter(
            description(account: nil), publisher: publisher, options: options)
        for number in 0..<accountCount {
            let name = "account-\(10_000 + number)"
            _ = try writer.append(batch(name, 0..<1))
            let reject = Reject(reason: .missing, field: "time", page: 1, raw: Array("{}".utf8))
            try writer.append([reject], of: name)
            writer.endAccount(account(name))
        }
        _ = try writer.prepare(publishedAt: Timestamp(epochMilliseconds: start)).publish()
        let found = disk.callCount(of: [.create, .makeDirectory, .rename, .exchange])
        return (found, disk.syncs)
    }

    @Test func filesAndSyncsDoNotGrowWithTheAccounts() throws {
        let (one, many) = (
            try Self.changes(accountCount: 1), try Self.changes(accountCount: 1_000)
        )
        #expect(one.0 == many.0)
        #expect(one.1.count == many.1.count)
        #expect(one.1.count < 20)
    }

    @Test func partsRollOverAccounts() throws {
        let place = try Workplace()
        defer { place.remove() }
        let options = Self.options(place.directory, compression: .none, partByteCount: 60)
        let manifest = try Self.publish(["a": 2, "b": 2], as: options).manifest
        #expect(manifest.files.map(\.rows) == [2, 2])
        let one = Self.options(place.directory, compression: .none)
        #expect(try Self.publish(["a": 2, "b": 2], as: one).manifest.files.map(\.rows) == [4])
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
