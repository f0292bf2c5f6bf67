import ExportModel
import ExportRun
import FileSystem
import Foundation
import Publication
import Testing

/// `on_mismatch: publish`: a partition for readers, and no success for the scheduler.
@Suite struct UnreconciledTests {
    private let publishing = Workplace.v2.replacingOccurrences(
        of: "attempts: 2", with: "attempts: 2, on_mismatch: publish")

    @Test func windowIsPublishedMarkedAndTriedAgain() throws {
        let place = try Workplace()
        defer { place.remove() }
        let liar = FakeProvider(evenRecords(25), lie: 1)
        let report = try place.run(publishing, transport: liar)
        #expect(report.exitCode == 1)
        #expect(report.windows.map(\.status) == [.unreconciled])
        #expect(report.windows.first?.failure?.message.contains("reports 26 records") == true)
        #expect(try manifests(place).map(\.accounts.first?.reconciled) == [false])
        #expect(try place.rowCounts() == [25])
        // A loader learns of it, and `verify` finds what the ledger knows.
        #expect(try place.listedDirectories().count == 1)
        let inspection = PipelineInspection(
            try place.pipeline(publishing), disk: SystemDisk())
        #expect(try inspection.verify(isDeep: false).findings.isEmpty)

        let again = try place.run(publishing, transport: FakeProvider(evenRecords(25), lie: 1))
        #expect(again.exitCode == 1)
        #expect(again.windows.count == 1)
        let honest = try place.run(publishing, transport: FakeProvider(evenRecords(25)))
        #expect(honest.exitCode == 0)
        #expect(try manifests(place).map(\.accounts.first?.reconciled) == [true])
        #expect(try place.run(publishing, transport: FakeProvider([])).skippedComplete == 1)
    }

    /// Without the wish, a window that cannot be reconciled leaves the marked partition as it is.
    @Test func laterFailureLeavesTheMark() throws {
        let place = try Workplace()
        defer { place.remove() }
        _ = try place.run(publishing, transport: FakeProvider(evenRecords(25), lie: 1))
        let before = try place.published()
        let report = try place.run(Workplace.v2, transport: FakeProvider(evenRecords(24), lie: 1))
        #expect(report.windows.map(\.status) == [.failed])
        #expect(try place.published() == before)
        #expect(try manifests(place).map(\.accounts.first?.reconciled) == [false])
    }

    private func manifests(_ place: Workplace) throws -> [Manifest] {
        let verifier = PartitionVerifier()
        return try verifier.partitions(under: place.directory + "/out").map {
            try verifier.manifest(in: $0)
        }
    }
}
