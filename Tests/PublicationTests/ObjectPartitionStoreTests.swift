import ExportModel
import FileSystem
import ObjectStorage
import Synchronization
import TestDisk
import TestStore
import Testing

@testable import Publication

/// Publication to an object store that nothing disturbs, or another writer.
@Suite struct ObjectPartitionStoreTests {
    private typealias Fixture = PublicationFixture
    private let directory = PublicationFixture.location.relativePath

    private func manifest(_ bucket: FakeBucket) throws -> Manifest {
        let found = try #require(bucket.objects["\(directory)/_manifest.json"])
        return try Manifest(json: found.bytes, path: "manifest")
    }

    @Test func theManifestNamesTheVersionOfEachPart() throws {
        var traits = FakeBucket.Traits()
        traits.keepsVersions = true
        let bucket = FakeBucket(traits: traits)
        let machine = StoreMachine(bucket)
        try machine.run(.new, runID: "run-1")
        let manifest = try manifest(bucket)
        #expect(manifest.files.count == 2)
        for file in manifest.files {
            let part = try #require(bucket.objects["\(directory)/\(file.path)"])
            #expect(file.etag == part.etag.text)
            #expect(file.versionID == part.versionID)
            #expect(file.sha256 == part.sha256)
        }
        let runFile = try #require(bucket.objects["_runs/00000007-run-1.json"])
        let listed = try RunFile(json: runFile.bytes, path: "run file").partitions
        #expect(listed.map(\.files) == [manifest.files])
        #expect(bucket.flaws(of: .new) == [])
    }

    @Test func unchangedContentIsNotRewritten() throws {
        let bucket = FakeBucket()
        let machine = StoreMachine(bucket)
        try machine.run(.new, runID: "run-1")
        let before = bucket.objects.filter { $0.key.hasPrefix(directory) }
        try machine.run(.new, runID: "run-2")
        #expect(bucket.objects.filter { $0.key.hasPrefix(directory) } == before)
        try machine.run(.new, runID: "run-3", rewriting: true)
        #expect(try manifest(bucket).runID == "run-3")
        #expect(bucket.flaws(of: .new) == [])
    }

    @Test(arguments: ["part-00000.csv.gz", "part-00001.csv.gz", "_rejects.ndjson.gz", "_SUCCESS"])
    func whatWasLostOrOverwrittenIsPutBack(name: String) throws {
        for bytes in [nil, [], Array("x".utf8)] where !(name == "_SUCCESS" && bytes != nil) {
            let bucket = FakeBucket()
            let machine = StoreMachine(bucket)
            try machine.run(.new, runID: "run-1")
            bucket.set(bytes, at: "\(directory)/\(name)")
            try machine.run(.new, runID: "run-2")
            #expect(bucket.flaws(of: .new) == [], "\(name)")
        }
    }

    @Test func anUnreadableManifestIsReplaced() throws {
        let bucket = FakeBucket()
        bucket.set(Array("{".utf8), at: "\(directory)/_manifest.json")
        try StoreMachine(bucket).run(.new, runID: "run-1")
        #expect(bucket.flaws(of: .new) == [])
    }

