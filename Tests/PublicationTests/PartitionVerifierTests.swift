import ExportModel
import Foundation
import Testing

@testable import Publication

@Suite struct PartitionVerifierTests {
    private typealias Fixture = PublicationFixture

    private func published() throws -> MemoryFileSystem {
        let fileSystem = MemoryFileSystem()
        try Fixture.run(.old, on: fileSystem)
        return fileSystem
    }

    private func kinds(_ fileSystem: MemoryFileSystem) -> [PartitionFinding.Kind] {
        PartitionVerifier(fileSystem: fileSystem).findings(in: Fixture.directory).map(\.kind)
    }

    private func replace(
        _ name: String, with bytes: [UInt8]?, _ fileSystem: MemoryFileSystem
    ) throws {
        let path = Fixture.directory + "/" + name
        try fileSystem.removeTree(at: path)
        if let bytes { try fileSystem.writeDurably(bytes, to: path) }
    }

    /// Changes the manifest's text, whose values nothing else vouches for.
    private func editManifest(
        _ old: String, _ new: String, _ fileSystem: MemoryFileSystem
    ) throws {
        let path = Fixture.directory + "/_manifest.json"
        let text = String(decoding: try fileSystem.contents(of: path), as: UTF8.self)
        #expect(text.contains(old))
        let edited = text.replacingOccurrences(of: old, with: new)
        try replace("_manifest.json", with: Array(edited.utf8), fileSystem)
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
        let fileSystem = try published()
        try replace(name, with: nil, fileSystem)
        let findings = PartitionVerifier(fileSystem: fileSystem).findings(in: Fixture.directory)
        #expect(findings.map(\.kind) == [kind])
        #expect(findings.allSatisfy { kind == .missingManifest || $0.path.hasSuffix(name) })
    }

    @Test func flippedByteOfAPartIsFound() throws {
        let fileSystem = try published()
        var bytes = try fileSystem.contents(of: Fixture.directory + "/part-00000.csv.gz")
        bytes[bytes.count / 2] ^= 1
        try replace("part-00000.csv.gz", with: bytes, fileSystem)
        #expect(kinds(fileSystem) == [.wrongSHA256])
    }

    @Test func cutPartIsFound() throws {
        let fileSystem = try published()
        let bytes = try fileSystem.contents(of: Fixture.directory + "/part-00000.csv.gz")
        try replace("part-00000.csv.gz", with: Array(bytes.dropLast()), fileSystem)
        #expect(kinds(fileSystem) == [.wrongSize, .wrongSHA256])
    }

    @Test func fileTheManifestDoesNotNameIsFound() throws {
        let fileSystem = try published()
        try replace("part-00007.csv.gz", with: [], fileSystem)
        #expect(kinds(fileSystem) == [.unexpectedFile])
    }

    @Test func damagedRejectsAreFound() throws {
        let fileSystem = try published()
        let bytes = try fileSystem.contents(of: Fixture.directory + "/_rejects.ndjson.gz")
        try replace("_rejects.ndjson.gz", with: Array(bytes.dropLast()), fileSystem)
        #expect(kinds(fileSystem) == [.unreadableFile])
    }

    @Test func rowsMustAddUpAndRejectsAreCounted() throws {
        let fileSystem = try published()
        try editManifest("\"rows\": 4", "\"rows\": 3", fileSystem)
        #expect(kinds(fileSystem) == [.wrongRowCount])
        let other = try published()
        try editManifest("\"rejects\": 1", "\"rejects\": 2", other)
        #expect(kinds(other) == [.wrongRowCount])
    }

    @Test(arguments: [
        ("{", "["), ("\"manifest_version\": 2", "\"manifest_version\": 1"),
        ("\"manifest_version\": 2", "\"manifest_version\": 3"),
        ("\"rows\": 5", "\"rows\": \"5\""), ("2026-11-20T00:00:00.000Z", "tomorrow"),
    ])
    func manifestOfAnotherShapeIsUnreadable(old: String, new: String) throws {
        let fileSystem = try published()
        try editManifest(old, new, fileSystem)
        #expect(kinds(fileSystem) == [.unreadableManifest])
    }

    @Test func partitionsAreFoundInPathOrderAlsoWithoutManifest() throws {
        let fileSystem = MemoryFileSystem()
        let publisher = Fixture.publisher(fileSystem)
        let date = CivilDate(daysSinceEpoch: 20_776)
        for key in [
            WindowKey.day(date), .hour(date, hour: 7, isRepeated: false), .batch("ids"),
        ] {
            _ = try Fixture.prepare(.empty, with: publisher, as: Fixture.description(key))
                .publish()
        }
        let base = Fixture.root + "/calls/cdrx_account=main/"
        try fileSystem.removeTree(at: base + "batch=ids/_manifest.json")
        #expect(
            try PartitionVerifier(fileSystem: fileSystem).partitions(under: Fixture.root) == [
                base + "batch=ids", base + "dt=2026-11-19", base + "dt=2026-11-19/hour=07",
            ])
    }
}
