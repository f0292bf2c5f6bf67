import ExportModel
import FileSystem
import TestDisk
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

        /// The image before the run under test.
        func image() throws -> DiskImage {
            guard self != .first else { return DiskImage() }
            let disk = FakeDisk()
            try PublicationFixture.run(.old, on: disk, runID: "run-0")
            try disk.files.removeTree(PublicationFixture.root + "/_staging")
            let image = disk.image.after(.nothing)
            return self == .recovery ? try Self.killedBetweenRenames(image) : image
        }

        private static func killedBetweenRenames(_ image: DiskImage) throws -> DiskImage {
            for call in 1... {
                let disk = FakeDisk(
                    image, faults: .init(stopAt: call, refusesExchange: true))
                try? PublicationFixture.run(.new, on: disk, runID: "run-1")
                if try disk.restarted.status(of: PublicationFixture.directory) == nil {
                    return disk.image.after(.nothing)
                }
            }
            return image
        }
    }

    /// Loses the power before each call of a run and looks at what is left.
    ///
    /// - Parameters:
    ///   - ignoredSync: this one does nothing, and only losses behind it are tried.
    ///   - stopsAtFirst: returns the first broken promise alone.
    /// - Returns: broken promises.
    private func brokenPromises(
        _ scenario: Scenario, ignoredSync: Int? = nil, stopsAtFirst: Bool = false
    ) throws -> [String] {
        let image = try scenario.image()
        var faults = FakeDisk.Faults()
        faults.refusesExchange = scenario.refusesExchange
        faults.ignoredSync = ignoredSync
        let undisturbed = FakeDisk(image, faults: faults)
        try PublicationFixture.run(.new, on: undisturbed, runID: "run-2")
        var broken: [String] = []
        let firstCall = ignoredSync.map { undisturbed.syncs[$0 - 1].change } ?? 1
        for call in firstCall...undisturbed.callCount() + 1 {
            faults.stopAt = call
            let disk = FakeDisk(image, faults: faults)
            var reached: [PublicationFixture.Milestone] = []
            do {
                try PublicationFixture.run(.new, on: disk, runID: "run-2") {
                    reached.append($0)
                }
            } catch {
                #expect(error is PartitionError)
            }
            for loss in DiskImage.Loss.samples {
                let left = disk.image.after(loss)
                let promise = brokenPromise(
                    scenario, left, reached,
                    includesNextRun: DiskImage.Loss.samples[..<3].contains(loss))
                if let promise {
                    broken.append("call \(call), \(loss): \(promise)")
                    if stopsAtFirst { return broken }
                }
            }
        }
        return broken
    }

    /// What readers and the next run must find on the image that was left.
    private func brokenPromise(
        _ scenario: Scenario, _ image: DiskImage, _ reached: [PublicationFixture.Milestone],
        includesNextRun: Bool
    ) -> String? {
        let disk = FakeDisk(
            image, faults: .init(refusesExchange: scenario.refusesExchange))
        var allowed: [PublicationFixture.Version?] = [.new]
        if reached.isEmpty { allowed.append(scenario.before) }
        if let promise = unlike(allowed + gap(scenario, reached), disk) {
            return "before recovery: \(promise)"
        }
        do {
            _ = try PublicationFixture.recover(disk)
            if let promise = unlike(allowed, disk) { return "after recovery: \(promise)" }
            if reached.contains(.runFileWritten) {
                let path = PublicationFixture.root + "/_runs/00000007-run-2.json"
                let file = try RunFile(json: disk.files.contents(of: path), path: path)
                guard file.partitions.count == 1 else { return "the run file is not the one" }
            }
            guard includesNextRun else { return nil }
            try PublicationFixture.run(.new, on: disk, runID: "run-3")
            return unlike([.new], disk).map { "after the next run: \($0)" }
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
        _ allowed: [PublicationFixture.Version?], _ disk: FakeDisk
    ) -> String? {
        switch PublicationFixture.standing(disk) {
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
        let disk = FakeDisk(
            try scenario.image(), faults: .init(refusesExchange: scenario.refusesExchange))
        try PublicationFixture.run(.new, on: disk, runID: "run-2")
        let paths = disk.syncs.map(\.path)
        for (index, call) in disk.syncs.enumerated()
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
        let image = try scenario.image()
        var faults = FakeDisk.Faults(refusesExchange: scenario.refusesExchange)
        let undisturbed = FakeDisk(image, faults: faults)
        try PublicationFixture.run(.new, on: undisturbed, runID: "run-1")
        for call in 1...undisturbed.callCount() {
            faults.stopAt = call
            let killed = FakeDisk(image, faults: faults)
            try? PublicationFixture.run(.new, on: killed, runID: "run-1")
            faults.stopAt = nil
            // The machine goes on: nothing is lost yet, and nothing became durable either.
            let next = FakeDisk(killed.image, faults: faults)
            try PublicationFixture.run(.new, on: next, runID: "run-2")
            let left = FakeDisk(next.image.after(.everything))
            #expect(unlike([.new], left) == nil, "killed at call \(call)")
        }
    }

    @Test func recoveryFinishesWhatWasKilledBetweenTheRenames() throws {
        let disk = FakeDisk(try Scenario.recovery.image())
        let recovered = try PublicationFixture.recover(disk)
        #expect(recovered.map(\.outcome) == [.finished])
        #expect(recovered.map(\.path) == [PublicationFixture.directory])
        #expect(try PublicationFixture.standing(disk).get() == .new)
    }

    /// Where the new version is gone, say because someone tidied up by hand.
    @Test func recoveryUndoesWhatItCannotFinish() throws {
        let disk = FakeDisk(try Scenario.recovery.image())
        let directory = PublicationFixture.root + "/_staging"
        let name = try #require(try disk.files.names(in: directory).first)
        try disk.files.removeTree("\(directory)/\(name)")
        let recovered = try PublicationFixture.recover(disk)
        #expect(recovered.map(\.outcome) == [.undone])
        #expect(try PublicationFixture.standing(disk).get() == .old)
    }
}