    /// Other programs' objects, and partitions of a finer grid below.
    @Test func whatOthersPutThereStays() throws {
        let bucket = FakeBucket()
        let others = ["notes.txt", "hour=07/part-00000.csv.gz", "hour=07/_manifest.json"]
        for name in others { bucket.set([1], at: "\(directory)/\(name)") }
        bucket.set([1], at: "\(directory)/part-00007.csv.gz")
        try StoreMachine(bucket).run(.new, runID: "run-1")
        for name in others { #expect(bucket.objects["\(directory)/\(name)"] != nil) }
        #expect(bucket.objects["\(directory)/part-00007.csv.gz"] == nil)
        #expect(bucket.sight == .version(.new))
    }

    @Test func listsInPagesAreReadToTheEnd() throws {
        var traits = FakeBucket.Traits()
        traits.pageSize = 1
        let bucket = FakeBucket(traits: traits)
        try StoreMachine(bucket).run(.old, runID: "run-1")
        try StoreMachine(bucket).run(.new, runID: "run-2")
        #expect(bucket.flaws(of: .new) == [])
        let store = try StoreMachine(bucket).store()
        #expect(try store.runFileNames().count == 2)
    }

    /// Whoever holds the lease looks again, once.
    @Test func aWriterInBetweenIsOverwrittenByTheHolder() throws {
        let bucket = FakeBucket()
        var machine = StoreMachine(bucket)
        try machine.run(.old, runID: "run-1")
        for name in ["part-00001.csv.gz", "_manifest.json"] {
            let key = "\(directory)/\(name)"
            let count = Mutex(0)
            machine.line = FakeObjectStore.Line { request in
                guard request.kind == .put, request.key == key else { return .answered }
                let isFirst = count.withLock { count in
                    count += 1
                    return count == 1
                }
                if isFirst { bucket.set([1, 2, 3], at: key) }
                return .answered
            }
            try machine.run(.new, runID: "run-2-\(name)", rewriting: true)
            #expect(count.withLock { $0 } == 2)
            #expect(bucket.flaws(of: .new) == [])
        }
    }

    @Test func aWriterThatNeverStopsFailsTheWindow() throws {
        let bucket = FakeBucket()
        var machine = StoreMachine(bucket)
        try machine.run(.old, runID: "run-1")
        let key = "\(directory)/part-00001.csv.gz"
        let number = Mutex(UInt8(0))
        machine.line = FakeObjectStore.Line { request in
            if request.kind == .put, request.key == key {
                number.withLock { number in
                    number += 1
                    bucket.set([number], at: key)
                }
            }
            return .answered
        }
        do {
            try machine.run(.new, runID: "run-2")
            Issue.record("published over another writer")
        } catch let error as PartitionError {
            #expect(error.reason == .conflict)
            #expect(error.message.contains("s3://bucket/exports/\(directory)"))
        }
        #expect(bucket.objects[key]?.bytes == [2])
        machine.line = FakeObjectStore.Line()
        try machine.run(.new, runID: "run-3")
        #expect(bucket.flaws(of: .new) == [])
    }

    /// The commit names an ETag that does not stand any more: that is no success.
    @Test func aPartOverwrittenAfterItsPutIsNoSuccess() throws {
        let bucket = FakeBucket()
        var machine = StoreMachine(bucket)
        let key = "\(directory)/part-00000.csv.gz"
        let number = Mutex(UInt8(0))
        machine.line = FakeObjectStore.Line { request in
            if request.kind == .put, request.key.hasSuffix(Manifest.fileName) {
                number.withLock { number in
                    number += 1
                    bucket.set([number], at: key)
                }
            }
            return .answered
        }
        #expect(throws: PartitionError.self) { try machine.run(.new, runID: "run-1") }
        machine.line = FakeObjectStore.Line()
        try machine.run(.new, runID: "run-2")
        #expect(bucket.flaws(of: .new) == [])
    }

    @Test func partitionsOfAnotherPipelineAreLeftAlone() throws {
        let bucket = FakeBucket()
        let machine = StoreMachine(bucket)
        try machine.run(.old, runID: "run-1")
        let before = bucket.objects
        let store = try machine.store(pipeline: "other")
        _ = try store.open(machine.request("run-2", pipeline: "other"))
        let prepared = try Fixture.prepare(.new, with: machine.publisher(store, "run-2"))
        do {
            _ = try prepared.publish()
            Issue.record("overwrote another pipeline's partition")
        } catch {
            #expect(error.reason == .conflict)
            #expect(error.message.contains("is published by pipeline 'nightly'"))
        }
        #expect(before.allSatisfy { bucket.objects[$0.key] == $0.value })
    }

    @Test func ownersAreFoundWithOneRequestEach() throws {
        let bucket = FakeBucket()
        let machine = StoreMachine(bucket)
        let store = try machine.store()
        let date = CivilDate(daysSinceEpoch: 20_800)
        func location(_ account: String?, stream: String = "calls") -> PartitionLocation {
            PartitionLocation(stream: stream, account: account, window: .day(date))
        }
        #expect(try store.owners.pipeline(beside: location("main")) == nil)
        #expect(try store.owners.otherLayout(beside: location(nil)) == nil)
        try machine.run(.old, runID: "run-1")
        let before = machine.line.requestCount
        #expect(try store.owners.pipeline(beside: location("main")) == "nightly")
        #expect(try store.owners.pipeline(beside: location("other")) == nil)
        #expect(try store.owners.otherLayout(beside: location("main")) == nil)
        #expect(
            try store.owners.otherLayout(beside: location(nil))
                == FoundPartition(
                    path: "s3://bucket/exports/\(directory)", layout: .account, buckets: 1))
        #expect(try store.owners.otherLayout(beside: location(nil, stream: "more")) == nil)
        #expect(machine.line.requestCount - before <= 16)
    }

    @Test func aPartLargerThanOnePutIsRefusedBeforeAnythingIsWritten() throws {
        let machine = StoreMachine(FakeBucket())
        let store = try machine.store()
        _ = try store.open(machine.request("run-1"))
        let prepared = try Fixture.prepare(.new, with: machine.publisher(store, "run-1"))
        var manifest = prepared.manifest
        manifest.files[1].bytes = ObjectPublication.maximumByteCount + 1
        do {
            _ = try store.publish(
                manifest, from: prepared.staging, at: prepared.location, rewriting: false)
            Issue.record("published a part of more than 5 GiB")
        } catch {
            #expect(error.code == "store_object_too_large")
            #expect(error.message.contains("cut the windows smaller"))
        }
        #expect(machine.bucket.partitionNames == [])
    }

    /// A run file that was stored before its run was killed is not stored twice.
    @Test func aRunFileIsStoredOnce() throws {
        let machine = StoreMachine(FakeBucket())
        try machine.run(.new, runID: "run-1")
        let store = try machine.store()
        _ = try store.open(machine.request("run-2"))
        var file = Fixture.runFile(
            "run-1",
            PublishedPartition(
                changed: true, manifest: try manifest(machine.bucket), location: Fixture.location,
                way: nil, leftover: nil))
        let before = machine.bucket.objects["_runs/00000007-run-1.json"]
        file.tool = "cdrx/9"
        #expect(
            try store.writeRunFile(file) == "s3://bucket/exports/_runs/00000007-run-1.json")
        #expect(machine.bucket.objects["_runs/00000007-run-1.json"] == before)
    }

    @Test func whatCannotBeReadNowIsNotTakenForNothing() throws {
        var machine = StoreMachine(FakeBucket())
        try machine.run(.new, runID: "run-1")
        machine.line = FakeObjectStore.Line { _ in .unreachable }
        let store = try machine.store()
        #expect(throws: PartitionError.self) {
            try store.standingManifest(at: Fixture.location)
        }
        machine.line = FakeObjectStore.Line()
        let other = try machine.store()
        #expect(try other.standingManifest(at: Fixture.location)?.runID == "run-1")
        #expect(try other.manifest(in: directory).runID == "run-1")
        #expect(throws: PartitionError.self) { try other.manifest(in: "calls/dt=2020-01-01") }
    }
}
