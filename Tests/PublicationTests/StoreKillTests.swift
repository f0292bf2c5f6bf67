import ExportModel
import FileSystem
import Synchronization
import TestDisk
import TestStore
import Testing

@testable import Publication

/// Publication to an object store, killed before and after each request, and with each answer lost.
@Suite struct StoreKillTests {
    typealias Version = PublicationFixture.Version

    /// What stands, what is published over it.
    struct Scenario: Hashable, CustomStringConvertible {
        var before: Version?
        var after: Version

        var description: String { "\(before.map { "\($0)" } ?? "nothing") to \(after)" }
    }

    static let scenarios = [
        Scenario(before: nil, after: .new), Scenario(before: .old, after: .new),
        Scenario(before: .old, after: .old), Scenario(before: .old, after: .empty),
        Scenario(before: .empty, after: .new),
    ]

    private static func bucket(_ scenario: Scenario) throws -> FakeBucket {
        let bucket = FakeBucket()
        if let before = scenario.before { try StoreMachine(bucket).run(before, runID: "run-1") }
        bucket.advance(milliseconds: 3_600_000)
        return bucket
    }

    /// The second run of a machine.
    private struct SecondRun {
        var bucket: FakeBucket
        var machine: StoreMachine
        /// What readers saw between its requests that they must not see.
        var violations: [String]
        var hasEnded: Bool
    }

    /// - Parameter fate: of the request with this number.
    private static func run(
        _ scenario: Scenario, on before: FakeBucket, _ number: Int, _ fate: FakeObjectStore.Fate
    ) -> SecondRun {
        let bucket = before.copy()
        let violations = Mutex<[String]>([])
        let allowed: [FakeBucket.Sight] = [
            .version(scenario.before), .version(scenario.after), .askAgain,
        ]
        var machine = StoreMachine(bucket)
        machine.runs = ["run-1"]
        machine.line = FakeObjectStore.Line { request in
            bucket.advance(milliseconds: 10)
            let sight = bucket.sight
            if !allowed.contains(sight) {
                violations.withLock { $0.append("before request \(request): \(sight)") }
            }
            return request.number == number ? fate : .answered
        }
        var hasEnded = true
        do { try machine.run(scenario.after, runID: "run-2") } catch { hasEnded = false }
        machine.line = FakeObjectStore.Line()
        machine.runs.insert("run-2")
        return SecondRun(
            bucket: bucket, machine: machine, violations: violations.withLock { $0 },
            hasEnded: hasEnded)
    }

    private static func requestCount(_ scenario: Scenario, on before: FakeBucket) throws -> Int {
        let machine = StoreMachine(before.copy())
        try machine.run(scenario.after, runID: "run-2")
        #expect(machine.bucket.flaws(of: scenario.after) == [])
        return machine.line.requestCount
    }

    /// The next run may find the same content at the provider, or what was there before, or none.
    @Test(arguments: scenarios)
    func theNextRunHealsWhateverAKillLeaves(scenario: Scenario) throws {
        let before = try Self.bucket(scenario)
        for number in 1...(try Self.requestCount(scenario, on: before)) {
            for fate in [FakeObjectStore.Fate.killedBefore, .killedAfter] {
                let second = Self.run(scenario, on: before, number, fate)
                #expect(second.violations == [])
                #expect(!second.hasEnded)
                for next in [scenario.after, scenario.before, .empty].compactMap({ $0 }) {
                    var machine = StoreMachine(
                        second.bucket.copy(), disk: FakeDisk(second.machine.disk.image))
                    machine.runs = second.machine.runs
                    try machine.run(next, runID: "run-3")
                    #expect(
                        machine.bucket.flaws(of: next) == [],
                        "\(scenario): \(fate) \(number), then \(next)")
                    #expect(try machine.disk.files.names(in: "/state/_staging").isEmpty)
                }
            }
        }
    }

    /// The client repeats a request whose answer was lost, so that the store refuses the repetition.
    @Test(arguments: scenarios)
    func aLostAnswerFailsNothing(scenario: Scenario) throws {
        let before = try Self.bucket(scenario)
        for number in 1...(try Self.requestCount(scenario, on: before)) {
            let second = Self.run(scenario, on: before, number, .repeated)
            #expect(second.violations == [])
            #expect(second.hasEnded, "\(scenario): request \(number)")
            #expect(second.bucket.flaws(of: scenario.after) == [], "request \(number)")
        }
    }

    /// The store cannot be reached for a while; the process goes on and gives up in order.
    @Test(arguments: scenarios)
    func aFailedRequestIsHealedByTheNextRun(scenario: Scenario) throws {
        let before = try Self.bucket(scenario)
        for number in 1...(try Self.requestCount(scenario, on: before)) {
            for fate in [FakeObjectStore.Fate.unanswered, .unreachable] {
                let second = Self.run(scenario, on: before, number, fate)
                #expect(second.violations == [])
                try second.machine.run(scenario.after, runID: "run-3")
                #expect(
                    second.bucket.flaws(of: scenario.after) == [], "\(scenario): \(fate) \(number)")
            }
        }
    }

    /// What was uploaded is not uploaded again.
    @Test func aRunAfterAKillUploadsOnlyWhatIsMissing() throws {
        let scenario = Scenario(before: .old, after: .new)
        let before = try Self.bucket(scenario)
        let puts = Mutex<[String]>([])
        let machine = StoreMachine(before.copy())
        var watched = machine
        watched.line = FakeObjectStore.Line { request in
            if request.kind == .put { puts.withLock { $0.append(request.key) } }
            let isCommit = request.kind == .put && request.key.hasSuffix(Manifest.fileName)
            return isCommit ? .killedBefore : .answered
        }
        #expect(throws: PartitionError.self) { try watched.run(.new, runID: "run-2") }
        #expect(puts.withLock { $0 }.contains { $0.hasSuffix("part-00001.csv.gz") })
        puts.withLock { $0 = [] }
        watched.runs = ["run-2"]
        watched.line = FakeObjectStore.Line { request in
            if request.kind == .put { puts.withLock { $0.append(request.key) } }
            return .answered
        }
        try watched.run(.new, runID: "run-3")
        #expect(!puts.withLock { $0 }.contains { $0.contains("part-") })
        #expect(machine.bucket.flaws(of: .new) == [])
    }
}
