import Dispatch
import FileSystem
import Synchronization
import TestDisk
import Testing

@testable import Archive

@Suite struct ArchiveThreadsTests {
    /// 16 threads archive 2,000 accounts of one window and wait for each.
    @Test func whatThreadsAppendSideBySideIsThere() throws {
        let disk = FakeDisk()
        let archive = try ArchiveLife.open(disk)
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 16) { lane in
            do {
                for number in stride(from: lane, to: 2_000, by: 16) {
                    let slices = (0..<number % 4).map {
                        ArchivedSlice.sample(number + $0, bodyByteCount: number % 97 * 20)
                    }
                    try archive.add("a\(number)", "r1.\(number)", slices)
                    try archive.commit()
                    // What was committed is read by others, while more is written.
                    if try archive.slices("r1.\(number)") != slices {
                        failures.withLock { $0.append("a\(number) differs") }
                    }
                }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(archive.segmentCount == 1)
        let found = try ArchiveLife.open(FakeDisk(disk.image.after(.everything)))
        #expect(found.accounts.count == 2_000 && found.notices == [])
        for number in 0..<2_000 {
            let slices = (0..<number % 4).map {
                ArchivedSlice.sample(number + $0, bodyByteCount: number % 97 * 20)
            }
            #expect(try found.slices("r1.\(number)") == slices)
        }
    }

    @Test func aCommitOfWhatIsDurableCostsNothing() throws {
        let disk = FakeDisk()
        let archive = try ArchiveLife.open(disk)
        try archive.commit()
        #expect(disk.callCount() == 0)
        for number in 0..<500 { try archive.add("a\(number)", "r1.\(number)", [.sample(number)]) }
        try archive.commit()
        let calls = disk.callCount()
        // Three directories, the file and its name.
        #expect(disk.syncs.count <= 6)
        try archive.commit()
        #expect(disk.callCount() == calls)
        #expect(archive.uncommittedByteCount == 0)
        try archive.add("b", "r1.b", [])
        #expect(archive.uncommittedByteCount > 0)
        try archive.commit()
        #expect(disk.syncs.count <= 7)
    }

    /// Appends, readers and compactions of the same window at once.
    @Test func compactionsDisturbNoOtherThread() throws {
        let disk = FakeDisk()
        let archive = try ArchiveLife.open(disk)
        let slices = (0..<5).map { ArchivedSlice.random($0, bodyByteCount: 30_000) }
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 8) { lane in
            do {
                for round in 0..<12 {
                    let id = "r\(round).\(lane)"
                    try archive.add("a\(lane)", id, slices)
                    try archive.commit()
                    if lane == round % 8 {
                        try archive.compact(keeping: [id], of: ["a\(lane)"])
                    }
                    let latest = archive.latest(of: "a\(lane)")
                    if latest?.id != id {
                        failures.withLock { $0.append("\(id) is not the latest") }
                    } else if try archive.slices(id) != slices {
                        failures.withLock { $0.append("\(id) differs") }
                    }
                }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        let found = try ArchiveLife.open(FakeDisk(disk.image.after(.everything)))
        #expect(found.notices == [] && found.accounts.count == 8)
        for lane in 0..<8 { #expect(try found.slices("r11.\(lane)") == slices) }
    }
}
