import ExportModel
import FileSystem
import Foundation
import TestDisk
import Testing

@testable import RunLedger

@Suite struct PageJournalTests {
    static let state = StateDirectory(path: "/exports/_state")

    static func open(
        _ disk: FakeDisk, fingerprint: String = "plan"
    ) throws -> PageJournal {
        if try disk.status(of: state.journalPath) == nil {
            try disk.files.makeDurableDirectory(state.journalPath)
        }
        return try PageJournal.open(in: state, of: .sample, fingerprint: fingerprint, disk: disk)
    }

    /// A disk with a journal of `count` slices.
    static func disk(slices count: Int, fingerprint: String = "plan") throws -> FakeDisk {
        let disk = FakeDisk()
        let journal = try open(disk, fingerprint: fingerprint)
        for number in 0..<count { try journal.append(.sample(number)) }
        return disk
    }

    static func samples(_ count: Int) -> [JournaledSlice] {
        (0..<count).map { .sample($0) }
    }

    @Test func slicesComeBackAsTheyWere() throws {
        let disk = try Self.disk(slices: 3)
        let journal = try Self.open(disk)
        #expect(journal.origin == .resumed(sliceCount: 3, cutByteCount: 0))
        #expect(try journal.slices() == Self.samples(3))
        try journal.append(.sample(3))
        #expect(journal.sliceCount == 4)
        #expect(try journal.slices() == Self.samples(4))
        #expect(try Self.open(disk).slices() == Self.samples(4))
    }

