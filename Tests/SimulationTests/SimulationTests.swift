import BoundedDispatch
import Foundation
import PipelineFile
import Testing

/// A seed that failed, and how.
private struct Failure: Sendable {
    var seed: UInt64
    var message: String
    var trace: [String]
}

/// Gives out seeds; what failed comes back.
private struct SeedBoard: LaneBoard, Sendable {
    var seeds: [UInt64]
    private var next = 0
    private var endedCount = 0
    private var failures: [Failure] = []

    init(seeds: [UInt64]) {
        self.seeds = seeds
    }

    mutating func claim(_ kind: LaneKind) -> LaneClaim<UInt64> {
        guard next < seeds.count else { return .done }
        next += 1
        return .item(seeds[next - 1])
    }

    mutating func complete(_ job: UInt64, with outcome: Failure?) {
        endedCount += 1
        if let outcome { failures.append(outcome) }
    }

    mutating func collect() -> LaneClaim<Failure> {
        if let failure = failures.popLast() { return .item(failure) }
        return endedCount == seeds.count ? .done : .wait
    }
}

/// Whole runs over simulated providers, disks, clocks and kills: one seed, one history.
///
/// `CDRX_SIMULATION_SEED=123` runs one seed and prints what happened, `CDRX_SIMULATIONS=100000` so
/// many.
@Suite struct SimulationTests {
    private static var environment: [String: String] { ProcessInfo.processInfo.environment }
    private static let countInTests = 1_000

    private static var seeds: [UInt64] {
        if let seed = environment["CDRX_SIMULATION_SEED"].flatMap(UInt64.init) { return [seed] }
        let count = environment["CDRX_SIMULATIONS"].flatMap(Int.init) ?? countInTests
        let first = environment["CDRX_SIMULATION_FIRST"].flatMap(UInt64.init) ?? 1
        return (0..<UInt64(count)).map { first + $0 }
    }

    @Test func whateverHappensTheTruthIsPublished() throws {
        try Self.simulate(Self.seeds)
    }

    /// The same on lanes that are threads, where no two runs of a seed are the same.
    @Test func threadsPublishTheTruthToo() throws {
        try Self.simulate(Self.seeds.suffix(50), isThreaded: true)
    }

    @Test(arguments: [3, 7, 11] as [UInt64])
    func aSeedGivesTheSameToTheLastByte(seed: UInt64) throws {
        let catalog = EndpointCatalog.bundled
        let place = Self.makePlace()
        defer { try? FileManager.default.removeItem(atPath: place) }
        let outcomes = try (0..<2).map { _ in
            let simulation = Simulation(seed, root: place, catalog: catalog)
            try FileManager.default.createDirectory(
                atPath: place, withIntermediateDirectories: true)
            try simulation.run()
            try FileManager.default.removeItem(atPath: place)
            return simulation.outcome
        }
        #expect(outcomes[0] == outcomes[1])
        // Another process hashes in another order.
        print("seed \(seed): \(OutputTree.sha256(Array(outcomes[0].utf8)))")
    }

    private static func simulate(
        _ seeds: some Collection<UInt64>, isThreaded: Bool = false
    ) throws {
        let catalog = EndpointCatalog.bundled
        let place = makePlace()
        defer { try? FileManager.default.removeItem(atPath: place) }
        let stop = StopToken()
        var failures = 0
        _ = LaneGroup(computeLanes: LaneGroup.coreCount, label: "simulation").run(
            SeedBoard(seeds: Array(seeds)), stop: stop, makeContext: { 0 },
            perform: { _, seed in simulate(seed, in: place, catalog, isThreaded) },
            consume: { failure in
                let trace = seeds.count == 1 ? "\n" + failure.trace.joined(separator: "\n") : ""
                Issue.record("CDRX_SIMULATION_SEED=\(failure.seed): \(failure.message)\(trace)")
                failures += 1
                if failures == 5 { stop.stop() }
            })
    }

    private static func simulate(
        _ seed: UInt64, in place: String, _ catalog: EndpointCatalog, _ isThreaded: Bool
    ) -> Failure? {
        let root = place + "/\(seed)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        let simulation = Simulation(seed, root: root, catalog: catalog, isThreaded: isThreaded)
        do {
            try FileManager.default.createDirectory(
                atPath: root, withIntermediateDirectories: true)
            try simulation.run()
            return nil
        } catch {
            return Failure(seed: seed, message: "\(error)", trace: simulation.trace)
        }
    }

    /// In memory where the machine has such a place.
    private static func makePlace() -> String {
        let memory = "/dev/shm"
        let root =
            FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
        return root + "/cdrx-simulation-" + ProcessInfo.processInfo.globallyUniqueString
    }
}
