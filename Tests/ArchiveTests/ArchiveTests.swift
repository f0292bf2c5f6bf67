import ExportModel
import FileSystem
import Testing

@testable import Archive

@Suite struct ArchiveTests {
    let place: TemporaryDirectory

    init() throws {
        place = try TemporaryDirectory()
    }

    func open(stream: String = "calls", key: String = "2026-11-19") throws -> WindowArchive {
        try Archive(place.path, pipeline: "nightly").window(stream: stream, key: key)
    }

    @Test func versionsComeBackAsTheyWere() throws {
        let slices = (0..<5).map { ArchivedSlice.sample($0) }
        let first = try open()
        try first.add("main", "r1.1", slices)
        try first.add("other", "r1.2", [.sample(7)], ends: false)
        // Before the commit: from memory.
        #expect(try first.slices("r1.1") == slices)
        try first.commit()
        #expect(try first.slices("r1.1") == slices)
        let second = try open()
        #expect(second.notices == [] && second.accounts == ["main", "other"])
        #expect(
            second.versions(of: "main") == [
                ArchivedVersion(
                    id: "r1.1", account: "main", fingerprint: "plan of main", sliceCount: 5,
                    end: .sample(5))
            ])
        #expect(second.latest(of: "main") == second.version("r1.1"))
        #expect(second.open(of: "main") == nil && second.latest(of: "other") == nil)
        #expect(second.open(of: "other")?.sliceCount == 1)
        #expect(try second.slices("r1.1") == slices)
        #expect(try second.slices("r1.2") == [.sample(7)])
    }

    @Test func anOpenVersionGoesOnInAnotherProcess() throws {
        let first = try open()
        try first.add("main", "r1.1", [.sample(0), .sample(1)], ends: false)
        try first.commit()
        let second = try open()
        try second.append(.sample(2), to: "r1.1")
        try second.end("r1.1", .sample(3))
        try second.commit()
        let third = try open()
        #expect(try third.slices("r1.1") == (0..<3).map { .sample($0) })
        #expect(third.latest(of: "main")?.end == .sample(3))
        #expect(third.segmentCount == 2)
    }

    @Test func whatIsNotCommittedMayBeLost() throws {
        let first = try open()
        try first.add("main", "r1.1", [.sample(0)])
        #expect(try open().accounts == [])
        #expect(first.segmentCount == 0)
    }

    @Test func beginningGivesUpTheOpenVersion() throws {
        let first = try open()
        try first.add("main", "r1.1", [.sample(0)], ends: false)
        try first.add("main", "r1.2", [.sample(1)], ends: false)
        #expect(first.open(of: "main")?.id == "r1.2")
        #expect(throws: ArchiveError.self) { try first.append(.sample(1), to: "r1.1") }
        try first.commit()
        let second = try open()
        #expect(second.versions(of: "main").map(\.id) == ["r1.2"])
    }

    @Test func theNewestCompleteVersionIsTheLatest() throws {
        let first = try open()
        try first.add("main", "r1.1", [.sample(0)])
        try first.add("main", "r2.1", [.sample(1)])
        try first.add("main", "r3.1", [.sample(2)], isRefused: true)
        try first.add("main", "r4.1", [.sample(3)], ends: false)
        try first.commit()
        for archive in [first, try open()] {
            #expect(archive.versions(of: "main").map(\.id) == ["r1.1", "r2.1", "r3.1", "r4.1"])
            #expect(archive.latest(of: "main")?.id == "r2.1")
            #expect(archive.latest(of: "main", including: true)?.id == "r3.1")
            #expect(archive.open(of: "main")?.id == "r4.1")
        }
    }

    @Test func droppedVersionsStayDropped() throws {
        let first = try open()
        try first.add("main", "r1.1", [.sample(0)])
        try first.add("main", "r2.1", [.sample(1)])
        try first.commit()
        let second = try open()
        try second.drop(["r2.1", "unknown"])
        #expect(second.latest(of: "main")?.id == "r1.1")
        try second.commit()
        let third = try open()
        #expect(third.latest(of: "main")?.id == "r1.1" && third.version("r2.1") == nil)
    }

    @Test func largeSlicesAreBlocksOfTheirOwn() throws {
        let slices = [
            ArchivedSlice.random(0, bodyByteCount: 10), .random(1, bodyByteCount: 3_000_000),
            .sample(2, bodyByteCount: 2_000_000), .random(3, bodyByteCount: 10),
        ]
        let first = try open()
        try first.add("main", "r1.1", slices)
        try first.commit()
        let second = try open()
        #expect(try second.slices("r1.1") == slices)
        #expect(second.blockPayloadByteCounts.map { $0 > 1 << 20 } == [false, true, true, false])
    }

    @Test func smallSlicesOfManyAccountsShareBlocks() throws {
        let archive = try open()
        for number in 0..<3_000 {
            let slice = ArchivedSlice.sample(number, bodyByteCount: 500)
            try archive.add("account \(number)", "r1.\(number)", [slice])
        }
        try archive.commit()
        let next = try open()
        #expect(next.accounts.count == 3_000 && next.segmentCount == 1)
        let counts = next.blockPayloadByteCounts
        #expect(counts.count < 10 && counts.reduce(0, +) > 3_000_000)
        for number in [0, 1, 1_500, 2_999] {
            #expect(try next.slices("r1.\(number)") == [.sample(number, bodyByteCount: 500)])
        }
    }

    @Test func windowsAreFoundByTheirNames() throws {
        let long = "batch=" + String(repeating: "x", count: 300)
        let names = [
            ("calls", "2026-11-19"), ("calls", "batch=a/b.c"), ("calls", long), ("ü ~", "2026-11"),
        ]
        let archive = Archive(place.path, pipeline: "nightly.v2")
        for (stream, key) in names {
            let window = try archive.window(stream: stream, key: key)
            try window.add("main", "r1.1", [.sample(0)])
            try window.commit()
        }
        let other = try Archive(place.path, pipeline: "other").window(stream: "calls", key: "k")
        try other.add("main", "r1.1", [])
        try other.commit()
        for archive in [archive, Archive(place.path, pipeline: "nightly.v2")] {
            let found = try archive.windows()
            #expect(found.map(\.stream) == names.map(\.0) && found.map(\.key) == names.map(\.1))
            #expect(try archive.windows(stream: "calls").count == 3)
            #expect(try archive.windows(stream: "none").isEmpty)
        }
    }

    @Test func oneObjectServesAWindow() throws {
        let archive = Archive(place.path, pipeline: "nightly")
        let first = try archive.window(stream: "calls", key: "k")
        #expect(first === (try archive.window(stream: "calls", key: "k")))
        #expect(first !== (try archive.window(stream: "calls", key: "l")))
    }

    @Test func filesAreTheirOwnersAlone() throws {
        let window = try open()
        try window.add("main", "r1.1", [.sample(0)])
        try window.commit()
        #expect(place.permissions("archive") == 0o700)
        #expect(place.permissions("archive/calls") == 0o700)
        #expect(place.permissions("archive/calls/2026-11-19.nightly.1.segment") == 0o600)
    }
}
