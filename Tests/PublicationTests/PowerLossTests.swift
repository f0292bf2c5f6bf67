import ExportModel
import Testing

@testable import Publication

/// Publication on a file system that loses its power before every call, with every kind of loss.
@Suite struct PowerLossTests {
    enum Scenario: String, CaseIterable {
        /// Nothing stands there yet.
        case first
        /// A version stands and is exchanged.
        case replacement
        /// A version stands and the file system cannot exchange.
        case twoRenames
        /// The run before was killed between the two renames.
        case recovery

        var refusesExchange: Bool { self == .twoRenames || self == .recovery }
        var before: PublicationFixture.Version? { self == .first ? nil : .old }

        /// The disk before the run under test.
        func disk() throws -> MemoryDisk {
            guard self != .first else { return MemoryDisk() }
            let fileSystem = MemoryFileSystem()
            try PublicationFixture.run(.old, on: fileSystem, runID: "run-0")
            try fileSystem.removeTree(at: PublicationFixture.root + "/_staging")
            var disk = fileSystem.disk
            disk.restart(.everything)
            return self == .recovery ? try Self.killedBetweenRenames(disk) : disk
        }

        private static func killedBetweenRenames(_ disk: MemoryDisk) throws -> MemoryDisk {
            for call in 1... {
                let fileSystem = MemoryFileSystem(
                    disk, faults: .init(powerLossAt: call, refusesExchange: true))
                try? PublicationFixture.run(.new, on: fileSystem, runID: "run-1")
                if fileSystem.disk.node(at: PublicationFixture.directory) == nil {
                    var disk = fileSystem.disk
                    disk.restart(.everything)
                    return disk
                }
            }
            return disk
        }
    }

    static let outcomes: [MemoryDisk.Outcome] =
        [.onlySynced, .everything] + (1...6).map { .some(seed: $0) }

    /// Loses the power before each call of a run and looks at what is left.
    ///
    /// - Parameters:
    ///   - ignoredSync: this one does nothing, and only losses behind it are tried.
    ///   - stopsAtFirst: returns the first broken promise alone.
    /// - Returns: broken promises.
    private func brokenPromises(
        _ scenario: Scenario, ignoredSync: Int? = nil, stopsAtFirst: Bool = false
    ) throws -> [String] {
        let disk = try scenario.disk()
        var faults = MemoryFileSystem.Faults()
        faults.refusesExchange = scenario.refusesExchange
        faults.ignoredSync = ignoredSync
        let undisturbed = MemoryFileSystem(disk, faults: faults)
        try PublicationFixture.run(.new, on: undisturbed, runID: "run-2")
        var broken: [String] = []
        let firstCall = ignoredSync.map { undisturbed.syncCalls[$0 - 1].number } ?? 1
        for call in firstCall...undisturbed.callCount + 1 {
            faults.powerLossAt = call
            let fileSystem = MemoryFileSystem(disk, faults: faults)
            var reached: [PublicationFixture.Milestone] = []
            do {
                try PublicationFixture.run(.new, on: fileSystem, runID: "run-2") {
                    reached.append($0)
                }
            } catch {
                #expect(error is PartitionError)
            }
            for outcome in Self.outcomes {
                var left = fileSystem.disk
                left.restart(outcome)
                let promise = brokenPromise(
                    scenario, left, reached, includesNextRun: Self.outcomes[..<3].contains(outcome))
                if let promise {
                    broken.append("call \(call), \(outcome): \(promise)")
                    if stopsAtFirst { return broken }
                }
            }
        }
        return broken
    }

    /// What readers and the next run must find on the disk that was left.
    private func brokenPromise(
        _ scenario: Scenario, _ disk: MemoryDisk, _ reached: [PublicationFixture.Milestone],
        includesNextRun: Bool
    ) -> String? {
        let fileSystem = MemoryFileSystem(
            disk, faults: .init(refusesExchange: scenario.refusesExchange))
        var allowed: [PublicationFixture.Version?] = [.new]
        if reached.isEmpty { allowed.append(scenario.before) }
        if let promise = unlike(allowed + gap(scenario, reached), fileSystem) {
            return "before recovery: \(promise)"
        }
        do {
            _ = try PublicationFixture.recover(fileSystem)
            if let promise = unlike(allowed, fileSystem) { return "after recovery: \(promise)" }
            if reached.contains(.runFileWritten) {
                let path = PublicationFixture.root + "/_runs/00000007-run-2.json"
                let file = try RunFile(json: fileSystem.contents(of: path), path: path)
                guard file.partitions.count == 1 else { return "the run file is not the one" }
            }
            guard includesNextRun else { return nil }
            try PublicationFixture.run(.new, on: fileSystem, runID: "run-3")
            return unlike([.new], fileSystem).map { "after the next run: \($0)" }
        } catch {
            return "the next run failed: \(error)"
        }
    }

