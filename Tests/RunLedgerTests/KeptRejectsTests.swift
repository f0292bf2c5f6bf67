import ExportModel
import Foundation
import Testing

@testable import RunLedger

@Suite struct KeptRejectsTests {
    @Test func rejectsAreKeptUntilTheirWindowCompletes() throws {
        let directory = NSTemporaryDirectory() + "cdrx-kept-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        let kept = KeptRejects(StateDirectory(path: directory + "/state"))
        let (first, second) = (
            WindowIdentity.identity("2026-11-19"), WindowIdentity.identity("2026-11-20")
        )
        #expect(try kept.path(of: first) == nil)
        try kept.remove(of: first)
        // Replaced by less.
        for byteCount in [1_000_000, 3] {
            let bytes = Data((0..<byteCount).map { UInt8(truncatingIfNeeded: $0 / 7) })
            try kept.keep(Array(bytes), of: first)
            let path = try #require(try kept.path(of: first))
            #expect(FileManager.default.contents(atPath: path) == bytes)
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
        #expect(try kept.path(of: second) == nil)
        try kept.remove(of: first)
        #expect(try kept.path(of: first) == nil)
        let left = try FileManager.default.contentsOfDirectory(
            atPath: directory + "/state/rejects")
        #expect(left.isEmpty)
    }
}
