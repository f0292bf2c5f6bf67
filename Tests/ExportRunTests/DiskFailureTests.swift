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
    /// Calls that one failure is drawn from.
    struct Target: CustomTestStringConvertible {
        var kinds: Set<FakeDisk.Kind>
        /// A part of the paths.
        var path: String
        var errorNumber: Int32
        var isLasting = false

        var testDescription: String {
            "errno \(errorNumber), \(kinds == .all ? "any call" : "changes") at \(path)"
                + (isLasting ? ", lasting" : "")
        }

        func failure(number: Int) -> FakeDisk.Failure {
            FakeDisk.Failure(
                of: kinds, at: path, number: number, errorNumber: errorNumber,
                isLasting: isLasting)
        }
    }

    @Test(arguments: [
        Target(kinds: .changes, path: "/", errorNumber: ENOSPC),
        Target(kinds: .changes, path: "/", errorNumber: EIO),
        Target(kinds: .changes, path: "/", errorNumber: EROFS),
        // What lies beside the ledger: slices, row digests, rejects.
        Target(kinds: .all, path: "/_state/", errorNumber: EIO),
        Target(kinds: .changes, path: "/_state/", errorNumber: ENOSPC, isLasting: true),
        Target(kinds: .syncs, path: "/_state", errorNumber: EIO, isLasting: true),
    ])
    func failureAtAnyCallHarmsNothing(target: Target) throws {
        let undisturbed = try Workplace()
        defer { undisturbed.remove() }
        let first = FakeDisk()
        _ = try undisturbed.run(Workplace.v2, transport: Self.provider(), disk: first)
        let before = undisturbed.published(on: first)
        let counting = first.restarted
        _ = try undisturbed.run(
            Workplace.v2, transport: Self.provider(isChanged: true), disk: counting, plan: firstDay)
        let after = undisturbed.published(on: counting)
        #expect(before != after && !before.isEmpty)
        let count = counting.callCount(of: target.kinds, at: target.path)
        #expect(count >= 3)
        for number in 1...max(count, 1) {
            try expectNoHarm(of: target.failure(number: number), "call \(number)", before, after)
        }
    }

    private static func provider(isChanged: Bool = false) -> FakeProvider {
        var records = evenRecords(25)
        if isChanged { records[7].members = #","name":"Adams""# }
        return FakeProvider(records)
    }

    /// One failing run between two that do not fail.
    private func expectNoHarm(
        of failure: FakeDisk.Failure, _ call: Comment, _ before: [String: Data],
        _ after: [String: Data]
    ) throws {
        let place = try Workplace()
        defer { place.remove() }
        let disk = FakeDisk()
        _ = try place.run(Workplace.v2, transport: Self.provider(), disk: disk)
        #expect(place.published(on: disk) == before)
        let failing = FakeDisk(disk.image, faults: .init(failures: [failure]))
        do {
            let report = try place.run(
                Workplace.v2, transport: Self.provider(isChanged: true), disk: failing,
                plan: firstDay)
            // Left over in staging, a failed window or a missing run file: never a silent success.
            let isPublished = place.published(on: failing) == after
            let codes: [Int32] = report.runFile == nil ? [74] : isPublished ? [0, 1] : [1]
            #expect(codes.contains(report.exitCode), call)
        } catch {
            // Before the first window: the whole run says so.
            #expect((error as? ExportError)?.kind == .storage, call)
        }
        let found = place.published(on: failing)
        #expect(found == before || found == after, call)
        let next = failing.restarted
        let report = try place.run(
            Workplace.v2, transport: Self.provider(isChanged: true), disk: next, plan: firstDay)
        #expect(report.exitCode == 0, call)
        #expect(place.published(on: next) == after, call)
        let output = place.directory + "/out"
        #expect(try next.files.names(in: output + "/_staging").isEmpty, call)
        // The first export and the change are both listed, whichever run wrote the files.
        let names = try next.files.names(in: output + "/_runs")
        let listed = try names.flatMap { name in
            let bytes = try next.files.contents(of: output + "/_runs/" + name)
            return try RunFile(json: bytes, path: name).partitions
        }
        #expect(listed.count >= 2, call)
    }

    /// A run file without a partition that only could not be read would never list it.
    @Test(arguments: [FakeDisk.Kind.open, .read])
    func aRunFileIsOwedUntilItsManifestsCanBeRead(kind: FakeDisk.Kind) throws {
        let place = try Workplace()
        defer { place.remove() }
        let unwritable = FakeDisk.Failure(
            of: .changes, at: "/_runs/", number: 1, errorNumber: ENOSPC, isLasting: true)
        let first = FakeDisk(FakeDisk().image, faults: .init(failures: [unwritable]))
        #expect(
            try place.run(Workplace.v2, transport: Self.provider(), disk: first).exitCode == 74)
        let unreadable = FakeDisk.Failure(
            of: [kind], at: "/out/v2/", number: 1, errorNumber: EIO, isLasting: false)
        let second = FakeDisk(first.image, faults: .init(failures: [unreadable]))
        #expect(
            try place.run(Workplace.v2, transport: Self.provider(), disk: second).exitCode == 74)
        let third = second.restarted
        #expect(try place.run(Workplace.v2, transport: Self.provider(), disk: third).exitCode == 0)
        let output = place.directory + "/out/_runs/"
        let listed = try third.files.names(in: output).flatMap { name in
            try RunFile(json: try third.files.contents(of: output + name), path: name).partitions
        }
        #expect(listed.map(\.window) == ["2026-01-01"])
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
