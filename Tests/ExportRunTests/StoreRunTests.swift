import BoundedDispatch
import ExportModel
import FileSystem
import Foundation
import ObjectStorage
import Planning
import Publication
import RunLedger
import Synchronization
import TestStore
import Testing

@testable import ExportRun

/// Whole runs into an object store.
@Suite struct StoreRunTests {
    private let bucket = FakeBucket()

    private func store(
        _ line: FakeObjectStore.Line = FakeObjectStore.Line()
    ) -> RunEnvironment.MakeObjectStore {
        { [bucket] _, _ in
            { FakeObjectStore(bucket, disk: SystemDisk(), line: line, quoting: $0) }
        }
    }

    /// What lies in the bucket but manifests, leases and run files.
    private func published() -> [String: Data] {
        bucket.objects.filter { !$0.key.hasPrefix("_") && !$0.key.hasSuffix(Manifest.fileName) }
            .mapValues { Data($0.bytes) }
    }

    private func runFiles() throws -> [RunFile] {
        try bucket.objects.filter { $0.key.hasPrefix("_runs/") }.sorted { $0.key < $1.key }
            .map { try RunFile(json: $0.value.bytes, path: $0.key) }
    }

    private func ledgerRuns(_ place: Workplace) throws -> [RunRecord] {
        let ledger = try Ledger.openReadOnly(
            StateDirectory(path: place.directory + "/state"), output: "s3://bucket/exports")
        return try ledger?.runs(pipeline: "crash", limit: 100) ?? []
    }

    /// Three days, the accounts together, small parts.
    private static let text = Workplace.v2
        .replacingOccurrences(of: "to: 2026-01-02", with: "to: 2026-01-04")
        .replacingOccurrences(of: "{path: unused}", with: "{path: unused, part_bytes: 2KiB}")

    private static let records = evenRecords(90, dayCount: 3)

    @Test func theStoreHoldsWhatADirectoryWould() throws {
        let local = try Workplace()
        defer { local.remove() }
        _ = try local.run(Self.text, transport: FakeProvider(Self.records))
        let place = try Workplace()
        defer { place.remove() }
        let report = try place.run(
            Self.text, transport: FakeProvider(Self.records), into: store())
        #expect(report.exitCode == 0)
        #expect(try published() == local.published())
        #expect(published().count > 6)
        #expect(report.runFile?.hasPrefix("s3://bucket/exports/_runs/00000001-") == true)
        #expect(try runFiles().flatMap(\.partitions).count == 3)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: place.directory + "/state/_staging")
                == [])

