import Archive
import ExportModel
import ExportRun
import Extraction
import FileSystem
import Foundation
import Planning
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Kills this process when a point is reached for the n-th time.
private final class Killer: Sendable {
    private let count = Mutex(0)
    private let point: CrashPoint
    private let occurrence: Int

    init(at point: CrashPoint, occurrence: Int) {
        self.point = point
        self.occurrence = occurrence
    }

    @Sendable
    func reach(_ point: CrashPoint) {
        guard point == self.point else { return }
        let reached = count.withLock { count in
            count += 1
            return count
        }
        if reached == occurrence { kill(getpid(), SIGKILL) }
    }
}

/// A run killed at any moment, and then run again plainly, gives what an undisturbed run gives.
@Suite struct CrashPointTests {
    private static let drainPoints = CrashPoint.allCases.filter {
        $0.rawValue.hasPrefix("drain")
    }
    /// Points that only a run after a killed one reaches.
    private static let takeoverPoints = [CrashPoint.runsTakenOver, .owedRunFileWritten]
    private static let walkPoints = CrashPoint.allCases.filter {
        !drainPoints.contains($0) && !takeoverPoints.contains($0)
    }

    @Test(arguments: walkPoints)
    func killedWalkResumesToTheSameBytes(point: CrashPoint) async throws {
        let undisturbed = try Workplace()
        defer { undisturbed.remove() }
        let records = evenRecords(300)
        _ = try undisturbed.run(Workplace.v2, transport: FakeProvider(records))

        let killed = try Workplace()
        defer { killed.remove() }
        let occurrence = [.sliceReceived, .sliceArchived, .sliceStaged].contains(point) ? 4 : 1
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [
                place = killed as Workplace, raw = point.rawValue as String,
                occurrence = occurrence as Int
            ] in
            let point = try #require(CrashPoint(rawValue: raw))
            let killer = Killer(at: point, occurrence: occurrence)
            _ = try place.run(
                Workplace.v2, transport: FakeProvider(evenRecords(300)), onReaching: killer.reach)
        }
        let provider = FakeProvider(records)
        let report = try killed.run(Workplace.v2, transport: provider)

