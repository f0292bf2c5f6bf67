import Testing

@testable import Archive

@Suite struct CompactionTests {
    let place: TemporaryDirectory

    init() throws {
        place = try TemporaryDirectory()
    }

    func open() throws -> WindowArchive {
        try Archive(place.path, pipeline: "nightly").window(stream: "calls", key: "k")
    }

    /// A run of its own: a segment.
    func run(_ body: (WindowArchive) throws -> Void) throws {
        let archive = try open()
        try body(archive)
        try archive.commit()
    }

    func files() throws -> [String] {
        try open().directory.allNames().sorted()
    }

    @Test func aSegmentWithoutLiveVersionsIsDeleted() throws {
        try run { try $0.add("main", "r1.1", [.sample(0)]) }
        try run { try $0.add("main", "r2.1", [.sample(1)]) }
        let archive = try open()
        try archive.compact(keeping: ["r2.1"])
        #expect(archive.versions(of: "main").map(\.id) == ["r2.1"])
        #expect(try files() == ["k.nightly.2.segment"])
        #expect(try open().versions(of: "main").map(\.id) == ["r2.1"])
        #expect(try open().slices("r2.1") == [.sample(1)])
    }

    /// A window that is published account by account.
    @Test func otherAccountsKeepTheirVersions() throws {
        try run { try $0.add("main", "r1.1", [.sample(0)]) }
        try run { archive in
            try archive.add("main", "r2.1", [.sample(1)])
            try archive.add("other", "r2.2", [.sample(2)])
        }
        let archive = try open()
        try archive.compact(keeping: ["r2.1"], of: ["main"])
        #expect(archive.versions(of: "main").map(\.id) == ["r2.1"])
        #expect(try open().versions(of: "other").map(\.id) == ["r2.2"])
        #expect(try open().slices("r2.2") == [.sample(2)])
    }

    @Test func sparseSegmentsAreRewritten() throws {
        try run { archive in
            for number in 0..<10 {
                try archive.add("a\(number)", "r1.\(number)", [.sample(number)])
            }
            try archive.add("open", "r1.10", [.sample(3)], ends: false)
        }
        try run { archive in
            for number in 0..<8 {
                try archive.add("a\(number)", "r2.\(number)", [.sample(number + 20)])
            }
        }
        let kept = Set((0..<8).map { "r2.\($0)" } + ["r1.8", "r1.9"])
        let full = try open()
        try full.compact(keeping: kept)
        // 11 of 19 slices are live: more than half.
        #expect(try files() == ["k.nightly.1.segment", "k.nightly.2.segment"])
        try run { try $0.add("a0", "r3.0", [.sample(40)]) }
        try run { archive in
            for number in 1..<9 {
                try archive.add("a\(number)", "r4.\(number)", [.sample(number + 50)])
            }
        }
        let last = Set((1..<9).map { "r4.\($0)" } + ["r3.0", "r1.9"])
        let archive = try open()
        try archive.compact(keeping: last)
        // The second has none left, the first two of 11: 11 of 20.
        #expect(try files().count == 3)
        try archive.drop((1..<9).map { "r4.\($0)" })
        try archive.compact(keeping: last)
        #expect(try files() == ["k.nightly.6.segment"])
        for archive in [archive, try open()] {
            #expect(archive.accounts == ["a0", "a9", "open"] && archive.notices == [])
            #expect(try archive.slices("r3.0") == [.sample(40)])
            #expect(try archive.slices("r1.9") == [.sample(9)])
            #expect(archive.open(of: "open")?.sliceCount == 1)
        }
        // And it goes on.
        try archive.append(.sample(4), to: "r1.10")
        try archive.end("r1.10", .sample(2))
        try archive.commit()
        #expect(try open().slices("r1.10") == [.sample(3), .sample(4)])
    }

    @Test func manySegmentsAreJoined() throws {
        for number in 0..<8 {
            try run { try $0.add("a\(number)", "r\(number)", [.sample(number)]) }
        }
        let kept = Set((0..<9).map { "r\($0)" })
        try open().compact(keeping: kept)
        #expect(try files().count == 8)
        try run { try $0.add("a8", "r8", [.sample(8)]) }
        try open().compact(keeping: kept)
        #expect(try files() == ["k.nightly.10.segment"])
        for number in 0..<9 { #expect(try open().slices("r\(number)") == [.sample(number)]) }
    }

    @Test func whatWasRefusedLastStaysForAReplay() throws {
        let archive = try open()
        try archive.add("main", "r1.1", [.sample(0)])
        try archive.add("main", "r2.1", [.sample(1)], isRefused: true)
        try archive.add("main", "r3.1", [.sample(2)], isRefused: true)
        try archive.add("main", "r4.1", [.sample(3)], ends: false)
        try archive.add("other", "r3.2", [.sample(4)], isRefused: true)
        try archive.add("other", "r4.2", [.sample(5)])
        try archive.compact(keeping: ["r1.1", "r4.2"])
        #expect(archive.versions(of: "main").map(\.id) == ["r1.1", "r3.1", "r4.1"])
        #expect(archive.versions(of: "other").map(\.id) == ["r4.2"])
        for archive in [archive, try open()] {
            #expect(archive.latest(of: "main")?.id == "r1.1")
            #expect(archive.latest(of: "main", including: true)?.id == "r3.1")
            #expect(archive.open(of: "main")?.id == "r4.1")
        }
    }

    @Test func aDropOutlivesTheSegmentOfItsVersion() throws {
        try run { archive in
            try archive.add("main", "r1.1", [.sample(0)])
            try archive.add("other", "r1.2", [.sample(1, bodyByteCount: 99)])
        }
        try run { try $0.drop(["r1.1"]) }
        try open().compact(keeping: ["r1.2"])
        #expect(try files().count == 2)
        #expect(try open().accounts == ["other"])
        try open().compact(keeping: [])
        #expect(try files().isEmpty)
    }

    @Test func readersGoOnWhileSegmentsAreReplaced() throws {
        let slices = (0..<4).map { ArchivedSlice.sample($0) }
        try run { archive in
            try archive.add("main", "r1.1", slices)
            try archive.add("gone", "r1.2", (0..<9).map { .sample($0) })
        }
        let archive = try open()
        let reader = try archive.makeReader(of: try #require(archive.latest(of: "main")))
        let gone = try archive.makeReader(of: try #require(archive.latest(of: "gone")))
        #expect(try reader.next() == slices[0])
        try archive.compact(keeping: ["r1.1"])
        #expect(try files() == ["k.nightly.3.segment"])
        #expect(try reader.next() == slices[1])
        #expect(throws: ArchiveError.self) { try gone.next() }
    }

    @Test func removalLeavesNothing() throws {
        try run { try $0.add("main", "r1.1", [.sample(0)]) }
        let archive = try open()
        try archive.add("main", "r2.1", [.sample(0)], ends: false)
        try archive.commit()
        try archive.remove()
        #expect(try files().isEmpty)
        #expect(archive.accounts == [])
        #expect(throws: ArchiveError.self) { try archive.append(.sample(1), to: "r2.1") }
        try archive.add("main", "r3.1", [.sample(5)])
        try archive.commit()
        #expect(try open().slices("r3.1") == [.sample(5)])
    }
}
