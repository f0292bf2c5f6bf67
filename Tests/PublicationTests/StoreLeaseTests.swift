import ExportModel
import ObjectStorage
import Synchronization
import TestStore
import Testing

@testable import Publication

/// The lease of a pipeline in an object store.
@Suite struct StoreLeaseTests {
    private let bucket = FakeBucket()

    private func machine(_ name: String, runs: Set<String> = []) -> StoreMachine {
        var machine = StoreMachine(bucket)
        machine.name = name
        machine.runs = runs
        return machine
    }

    private func code(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "none"
        } catch {
            return (error as? PartitionError)?.code ?? "\(error)"
        }
    }

    private func epochs(_ directory: String = "nightly") -> [String] {
        bucket.objects.keys.filter { $0.hasPrefix("_locks/\(directory)/") }.sorted()
    }

    // MARK: - Who holds it

    @Test func theSecondMachineIsRefusedByTheNameOfTheFirst() throws {
        let first = try machine("vm1").store()
        _ = try first.open(machine("vm1").request("run-1"))
        let before = bucket.objects
        do {
            _ = try machine("vm2").store().open(machine("vm2").request("run-2"))
            Issue.record("two machines hold one lease")
        } catch let error as PartitionError {
            #expect(error.reason == .leaseHeld)
            #expect(
                error.message.contains("process 7 on vm1 ('cdrx run nightly.yaml', since 2026-"))
            #expect(error.message.contains("s3://bucket/exports"))
            #expect(error.message.contains("ends in 60 s"))
        }
        #expect(bucket.objects == before)
        try first.close()
        _ = try machine("vm2").store().open(machine("vm2").request("run-2"))
        #expect(epochs() == ["_locks/nightly/00000002"])
    }

    @Test func aLeaseEndsByTheClockOfTheStore() throws {
        var dead = machine("vm1")
        dead.skew = 10 * 86_400_000
        _ = try dead.store().open(dead.request("run-1"))
        // Last-Modified is in whole seconds.
        bucket.advance(milliseconds: 60_000)
        let next = machine("vm2")
        #expect(code { _ = try next.store().open(next.request("run-2")) } == "lease_held")
        bucket.advance(milliseconds: 1_001)
        let opening = try next.store().open(next.request("run-2"))
        #expect(opening.formerHolder?.runID == "run-1")
        #expect(epochs() == ["_locks/nightly/00000002"])
    }

    @Test func renewingKeepsIt() throws {
        let store = try machine("vm1").store()
        _ = try store.open(machine("vm1").request("run-1"))
        let other = machine("vm2")
        for _ in 0..<20 {
            bucket.advance(milliseconds: Int64(StoreLease.beatMilliseconds))
            store.beat()
            #expect(code { _ = try other.store().open(other.request("run-2")) } == "lease_held")
        }
    }

    @Test func aRunThatTheLedgerKnowsIsTakenOverAtOnce() throws {
        _ = try machine("vm1").store().open(machine("vm1").request("run-1"))
        let next = machine("vm1", runs: ["run-1"])
        let opening = try next.store().open(next.request("run-2"))
        #expect(opening.formerHolder?.runID == "run-1")
    }

    @Test func shardsOfOneNumberHoldTheirLeasesSideBySide() throws {
        let one = machine("vm1")
        for index in 1...3 {
            let shard = try #require(Shard(index: index, count: 3))
            _ = try one.store().open(one.request("run-\(index)", shard: shard))
        }
        #expect(epochs("nightly.2-of-3") == ["_locks/nightly.2-of-3/00000001"])
        let other = try #require(Shard(index: 1, count: 2))
        for shard in [nil, other, Shard(index: 2, count: 3)] {
            let request = one.request("run-4", shard: shard)
            #expect(code { _ = try one.store().open(request) } == "lease_held")
        }
        // A name that begins the same is another pipeline.
        _ = try one.store(pipeline: "nightly-2").open(
            one.request("run-5", pipeline: "nightly-2"))
    }

    /// Both looked when nothing stood there; each must see the other.
    @Test func aWholeRunAndAShardThatBeginTogetherSeeEachOther() throws {
        let shard = try #require(Shard(index: 1, count: 2))
        var other = machine("vm2")
        let rival = machine("vm1")
        let rivalCode = Mutex("")
        other.line = FakeObjectStore.Line { request in
            if request.kind == .put, request.number < 4 {
                let code = code { _ = try rival.store().open(rival.request("run-1")) }
                rivalCode.withLock { $0 = code }
            }
            return .answered
        }
        #expect(
            code { _ = try other.store().open(other.request("run-2", shard: shard)) }
                == "lease_held")
        #expect(rivalCode.withLock { $0 } != "none" || epochs("nightly.1-of-2").isEmpty)
    }

    // MARK: - Traps

    /// Old epochs are removed, so that a machine with an old list can make one of them again.
    @Test func anEpochThatIsMadeAgainIsTakenBack() throws {
        var slow = machine("vm1")
        let isFirst = Mutex(true)
        slow.line = FakeObjectStore.Line { request in
            let isTime = isFirst.withLock { first in
                defer { if request.kind == .put { first = false } }
                return first && request.kind == .put
            }
            if isTime {
                for (name, run) in [("vm2", "run-2"), ("vm3", "run-3")] {
                    let store = try? machine(name).store()
                    _ = try? store?.open(machine(name).request(run))
                    if run == "run-2" { try? store?.close() }
                }
            }
            return .answered
        }
        #expect(code { _ = try slow.store().open(slow.request("run-1")) } == "lease_held")
        #expect(epochs() == ["_locks/nightly/00000002"])
    }

    /// The holder was slow, but not gone: it renews while the other one takes over.
    @Test func aHolderThatRenewsAfterAllKeepsIt() throws {
        let holder = try machine("vm1").store()
        _ = try holder.open(machine("vm1").request("run-1"))
        bucket.advance(milliseconds: 62_000)
        var other = machine("vm2")
        let puts = Mutex(0)
        other.line = FakeObjectStore.Line { request in
            let number = puts.withLock { puts in
                puts += request.kind == .put ? 1 : 0
                return puts
            }
            if request.kind == .put, number == 1 { holder.beat() }
            return .answered
        }
        #expect(code { _ = try other.store().open(other.request("run-2")) } == "lease_held")
        #expect(epochs() == ["_locks/nightly/00000001"])
        #expect(code { try holder.close() } == "none")
    }

    // MARK: - Losing it

    /// Stalled for longer than the lease, while another machine took over and published.
    @Test(arguments: [true, false])
    func aRunThatLostItsLeasePublishesNothing(honorsIfMatch: Bool) throws {
        var traits = FakeBucket.Traits()
        traits.honorsIfMatch = honorsIfMatch
        let bucket = FakeBucket(traits: traits)
        let losses = LossLog()
        let stalled = StoreMachine(bucket)
        let store = try stalled.store()
        _ = try store.open(stalled.request("run-1") { losses.add($0) })
        let publisher = stalled.publisher(store, "run-1")
        let prepared = try PublicationFixture.prepare(.old, with: publisher)
        bucket.advance(milliseconds: 62_000)
        var other = StoreMachine(bucket)
        other.name = "vm2"
        try other.run(.new, runID: "run-2")
        let after = bucket.objects
        #expect(code { _ = try prepared.publish() } == "lease_lost")
        #expect(bucket.objects == after)
        #expect(losses.codes == ["lease_lost"])
        store.beat()
        #expect(losses.codes == ["lease_lost"])
        #expect(bucket.sight == .version(.new))
    }

    /// The clock that is asked first stands still while a virtual machine is stopped, and the
    /// renewal was just asked for: only If-Match is left.
    @Test func whatAStalledMachineWasWritingIsRefused() throws {
        var stalled = machine("vm1")
        let isAsleep = Mutex(true)
        let other = machine("vm2")
        let bucket = bucket
        stalled.line = FakeObjectStore.Line { request in
            let wakes = request.kind == .put && request.key.hasSuffix("part-00001.csv.gz")
            guard wakes, isAsleep.withLock({ $0 }) else { return .answered }
            isAsleep.withLock { $0 = false }
            bucket.advance(milliseconds: 62_000)
            try? other.run(.new, runID: "run-2")
            return .answered
        }
        #expect(code { try stalled.run(.old, runID: "run-1") } == "lease_lost")
        #expect(bucket.flaws(of: .new) == [])
    }

    /// No renewal for three quarters of the lease: another machine may take over any moment.
    @Test func aRunThatCannotRenewStopsInTime() throws {
        var lonely = machine("vm1")
        let isCut = Mutex(false)
        lonely.line = FakeObjectStore.Line { request in
            isCut.withLock { $0 } && request.key.hasPrefix("_locks/") ? .unreachable : .answered
        }
        let store = try lonely.store()
        _ = try store.open(lonely.request("run-1"))
        let publisher = lonely.publisher(store, "run-1")
        isCut.withLock { $0 = true }
        bucket.advance(milliseconds: 44_000)
        _ = try PublicationFixture.prepare(.old, with: publisher).publish()
        bucket.advance(milliseconds: 2_000)
        let prepared = try PublicationFixture.prepare(.new, with: publisher)
        #expect(code { _ = try prepared.publish() } == "store_unreachable")
        #expect(bucket.sight == .version(.old))
        isCut.withLock { $0 = false }
        _ = try prepared.publish()
        #expect(bucket.sight == .version(.new))
    }

    // MARK: - What a store honors

    @Test(arguments: [
        (nil, true, true, WriteConditions.full), (ETagQuoting.unquoted, true, true, .full),
        (.quoted, true, true, .full), (nil, true, false, .absentOnly), (nil, false, true, .none),
        (nil, false, false, .none),
    ])
    func conditionsAreLearned(
        quoting: ETagQuoting?, honorsIfAbsent: Bool, honorsIfMatch: Bool, expected: WriteConditions
    ) throws {
        for refuses in [false, true] {
            var traits = FakeBucket.Traits()
            traits.quoting = quoting
            traits.honorsIfAbsent = honorsIfAbsent
            traits.honorsIfMatch = honorsIfMatch
            traits.refusesConditions = refuses
            let bucket = FakeBucket(traits: traits)
            let machine = StoreMachine(bucket)
            #expect(try machine.store().open(machine.request("run-0")).conditions == expected)
            bucket.advance(milliseconds: 62_000)
            for (number, version) in [PublicationFixture.Version.old, .new, .empty].enumerated() {
                try machine.run(version, runID: "run-\(number + 1)")
                #expect(bucket.sight == .version(version))
            }
            let leases = bucket.objects.keys.filter { $0.hasPrefix("_locks/") }
            #expect(leases.count == (expected == .none ? 0 : 1))
        }
    }

    /// Every lost answer while the lease is taken: the conclusions stay the same.
    @Test(arguments: [nil, ETagQuoting.unquoted])
    func aLostAnswerHidesNoCondition(quoting: ETagQuoting?) throws {
        for number in 1...12 {
            var traits = FakeBucket.Traits()
            traits.quoting = quoting
            var machine = StoreMachine(FakeBucket(traits: traits))
            machine.line = FakeObjectStore.Line { $0.number == number ? .repeated : .answered }
            let opening = try machine.store().open(machine.request("run-1"))
            #expect(opening.conditions == .full, "request \(number)")
        }
    }
}

/// Errors in the order they came.
private final class LossLog: Sendable {
    private let errors = Mutex<[PartitionError]>([])

    func add(_ error: PartitionError) { errors.withLock { $0.append(error) } }

    var codes: [String] { errors.withLock { $0.map(\.code) } }
}
