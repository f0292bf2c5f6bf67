import ExportModel
import Testing

@testable import PartitionWriting

@Suite struct ManifestTests {
    private typealias Fixture = PublicationFixture

    @Test func manifestMatchesTheContract() throws {
        let fileSystem = MemoryFileSystem()
        let options = TestTable.options(path: Fixture.root, compression: .none)
        let publisher = Fixture.publisher(fileSystem, options: options)
        _ = try Fixture.prepare(.old, with: publisher).publish()
        let text = try TestFiles.text(Fixture.directory + "/_manifest.json", fileSystem)
        #expect(
            text == """
                {
                  "manifest_version": 2,
                  "pipeline": "nightly",
                  "stream": "calls",
                  "endpoint": "telecmi.v2.user.out_missed",
                  "window": {
                    "key": "2026-11-19",
                    "start": "2026-11-19T00:00:00.000Z",
                    "end": "2026-11-20T00:00:00.000Z",
                    "timezone": "UTC"
                  },
                  "complete": true,
                  "accounts": [
                    {
                      "account": "main",
                      "state": "complete",
                      "reason": null,
                      "rows": 5,
                      "rejects": 1,
                      "duplicates": 0,
                      "outside_window": 0,
                      "reported_total": 0,
                      "verified_by": "total",
                      "reconciled": true,
                      "first_started_at": "2026-11-19T00:00:00.000Z",
                      "last_started_at": "2026-11-19T00:00:00.004Z",
                      "extracted_at": "2026-11-19T14:53:20.000Z",
                      "sha256": "\(Self.rowsSHA256)"
                    }
                  ],
                  "rows": 5,
                  "rejects": 1,
                  "columns": [
                    {
                      "name": "call_id",
                      "type": "text"
                    },
                    {
                      "name": "started_at",
                      "type": "timestamp"
                    }
                  ],
                  "schema_sha256": "\(Self.schemaSHA256)",
                  "content_sha256": "\(Self.contentSHA256)",
                  "files": [
                    {
                      "path": "part-00000.csv",
                      "rows": 5,
                      "bytes": 174,
                      "uncompressed_bytes": 174,
                      "sha256": "\(Self.partSHA256)",
                      "etag": null
                    }
                  ],
                  "rejects_file": "_rejects.ndjson.gz",
                  "run_id": "run-1",
                  "published_at": "2026-11-19T14:53:20.000Z",
                  "tool": "cdrx/0.0.0"
                }

                """)
    }

    /// `printf 'call_id:text\\nstarted_at:timestamp\\n' | sha256sum`
    private static let schemaSHA256 =
        "afa8f64e6d17c46c599e1defe523963d870c1bd6a9116cb0c99ac0a6e1712235"
    /// sha256sum of the part's lines
    private static let partSHA256 =
        "5a1ba9147cb7f5a9310d756cf22ce6833e6b9b43e98cf2adcfae53e109c36e40"

    /// Python: for each row `b"\1" + pack("<I", 5) + b"old-0" + b"\1" + pack("<q", milliseconds)`
    private static let rowsSHA256 =
        "43a1c2dc6e91f761ede72c0726e24bc0e388ec017fd21caa444e2f8b4f12da7f"
    /// `printf 'rows %s main\nreject %s\n' ROWS "$(printf %s LINE | sha256sum)" | sha256sum`, LINE
    /// being the reject without its page
    private static let contentSHA256 =
        "643bba607c7259155554e6cb4bf2de4f6f0a835a8af5ff31c384ed75c5905be1"

    /// What a new version of the codec's library does: the same rows in other stored bytes.
    @Test(arguments: [OutputFormat.csv, .ndjson, .parquet])
    func anotherLevelChangesNothing(format: OutputFormat) throws {
        let fileSystem = MemoryFileSystem()
        var options = TestTable.options(path: Fixture.root, format: format)
        func publish(_ run: String, _ version: Fixture.Version) throws -> PublishedPartition {
            let publisher = Fixture.publisher(fileSystem, runID: run, options: options)
            return try Fixture.prepare(version, with: publisher).publish()
        }
        // gzip's levels give equal bytes for so few rows.
        options.compression = .zstd
        options.level = 1
        let first = try publish("run-1", .old)
        options.level = 19
        let batch = Fixture.rows(.old)
        let staged = try Fixture.publisher(MemoryFileSystem(), options: options)
            .stage(TestTable.description(batch.schema))
        try staged.append(batch)
        let stored = try staged.prepare(
            ExtractionSummary(counts: ExtractionCounts(), extractedAt: Fixture.extractedAt))
        #expect(stored.manifest.files != first.manifest.files, "the level changes stored bytes")
        let again = try publish("run-2", .old)
        #expect(!again.changed)
        #expect(again.manifest == first.manifest)
        #expect(try publish("run-3", .new).changed)
        options.compression = .none
        options.level = nil
        #expect(try publish("run-4", .new).changed == (format != .parquet))
    }
}
