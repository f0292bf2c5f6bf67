import FileSystem
import Foundation
import TestDisk
import Testing

/// What the model of a disk promises to the tests that use it.
@Suite struct FakeDiskTests {
    /// A synced file "a" in a synced directory.
    private func makeDisk() throws -> FakeDisk {
        let disk = FakeDisk()
        try disk.files.makeDurableDirectory("/d")
        try disk.files.writeDurably([1, 2], to: "/d/a")
        try disk.files.syncDirectory("/d")
        return disk
    }

    private func left(_ disk: FakeDisk, _ loss: DiskImage.Loss) -> [String: [UInt8]] {
        let image = disk.image.after(loss)
        return Dictionary(
            uniqueKeysWithValues: image.paths.map { ($0, image.bytes(at: $0) ?? []) })
    }

    @Test func whatWasSyncedOutlivesEveryLoss() throws {
        let disk = try makeDisk()
        for loss in DiskImage.Loss.samples { #expect(left(disk, loss) == ["/d/a": [1, 2]]) }
    }

    @Test func bytesAfterTheSyncMayBeLostInPart() throws {
        let disk = try makeDisk()
        try disk.files.require("/d/a", .update).write([3, 4, 5, 6], at: 2)
        let expected: [(DiskImage.Loss, [UInt8])] = [
            (.nothing, [1, 2, 3, 4, 5, 6]), (.everything, [1, 2]), (.data, [1, 2]),
            (.endsOfData, [1, 2, 3, 4]), (.frontsOfData, [1, 2, 0, 0, 5, 6]),
        ]
        for (loss, bytes) in expected { #expect(left(disk, loss) == ["/d/a": bytes]) }
        let some = Set((1...50).map { left(disk, .some(seed: $0))["/d/a"] })
        #expect(some == Set(expected.map(\.1)))
    }

    @Test func aNameIsDurableWithItsDirectory() throws {
        let disk = try makeDisk()
        try disk.files.writeDurably([7], to: "/d/b")
        #expect(left(disk, .everything) == ["/d/a": [1, 2]])
        try disk.files.syncDirectory("/d")
        #expect(left(disk, .everything) == ["/d/a": [1, 2], "/d/b": [7]])
        // Synced in the directory, but never itself.
        _ = try disk.files.create("/d/c")
        try disk.files.syncDirectory("/d")
        #expect(left(disk, .everything)["/d/c"] == nil)
        #expect(left(disk, .data)["/d/c"] == [])
    }

    /// A later change of an entry never survives without the earlier one.
    @Test func renamesKeepTheirOrder() throws {
        let disk = try makeDisk()
        try disk.files.rename("/d/a", to: "/d/b")
        try disk.files.rename("/d/b", to: "/d/c")
        let names = Set((1...50).map { left(disk, .some(seed: $0)).keys.sorted() })
        #expect(names == [["/d/a"], ["/d/b"], ["/d/c"]])
    }

    @Test func aFailedSyncTakesTheBytesForWritten() throws {
        let disk = try makeDisk()
        let file = try disk.files.require("/d/a", .update)
        try file.write([9], at: 0)
        disk.failNext(of: .syncs, errorNumber: EIO)
        #expect(throws: FileSystemError.self) { try file.sync() }
        // The second one succeeds and makes nothing durable.
        try file.sync()
        #expect(left(disk, .everything) == ["/d/a": [1, 2]])
    }

    @Test func failuresAreCountedByKind() throws {
        let disk = try makeDisk()
        disk.faults.failures = [
            .init(of: [.write], number: disk.callCount(of: [.write]) + 2, errorNumber: EIO)
        ]
        let file = try disk.files.require("/d/a", .update)
        try file.write([5], at: 0)
        let error = try #require(throws: FileSystemError.self) { try file.write([6, 7], at: 0) }
        #expect(error.errorNumber == EIO && error.message.contains("/d/a"))
        // A part of it was written all the same.
        #expect(disk.image.bytes(at: "/d/a") == [6, 2])
        try file.write([8], at: 0)
    }

    @Test func failuresMayBeOfSomePathsAlone() throws {
        let disk = try makeDisk()
        disk.failNext(of: .changes, at: "/b", errorNumber: ENOSPC, isLasting: true)
        try disk.files.writeDurably([1], to: "/d/a2")
        #expect(throws: FileSystemError.self) { try disk.files.create("/d/b") }
        #expect(throws: FileSystemError.self) { try disk.files.create("/d/b") }
        try disk.files.writeDurably([1], to: "/d/c")
        #expect(disk.callCount(of: [.create], at: "/b") == 2)
    }

    @Test func aFullDiskStoresWhatFits() throws {
        let disk = try makeDisk()
        disk.faults.maximumByteCount = 5
        let file = try disk.files.require("/d/a", .update)
        let error = try #require(throws: FileSystemError.self) {
            try file.write([3, 4, 5, 6, 7], at: 2)
        }
        #expect(error.code == .full)
        #expect(disk.image.bytes(at: "/d/a") == [1, 2, 3, 4, 5])
        try file.write([0], at: 0)
        try file.truncate(to: 1)
        try file.write([1, 1], at: 1)
    }

    @Test func aStoppedProcessChangesNothing() throws {
        let disk = try makeDisk()
        let file = try disk.files.require("/d/a", .update)
        disk.faults.stopAt = disk.callCount() + 2
        try file.write([5], at: 0)
        let before = disk.image.bytes(at: "/d/a")
        #expect(throws: FileSystemError.self) { try file.write([6], at: 0) }
        #expect(throws: FileSystemError.self) { try file.truncate(to: 0) }
        #expect(throws: FileSystemError.self) { _ = try disk.files.status(of: "/d/a") }
        #expect(disk.isStopped && disk.image.bytes(at: "/d/a") == before)
        #expect(try disk.restarted.files.contents(of: "/d/a") == [5, 2])
    }

    @Test func anIgnoredSyncMakesNothingDurable() throws {
        let disk = FakeDisk(faults: .init(ignoredSync: 2))
        try disk.files.makeDurableDirectory("/d")
        try disk.files.writeDurably([1], to: "/d/a")
        try disk.files.syncDirectory("/d")
        #expect(disk.syncs.map(\.path) == ["/", "/d/a", "/d"])
        #expect(left(disk, .everything) == [:])
    }
}
