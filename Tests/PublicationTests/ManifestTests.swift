import ExportModel
import TestDisk
import Testing

@testable import Publication

@Suite struct ManifestTests {
    private typealias Fixture = PublicationFixture

    @Test func manifestMatchesTheContract() throws {
        let disk = FakeDisk()
        let publisher = Fixture.publisher(disk)
        _ = try Fixture.prepare(.old, with: publisher, suffix: "").publish()
        let text = try TestFiles.text(Fixture.directory + "/_manifest.json", disk)
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
                  "bucket": null,
                  "complete": true,
                  "accounts": [
                    {
                      "account": "main",
                      "state": "complete",
                      "reason": null,
                      "rows": 5,
                      "answered": null,
                      "missed": null,
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
                  "settings_sha256": "5e77",
                  "files": [
                    {
                      "path": "part-00000.csv",
                      "rows": 4,
                      "bytes": 143,
                      "uncompressed_bytes": 143,
                      "sha256": "\(Self.partSHA256[0])",
                      "etag": null,
                      "version_id": null
                    },
                    {
                      "path": "part-00001.csv",
                      "rows": 1,
                      "bytes": 50,
                      "uncompressed_bytes": 50,
                      "sha256": "\(Self.partSHA256[1])",
                      "etag": null,
                      "version_id": null
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
    /// sha256sum of each part's lines
    private static let partSHA256 = [
        "2a2c1cb33d1dcbe956ac631de19cc32b06570546c532594c51bfc5c3f9495b06",
        "be7e99ae4819f3f438c4943fe8e2d57af2278b5e4a09d230fd6d08c5a984ac94",
    ]
    /// sha256sum of the rows' lines, without the last line break: what the fixture states
    private static let rowsSHA256 =
        "befa53dbe50d825e1e40cc18315a31a6102c3d7ac546914840c6318271fbdb47"
    /// `printf 'rows %s main\nreject %s\n' ROWS "$(printf %s LINE | sha256sum)" | sha256sum`, LINE
    /// being the reject without its page
    private static let contentSHA256 =
        "ae65d6ac4ca6131bbe3f58832a53f8f07f828c829767944b78f5f174a917ab84"
}
