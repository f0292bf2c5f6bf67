import Compression
import ExportModel
import FileSystem
import TestDisk
import Testing

@testable import Publication

/// Partitions of manifest version 1: read, verified, and gone when another holds their rows.
@Suite struct FormerPartitionsTests {
    private typealias Fixture = PublicationFixture

    /// What cdrx published before manifest version 2, as files.
    private static func publishFormer(
        _ account: String, pipeline: String = "nightly", on disk: FakeDisk
    ) throws -> String {
        let directory = "\(Fixture.root)/calls/account=\(account)/dt=2026-11-19"
        var path = ""
        for name in directory.split(separator: "/") {
            path += "/" + name
            if try disk.status(of: path) == nil { try disk.files.makeDirectory(path) }
        }
        let part = try compress(Array("call_id\nold-0\n".utf8), .gzip())
        let digest = ContentDigest.hexadecimal(of: part)
        let manifest = """
            {
              "manifest_version": 1, "pipeline": "\(pipeline)", "stream": "calls",
              "endpoint": "telecmi.v2.user.out_missed", "account": "\(account)",
              "window": {
                "key": "2026-11-19", "start": "2026-11-19T00:00:00.000Z",
                "end": "2026-11-20T00:00:00.000Z", "timezone": "UTC"
              },
              "status": "complete", "rows": 1, "rejects": 0, "duplicates": 2,
              "outside_window": 3, "reported_total": 6, "reconciled": true,
              "first_started_at": "2026-11-19T00:00:00.000Z",
              "last_started_at": "2026-11-19T00:00:00.000Z",
              "columns": [{"name": "call_id", "type": "text"}],
              "schema_sha256": "0", "files": [
                {
                  "path": "part-00000.csv.gz", "rows": 1, "bytes": \(part.count),
                  "uncompressed_bytes": 14, "sha256": "\(digest)"
                }
              ],
              "rejects_file": null, "run_id": "run-0",
              "extracted_at": "2026-11-20T02:00:00.000Z", "tool": "cdrx/0.1.0"
            }
            """
        try disk.files.writeDurably(part, to: directory + "/part-00000.csv.gz")
        try disk.files.writeDurably(Array(manifest.utf8), to: directory + "/_manifest.json")
        try disk.files.writeDurably([], to: directory + "/_SUCCESS")
        return directory
    }

    /// A partition of the accounts, each with nothing; those that are missing begin with `-`.
    private static func publish(
        _ accounts: [String], on disk: FakeDisk
    ) throws -> PublishedPartition {
        let publisher = Fixture.publisher(disk)
        let description = Fixture.description(account: nil)
        let listed = accounts.map { name in
            var account = ManifestAccount(
                name, counts: ExtractionCounts(), verifiedBy: .total, reconciled: true,
                extractedAt: Fixture.extractedAt)
            account.sha256 = ContentDigest.hexadecimal(of: [])
            return name.hasPrefix("-")
                ? ManifestAccount(missing: String(name.dropFirst()), reason: "no token") : account
        }
        return try publisher.stage(description.location).prepare(
            Manifest(
                of: description, accounts: listed, rejectDigests: [], files: [],
                runID: publisher.runID, publishedAt: Fixture.extractedAt)
        ).publish()
    }

    @Test func formerManifestIsReadAndVerified() throws {
        let disk = FakeDisk()
        let directory = try Self.publishFormer("main", on: disk)
        let verifier = PartitionVerifier(disk: disk)
        #expect(try verifier.partitions(under: Fixture.root) == [directory])
        #expect(verifier.findings(in: directory) == [])
        let manifest = try verifier.manifest(in: directory)
        #expect(manifest.accounts.map(\.account) == ["main"])
        #expect(manifest.accounts.map(\.duplicates) == [2])
        #expect(manifest.accounts.map(\.state) == [.complete])
        #expect(manifest.rows == 1)
        #expect(
            RunPartition(manifest, directory: "calls/account=main/dt=2026-11-19", changed: true)
                .account == "main")
        try disk.files.removeTree(directory + "/part-00000.csv.gz")
        #expect(verifier.findings(in: directory).map(\.kind) == [.missingFile])
    }

    @Test func formerPartitionsOfItsAccountsGo() throws {
        let disk = FakeDisk()
        let gone = try [
            Self.publishFormer("a", on: disk), Self.publishFormer("b", on: disk),
        ]
        let kept = try [
            // The new one does not hold it, or it is another pipeline's.
            Self.publishFormer("c", on: disk),
            Self.publishFormer("d", pipeline: "other", on: disk),
        ]
        let published = try Self.publish(["a", "b", "-c", "d"], on: disk)
        #expect(published.leftover == nil)
        for path in gone { #expect(try disk.status(of: path) == nil) }
        for path in kept { #expect(try disk.status(of: path) != nil) }
        #expect(
            try disk.names(in: Fixture.root + "/calls") == [
                "account=c", "account=d", "dt=2026-11-19",
            ])
        #expect(try disk.names(in: Fixture.root + "/_staging") == [])
        // c comes.
        _ = try Self.publish(["a", "b", "c", "d"], on: disk)
        #expect(
            try disk.names(in: Fixture.root + "/calls") == ["account=d", "dt=2026-11-19"])
    }

    /// At every call: readers see the former partition, or the new one, or neither, never both.
    @Test func noReaderSeesBothAfterALossAtAnyCall() throws {
        let start = FakeDisk()
        let former = try Self.publishFormer("a", on: start)
        let image = start.image.after(.nothing)
        let undisturbed = FakeDisk(image)
        _ = try Self.publish(["a"], on: undisturbed)
        let new = Fixture.root + "/" + Fixture.description(account: nil).location.relativePath
        var outcomes: Set<[Bool]> = []
        for call in 1...undisturbed.callCount() + 1 {
            let disk = FakeDisk(image, faults: .init(stopAt: call))
            let published = try? Self.publish(["a"], on: disk)
            for outcome in DiskImage.Loss.samples {
                let left = disk.image.after(outcome)
                let found = [former, new].map { left.node(at: $0) != nil }
                #expect(found != [true, true], "call \(call), \(outcome)")
                if published != nil { #expect(found == [false, true], "\(call), \(outcome)") }
                outcomes.insert(found)
                // The next run publishes what the ledger does not have.
                let next = FakeDisk(left)
                _ = try Fixture.recover(next)
                _ = try Self.publish(["a"], on: next)
                #expect(try next.status(of: former) == nil, "call \(call), \(outcome)")
                #expect(try next.status(of: new) != nil, "call \(call), \(outcome)")
                #expect(try next.names(in: Fixture.root + "/_staging") == [], "call \(call)")
            }
        }
        #expect(outcomes == [[true, false], [false, false], [false, true]])
    }

    @Test func formerPartitionIsBackWhereTheNewOneCannotBePublished() throws {
        let start = FakeDisk()
        let former = try Self.publishFormer("a", on: start)
        let undisturbed = FakeDisk(start.image)
        _ = try Self.publish(["a"], on: undisturbed)
        var failures = 0
        for call in 1...undisturbed.callCount() {
            let disk = FakeDisk(
                start.image, faults: .init(failures: [.init(number: call, errorNumber: 28)]))
            do {
                _ = try Self.publish(["a"], on: disk)
            } catch let error as PartitionError where error.message.contains("rename") {
                failures += 1
                #expect(PartitionVerifier(disk: disk).findings(in: former) == [])
            } catch is PartitionError {
                continue
            }
        }
        #expect(failures == 2)
    }
}