        let provider = FakeProvider(Self.records)
        let before = published()
        let again = try place.run(Self.text, transport: provider, into: store())
        #expect(again.exitCode == 0)
        #expect(again.windows.isEmpty)
        #expect(provider.requestedPages.isEmpty)
        #expect(published() == before)
    }

    /// Killed as far as the store is concerned: no request is answered any more.
    @Test func aRunAfterOneCutOffAtAnyRequestHealsAll() throws {
        let undisturbed = try Workplace()
        defer { undisturbed.remove() }
        let line = FakeObjectStore.Line()
        _ = try undisturbed.run(
            Self.text, transport: FakeProvider(Self.records), into: store(line))
        let (count, expected) = (line.requestCount, published())
        let newest = bucket.objects
        for number in stride(from: 1, through: count, by: 2) {
            for fate in [FakeObjectStore.Fate.killedBefore, .killedAfter] {
                bucket.restore([:])
                let place = try Workplace()
                defer { place.remove() }
                let line = FakeObjectStore.Line { $0.number == number ? fate : .answered }
                _ = try? place.run(
                    Self.text, transport: FakeProvider(Self.records), into: store(line))
                let report = try place.run(
                    Self.text, transport: FakeProvider(Self.records), into: store())
                #expect(report.exitCode == 0, "\(fate) \(number)")
                #expect(published() == expected, "\(fate) \(number)")
                let listed = try runFiles().flatMap(\.partitions).map(\.directory)
                #expect(Set(listed).count == 3, "\(fate) \(number): \(listed)")
                #expect(bucket.objects.keys.count { $0.hasPrefix("_locks/") } == 1)
                #expect(
                    bucket.objects.keys.allSatisfy { key in
                        newest[key] != nil || key.hasPrefix("_runs/") || key.hasPrefix("_locks/")
                    })
            }
        }
    }

    @Test func anotherMachinesLeaseEndsTheRunBeforeItBegins() throws {
        let place = try Workplace()
        defer { place.remove() }
        let holder = try ObjectPartitionStore(
            pipeline: "crash", stateDirectory: "/nowhere", disk: SystemDisk(), stop: StopToken()
        ) { [bucket] _ in { FakeObjectStore(bucket, disk: SystemDisk(), quoting: $0) } }
        let bucket = bucket
        _ = try holder.open(
            LeaseRequest(
                name: LeaseName(pipeline: "crash"),
                holder: LeaseHolder(
                    runID: "elsewhere", processID: 42, host: "vm2", command: "cdrx run x.yaml",
                    startedAt: Timestamp(epochMilliseconds: Workplace.start)),
                endedRuns: [],
                clock: LeaseClock(
                    monotonicMilliseconds: { bucket.now },
                    now: { Timestamp(epochMilliseconds: bucket.now) }),
                onLoss: { _ in }))
        let provider = FakeProvider(Self.records)
        do {
            _ = try place.run(Self.text, transport: provider, into: store())
            Issue.record("two machines run one pipeline")
        } catch let error as ExportError {
            #expect(error.code == "lease_held")
            #expect(error.message.contains("process 42 on vm2 ('cdrx run x.yaml', since 2026-01-"))
        }
        #expect(provider.requestedPages.isEmpty)
        #expect(try ledgerRuns(place).isEmpty)
        try holder.close()
        let report = try place.run(Self.text, transport: provider, into: store())
        #expect(report.exitCode == 0)
        #expect(try ledgerRuns(place).map(\.status) == [.complete])
    }

    /// Another machine takes over in the middle: the run ends with 75, and the next goes on.
    @Test func aLostLeaseStopsTheRun() throws {
        let place = try Workplace()
        defer { place.remove() }
        let bucket = bucket
        let parts = Mutex(0)
        let line = FakeObjectStore.Line { request in
            let isPart = request.kind == .put && request.key.contains("part-")
            let number = parts.withLock { parts in
                parts += isPart ? 1 : 0
                return parts
            }
            if isPart, number == 2 {
                // As if it had stalled: somebody else's lease stands, and part.
                let key = bucket.objects.keys.first { $0.hasPrefix("_locks/") } ?? ""
                let taken = bucket.objects[key]?.bytes ?? []
                bucket.set(taken, at: "_locks/crash/00000009")
                bucket.set([1], at: request.key)
            }
            return .answered
        }
        let events = EventLog()
        let report = try place.run(
            Self.text, transport: FakeProvider(Self.records), onEvent: events.add,
            into: store(line))
        #expect(report.exitCode == 75)
        #expect(report.lostLease?.code == "lease_lost")
        #expect(events.names.count { $0 == .leaseLost } == 1)
        #expect(try ledgerRuns(place).first?.status == .incomplete)

        let after = bucket.objects.filter { $0.key.hasPrefix("_locks/") }
        #expect(Set(after.keys).contains("_locks/crash/00000009"))
        bucket.advance(milliseconds: 120_000)
        let next = try place.run(
            Self.text, transport: FakeProvider(Self.records), into: store())
        #expect(next.exitCode == 0)
        #expect(try runFiles().flatMap(\.partitions).map(\.directory).sorted().count == 3)
    }

    /// Fewer rows replace nothing only because the store could not say what stands.
    @Test func aStoreThatCannotBeReadHidesNoRows() throws {
        let place = try Workplace()
        defer { place.remove() }
        _ = try place.run(Self.text, transport: FakeProvider(Self.records), into: store())
        let before = published()
        let again = PlanRequest.backfill(
            from: LocalHour(date: CivilDate(daysSinceEpoch: Int(Workplace.start / 86_400_000))),
            to: LocalHour(date: CivilDate(daysSinceEpoch: Int(Workplace.start / 86_400_000) + 3)),
            mode: .force)
        let isHeld = Mutex(false)
        let line = FakeObjectStore.Line { request in
            let isManifest = request.kind == .get && request.key.hasSuffix(Manifest.fileName)
            return isHeld.withLock { isHeld in
                isHeld = isHeld || request.kind == .put
                return isHeld && isManifest ? .unreachable : .answered
            }
        }
        let report = try place.run(
            Self.text, transport: FakeProvider(evenRecords(30, dayCount: 3)), plan: again,
            into: store(line))
        #expect(report.exitCode == 1)
        #expect(published() == before)
    }

    @Test func aStoreWithoutConditionsIsWarnedOf() throws {
        let place = try Workplace()
        defer { place.remove() }
        var traits = FakeBucket.Traits()
        traits.honorsIfAbsent = false
        let bucket = FakeBucket(traits: traits)
        let events = EventLog()
        let report = try place.run(
            Self.text, transport: FakeProvider(Self.records),
            onEvent: events.add,
            into: { _, _ in { FakeObjectStore(bucket, disk: SystemDisk(), quoting: $0) } })
        #expect(report.exitCode == 0)
        #expect(events.names.contains(.storeUnconditional))
        #expect(!bucket.objects.keys.contains { $0.hasPrefix("_locks/") })
    }
}

/// Names of events in the order they came.
private final class EventLog: Sendable {
    private let events = Mutex<[RunEvent]>([])

    @Sendable
    func add(_ event: RunEvent) { events.withLock { $0.append(event) } }

    var names: [RunEvent.Name] { events.withLock { $0.map(\.name) } }
}
