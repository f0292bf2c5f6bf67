import Compression
import FileSystem
import TestDisk
import Testing

@testable import Archive

@Suite struct DamageTests {
    static let path = "/state/archive/calls/2026-11-19.nightly.1.segment"

    /// A small archive of four blocks: three accounts, one of them with two versions.
    ///
    /// - Parameter isClosed: whether the segment says that all of it is durable.
    static func image(isClosed: Bool) throws -> DiskImage {
        let disk = FakeDisk()
        let life = ArchiveLife(disk)
        let archive = try ArchiveLife.open(disk)
        try life.add("r1.1", 0..<2, to: archive)
        try archive.commit()
        try life.add("r1.1", 2..<3, to: archive)
        try life.add("r1.2", 0..<1, to: archive)
        try archive.commit()
        try life.add("r1.3", 0..<2, to: archive)
        try life.add("r2.1", 0..<1, to: archive)
        try archive.commit()
        try life.add("r1.3", 2..<4, to: archive)
        try life.add("r2.1", 1..<2, to: archive)
        try archive.commit()
        var image = disk.image
        if !isClosed, let bytes = image.bytes(at: path) {
            let end = try EncodedBlock(BlockContent(), BlockCoder())
            image.replace(
                path, with: bytes.dropLast(BlockFrame.byteCount + end.indexBytes.count))
        }
        return image
    }

    /// Opens an archive with other bytes, reads every version, and judges what was said.
    ///
    /// - Returns: the versions that could be read.
    static func read(_ image: DiskImage, _ bytes: [UInt8], _ what: String) throws -> Set<String> {
        var image = image
        image.replace(path, with: bytes)
        let archive = try ArchiveLife.open(FakeDisk(image))
        var whole: Set<String> = []
        for id in ["r1.1", "r1.2", "r1.3", "r2.1"] {
            guard archive.version(id) != nil else { continue }
            do {
                #expect(try archive.slices(id) == ArchiveLife.truth[id], "\(what): \(id)")
                whole.insert(id)
            } catch let error as ArchiveError {
                #expect(error.code == "archive_damaged", "\(what): \(error)")
                #expect(archive.version(id) == nil)
                // An older version never passes for the latest.
                if id == "r2.1" { #expect(archive.latest(of: "a") == nil) }
            }
        }
        if whole.count < 4 { #expect(!archive.notices.isEmpty, "\(what): nothing was said") }
        return whole
    }

    @Test(arguments: [true, false])
    func everyVersionIsWholeOrReportedWithAnyByteFlipped(isClosed: Bool) throws {
        let image = try Self.image(isClosed: isClosed)
        let bytes = try #require(image.bytes(at: Self.path))
        #expect(try Self.read(image, bytes, "no flip").count == 4)
        var readable = 0
        for place in bytes.indices {
            var flipped = bytes
            flipped[place] ^= 1 << UInt8(place % 8)
            readable += try Self.read(image, flipped, "byte \(place)").count
        }
        // Damage takes the versions of its block, not the others.
        #expect(readable > bytes.count * 3 / 2)
    }

    @Test(arguments: [true, false])
    func everyVersionIsWholeOrReportedWithTheFileCutAnywhere(isClosed: Bool) throws {
        let image = try Self.image(isClosed: isClosed)
        let bytes = try #require(image.bytes(at: Self.path))
        for count in 0..<bytes.count - (isClosed ? 60 : 0) {
            var image = image
            image.replace(Self.path, with: Array(bytes[..<count]))
            let archive = try ArchiveLife.open(FakeDisk(image))
            #expect(try ArchiveLife.wrongContents(of: archive) == [], "\(count)")
        }
    }

    @Test(arguments: [(1, 0), (16, 0), (60, 0), (200, 255), (3_000, 7)])
    func garbageAfterTheLastBlockIsLeftOut(count: Int, byte: UInt8) throws {
        let image = try Self.image(isClosed: false)
        let bytes = try #require(image.bytes(at: Self.path))
        let garbage = [UInt8](repeating: byte, count: count)
        #expect(try Self.read(image, bytes + garbage, "garbage").count == 4)
    }

    @Test func blocksOfAnotherPlaceOrSegmentAreNotTrusted() throws {
        let image = try Self.image(isClosed: false)
        let bytes = try #require(image.bytes(at: Self.path))
        let header = SegmentHeader(
            window: WindowName(pipeline: "nightly", stream: "calls", key: "2026-11-19"), number: 1)
        let blocks = bytes[header.bytes.count...]
        #expect(try Self.read(image, bytes + blocks, "blocks twice").count == 4)
        for (window, number) in [("2026-11-20", 1), ("2026-11-19", 2)] {
            let other = SegmentHeader(
                window: WindowName(pipeline: "nightly", stream: "calls", key: window),
                number: number)
            // Under another header, and under this one with the blocks of the other.
            #expect(try Self.read(image, other.bytes + blocks, "\(window) \(number)") == [])
        }
    }

    @Test func damageIsHealedByACompactionAndKeptAside() throws {
        let image = try Self.image(isClosed: true)
        var bytes = try #require(image.bytes(at: Self.path))
        // In the first block, which only r1.1 has a part in.
        bytes[150] ^= 1
        var damaged = image
        damaged.replace(Self.path, with: bytes)
        let disk = FakeDisk(damaged)
        let archive = try ArchiveLife.open(disk)
        #expect(archive.notices.count == 2, "\(archive.notices)")
        #expect(archive.versions(of: "a").map(\.id) == ["r2.1"])
        try archive.compact(keeping: ["r1.2", "r1.3", "r2.1"])
        let next = try ArchiveLife.open(disk.restarted)
        #expect(next.notices == [] && next.accounts == ["a", "b", "c"])
        #expect(try ArchiveLife.wrongContents(of: next) == [])
        #expect(disk.image.bytes(at: Self.path + "-damaged") == bytes)
        try next.remove()
    }

    @Test func aSegmentOfALaterFormatIsLeftAlone() throws {
        let image = try Self.image(isClosed: true)
        var encoder = ArchiveEncoder()
        encoder.append(SegmentHeader.magic)
        encoder.append(SegmentHeader.formatVersion + 1)
        let part = BlockFrame.Part(
            storedByteCount: encoder.bytes.count, byteCount: encoder.bytes.count,
            checksum: CRC32C.of(encoder.bytes))
        let frame = BlockFrame(
            index: part, payload: .init(storedByteCount: 0, byteCount: 0, checksum: 0),
            durableEnd: 0)
        let bytes = frame.bytes(at: 0, seed: 0) + encoder.bytes
        var later = image
        later.replace(Self.path, with: bytes)
        let archive = try ArchiveLife.open(FakeDisk(later))
        #expect(archive.accounts == [] && archive.notices.count == 1)
        #expect(archive.notices.first?.contains("its format is unknown") == true)
    }
}
