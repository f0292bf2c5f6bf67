import ExportModel
import FileSystem
import Foundation
import TestDisk
import Testing

@testable import Publication

@Suite struct PartitionPublisherTests {
    private typealias Fixture = PublicationFixture

    /// Everything in the partition's directory.
    private func names(_ disk: FakeDisk) throws -> [String] {
        try disk.files.names(in: Fixture.directory)
    }

    @Test func partitionHoldsPartsRejectsManifestAndSuccess() throws {
        let disk = FakeDisk()
        let published = try Fixture.prepare(.old, with: Fixture.publisher(disk)).publish()
        #expect(published.changed)
        #expect(published.way == .first)
        #expect(
            try names(disk) == [
                "_SUCCESS", "_manifest.json", "_rejects.ndjson.gz", "part-00000.csv.gz",
                "part-00001.csv.gz",
            ])
        #expect(try disk.files.contents(of: Fixture.directory + "/_SUCCESS").isEmpty)
        #expect(
            try Fixture.content(of: published.manifest, disk) == """
                call_id,started_at
                old-0,2026-11-19T00:00:00.000Z
                old-1,2026-11-19T00:00:00.001Z
                old-2,2026-11-19T00:00:00.002Z
                old-3,2026-11-19T00:00:00.003Z
                call_id,started_at
                old-4,2026-11-19T00:00:00.004Z
                {"reason":"missing_field","field":"time","page":1,"raw":{"v":"old"}}

                """)
        #expect(try disk.files.names(in: Fixture.root + "/_staging") == [])
    }

    @Test func windowWithoutRowsPublishesItsManifestAndNoPart() throws {
        let disk = FakeDisk()
        let published = try Fixture.prepare(.empty, with: Fixture.publisher(disk)).publish()
        #expect(published.manifest.rows == 0)
        #expect(published.manifest.files == [])
        #expect(published.manifest.rejectsFile == nil)
        #expect(published.manifest.accounts.map(\.firstStartedAt) == [nil])
        #expect(try names(disk) == ["_SUCCESS", "_manifest.json"])
        #expect(PartitionVerifier(disk: disk).findings(in: Fixture.directory) == [])
    }

    @Test func requestListHasNoBounds() throws {
        let disk = FakeDisk()
        let published = try Fixture.prepare(
            .old, with: Fixture.publisher(disk), as: Fixture.description(.batch("ids"))
        ).publish()
        #expect(published.location.relativePath == "calls/cdrx_account=main/batch=ids")
        let path = Fixture.root + "/" + published.location.relativePath + "/_manifest.json"
        let text = try TestFiles.text(path, disk)
        #expect(text.contains("\"start\": null"))
        #expect(text.contains("\"end\": null"))
    }

    @Test func unchangedContentIsNotRewritten() throws {
        let disk = FakeDisk()
        _ = try Fixture.prepare(.old, with: Fixture.publisher(disk)).publish()
        let before = disk.image.node(at: Fixture.directory)
        let again = try Fixture.prepare(.old, with: Fixture.publisher(disk, runID: "run-2"))
            .publish()
        #expect(!again.changed)
        #expect(again.manifest.runID == "run-1")
        #expect(disk.image.node(at: Fixture.directory) == before)
        #expect(try disk.files.names(in: Fixture.root + "/_staging") == [])
    }

    enum Damage: String, CaseIterable {
        case missingPart, changedPart, missingSuccess, extraPart, changedRejects, noManifest
    }

    @Test(arguments: Damage.allCases)
    func damagedVersionIsRewrittenAlthoughItsManifestSaysTheSame(damage: Damage) throws {
        let disk = FakeDisk()
        _ = try Fixture.prepare(.old, with: Fixture.publisher(disk)).publish()
        func remove(_ name: String) throws {
            try disk.files.removeTree(Fixture.directory + "/" + name)
        }
        func write(_ name: String) throws {
            try disk.files.writeDurably([1], to: Fixture.directory + "/" + name)
        }
        switch damage {
        case .missingPart: try remove("part-00000.csv.gz")
        case .changedPart:
            try remove("part-00000.csv.gz")
            try write("part-00000.csv.gz")
        case .missingSuccess: try remove("_SUCCESS")
        case .extraPart: try write("part-00009.csv.gz")
        case .changedRejects:
            try remove("_rejects.ndjson.gz")
            try write("_rejects.ndjson.gz")
        case .noManifest: try remove("_manifest.json")
        }
        let again = try Fixture.prepare(.old, with: Fixture.publisher(disk)).publish()
        #expect(again.changed)
        #expect(PartitionVerifier(disk: disk).findings(in: Fixture.directory) == [])
    }

    @Test func changedContentReplacesTheVersion() throws {
        let disk = FakeDisk()
        _ = try Fixture.prepare(.old, with: Fixture.publisher(disk)).publish()
        let next = try Fixture.prepare(.new, with: Fixture.publisher(disk)).publish()
        #expect(next.changed)
        #expect(next.way == .exchanged)
        #expect(next.note == nil)
        #expect(try Fixture.standing(disk).get() == .new)
    }

    @Test func diskWithoutExchangeTakesTwoRenamesAndSaysSo() throws {
        let disk = FakeDisk(faults: .init(refusesExchange: true))
        _ = try Fixture.prepare(.old, with: Fixture.publisher(disk)).publish()
        let next = try Fixture.prepare(.new, with: Fixture.publisher(disk)).publish()
        #expect(next.way == .twoRenames)
        #expect(next.note?.contains("cannot exchange") == true)
        #expect(try Fixture.standing(disk).get() == .new)
        #expect(try disk.files.names(in: Fixture.root + "/_staging") == [])
    }

    /// Uncompressed parts have no checksum of their own: only the digest can tell.
    @Test(arguments: [
        ("part-00000.csv", ""), ("part-00000.csv.gz", ".gz"), ("_rejects.ndjson.gz", ".gz"),
        ("_manifest.json", ".gz"),
    ])
    func fileThatReadsBackDifferentlyIsNotPublished(name: String, suffix: String) throws {
        let disk = FakeDisk(faults: .init(corruptsFilesNamed: name))
        #expect {
            _ = try Fixture.prepare(
                .old, with: Fixture.publisher(disk), suffix: suffix)
        } throws: { ($0 as? PartitionError)?.reason == .rereadDiffers }
        #expect(try Fixture.standing(disk).get() == nil)
    }

    @Test(arguments: [ENOSPC, EIO, EROFS])
    func callThatFailsLeavesThePublishedVersionAndTheNextRunGoesOn(errno: Int32) throws {
        let before = FakeDisk()
        try Fixture.run(.old, on: before, runID: "run-0")
        let undisturbed = FakeDisk(before.image)
        try Fixture.run(.new, on: undisturbed)
        for call in 1...undisturbed.callCount(of: .all) {
            let disk = FakeDisk(
                before.image,
                faults: .init(failures: [.init(of: .all, number: call, errorNumber: errno)]))
            do {
                try Fixture.run(.new, on: disk)
            } catch let error as PartitionError {
                #expect((error.cause as? FileSystemError)?.errorNumber == errno)
                let paths = [Fixture.root, "syncDirectory /:"]
                #expect(paths.contains(where: error.message.contains), "it names the path")
            }
            let standing = try Fixture.standing(disk).get()
            #expect(standing == .old || standing == .new, "call \(call)")
            try Fixture.run(.new, on: disk, runID: "run-2")
            #expect(try Fixture.standing(disk).get() == .new, "call \(call)")
            #expect(try disk.files.names(in: Fixture.root + "/_staging") == [], "call \(call)")
        }
    }

    @Test func recoveryLeavesOtherPipelinesAlone() throws {
        let disk = FakeDisk()
        let other = PartitionPublisher(
            DirectoryStore(root: Fixture.root, pipeline: "nightly-2", disk: disk), runID: "r",
            tool: "cdrx/0", disk: disk)
        _ = try other.stage(Fixture.location)
        _ = try Fixture.publisher(disk).stage(Fixture.location)
        let recovered = try Fixture.recover(disk)
        #expect(recovered.map(\.outcome) == [.removed])
        let left = try disk.files.names(in: Fixture.root + "/_staging")
        #expect(left.count == 1)
        #expect(left.allSatisfy { $0.hasPrefix("nightly-2.") })
    }

    @Test func abandonedVersionLeavesNothing() throws {
        let disk = FakeDisk()
        let publisher = Fixture.publisher(disk)
        let staged = try publisher.stage(Fixture.location)
        _ = try staged.makeFile("part-00000.csv")
        try staged.abandon()
        try Fixture.prepare(.old, with: publisher).abandon()
        #expect(try disk.files.names(in: Fixture.root + "/_staging") == [])
        #expect(try Fixture.standing(disk).get() == nil)
    }

    @Test func runFileListsWhatWasPublished() throws {
        let disk = FakeDisk()
        try Fixture.run(.old, on: disk)
        let path = Fixture.root + "/_runs/00000007-run-1.json"
        let file = try RunFile(json: disk.files.contents(of: path), path: path)
        let partition = try #require(file.partitions.first)
        #expect(partition.directory == "calls/cdrx_account=main/dt=2026-11-19")
        #expect(partition.rows == 5)
        #expect(partition.rejects == 1)
        #expect(partition.changed)
        #expect(partition.files.map(\.path) == ["part-00000.csv.gz", "part-00001.csv.gz"])
    }
}
