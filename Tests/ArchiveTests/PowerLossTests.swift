import FileSystem
import TestDisk
import Testing

@testable import Archive

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@Suite struct PowerLossTests {
    /// A life on a disk whose process ends before a call.
    static func end(
        before call: Int?, ignoring sync: Int? = nil
    ) -> (disk: FakeDisk, life: ArchiveLife) {
        let disk = FakeDisk(faults: .init(stopAt: call, ignoredSync: sync))
        var life = ArchiveLife(disk)
        life.live()
        return (disk, life)
    }

    static let calls = end(before: nil).disk.callCount()

    @Test func aWholeLifeKeepsItsPromises() throws {
        let (disk, life) = Self.end(before: nil)
        #expect(life.promises.count == 6 && life.mayBeGone.count == 4)
        let archive = try ArchiveLife.open(disk.restarted)
        #expect(try life.violations(of: archive) == [])
        #expect(disk.image.paths == ["/state/archive/calls/2026-11-19.nightly.3.segment"])
    }

    @Test(arguments: DiskImage.Loss.samples)
    func committedSlicesOutliveALossAtAnyCall(loss: DiskImage.Loss) throws {
        for call in 1...Self.calls + 1 {
            let (disk, life) = Self.end(before: call)
            let archive = try ArchiveLife.open(FakeDisk(disk.image.after(loss)))
            #expect(try life.violations(of: archive) == [], "before call \(call), \(loss)")
        }
    }

    /// A killed process, one that goes on, and then a power loss.
    @Test func whatAKilledProcessWroteIsMadeDurable() throws {
        for call in 1...Self.calls + 1 {
            let (disk, life) = Self.end(before: call)
            let next = FakeDisk(disk.image.after(.nothing))
            let archive = try ArchiveLife.open(next)
            let listed = archive.accounts.flatMap { archive.versions(of: $0) }
            for version in listed where version.end == nil {
                let all = ArchiveLife.truth[version.id] ?? []
                try life.add(version.id, version.sliceCount..<all.count, to: archive)
            }
            try archive.commit()
            for loss in DiskImage.Loss.samples {
                let found = try ArchiveLife.open(FakeDisk(next.image.after(loss)))
                #expect(try life.violations(of: found) == [])
                for version in listed {
                    #expect(found.version(version.id) != nil, "before call \(call), \(loss)")
                }
            }
        }
    }

    @Test func everySyncIsNeeded() throws {
        let syncs = Self.end(before: nil).disk.syncs
        // That of /state comes twice, for the archive's directory and for the stream's. What the
        // second and the third run sync before they write counts after a kill only, and 23 for
        // drops only, see below.
        let others: Set = [2, 3, 8, 9, 10, 11, 14, 15, 16, 17, 18, 23]
        for sync in 1...syncs.count where !others.contains(sync) {
            var isNeeded = false
            for call in 1...Self.calls + 1 where !isNeeded {
                let (disk, life) = Self.end(before: call, ignoring: sync)
                for loss in DiskImage.Loss.samples where !isNeeded {
                    let archive = try ArchiveLife.open(FakeDisk(disk.image.after(loss)))
                    isNeeded = try !life.violations(of: archive).isEmpty
                }
            }
            #expect(isNeeded, "sync \(sync) of \(syncs[sync - 1].path) could be left out")
        }
    }

    /// The syncs of a process that follows a killed one: of segment, directories, its own segment.
    @Test func everySyncAfterAKillIsNeeded() throws {
        for sync in 1...5 {
            var isNeeded = false
            var path = ""
            for call in 1...Self.calls + 1 where !isNeeded {
                let next = FakeDisk(
                    Self.end(before: call).disk.image, faults: .init(ignoredSync: sync))
                let archive = try ArchiveLife.open(next)
                let ids = archive.accounts.flatMap { archive.versions(of: $0) }.map(\.id)
                try archive.add("d", "r9.1", [.sample(1)])
                try archive.commit()
                if next.syncs.count >= sync { path = next.syncs[sync - 1].path }
                for loss in DiskImage.Loss.samples where !isNeeded {
                    let found = try ArchiveLife.open(FakeDisk(next.image.after(loss)))
                    let known = found.accounts.flatMap { found.versions(of: $0) }.map(\.id)
                    isNeeded = !Set(ids + ["r9.1"]).isSubset(of: known)
                }
            }
            #expect(isNeeded, "sync \(sync) of \(path) could be left out")
        }
    }

    /// What is dropped does not come back when the segment with the drop goes before its own.
    @Test func dropsOutliveALossBetweenDeletions() throws {
        let disk = FakeDisk()
        let first = try ArchiveLife.open(disk)
        try first.add("a", "r1.1", [.sample(0)])
        try first.commit()
        let second = try ArchiveLife.open(disk)
        try second.drop(["r1.1"])
        try second.commit()
        let third = try ArchiveLife.open(disk)
        try third.add("b", "r3.1", [.sample(0)])
        try third.commit()
        for call in 1...8 {
            let next = FakeDisk(disk.image, faults: .init(stopAt: call))
            try? ArchiveLife.open(next).compact(keeping: ["r3.1"])
            for seed in 1...40 {
                let left = FakeDisk(next.image.after(.some(seed: UInt64(seed))))
                #expect(try ArchiveLife.open(left).accounts == ["b"], "\(call), \(seed)")
            }
        }
    }

    /// The call fails, the process goes on: what it promises afterwards holds.
    @Test(arguments: [EIO, ENOSPC])
    func aFailedCallHarmsNothing(errorNumber: Int32) throws {
        for call in 1...Self.calls {
            let disk = FakeDisk(
                faults: .init(failures: [.init(number: call, errorNumber: errorNumber)]))
            var life = ArchiveLife(disk)
            life.live()
            let archive = try ArchiveLife.open(disk.restarted)
            #expect(try life.violations(of: archive) == [], "call \(call)")
        }
    }

    @Test func aFailedWriteIsMadeUpForByTheNextCommit() throws {
        for number in 1...2 {
            let disk = FakeDisk(
                faults: .init(failures: [.init(of: [.write], number: number, errorNumber: ENOSPC)]))
            let archive = try ArchiveLife.open(disk)
            try archive.add("a", "r1.1", [.sample(0)])
            #expect(throws: ArchiveError.self) { try archive.commit() }
            #expect(try archive.slices("r1.1") == [.sample(0)])
            try archive.add("b", "r1.2", [.sample(1)])
            try archive.commit()
            let found = try ArchiveLife.open(FakeDisk(disk.image.after(.everything)))
            #expect(found.accounts == ["a", "b"] && found.notices == [])
            #expect(try found.slices("r1.1") == [.sample(0)])
        }
    }

    @Test func afterAFailedSyncNothingIsPromised() throws {
        let disk = FakeDisk(faults: .init(failures: [.init(of: [.sync], errorNumber: EIO)]))
        let archive = try ArchiveLife.open(disk)
        try archive.add("a", "r1.1", [.sample(0)])
        let error = try #require(throws: ArchiveError.self) { try archive.commit() }
        #expect(error.code == "archive_failed" && error.message.contains("2026-11-19.nightly.1"))
        #expect(throws: ArchiveError.self) { try archive.commit() }
        #expect(throws: ArchiveError.self) { try archive.compact(keeping: []) }
    }

    @Test func aFullDiskKeepsWhatIsThere() throws {
        let full = Self.end(before: nil).disk.image.byteCount
        for room in stride(from: 0, through: full * 3, by: 97) {
            let disk = FakeDisk(faults: .init(maximumByteCount: room))
            var life = ArchiveLife(disk)
            life.live()
            let archive = try ArchiveLife.open(FakeDisk(disk.image.after(.nothing)))
            #expect(try life.violations(of: archive) == [], "\(room) bytes")
        }
    }

    @Test func unwrittenBlocksDoNotGatherForever() throws {
        let disk = FakeDisk(
            faults: .init(failures: [.init(of: [.write], errorNumber: ENOSPC, isLasting: true)]))
        let archive = try ArchiveLife.open(disk)
        archive.begin("a", id: "r1.1", fingerprint: "plan")
        var appended = 0
        for number in 0..<200 {
            let count = try #require(archive.open(of: "a")?.sliceCount)
            #expect(throws: ArchiveError.self) {
                try archive.append(.sample(number, bodyByteCount: 1 << 19), to: "r1.1")
            }
            appended += try #require(archive.open(of: "a")?.sliceCount) - count
        }
        // Two bodies a slice: 64 of 1 MiB.
        #expect((60...70).contains(appended))
    }
}
