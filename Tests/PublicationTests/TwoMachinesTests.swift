import ExportModel
import Foundation
import ObjectStorage
import Synchronization
import TestDisk
import TestStore
import Testing

@testable import Publication

/// Machines that run one pipeline against one bucket at the same time, a request of a drawn one after
/// the other; they die, stall and lose answers.
@Suite struct TwoMachinesTests {
    private static let count =
        ProcessInfo.processInfo.environment["CDRX_STORE_SEEDS"].flatMap(Int.init) ?? 300
    private static let first =
        ProcessInfo.processInfo.environment["CDRX_STORE_SEED"].flatMap(Int.init) ?? 1

    @Test func readersSeeOneVersionAndTheLastRunHealsAll() throws {
        for seed in Self.first..<Self.first + Self.count {
            let contest = StoreContest(seed: UInt64(seed))
            contest.run()
            #expect(contest.violations == [], "seed \(seed)")
            if !contest.violations.isEmpty { break }
        }
    }
}

/// One drawn contest of some machines.
private final class StoreContest: Sendable {
    private typealias Version = PublicationFixture.Version

    private struct State {
        var random: SplitMix
        /// Machines that wait for their turn.
        var waiting: Set<Int> = []
        var living: Set<Int>
        var turn: Int?
        var violations: [String] = []
    }

    private static let machineCount = 3
    private let bucket: FakeBucket
    private let condition = NSCondition()
    private let state: Mutex<State>

    init(seed: UInt64) {
        var random = SplitMix(state: seed)
        var traits = FakeBucket.Traits()
        traits.quoting = random.draw(2) == 0 ? nil : .unquoted
        bucket = FakeBucket(traits: traits)
        state = Mutex(State(random: random, living: Set(0..<Self.machineCount)))
    }

    var violations: [String] { state.withLock { $0.violations } }

    func run() {
        for index in 0..<Self.machineCount {
            Thread { [self] in
                live(index)
                end(index)
            }.start()
        }
        condition.lock()
        while state.withLock({ !$0.living.isEmpty }) { condition.wait() }
        condition.unlock()
        heal()
    }

    /// Two runs of a machine of its own.
    private func live(_ index: Int) {
        var machine = StoreMachine(bucket)
        machine.name = "vm\(index)"
        for round in 0..<2 {
            let runID = "run-\(index)-\(round)"
            machine.line = FakeObjectStore.Line { [self] request in turn(index, request) }
            let version = (index + round) % 2 == 0 ? Version.old : .new
            do {
                try machine.run(version, runID: runID)
            } catch let error as PartitionError {
                let expected = [
                    "lease_held", "lease_lost", "store_unreachable", "publication_conflict",
                ]
                if !expected.contains(error.code) { violate("\(runID): \(error)") }
            } catch {
                violate("\(runID): \(error)")
            }
            machine.runs.insert(runID)
        }
    }

    /// Waits for the machine's turn, and draws what becomes of its request.
    private func turn(_ index: Int, _ request: FakeObjectStore.Request) -> FakeObjectStore.Fate {
        condition.lock()
        _ = state.withLock { $0.waiting.insert(index) }
        choose()
        while state.withLock({ $0.turn }) != index { condition.wait() }
        state.withLock { state in
            state.turn = nil
            state.waiting.remove(index)
        }
        condition.unlock()
        look(request)
        // A stall, in which leases end.
        bucket.advance(milliseconds: draw(25) == 0 ? 70_000 : Int64(draw(500)))
        return switch draw(60) {
        case 0: .killedBefore
        case 1: .killedAfter
        case 2: .unanswered
        case 3, 4: .repeated
        default: .answered
        }
    }

    /// Once all living machines wait, one of them is drawn.
    private func choose() {
        state.withLock { state in
            guard state.turn == nil, state.waiting.count == state.living.count,
                !state.living.isEmpty
            else { return }
            let ready = state.waiting.sorted()
            state.turn = ready[state.random.draw(ready.count)]
        }
        condition.broadcast()
    }

    private func end(_ index: Int) {
        condition.lock()
        _ = state.withLock { $0.living.remove(index) }
        choose()
        condition.unlock()
    }

    private func look(_ request: FakeObjectStore.Request) {
        switch bucket.sight {
        case .version, .askAgain: break
        case .wrong(let what): violate("before \(request): readers see \(what)")
        }
    }

    /// A run that nothing disturbs, after all leases have ended.
    private func heal() {
        bucket.advance(milliseconds: 120_000)
        do {
            try StoreMachine(bucket).run(.new, runID: "run-last")
            for flaw in bucket.flaws(of: .new) { violate("at the end: \(flaw)") }
        } catch {
            violate("at the end: \(error)")
        }
    }

    /// Only by the machine whose turn it is.
    private func draw(_ bound: Int) -> Int {
        state.withLock { $0.random.draw(bound) }
    }

    private func violate(_ what: String) {
        state.withLock { $0.violations.append(what) }
    }
}

/// SplitMix64.
private struct SplitMix {
    var state: UInt64

    /// A number in `0..<bound`.
    mutating func draw(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(bound))
    }
}
