import ExportModel
import FileSystem
import Foundation
import Publication
import Planning
import RunLedger
import TestDisk
import Testing
import WarehouseSchema

@testable import ExportRun

/// Runs, failures, loads and kills in any order: a load that ends well leaves the warehouse with
/// exactly what the ledger says is published, and the last one with exactly what stands on disk.
///
/// The warehouse is a model: a table is the bytes of each partition's files. A kill during a load is
/// a load that applies some streams (a transaction each) and records nothing.
@Suite struct LoadSequenceTests {
    /// Files of a partition, by partition.
    typealias Contents = [PartitionName: [Data]]

    @Test(arguments: 1...200)
    func warehouseEqualsWhatIsPublished(seed: UInt64) throws {
        let world = try World(seed: seed)
        defer { world.place.remove() }
        for _ in 0..<7 { try world.step() }
        try world.run(failing: 0)
        try world.load(endingAt: .recorded)
        #expect(world.warehouse == (try world.onDisk()), "seed \(seed)")
    }
}

/// One export, its provider and its warehouse.
private final class World {
    /// How far a load gets before it is killed.
    enum LoadEnd: CaseIterable {
        case planned, firstStream, allStreams, recorded
    }

    static let text = """
        pipeline: loads
        windows: {every: day, range: {from: 2026-01-01, to: 2026-01-03}, shrink: replace}
        extract: {requests_per_second: 10000, attempts: 1}
        output: {path: unused}
        streams:
          - stream: one
            endpoint: telecmi.v2.user.out_missed
            base_url: https://fake.example
            accounts: [{account: u, token: "${TOKEN}"}]
          - stream: two
            endpoint: telecmi.v2.user.out_missed
            base_url: https://fake.example
            accounts: [{account: u, token: "${TOKEN}"}]
        """
    static let all = PlanRequest.backfill(
        from: LocalHour(date: CivilDate(daysSinceEpoch: 20_454)),
        to: LocalHour(date: CivilDate(daysSinceEpoch: 20_456)), mode: .force)

    let place: Workplace
    private let pipeline: Pipeline
    private(set) var warehouse: LoadSequenceTests.Contents = [:]
    private var disk = FakeDisk()
    private var random: SeededRandom
    private var records: [FakeProvider.Record] = []

    init(seed: UInt64) throws {
        place = try Workplace()
        pipeline = try place.pipeline(Self.text)
        random = SeededRandom(seed: seed)
        for _ in 0..<6 { change() }
    }

    func step() throws {
        switch random.below(6) {
        case 0: change()
        case 1: try run(failing: 0)
        case 2: try run(failing: 1 + random.below(80))
        case 3: try removePartition()
        default: try load(endingAt: LoadEnd.allCases[random.below(LoadEnd.allCases.count)])
        }
    }

    /// A record comes, changes, or a day's records leave.
    private func change() {
        let day = Workplace.start + Int64(random.below(2)) * 86_400_000
        switch random.below(5) {
        case 0:
            records.removeAll { day <= $0.milliseconds && $0.milliseconds < day + 86_400_000 }
        case 1 where !records.isEmpty:
            records[random.below(records.count)].members = #","name":"\#(random.below(1_000))""#
        default:
            records.append(
                FakeProvider.Record(
                    id: records.count + random.below(1_000) * 1_000,
                    milliseconds: day + Int64(random.below(86_400)) * 1_000, members: ""))
        }
    }

    /// - Parameter failing: the call on the file system that fails; 0: none.
    func run(failing: Int) throws {
        let failures: [FakeDisk.Failure] =
            failing == 0 ? [] : [.init(number: failing, errorNumber: ENOSPC)]
        disk = FakeDisk(disk.image, faults: .init(failures: failures))
        do {
            let report = try place.run(
                Self.text, transport: FakeProvider(records), disk: disk,
                plan: Self.all)
            if failing == 0 { #expect(report.exitCode == 0) }
        } catch {
            // The whole run failed, where the disk did.
            #expect(failing > 0 && disk.callCount() >= failing)
        }
        disk = disk.restarted
    }

    private func removePartition() throws {
        let root = place.directory + "/out"
        guard try disk.status(of: root) != nil else { return }
        let directories = try PartitionVerifier(disk: disk).partitions(under: root)
        guard !directories.isEmpty, random.below(2) == 0 else { return }
        try disk.files.removeTree(directories[random.below(directories.count)])
    }

    func load(endingAt end: LoadEnd) throws {
        let holder = LockHolder(
            processID: 1, host: "test", command: "load", startedAt: Timestamp(epochMilliseconds: 0))
        let load = try WarehouseLoad(
            pipeline, WarehouseLoad.Request(target: "wh"), holder: holder,
            disk: disk)
        let prepared = load.prepare(at: place.directory + "/out")
        if end == .planned { return }
        for step in prepared.steps where end != .firstStream || step.name.stream == "one" {
            warehouse[step.name] = try step.published.map { try contents($0.directory) }
        }
        if end != .recorded { return }
        try load.record(prepared, at: Timestamp(epochMilliseconds: 0))
        if prepared.failures.isEmpty { try expectWhatIsRecorded() }
    }

    /// The warehouse has exactly the partitions that the ledger recorded and that stand. What a run
    /// published before it failed is not recorded yet; the next run does that.
    private func expectWhatIsRecorded() throws {
        let inspection = PipelineInspection(pipeline, disk: disk)
        var names: Set<PartitionName> = []
        for partition in try inspection.partitions() {
            let published = partition.published
            let path = place.directory + "/out/" + published.directory
            guard try disk.status(of: path) != nil else { continue }
            let name = PartitionName(partition.identity)
            names.insert(name)
            if published.holds(try PartitionVerifier(disk: disk).manifest(in: path)) {
                #expect(warehouse[name] == (try contents(published.directory)), "\(name)")
            }
        }
        #expect(Set(warehouse.keys) == names)
    }

    /// Every partition that stands on disk, by its own manifest.
    func onDisk() throws -> LoadSequenceTests.Contents {
        let root = place.directory + "/out"
        var found: LoadSequenceTests.Contents = [:]
        for path in try PartitionVerifier(disk: disk).partitions(under: root) {
            let manifest = try PartitionVerifier(disk: disk).manifest(in: path)
            let account = path.contains("account=") ? manifest.accounts.first?.account : nil
            found[
                PartitionName(
                    PartitionIdentity(
                        pipeline: manifest.pipeline, stream: manifest.stream, account: account,
                        window: manifest.window.key))] = try manifest.files.map {
                    Data(try disk.files.contents(of: path + "/" + $0.path))
                }
        }
        return found
    }

    private func contents(_ directory: String) throws -> [Data] {
        let path = place.directory + "/out/" + directory
        return try PartitionVerifier(disk: disk).manifest(in: path).files.map {
            Data(try disk.files.contents(of: path + "/" + $0.path))
        }
    }
}
