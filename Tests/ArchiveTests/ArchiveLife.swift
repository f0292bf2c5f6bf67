import FileSystem
import TestDisk

@testable import Archive

/// What happens to one window's archive over three runs, with what must be there at any moment.
struct ArchiveLife {
    /// What a commit has promised of a version.
    struct Promise: Equatable {
        var sliceCount: Int
        var isEnded: Bool
    }

    /// The slices that each version has in the end.
    static let truth: [String: [ArchivedSlice]] = [
        "r1.1": slices(0..<3), "r1.2": slices(10..<11), "r1.3": slices(20..<24),
        "r2.1": slices(30..<32), "r3.1": slices(40..<43), "r3.2": slices(50..<51),
    ]
    static let accounts = [
        "r1.1": "a", "r1.2": "b", "r1.3": "c", "r2.1": "a", "r3.1": "a", "r3.2": "b",
    ]

    private(set) var promises: [String: Promise] = [:]
    /// Versions that a compaction may have taken away.
    private(set) var mayBeGone: Set<String> = []
    private let disk: any Disk

    private static func slices(_ numbers: Range<Int>) -> [ArchivedSlice] {
        numbers.map { .random($0, bodyByteCount: $0 % 10 == 1 ? 1_300 : 50) }
    }

    static func open(_ disk: any Disk) throws -> WindowArchive {
        try Archive("/state", pipeline: "nightly", fileSystem: disk)
            .window(stream: "calls", key: "2026-11-19")
    }

    init(_ disk: any Disk) {
        self.disk = disk
    }

    /// Lives until an error.
    mutating func live() {
        do {
            try firstRun()
            try secondRun()
            try thirdRun()
        } catch {
            return
        }
    }

    private mutating func firstRun() throws {
        let archive = try Self.open(disk)
        try add("r1.1", 0..<2, to: archive)
        try commit(archive, "r1.1", 2)
        try add("r1.3", 0..<2, to: archive)
        try add("r1.1", 2..<3, to: archive)
        try add("r1.2", 0..<1, to: archive)
        try commit(archive, "r1.1", 3, isEnded: true)
        promise("r1.2", 1, isEnded: true)
        promise("r1.3", 2)
        try archive.compact(keeping: ["r1.1", "r1.2"])
    }

    private mutating func secondRun() throws {
        let archive = try Self.open(disk)
        try add("r1.3", 2..<3, to: archive)
        try add("r2.1", 0..<2, to: archive)
        try commit(archive, "r2.1", 2, isEnded: true)
        promise("r1.3", 3)
        mayBeGone.insert("r1.1")
        try archive.compact(keeping: ["r2.1", "r1.2"])
    }

    private mutating func thirdRun() throws {
        let archive = try Self.open(disk)
        try add("r1.3", 3..<4, to: archive)
        try commit(archive, "r1.3", 4, isEnded: true)
        try add("r3.1", 0..<3, to: archive)
        try add("r3.2", 0..<1, to: archive)
        try commit(archive, "r3.1", 3, isEnded: true)
        promise("r3.2", 1, isEnded: true)
        mayBeGone.formUnion(["r2.1", "r1.2", "r1.3"])
        // Few bytes of the earlier segments are live: they are rewritten.
        try archive.compact(keeping: ["r3.1", "r3.2"])
    }

    /// Goes on with a version, or begins it; ends it after its last slice.
    func add(_ id: String, _ numbers: Range<Int>, to archive: WindowArchive) throws {
        let account = Self.accounts[id] ?? ""
        let slices = Self.truth[id] ?? []
        if numbers.lowerBound == 0 { archive.begin(account, id: id, fingerprint: "plan") }
        for number in numbers { try archive.append(slices[number], to: id) }
        if numbers.upperBound == slices.count { try archive.end(id, .sample(slices.count)) }
    }

    private mutating func commit(
        _ archive: WindowArchive, _ id: String, _ sliceCount: Int, isEnded: Bool = false
    ) throws {
        try archive.commit()
        promise(id, sliceCount, isEnded: isEnded)
    }

    private mutating func promise(_ id: String, _ sliceCount: Int, isEnded: Bool = false) {
        promises[id] = Promise(sliceCount: sliceCount, isEnded: isEnded)
    }

    // MARK: - Judging

    /// How an archive that was found differs from what it may be.
    func violations(of archive: WindowArchive) throws -> [String] {
        var violations = try Self.wrongContents(of: archive)
        for (id, promise) in promises where !mayBeGone.contains(id) {
            guard let account = Self.accounts[id],
                let found = archive.versions(of: account).first(where: { $0.id == id })
            else {
                violations.append("\(id) is lost")
                continue
            }
            if found.sliceCount < promise.sliceCount || promise.isEnded && found.end == nil {
                violations.append("\(id) has \(found.sliceCount) slices, ends: \(found.end != nil)")
            }
        }
        if let lost = archive.notices.first(where: { !$0.contains("interrupted") }) {
            violations.append(lost)
        }
        return violations
    }

    /// Versions whose slices are not those that were appended.
    static func wrongContents(of archive: WindowArchive) throws -> [String] {
        var violations: [String] = []
        for account in archive.accounts {
            for version in archive.versions(of: account) {
                let slices = try archive.slices(version.id)
                let truth = truth[version.id] ?? []
                if slices != Array(truth.prefix(slices.count)) || accounts[version.id] != account {
                    violations.append("\(version.id) has other slices")
                }
                if version.end != nil, slices.count != truth.count {
                    violations.append("\(version.id) ends too early")
                }
            }
        }
        return violations
    }
}
