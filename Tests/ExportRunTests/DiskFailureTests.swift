import ExportModel
import ExportRun
import FileSystem
import Foundation
import Publication
import Planning
import TestDisk
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A disk that fails at any call leaves what was published, and the next run goes on.
@Suite struct DiskFailureTests {
    @Test(arguments: [ENOSPC, EIO, EROFS])
    func failureAtAnyCallHarmsNothing(errorNumber: Int32) throws {
        let undisturbed = try Workplace()
        defer { undisturbed.remove() }
        let first = FakeDisk()
        var changed = evenRecords(25)
        _ = try undisturbed.run(Workplace.v2, transport: FakeProvider(changed), disk: first)
        let before = undisturbed.published(on: first)
        changed[7].members = #","name":"Adams""#
        let counting = first.restarted
        _ = try undisturbed.run(
            Workplace.v2, transport: FakeProvider(changed), disk: counting, plan: firstDay)
        let after = undisturbed.published(on: counting)
        #expect(before != after && !before.isEmpty)
        #expect(counting.callCount() > 10)

        for call in 1...counting.callCount() {
            let place = try Workplace()
            defer { place.remove() }
            let disk = FakeDisk()
            _ = try place.run(Workplace.v2, transport: FakeProvider(evenRecords(25)), disk: disk)
            #expect(place.published(on: disk) == before)
            let failing = FakeDisk(
                disk.image,
                faults: .init(failures: [.init(number: call, errorNumber: errorNumber)]))
            do {
                let report = try place.run(
                    Workplace.v2, transport: FakeProvider(changed), disk: failing, plan: firstDay)
                // Left over in staging, a failed window or a missing run file: never a silent
                // success.
                let isPublished = place.published(on: failing) == after
                let codes: [Int32] = report.runFile == nil ? [74] : isPublished ? [0, 1] : [1]
                #expect(codes.contains(report.exitCode), "call \(call)")
            } catch {
                // Before the first window: the whole run says so.
                #expect((error as? ExportError)?.kind == .storage, "call \(call)")
            }
            let found = place.published(on: failing)
            #expect(found == before || found == after, "call \(call)")
            let next = failing.restarted
            let report = try place.run(
                Workplace.v2, transport: FakeProvider(changed), disk: next, plan: firstDay)
            #expect(report.exitCode == 0, "call \(call)")
            #expect(place.published(on: next) == after, "call \(call)")
            let output = place.directory + "/out"
            #expect(try next.files.names(in: output + "/_staging").isEmpty, "call \(call)")
            // The first export and the change are both listed, whichever run wrote the files.
            let names = try next.files.names(in: output + "/_runs")
            let listed = try names.flatMap { name in
                let bytes = try next.files.contents(of: output + "/_runs/" + name)
                return try RunFile(json: bytes, path: name).partitions
            }
            #expect(listed.count >= 2, "call \(call)")
        }
    }

    @Test func vanishedOutputIsMadeAnew() throws {
        let place = try Workplace()
        defer { place.remove() }
        let state = "state: \(place.directory)/state\n"
        let elsewhere = state + Workplace.v2
        _ = try place.run(elsewhere, transport: FakeProvider(evenRecords(25)))
        let before = try place.published()
        try FileManager.default.removeItem(atPath: place.directory + "/out")
        let report = try place.run(
            elsewhere, transport: FakeProvider(evenRecords(25)), plan: firstDay)
        #expect(report.windows.map(\.status) == [.published])
        #expect(try place.published() == before)
    }

    @Test func clockThatJumpsBackChangesNoByte() throws {
        let place = try Workplace()
        defer { place.remove() }
        let other = try Workplace()
        defer { other.remove() }
        _ = try other.run(Workplace.v2, transport: FakeProvider(evenRecords(25)))
        let report = try place.run(
            Workplace.v2, transport: FakeProvider(evenRecords(25)), clockStep: -3_600_000)
        #expect(report.exitCode == 0)
        #expect(try place.published() == other.published())
        let again = try place.run(
            Workplace.v2, transport: FakeProvider(evenRecords(25)), clockStep: -3_600_000)
        #expect(again.skippedComplete == 1)
    }

    /// 2026-01-01, again.
    private var firstDay: PlanRequest {
        let day = Int(Workplace.start / 86_400_000)
        return .backfill(
            from: LocalHour(date: CivilDate(daysSinceEpoch: day)),
            to: LocalHour(date: CivilDate(daysSinceEpoch: day + 1)), mode: .force)
    }
}
