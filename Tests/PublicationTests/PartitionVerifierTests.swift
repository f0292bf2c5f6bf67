import ExportModel
import FileSystem
import Foundation
import TestDisk
import Testing

@testable import Publication

@Suite struct PartitionVerifierTests {
    private typealias Fixture = PublicationFixture

    private func published() throws -> FakeDisk {
        let disk = FakeDisk()
        try Fixture.run(.old, on: disk)
        return disk
    }

    private func kinds(_ disk: FakeDisk) -> [PartitionFinding.Kind] {
        PartitionVerifier(disk: disk).findings(in: Fixture.directory).map(\.kind)
    }

    private func replace(
        _ name: String, with bytes: [UInt8]?, _ disk: FakeDisk
    ) throws {
        let path = Fixture.directory + "/" + name
        try disk.files.removeTree(path)
        if let bytes { try disk.files.writeDurably(bytes, to: path) }
    }

    /// Changes the manifest's text, whose values nothing else vouches for.
    private func editManifest(
        _ old: String, _ new: String, _ disk: FakeDisk
    ) throws {
        let path = Fixture.directory + "/_manifest.json"
        let text = String(decoding: try disk.files.contents(of: path), as: UTF8.self)
        #expect(text.contains(old))
        let edited = text.replacingOccurrences(of: old, with: new)
        try replace("_manifest.json", with: Array(edited.utf8), disk)
    }

    @Test func intactPartitionHasNoFindings() throws {
        #expect(try kinds(published()) == [])
    }

    @Test(arguments: [
        ("part-00000.csv.gz", PartitionFinding.Kind.missingFile),
        ("_rejects.ndjson.gz", .missingFile), ("_SUCCESS", .missingSuccess),
        ("_manifest.json", .missingManifest),
    ])
    func missingFileIsNamed(name: String, kind: PartitionFinding.Kind) throws {
        let disk = try published()
        try replace(name, with: nil, disk)
        let findings = PartitionVerifier(disk: disk).findings(in: Fixture.directory)
        #expect(findings.map(\.kind) == [kind])
        #expect(findings.allSatisfy { kind == .missingManifest || $0.path.hasSuffix(name) })
    }

    @Test func flippedByteOfAPartIsFound() throws {
        let disk = try published()
        var bytes = try disk.files.contents(of: Fixture.directory + "/part-00000.csv.gz")
        bytes[bytes.count / 2] ^= 1
        try replace("part-00000.csv.gz", with: bytes, disk)
        #expect(kinds(disk) == [.wrongSHA256])
    }

    @Test func cutPartIsFound() throws {
        let disk = try published()
        let bytes = try disk.files.contents(of: Fixture.directory + "/part-00000.csv.gz")
        try replace("part-00000.csv.gz", with: Array(bytes.dropLast()), disk)
        #expect(kinds(disk) == [.wrongSize, .wrongSHA256])
    }

    @Test func fileTheManifestDoesNotNameIsFound() throws {
        let disk = try published()
        try replace("part-00007.csv.gz", with: [], disk)
        #expect(kinds(disk) == [.unexpectedFile])
    }

    @Test func damagedRejectsAreFound() throws {
        let disk = try published()
        let bytes = try disk.files.contents(of: Fixture.directory + "/_rejects.ndjson.gz")
        try replace("_rejects.ndjson.gz", with: Array(bytes.dropLast()), disk)
        #expect(kinds(disk) == [.unreadableFile])
    }

    @Test func rowsMustAddUpAndRejectsAreCounted() throws {
        let disk = try published()
        try editManifest("\"rows\": 4", "\"rows\": 3", disk)
        #expect(kinds(disk) == [.wrongRowCount])
        let other = try published()
        try editManifest("\"rejects\": 1", "\"rejects\": 2", other)
        #expect(kinds(other) == [.wrongRowCount])
        for (old, new) in [
            ("      \"rows\": 5", "      \"rows\": 6"),
            ("      \"rejects\": 1", "      \"rejects\": 0"),
        ] {
            let account = try published()
            try editManifest(old, new, account)
            #expect(kinds(account) == [.wrongRowCount], "\(new)")
        }
    }

    @Test(arguments: [
        ("{", "["), ("\"manifest_version\": 2", "\"manifest_version\": 0"),
        ("\"manifest_version\": 2", "\"manifest_version\": 1"),
        ("\"manifest_version\": 2", "\"manifest_version\": 3"),
        ("\"rows\": 5", "\"rows\": \"5\""), ("2026-11-20T00:00:00.000Z", "tomorrow"),
    ])
    func manifestOfAnotherShapeIsUnreadable(old: String, new: String) throws {
        let disk = try published()
        try editManifest(old, new, disk)
        #expect(kinds(disk) == [.unreadableManifest])
    }

    @Test func partitionsAreFoundInPathOrderAlsoWithoutManifest() throws {
        let disk = FakeDisk()
        let publisher = Fixture.publisher(disk)
        let date = CivilDate(daysSinceEpoch: 20_776)
        for key in [
            WindowKey.day(date), .hour(date, hour: 7, isRepeated: false), .batch("ids"),
        ] {
            _ = try Fixture.prepare(.empty, with: publisher, as: Fixture.description(key))
                .publish()
        }
        let base = Fixture.root + "/calls/cdrx_account=main/"
        try disk.files.removeTree(base + "batch=ids/_manifest.json")
        #expect(
            try PartitionVerifier(disk: disk).partitions(under: Fixture.root) == [
                base + "batch=ids", base + "dt=2026-11-19", base + "dt=2026-11-19/hour=07",
            ])
    }
}
