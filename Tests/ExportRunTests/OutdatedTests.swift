import ExportModel
import ExportRun
import Foundation
import Planning
import RunLedger
import TestDisk
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Partitions that were made with other settings are made again of the archive.
@Suite struct OutdatedTests {
    private static func text(_ format: OutputFormat) -> String {
        Workplace.v2.replacingOccurrences(
            of: "path: unused", with: "path: unused, format: \(format)")
    }

    /// Killed while it makes the partition again, and run plainly: still without a request.
    @Test(arguments: [CrashPoint.partitionPrepared, .partitionPublished, .publicationRecorded])
    func killedMakingAsksNobody(point: CrashPoint) async throws {
        let fresh = try Workplace()
        defer { fresh.remove() }
        _ = try fresh.run(Self.text(.ndjson), transport: FakeProvider(evenRecords(40)))
        let place = try Workplace()
        defer { place.remove() }
        _ = try place.run(Self.text(.csv), transport: FakeProvider(evenRecords(40)))
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [place = place as Workplace, raw = point.rawValue as String] in
            let point = try #require(CrashPoint(rawValue: raw))
            _ = try place.run(
                Self.text(.ndjson), transport: FakeProvider([]),
                onReaching: { if $0 == point { kill(getpid(), SIGKILL) } })
        }
        let provider = FakeProvider([])
        #expect(try place.run(Self.text(.ndjson), transport: provider).exitCode == 0)
        #expect(provider.requestedPages.isEmpty)
        #expect(try place.published() == fresh.published())
    }

    /// A full disk fails the partition, not the account window.
    @Test func failedMakingAsksNobody() throws {
        let place = try Workplace()
        defer { place.remove() }
        let disk = FakeDisk()
        _ = try place.run(
            Self.text(.csv), transport: FakeProvider(evenRecords(40)), disk: disk)
        let counting = disk.restarted
        _ = try place.run(Self.text(.ndjson), transport: FakeProvider([]), disk: counting)
        let after = place.published(on: counting)
        #expect(counting.callCount() > 20 && after.keys.contains { $0.contains("ndjson") })
        var failedCount = 0
        for call in stride(from: 1, through: counting.callCount(), by: 3) {
            let place = try Workplace()
            defer { place.remove() }
            let disk = FakeDisk()
            _ = try place.run(
                Self.text(.csv), transport: FakeProvider(evenRecords(40)), disk: disk)
            let failing = FakeDisk(
                disk.image, faults: .init(failures: [.init(number: call, errorNumber: ENOSPC)]))
            let report = try? place.run(
                Self.text(.ndjson), transport: FakeProvider([]), disk: failing)
            if report?.exitCode == 1 { failedCount += 1 }
            let provider = FakeProvider([])
            let next = failing.restarted
            let again = try place.run(Self.text(.ndjson), transport: provider, disk: next)
            #expect(again.exitCode == 0, "call \(call)")
            #expect(provider.requestedPages.isEmpty, "call \(call)")
            #expect(place.published(on: next) == after, "call \(call)")
        }
        #expect(failedCount > 3)
    }
}