    @Test func realFilesWorkTheSame() throws {
        let directory = try TemporaryDirectory()
        let ledger = try directory.openLedger()
        try withExtendedLifetime(ledger) {
            let first = try PageJournal.open(
                in: directory.state, of: .sample, fingerprint: "plan")
            #expect(first.origin == .fresh)
            try first.append(.sample(0, bodyByteCount: 300_000))
            try first.append(.sample(1))
            let second = try PageJournal.open(
                in: directory.state, of: .sample, fingerprint: "plan")
            #expect(second.origin == .resumed(sliceCount: 2, cutByteCount: 0))
            #expect(
                try second.slices() == [.sample(0, bodyByteCount: 300_000), .sample(1)])
            #expect(try PageJournal.paths(in: directory.state) == [second.path])
            try second.remove()
            #expect(try PageJournal.paths(in: directory.state).isEmpty)
        }
    }

    @Test func windowWithoutSlicesCostsNoCall() throws {
        let disk = FakeDisk()
        let journal = try Self.open(disk)
        let calls = disk.callCount()
        #expect(try journal.slices().isEmpty)
        try journal.remove()
        #expect(disk.callCount() == calls)
        #expect(try disk.names(in: Self.state.journalPath).isEmpty)
    }

    @Test func removedJournalCanBeBegunAgain() throws {
        let disk = try Self.disk(slices: 2)
        let journal = try Self.open(disk)
        try journal.remove()
        #expect(try journal.slices().isEmpty && journal.sliceCount == 0)
        try journal.append(.sample(5))
        #expect(try Self.open(disk).slices() == [.sample(5)])
    }

    @Test func otherPlanSetsTheJournalAside() throws {
        let disk = try Self.disk(slices: 2, fingerprint: "old plan")
        for number in 1...2 {
            let journal = try Self.open(disk, fingerprint: "plan \(number)")
            let path = journal.path + ".set-aside-\(number)"
            #expect(
                journal.origin == .setAside(path: path, reason: "it was begun under another plan"))
            #expect(try journal.slices().isEmpty)
            try journal.append(.sample(8))
            #expect(try journal.slices() == [.sample(8)])
        }
        let journal = try Self.open(disk, fingerprint: "plan 2")
        let reader = try #require(
            try JournalReader(path: journal.path + ".set-aside-1", disk: disk))
        #expect(reader.fingerprint == "old plan" && reader.identity == .sample)
        #expect(try reader.all() == Self.samples(2))
    }

    /// Rewrites a journal's file.
    static func replace(_ disk: FakeDisk, _ path: String, _ bytes: [UInt8]) throws {
        let file = try disk.files.require(path, .updateOrCreate(isPrivate: true))
        try file.truncate(to: 0)
        try file.write(bytes, at: 0)
    }

    @Test func cutAnywhereLeavesTheWholeSlices() throws {
        let disk = try Self.disk(slices: 3)
        let path = try Self.open(disk).path
        let bytes = try #require(disk.image.bytes(at: path))
        // Ends of the records, from journals of fewer slices.
        let ends = try (1...3).map {
            try #require(Self.disk(slices: $0).image.bytes(at: path)).count
        }
        for count in 0...bytes.count {
            try Self.replace(disk, path, Array(bytes[..<count]))
            let whole = ends.count { $0 <= count }
            let journal = try Self.open(disk)
            #expect(try journal.slices() == Self.samples(whole), "\(count)")
            try journal.append(.sample(9))
            #expect(try Self.open(disk).slices() == Self.samples(whole) + [.sample(9)], "\(count)")
        }
    }

    @Test func flippedByteIsNeverTrusted() throws {
        let disk = try Self.disk(slices: 3)
        let path = try Self.open(disk).path
        let bytes = try #require(disk.image.bytes(at: path))
        let last = try #require(Self.disk(slices: 2).image.bytes(at: path)).count
        for place in bytes.indices {
            var flipped = bytes
            flipped[place] ^= 1 << UInt8(place % 8)
            try Self.replace(disk, path, flipped)
            let journal = try Self.open(disk)
            if place < last {
                // Whole records follow: this is damage.
                guard case .setAside(let aside, _) = journal.origin else {
                    Issue.record("byte \(place) went unnoticed")
                    continue
                }
                #expect(try journal.slices().isEmpty)
                let kept = try JournalReader(path: aside, disk: disk)?.all() ?? []
                #expect(kept == Array(Self.samples(3).prefix(kept.count)) && kept.count < 3)
                try disk.remove(aside)
            } else {
                // It cannot be told from an append that did not end.
                #expect(
                    journal.origin
                        == .resumed(sliceCount: 2, cutByteCount: bytes.count - last))
                #expect(try journal.slices() == Self.samples(2))
            }
        }
    }

    @Test(arguments: [(1, 0), (16, 0), (40, 0), (200, 255), (3_000, 7)])
    func garbageBehindTheLastRecordIsCutOff(count: Int, byte: UInt8) throws {
        let disk = try Self.disk(slices: 2)
        let path = try Self.open(disk).path
        let bytes = try #require(disk.image.bytes(at: path))
        try Self.replace(disk, path, bytes + [UInt8](repeating: byte, count: count))
        let journal = try Self.open(disk)
        #expect(journal.origin == .resumed(sliceCount: 2, cutByteCount: count))
        try journal.append(.sample(2))
        let next = try Self.open(disk)
        #expect(next.origin == .resumed(sliceCount: 3, cutByteCount: 0))
        #expect(try next.slices() == Self.samples(3))
    }

    @Test func recordsMovedToAnotherPlaceAreNotTrusted() throws {
        let disk = try Self.disk(slices: 2)
        let path = try Self.open(disk).path
        let bytes = try #require(disk.image.bytes(at: path))
        let first = try #require(Self.disk(slices: 1).image.bytes(at: path)).count
        // The second record again, behind itself.
        try Self.replace(disk, path, bytes + Array(bytes[first...]))
        #expect(try Self.open(disk).slices() == Self.samples(2))
    }

    @Test func failedWriteLeavesTheJournalUsable() throws {
        let disk = try Self.disk(slices: 1)
        let journal = try Self.open(disk)
        disk.faults.failures = [
            .init(of: [.write], number: 1, errorNumber: ENOSPC, isLasting: true)
        ]
        let error = try #require(throws: LedgerError.self) { try journal.append(.sample(1)) }
        #expect(error.code == "journal_failed" && error.message.contains(journal.path))
        disk.faults.failures = []
        #expect(try journal.slices() == Self.samples(1))
        try journal.append(.sample(1))
        #expect(try Self.open(disk).slices() == Self.samples(2))
    }

    @Test func firstWriteThatFailsLeavesNothing() throws {
        let disk = FakeDisk()
        let journal = try Self.open(disk)
        disk.faults.failures = [
            .init(of: [.write], number: 1, errorNumber: ENOSPC, isLasting: true)
        ]
        #expect(throws: LedgerError.self) { try journal.append(.sample(0)) }
        disk.faults.failures = []
        #expect(try Self.open(disk).origin == .fresh)
        try journal.append(.sample(0))
        let left = FakeDisk(disk.image.after(.everything))
        #expect(try Self.open(left).slices() == Self.samples(1))
    }

    @Test func afterAFailedSyncNothingIsAppended() throws {
        let disk = try Self.disk(slices: 1)
        let journal = try Self.open(disk)
        disk.faults.failures = [.init(of: .syncs, number: 1, errorNumber: EIO, isLasting: true)]
        #expect(throws: LedgerError.self) { try journal.append(.sample(1)) }
        disk.faults.failures = []
        #expect(throws: LedgerError.self) { try journal.append(.sample(1)) }
        #expect(journal.sliceCount == 1)
    }

    // MARK: Power loss

    /// A life of a journal: three slices, a restart, a fourth slice, removal.
    ///
    /// - Returns: slices that must be there, and whether the removal has returned.
    @discardableResult
    static func live(_ disk: FakeDisk) -> (acknowledged: Int, isRemoved: Bool) {
        var acknowledged = 0
        do {
            try disk.files.makeDurableDirectory(state.journalPath)
            var journal = try open(disk)
            for number in 0..<3 {
                try journal.append(.sample(number))
                acknowledged += 1
            }
            journal = try open(disk)
            try journal.append(.sample(3))
            acknowledged += 1
            // While it is being removed the journal may be there or not.
            let isBegun = disk.faults.stopAt != disk.callCount() + 1
            if isBegun { acknowledged = 0 }
            try journal.remove()
            return (acknowledged, true)
        } catch {
            return (acknowledged, false)
        }
    }

    /// The violations of the promise when the power goes after `calls` calls.
    static func violations(
        calls: Int, loss: DiskImage.Loss, skippedSync: Int?
    ) throws -> [String] {
        let disk = FakeDisk(faults: .init(stopAt: calls + 1, ignoredSync: skippedSync))
        let (acknowledged, isRemoved) = live(disk)
        let found = try open(FakeDisk(disk.image.after(loss))).slices()
        var violations: [String] = []
        if found != Array(samples(4).prefix(found.count)) {
            violations.append("\(calls) \(loss): wrong slices")
        }
        if isRemoved, !found.isEmpty { violations.append("\(calls) \(loss): back again") }
        if found.count < acknowledged {
            violations.append("\(calls) \(loss): \(found.count) of \(acknowledged) slices")
        }
        return violations
    }

    static func callsOfALife() -> (calls: Int, syncs: Int) {
        let disk = FakeDisk()
        live(disk)
        return (disk.callCount(), disk.syncs.count)
    }

    @Test(arguments: DiskImage.Loss.samples)
    func acknowledgedSlicesOutliveAPowerLossAtAnyCall(loss: DiskImage.Loss) throws {
        for calls in 0...Self.callsOfALife().calls {
            #expect(try Self.violations(calls: calls, loss: loss, skippedSync: nil) == [])
        }
    }

    @Test func noSyncIsInVain() throws {
        let life = Self.callsOfALife()
        #expect(life.syncs == 10)
        // That of the file's name after the restart counts only after a kill.
        for sync in 1...life.syncs where sync != 9 {
            var violations: [String] = []
            for calls in 0...life.calls {
                for loss in DiskImage.Loss.samples {
                    violations += try Self.violations(calls: calls, loss: loss, skippedSync: sync)
                }
            }
            #expect(!violations.isEmpty, "sync \(sync) could be left out")
        }
    }

    /// The violations when a first process is killed after `calls` calls and the power goes after a
    /// second one has appended a slice.
    static func violationsAfterAKill(calls: Int, skippedSync: Int?) throws -> [String] {
        let killed = FakeDisk(faults: .init(stopAt: calls + 1))
        live(killed)
        let disk = FakeDisk(killed.image, faults: .init(ignoredSync: skippedSync))
        try disk.files.makeDurableDirectory(state.journalPath)
        let journal = try open(disk)
        let expected = try journal.slices() + [.sample(9)]
        try journal.append(.sample(9))
        let left = FakeDisk(disk.image.after(.everything))
        return try open(left).slices() == expected ? [] : ["\(calls): slices are lost"]
    }

    @Test func slicesOutliveAKillAndThenAPowerLoss() throws {
        for calls in 0...Self.callsOfALife().calls {
            #expect(try Self.violationsAfterAKill(calls: calls, skippedSync: nil) == [])
        }
    }

    @Test func noSyncAfterAKillIsInVain() throws {
        // The state directory's, the file's and the journal directory's.
        for sync in 1...3 {
            let violations = try (0...Self.callsOfALife().calls).flatMap {
                try Self.violationsAfterAKill(calls: $0, skippedSync: sync)
            }
            #expect(!violations.isEmpty, "sync \(sync) could be left out")
        }
    }
}
