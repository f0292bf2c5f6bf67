import ExportModel
import Foundation
import Testing

@testable import Publication

@Suite struct PartitionPublisherTests {
    private typealias Fixture = PublicationFixture

    /// Everything in the partition's directory.
    private func names(_ fileSystem: MemoryFileSystem) throws -> [String] {
        try fileSystem.list(Fixture.directory)
    }

    @Test func partitionHoldsPartsRejectsManifestAndSuccess() throws {
        let fileSystem = MemoryFileSystem()
        let published = try Fixture.prepare(.old, with: Fixture.publisher(fileSystem)).publish()
        #expect(published.changed)
        #expect(published.way == .first)
        #expect(
            try names(fileSystem) == [
                "_SUCCESS", "_manifest.json", "_rejects.ndjson.gz", "part-00000.csv.gz",
                "part-00001.csv.gz",
            ])
        #expect(try fileSystem.contents(of: Fixture.directory + "/_SUCCESS").isEmpty)
        #expect(
            try Fixture.content(of: published.manifest, fileSystem) == """
                call_id,started_at
                old-0,2026-11-19T00:00:00.000Z
                old-1,2026-11-19T00:00:00.001Z
                old-2,2026-11-19T00:00:00.002Z
                old-3,2026-11-19T00:00:00.003Z
                call_id,started_at
                old-4,2026-11-19T00:00:00.004Z
                {"reason":"missing_field","field":"time","page":1,"raw":{"v":"old"}}

                """)
        #expect(try fileSystem.list(Fixture.root + "/_staging") == [])
    }

    @Test func windowWithoutRowsPublishesItsManifestAndNoPart() throws {
        let fileSystem = MemoryFileSystem()
        let published = try Fixture.prepare(.empty, with: Fixture.publisher(fileSystem)).publish()
        #expect(published.manifest.rows == 0)
        #expect(published.manifest.files == [])
        #expect(published.manifest.rejectsFile == nil)
        #expect(published.manifest.accounts.map(\.firstStartedAt) == [nil])
        #expect(try names(fileSystem) == ["_SUCCESS", "_manifest.json"])
        #expect(PartitionVerifier(fileSystem: fileSystem).findings(in: Fixture.directory) == [])
    }

    @Test func requestListHasNoBounds() throws {
        let fileSystem = MemoryFileSystem()
        let published = try Fixture.prepare(
            .old, with: Fixture.publisher(fileSystem), as: Fixture.description(.batch("ids"))
        ).publish()
        #expect(published.location.relativePath == "calls/cdrx_account=main/batch=ids")
        let path = Fixture.root + "/" + published.location.relativePath + "/_manifest.json"
        let text = try TestFiles.text(path, fileSystem)
        #expect(text.contains("\"start\": null"))
        #expect(text.contains("\"end\": null"))
    }

    @Test func unchangedContentIsNotRewritten() throws {
        let fileSystem = MemoryFileSystem()
        _ = try Fixture.prepare(.old, with: Fixture.publisher(fileSystem)).publish()
        let before = fileSystem.disk.node(at: Fixture.directory)
        let again = try Fixture.prepare(.old, with: Fixture.publisher(fileSystem, runID: "run-2"))
            .publish()
        #expect(!again.changed)
        #expect(again.manifest.runID == "run-1")
        #expect(fileSystem.disk.node(at: Fixture.directory) == before)
        #expect(try fileSystem.list(Fixture.root + "/_staging") == [])
    }

    enum Damage: String, CaseIterable {
        case missingPart, changedPart, missingSuccess, extraPart, changedRejects, noManifest
    }

    @Test(arguments: Damage.allCases)
    func damagedVersionIsRewrittenAlthoughItsManifestSaysTheSame(damage: Damage) throws {
        let fileSystem = MemoryFileSystem()
        _ = try Fixture.prepare(.old, with: Fixture.publisher(fileSystem)).publish()
        func remove(_ name: String) throws {
            try fileSystem.removeTree(at: Fixture.directory + "/" + name)
        }
        func write(_ name: String) throws {
            try fileSystem.writeDurably([1], to: Fixture.directory + "/" + name)
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
        let again = try Fixture.prepare(.old, with: Fixture.publisher(fileSystem)).publish()
        #expect(again.changed)
        #expect(PartitionVerifier(fileSystem: fileSystem).findings(in: Fixture.directory) == [])
    }

    @Test func changedContentReplacesTheVersion() throws {
        let fileSystem = MemoryFileSystem()
        _ = try Fixture.prepare(.old, with: Fixture.publisher(fileSystem)).publish()
        let next = try Fixture.prepare(.new, with: Fixture.publisher(fileSystem)).publish()
        #expect(next.changed)
        #expect(next.way == .exchanged)
        #expect(next.note == nil)
        #expect(try Fixture.standing(fileSystem).get() == .new)
    }

    @Test func fileSystemWithoutExchangeTakesTwoRenamesAndSaysSo() throws {
        let fileSystem = MemoryFileSystem(MemoryDisk(), faults: .init(refusesExchange: true))
        _ = try Fixture.prepare(.old, with: Fixture.publisher(fileSystem)).publish()
        let next = try Fixture.prepare(.new, with: Fixture.publisher(fileSystem)).publish()
        #expect(next.way == .twoRenames)
        #expect(next.note?.contains("cannot exchange") == true)
        #expect(try Fixture.standing(fileSystem).get() == .new)
        #expect(try fileSystem.list(Fixture.root + "/_staging") == [])
    }

    /// Uncompressed parts have no checksum of their own: only the digest can tell.
    @Test(arguments: [
        ("part-00000.csv", ""), ("part-00000.csv.gz", ".gz"), ("_rejects.ndjson.gz", ".gz"),
        ("_manifest.json", ".gz"),
    ])
    func fileThatReadsBackDifferentlyIsNotPublished(name: String, suffix: String) throws {
        let fileSystem = MemoryFileSystem(MemoryDisk(), faults: .init(corruptsFilesNamed: name))
        #expect {
            _ = try Fixture.prepare(
                .old, with: Fixture.publisher(fileSystem), suffix: suffix)
        } throws: { ($0 as? PartitionError)?.reason == .rereadDiffers }
        #expect(try Fixture.standing(fileSystem).get() == nil)
    }

    @Test(arguments: [ENOSPC, EIO, EROFS])
    func callThatFailsLeavesThePublishedVersionAndTheNextRunGoesOn(errno: Int32) throws {
        let before = MemoryFileSystem()
        try Fixture.run(.old, on: before, runID: "run-0")
        let undisturbed = MemoryFileSystem(before.disk)
        try Fixture.run(.new, on: undisturbed)
        for call in 1...undisturbed.callCount {
            let fileSystem = MemoryFileSystem(before.disk, faults: .init(failures: [call: errno]))
            do {
                try Fixture.run(.new, on: fileSystem)
            } catch let error as PartitionError {
                #expect(error.errorNumber == errno)
                let paths = [Fixture.root, "sync /:"]
                #expect(paths.contains(where: error.message.contains), "it names the path")
            }
            let standing = try Fixture.standing(fileSystem).get()
            #expect(standing == .old || standing == .new, "call \(call)")
            try Fixture.run(.new, on: fileSystem, runID: "run-2")
            #expect(try Fixture.standing(fileSystem).get() == .new, "call \(call)")
            #expect(try fileSystem.list(Fixture.root + "/_staging") == [], "call \(call)")
        }
    }

    @Test func recoveryLeavesOtherPipelinesAlone() throws {
        let fileSystem = MemoryFileSystem()
        let other = PartitionPublisher(
            root: Fixture.root, pipeline: "nightly-2", runID: "r", tool: "cdrx/0",
            fileSystem: fileSystem)
        _ = try other.stage(Fixture.location)
        _ = try Fixture.publisher(fileSystem).stage(Fixture.location)
        let recovered = try Fixture.recover(fileSystem)
        #expect(recovered.map(\.outcome) == [.removed])
        let left = try fileSystem.list(Fixture.root + "/_staging")
        #expect(left.count == 1)
        #expect(left.allSatisfy { $0.hasPrefix("nightly-2.") })
    }

    @Test func abandonedVersionLeavesNothing() throws {
        let fileSystem = MemoryFileSystem()
        let publisher = Fixture.publisher(fileSystem)
        let staged = try publisher.stage(Fixture.location)
        _ = try staged.makeFile("part-00000.csv")
        try staged.abandon()
        try Fixture.prepare(.old, with: publisher).abandon()
        #expect(try fileSystem.list(Fixture.root + "/_staging") == [])
        #expect(try Fixture.standing(fileSystem).get() == nil)
    }

    @Test func runFileListsWhatWasPublished() throws {
        let fileSystem = MemoryFileSystem()
        try Fixture.run(.old, on: fileSystem)
        let path = Fixture.root + "/_runs/00000007-run-1.json"
        let file = try RunFile(json: fileSystem.contents(of: path), path: path)
        let partition = try #require(file.partitions.first)
        #expect(partition.directory == "calls/cdrx_account=main/dt=2026-11-19")
        #expect(partition.rows == 5)
        #expect(partition.rejects == 1)
        #expect(partition.changed)
        #expect(partition.files.map(\.path) == ["part-00000.csv.gz", "part-00001.csv.gz"])
    }
}