    /// Two renames leave readers without a version until the next run's recovery.
    private func gap(
        _ scenario: Scenario, _ reached: [PublicationFixture.Milestone]
    ) -> [PublicationFixture.Version?] {
        scenario.refusesExchange && reached.isEmpty ? [nil] : []
    }

    private func unlike(
        _ allowed: [PublicationFixture.Version?], _ fileSystem: MemoryFileSystem
    ) -> String? {
        switch PublicationFixture.standing(fileSystem) {
        case .success(let version):
            allowed.contains(version) ? nil : "readers see \(version?.rawValue ?? "nothing")"
        case .failure(let mixture): "readers see a mixture: \(mixture.message)"
        }
    }

    @Test(arguments: Scenario.allCases)
    func readersSeeTheOldOrTheNewVersionAfterALossAtAnyCall(scenario: Scenario) throws {
        #expect(try brokenPromises(scenario) == [])
    }

    @Test(arguments: [Scenario.first, .replacement, .twoRenames])
    func everySyncIsNeeded(scenario: Scenario) throws {
        try expectNeeded(scenario) { !isRepetition($0, $1, scenario) }
    }

    /// A recovery that finishes the publication leaves nothing to publish: its own sync counts.
    @Test func syncOfTheRecoveryIsNeeded() throws {
        try expectNeeded(.recovery) { isFirst, path in
            isFirst && path == PublicationFixture.root + "/calls/cdrx_account=main"
        }
    }

    private func expectNeeded(
        _ scenario: Scenario, _ isChecked: (_ isFirstOfPath: Bool, _ path: String) -> Bool
    ) throws {
        let fileSystem = MemoryFileSystem(
            try scenario.disk(), faults: .init(refusesExchange: scenario.refusesExchange))
        try PublicationFixture.run(.new, on: fileSystem, runID: "run-2")
        let paths = fileSystem.syncCalls.map(\.path)
        for (index, call) in fileSystem.syncCalls.enumerated()
        where isChecked(paths.firstIndex(of: call.path) == index, call.path) {
            let broken = try brokenPromises(
                scenario, ignoredSync: index + 1, stopsAtFirst: true)
            #expect(!broken.isEmpty, "nothing breaks without sync \(index + 1) of \(call.path)")
        }
    }

    /// Whether an earlier run made this directory durable already, so that syncing it again only
    /// matters if that run was killed (``runAfterAKillLosesNothing(scenario:)``).
    private func isRepetition(
        _ isFirstOfPath: Bool, _ path: String, _ scenario: Scenario
    ) -> Bool {
        guard scenario != .first else { return false }
        let root = PublicationFixture.root
        // Before two renames, the root's first sync makes the name of the stagings durable.
        if path == root { return scenario != .twoRenames || !isFirstOfPath }
        return path == "/" || path == root + "/calls"
    }

    /// The next run may find its work done, but not durable.
    @Test(arguments: [Scenario.first, .replacement, .twoRenames])
    func runAfterAKillLosesNothing(scenario: Scenario) throws {
        let disk = try scenario.disk()
        var faults = MemoryFileSystem.Faults(refusesExchange: scenario.refusesExchange)
        let undisturbed = MemoryFileSystem(disk, faults: faults)
        try PublicationFixture.run(.new, on: undisturbed, runID: "run-1")
        for call in 1...undisturbed.callCount {
            faults.powerLossAt = call
            let killed = MemoryFileSystem(disk, faults: faults)
            try? PublicationFixture.run(.new, on: killed, runID: "run-1")
            faults.powerLossAt = nil
            // The machine goes on: nothing is lost yet, and nothing became durable either.
            let next = MemoryFileSystem(killed.disk, faults: faults)
            try PublicationFixture.run(.new, on: next, runID: "run-2")
            var left = next.disk
            left.restart(.onlySynced)
            #expect(unlike([.new], MemoryFileSystem(left)) == nil, "killed at call \(call)")
        }
    }

    @Test func recoveryFinishesWhatWasKilledBetweenTheRenames() throws {
        let fileSystem = MemoryFileSystem(try Scenario.recovery.disk())
        let recovered = try PublicationFixture.recover(fileSystem)
        #expect(recovered.map(\.outcome) == [.finished])
        #expect(recovered.map(\.path) == [PublicationFixture.directory])
        #expect(try PublicationFixture.standing(fileSystem).get() == .new)
    }

    /// Where the new version is gone, say because someone tidied up by hand.
    @Test func recoveryUndoesWhatItCannotFinish() throws {
        let fileSystem = MemoryFileSystem(try Scenario.recovery.disk())
        let directory = PublicationFixture.root + "/_staging"
        let name = try #require(try fileSystem.list(directory).first)
        try fileSystem.removeTree(at: "\(directory)/\(name)")
        let recovered = try PublicationFixture.recover(fileSystem)
        #expect(recovered.map(\.outcome) == [.undone])
        #expect(try PublicationFixture.standing(fileSystem).get() == .old)
    }
}