        #expect(report.exitCode == 0)
        #expect(try killed.published() == undisturbed.published())
        #expect(try killed.staged().isEmpty)
        // Whatever a loader must load stands in a run file, and in one only.
        #expect(try killed.listedDirectories() == ["v2/dt=2026-01-01"])
        if occurrence == 4 {
            let whole = FakeProvider(records)
            let other = try Workplace()
            defer { other.remove() }
            _ = try other.run(Workplace.v2, transport: whole)
            #expect(provider.requestedPages.count < whole.requestedPages.count)
        }
    }

    /// The first run dies before it could record its publication, the second before its run file: the
    /// third tells loaders of it.
    @Test func partitionOfTwoKilledRunsIsListedOnce() async throws {
        let place = try Workplace()
        defer { place.remove() }
        for point in [CrashPoint.partitionPublished, .windowsDone] {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [place = place as Workplace, raw = point.rawValue as String] in
                let point = try #require(CrashPoint(rawValue: raw))
                let killer = Killer(at: point, occurrence: 1)
                _ = try place.run(
                    Workplace.v2, transport: FakeProvider(evenRecords(25)),
                    onReaching: killer.reach)
            }
        }
        _ = try place.run(Workplace.v2, transport: FakeProvider(evenRecords(25)))
        #expect(try place.listedDirectories() == ["v2/dt=2026-01-01"])
    }

    /// Killed with a published partition and no run file, then again and again around the takeover.
    @Test func partitionOfARunKilledAtTheTakeoverIsListed() async throws {
        let place = try Workplace()
        defer { place.remove() }
        let points: [CrashPoint] = [
            .windowsDone, .runBegun, .runsTakenOver, .runsTakenOver, .owedRunFileWritten,
        ]
        for point in points {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [place = place as Workplace, raw = point.rawValue as String] in
                let point = try #require(CrashPoint(rawValue: raw))
                let killer = Killer(at: point, occurrence: 1)
                _ = try place.run(
                    Workplace.v2, transport: FakeProvider(evenRecords(25)),
                    onReaching: killer.reach)
            }
        }
        _ = try place.run(Workplace.v2, transport: FakeProvider(evenRecords(25)))
        #expect(try place.listedDirectories() == ["v2/dt=2026-01-01"])
        // Every run of the six has told what it published, five of them nothing.
        let runs = try FileManager.default.contentsOfDirectory(
            atPath: place.directory + "/out/_runs")
        #expect(runs.sorted().map { $0.prefix(8) } == (1...6).map { "0000000\($0)" })
    }

    /// Points that a drain reaches without a neighbour to merge with.
    private static let plainDrainPoints = CrashPoint.allCases.filter {
        ![
            .sliceReceived, .sliceArchived, .sliceStaged, .accountsArchived, .drainRouted,
            .drainMerged,
        ].contains($0) && !takeoverPoints.contains($0)
    }

    /// At the first answer nothing is archived yet but that the drain began.
    private static let drainKills =
        plainDrainPoints.map { (point: $0, occurrence: 1) }
        + [(.drainAnswered, 2), (.drainArchived, 2)]

    @Test(arguments: drainKills)
    func killedDrainLosesNothing(point: CrashPoint, occurrence: Int) async throws {
        let undisturbed = try Workplace()
        defer { undisturbed.remove() }
        let records = evenRecords(60, dayCount: 2)
        let marks = undisturbed.marksPath
        _ = try undisturbed.run(
            Workplace.drain, transport: FakeProvider(records, marksPath: marks))

        let killed = try Workplace()
        defer { killed.remove() }
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [
                place = killed as Workplace, raw = point.rawValue as String,
                occurrence = occurrence as Int
            ] in
            let point = try #require(CrashPoint(rawValue: raw))
            let killer = Killer(at: point, occurrence: occurrence)
            let provider = FakeProvider(
                evenRecords(60, dayCount: 2), marksPath: place.marksPath)
            _ = try place.run(Workplace.drain, transport: provider, onReaching: killer.reach)
        }
        let provider = FakeProvider(records, marksPath: killed.marksPath)
        let report = try killed.run(Workplace.drain, transport: provider)

        #expect(report.exitCode == 0)
        #expect(provider.readMarks().count == records.count)
        #expect(try killed.published() == undisturbed.published())
    }

    /// A record of day 1 comes with the padding of day 2, whose drain is killed around the merge.
    @Test(arguments: [
        CrashPoint.drainArchived, .drainRouted, .partitionPublished, .drainMerged, .drainEnded,
    ])
    func killedMergeLosesNothing(point: CrashPoint) async throws {
        let killed = try Workplace()
        defer { killed.remove() }
        let records = evenRecords(60, dayCount: 2)
        let first = FakeProvider(records, marksPath: killed.marksPath)
        _ = try killed.run(Workplace.drain, transport: first)
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [place = killed as Workplace, raw = point.rawValue as String] in
            let point = try #require(CrashPoint(rawValue: raw))
            let killer = Killer(at: point, occurrence: 1)
            let provider = FakeProvider(
                evenRecords(60, dayCount: 2) + [lateRecord], marksPath: place.marksPath)
            _ = try place.run(
                Workplace.drain, transport: provider, plan: secondDay, onReaching: killer.reach)
        }
        let provider = FakeProvider(records + [lateRecord], marksPath: killed.marksPath)
        let report = try killed.run(Workplace.drain, transport: provider, plan: secondDay)
        #expect(report.exitCode == 0)
        #expect(try killed.rowCounts() == [31, 30])
    }

    /// The drain goes on with another record of day 1, after its first one was copied there.
    @Test func whatComesAfterAKilledCopyIsCopiedToo() async throws {
        let killed = try Workplace()
        defer { killed.remove() }
        let records = evenRecords(60, dayCount: 2)
        let first = FakeProvider(records, marksPath: killed.marksPath)
        _ = try killed.run(Workplace.drain, transport: first)
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [place = killed as Workplace] in
            let killer = Killer(at: .drainMerged, occurrence: 1)
            let provider = FakeProvider(
                evenRecords(60, dayCount: 2) + [lateRecord], marksPath: place.marksPath)
            _ = try place.run(
                Workplace.drain, transport: provider, plan: secondDay, onReaching: killer.reach)
        }
        let provider = FakeProvider(
            records + [lateRecord, laterRecord], marksPath: killed.marksPath)
        #expect(
            try killed.run(Workplace.drain, transport: provider, plan: secondDay).exitCode == 0)
        #expect(try killed.rowCounts() == [32, 30])
    }

    /// A copy of several blocks that a kill cut before its end is no drain of that window.
    @Test func aCopyThatWasCutIsMadeAgain() throws {
        let place = try Workplace()
        defer { place.remove() }
        let records = evenRecords(60, dayCount: 2)
        let first = FakeProvider(records, marksPath: place.marksPath)
        _ = try place.run(Workplace.drain, transport: first)
        let archive = Archive(
            place.directory + "/out/_state", pipeline: "crash", fileSystem: SystemDisk())
        let window = try archive.window(stream: "commo", key: "2026-01-01")
        window.begin("hq", id: "cut.1+", fingerprint: "drain of commo.get_bill")
        let slice = ArchivedSlice(
            range: nil, requests: nil, counts: ExtractionCounts(), pages: [], foreign: [])
        try window.append(slice, to: "cut.1+")
        try window.commit()
        let second = FakeProvider(records + [lateRecord], marksPath: place.marksPath)
        #expect(
            try place.run(Workplace.drain, transport: second, plan: secondDay).exitCode == 0)
        #expect(try place.rowCounts() == [31, 30])
    }
}

/// In the last second of day 1.
let lateRecord = FakeProvider.Record(
    id: 1_000, milliseconds: Workplace.start + 86_400_000 - 1_000, members: "")

/// As late, by another id.
private let laterRecord = FakeProvider.Record(
    id: 1_001, milliseconds: lateRecord.milliseconds, members: "")

/// 2026-01-02, again.
let secondDay = PlanRequest.backfill(
    from: LocalHour(date: CivilDate(daysSinceEpoch: Int(Workplace.start / 86_400_000) + 1)),
    to: LocalHour(date: CivilDate(daysSinceEpoch: Int(Workplace.start / 86_400_000) + 2)),
    mode: .force)
