import BoundedDispatch
import ExportModel
import FileSystem
import ObjectStorage
import Synchronization
import TestDisk
import TestStore

@testable import Publication

/// Runs of one machine that publish the versions of ``PublicationFixture`` into a bucket in memory.
struct StoreMachine: Sendable {
    typealias Fixture = PublicationFixture

    let bucket: FakeBucket
    let disk: FakeDisk
    var line = FakeObjectStore.Line()
    var name = "vm1"
    /// Runs that this machine's ledger knows.
    var runs: Set<String> = []
    /// Added to the store's clock.
    var skew: Int64 = 0

    init(_ bucket: FakeBucket, disk: FakeDisk = FakeDisk()) {
        self.bucket = bucket
        self.disk = disk
    }

    func client(_ quoting: ETagQuoting = .quoted) -> FakeObjectStore {
        FakeObjectStore(bucket, disk: disk, line: line, quoting: quoting)
    }

    func store(pipeline: String = "nightly") throws -> ObjectPartitionStore {
        try ObjectPartitionStore(
            pipeline: pipeline, stateDirectory: "/state", disk: disk, stop: StopToken()
        ) { _ in { quoting in client(quoting) } }
    }

    func request(
        _ runID: String, pipeline: String = "nightly", shard: Shard? = nil,
        onLoss: @escaping @Sendable (PartitionError) -> Void = { _ in }
    ) -> LeaseRequest {
        let (bucket, skew) = (bucket, skew)
        return LeaseRequest(
            name: LeaseName(pipeline: pipeline, shard: shard),
            holder: LeaseHolder(
                runID: runID, processID: 7, host: name, command: "cdrx run nightly.yaml",
                startedAt: Fixture.extractedAt),
            endedRuns: runs,
            clock: LeaseClock(
                monotonicMilliseconds: { bucket.now },
                now: { Timestamp(epochMilliseconds: bucket.now + skew) }),
            onLoss: onLoss)
    }

    func publisher(_ store: ObjectPartitionStore, _ runID: String) -> PartitionPublisher {
        PartitionPublisher(store, runID: runID, tool: "cdrx/0.0.0", disk: disk)
    }

    /// A whole run: lease, recovery, one window, run file.
    func run(
        _ version: Fixture.Version, runID: String, rewriting: Bool = false
    ) throws {
        let store = try store()
        _ = try store.open(request(runID))
        do {
            let publisher = publisher(store, runID)
            _ = try publisher.recoverStaging(of: publisher.stagedRuns())
            let prepared = try Fixture.prepare(version, with: publisher)
            let published = try prepared.publish(rewriting: rewriting)
            try publisher.write(Fixture.runFile(runID, published))
        } catch {
            try? store.close()
            throw error
        }
        try store.close()
    }
}

extension FakeBucket {
    typealias Fixture = PublicationFixture

    /// A bucket with the same objects.
    func copy() -> FakeBucket {
        let copy = FakeBucket(traits: traits, now: now)
        copy.restore(objects)
        return copy
    }

    /// What a reader sees that follows the manifest and compares ETags.
    enum Sight: Equatable {
        case version(Fixture.Version?)
        /// Some part has another ETag: the reader asks again.
        case askAgain
        case wrong(String)
    }

    /// What a reader of the partition sees now.
    var sight: Sight {
        let directory = Fixture.location.relativePath
        let objects = objects
        guard let found = objects["\(directory)/\(Manifest.fileName)"] else { return .version(nil) }
        guard let manifest = try? Manifest(json: found.bytes, path: directory) else {
            return .wrong("an unreadable manifest")
        }
        var text = ""
        for file in manifest.files {
            guard let part = objects["\(directory)/\(file.path)"],
                part.etag.text == file.etag, part.versionID == file.versionID
            else { return .askAgain }
            guard part.sha256 == file.sha256, part.bytes.count == file.bytes else {
                return .wrong("\(file.path) is not what the manifest says")
            }
            text += TestFiles.text(gzip: part.bytes)
        }
        for version in Fixture.Version.allCases
        where manifest.rows == Fixture.parts(version).joined().count {
            if version == .empty || text.contains("\(version)-") { return .version(version) }
        }
        return .wrong("rows of no version")
    }

    /// Names in the partition's directory.
    var partitionNames: [String] {
        let prefix = Fixture.location.relativePath + "/"
        let keys = objects.keys.filter { $0.hasPrefix(prefix) }
        return keys.map { String($0.dropFirst(prefix.count)) }.sorted()
    }

    /// What is wrong with a bucket where a version was published and nothing disturbed the last run.
    func flaws(of version: Fixture.Version) -> [String] {
        var flaws: [String] = []
        if sight != .version(version) { flaws.append("readers see \(sight)") }
        let parts = Fixture.parts(version).indices.map { "part-0000\($0).csv.gz" }
        let rejects = version == .empty ? [] : [Manifest.rejectsName]
        let expected = ["_SUCCESS", "_manifest.json"] + rejects + parts
        if partitionNames != expected { flaws.append("left over: \(partitionNames)") }
        if let name = rejects.first {
            let key = "\(Fixture.location.relativePath)/\(name)"
            let text = objects[key].map { TestFiles.text(gzip: $0.bytes) } ?? ""
            if text != Fixture.rejects(version).map({ $0 + "\n" }).joined() {
                flaws.append("other rejects: \(text)")
            }
        }
        let leases = objects.filter { $0.key.hasPrefix("_locks/") }
        if leases.compactMap({ LeaseRecord(json: $0.value.bytes)?.isReleased }) != [true] {
            flaws.append("leases: \(leases.keys.sorted())")
        }
        let places = ["_locks/", "_runs/", Fixture.location.relativePath + "/"]
        for key in objects.keys where !places.contains(where: key.hasPrefix) {
            flaws.append("left over: \(key)")
        }
        return flaws
    }
}
