import BoundedDispatch
import ExportModel
import ExportRun
import Extraction
import FileSystem
import Foundation
import Planning
import Publication
import RunLedger
import Testing

@Suite struct ExportPipelineTests {
    @Test func secondRunSendsNothing() throws {
        let place = try Workplace()
        defer { place.remove() }
        let provider = FakeProvider(evenRecords(25))
        #expect(try place.run(Workplace.v2, transport: provider).windows.map(\.rows) == [25])
        let again = FakeProvider(evenRecords(25))
        let report = try place.run(Workplace.v2, transport: again)
        #expect(report.skippedComplete == 1)
        #expect(report.exitCode == 0)
        #expect(again.requestedPages.isEmpty)
    }

    @Test func unchangedWindowIsNotRewritten() throws {
        let place = try Workplace()
        defer { place.remove() }
        _ = try place.run(Workplace.v2, transport: FakeProvider(evenRecords(25)))
        let before = try manifest(place)
        let report = try place.run(
            Workplace.v2, transport: FakeProvider(evenRecords(25)), plan: forced)
        #expect(report.windows.map(\.status) == [.unchanged])
        #expect(try manifest(place) == before)
        let windows = try PipelineInspection(
            place.pipeline(Workplace.v2), disk: SystemDisk()
        ).windows(streams: nil, accounts: nil)
        // The second attempt counts once, and is the second run's.
        #expect(windows.map(\.attempts) == [2])
        #expect(windows.map(\.runID) == [report.runID])
    }

    /// The same rows and sizes, and other bytes all the same.
    @Test func anotherDelimiterIsWritten() throws {
        let place = try Workplace()
        defer { place.remove() }
        _ = try place.run(Workplace.v2, transport: FakeProvider(evenRecords(25)))
        let before = try place.published()
        let other = Workplace.v2.replacingOccurrences(
            of: "path: unused", with: "path: unused, csv: {delimiter: \"|\"}")
        let report = try place.run(other, transport: FakeProvider(evenRecords(25)), plan: forced)
        #expect(report.windows.map(\.status) == [.published])
        #expect(report.windows.map(\.rowChanges) == [RowChanges(late: 0, changed: 0, gone: 0)])
        #expect(try place.published() != before)
        let again = try place.run(other, transport: FakeProvider(evenRecords(25)), plan: forced)
        #expect(again.windows.map(\.status) == [.unchanged])
    }

    @Test func lateAndChangedRowsAreCounted() throws {
        let place = try Workplace()
        defer { place.remove() }
        var records = evenRecords(25)
        _ = try place.run(Workplace.v2, transport: FakeProvider(records))
        records[3].members = #","name":"Adams""#
        records.append(
            FakeProvider.Record(id: 99, milliseconds: Workplace.start + 1, members: ""))
        let report = try place.run(
            Workplace.v2, transport: FakeProvider(records), plan: forced)
        #expect(
            report.windows.map(\.rowChanges) == [RowChanges(late: 1, changed: 1, gone: 0)])
        #expect(report.windows.map(\.rows) == [26])
    }

    @Test func lyingTotalPublishesNothingAndTellsBothNumbers() throws {
        let place = try Workplace()
        defer { place.remove() }
        let report = try place.run(Workplace.v2, transport: FakeProvider(evenRecords(25), lie: 1))
        let failure = try #require(report.failures.first?.failure)
        #expect(report.exitCode == 1)
        #expect(failure.kind == .unreconciled)
        #expect(failure.message.contains("26"))
        #expect(failure.message.contains("25"))
        #expect(try place.published().isEmpty)
        #expect(try place.staged().isEmpty)
    }

    @Test func failedRefreshLeavesWhatWasPublished() throws {
        let place = try Workplace()
        defer { place.remove() }
        _ = try place.run(Workplace.v2, transport: FakeProvider(evenRecords(25)))
        let before = try place.published()
        let report = try place.run(
            Workplace.v2, transport: FakeProvider(evenRecords(25), lie: 1), plan: forced)
        #expect(report.exitCode == 1)
        #expect(try place.published() == before)
        let inspection = PipelineInspection(
            try place.pipeline(Workplace.v2), disk: SystemDisk())
        #expect(try inspection.verify(isDeep: false).findings.isEmpty)
    }

    @Test func refusedCredentialsEndWithTheirOwnExitCode() throws {
        let place = try Workplace()
        defer { place.remove() }
        let body = #"{"error":true,"code":404,"message":"Failed to authenticate token."}"#
        let provider = FakeProvider([]) { _ in
            .answer(ProviderAnswer(status: 200, body: Array(body.utf8)))
        }
        let report = try place.run(Workplace.v2, transport: provider)
        #expect(report.exitCode == 77)
        #expect(provider.requestedPages.count == 1)
    }

    @Test func unreachableProviderEndsWithItsOwnExitCode() throws {
        let place = try Workplace()
        defer { place.remove() }
        let provider = FakeProvider([]) { _ in
            .failure(TransportFailure(kind: .notConnected, text: "refused"))
        }
        let report = try place.run(Workplace.v2, transport: provider)
        #expect(report.exitCode == 69)
        // Two attempts, as the pipeline allows.
        #expect(provider.requestedPages.count == 2)
    }

    @Test func deadProviderIsNotTriedToTheEndByEveryAccount() throws {
        let place = try Workplace()
        defer { place.remove() }
        let accounts = (0..<20).map { "{account: u\($0), token: x}" }.joined(separator: ", ")
        let many = Workplace.v2.replacingOccurrences(
            of: #"[{account: u, token: "${TOKEN}"}]"#, with: "[\(accounts)]"
        ).replacingOccurrences(of: "attempts: 2", with: "attempts: 5, windows_in_flight: 1")
        let provider = FakeProvider([]) { _ in
            .failure(TransportFailure(kind: .notConnected, text: "refused"))
        }
        let report = try place.run(many, transport: provider)
        #expect(report.exitCode == 69)
        // Three windows with five attempts, seven with one, and the others are left alone.
        #expect(provider.requestedPages.count == 3 * 5 + 7)
        #expect(report.failures.count == 10)
        #expect(report.windows.count { $0.status == .skipped } == 10)
        // The next run tries them all again.
        #expect(try place.run(many, transport: provider).windows.count == 20)
    }

    @Test func stoppedRunResumesBehindItsJournal() throws {
        let place = try Workplace()
        defer { place.remove() }
        let stop = StopToken()
        let provider = FakeProvider(evenRecords(300)) { request in
            if request == 20 { stop.stop() }
            return nil
        }
        let stopped = try place.run(Workplace.v2, transport: provider, stop: stop)
        #expect(stopped.isInterrupted)
        #expect(try place.published().isEmpty)
        let rest = FakeProvider(evenRecords(300))
        #expect(try place.run(Workplace.v2, transport: rest).windows.map(\.rows) == [300])
        let whole = FakeProvider(evenRecords(300))
        let other = try Workplace()
        defer { other.remove() }
        _ = try other.run(Workplace.v2, transport: whole)
        #expect(rest.requestedPages.count < whole.requestedPages.count)
        #expect(try place.published() == other.published())
    }

    /// Stops a run of ``Workplace/v2`` in the middle of its window.
    private func stopInTheMiddle(_ place: Workplace) throws {
        let stop = StopToken()
        let provider = FakeProvider(evenRecords(300)) { request in
            if request == 20 { stop.stop() }
            return nil
        }
        _ = try place.run(Workplace.v2, transport: provider, stop: stop)
    }

    /// What was read stays good: only how it is written changes.
    @Test func changedColumnsResumeFromTheJournal() throws {
        let place = try Workplace()
        defer { place.remove() }
        let other = try Workplace()
        defer { other.remove() }
        try stopInTheMiddle(place)
        let native = Workplace.v2.replacingOccurrences(
            of: "path: unused", with: "path: unused, columns: native, format: ndjson")
        let (rest, whole) = (FakeProvider(evenRecords(300)), FakeProvider(evenRecords(300)))
        #expect(try place.run(native, transport: rest).windows.map(\.rows) == [300])
        _ = try other.run(native, transport: whole)
        #expect(rest.requestedPages.count < whole.requestedPages.count)
        #expect(try place.published() == other.published())
    }

    /// What an earlier run archived of another address is not taken for an answer of this one.
    @Test func anotherProviderIsAskedForAll() throws {
        let place = try Workplace()
        defer { place.remove() }
        try stopInTheMiddle(place)
        let moved = Workplace.v2.replacingOccurrences(of: "fake.example", with: "other.example")
        let (rest, whole) = (FakeProvider(evenRecords(300)), FakeProvider(evenRecords(300)))
        #expect(try place.run(moved, transport: rest).windows.map(\.rows) == [300])
        let other = try Workplace()
        defer { other.remove() }
        _ = try other.run(moved, transport: whole)
        #expect(rest.requestedPages.count == whole.requestedPages.count)
    }

    @Test func tooManyRejectsFailTheWindow() throws {
        let place = try Workplace()
        defer { place.remove() }
        var records = evenRecords(25)
        for index in 0..<3 { records[index].members = #","duration":"long""# }
        let strict = Workplace.v2.replacingOccurrences(
            of: "attempts: 2", with: "attempts: 2, max_rejects: 2")
        let report = try place.run(strict, transport: FakeProvider(records))
        #expect(report.failures.map(\.failure?.kind) == [.tooManyRejects])
        let lenient = try place.run(Workplace.v2, transport: FakeProvider(records))
        #expect(lenient.windows.map(\.rejects) == [3])
        #expect(lenient.windows.first?.rejectReasons == [.malformed: 3])
    }

    @Test func heldLedgerIsRefused() throws {
        let place = try Workplace()
        defer { place.remove() }
        let provider = FakeProvider(evenRecords(5)) { _ in
            // A second run while the first one waits for its answer.
            #expect(throws: ExportError.self) {
                try place.run(Workplace.v2, transport: FakeProvider([]))
            }
            return nil
        }
        #expect(try place.run(Workplace.v2, transport: provider).exitCode == 0)
    }

    @Test func lateDrainedRecordsMergeIntoTheirWindow() throws {
        let place = try Workplace()
        defer { place.remove() }
        let records = evenRecords(60, dayCount: 2)
        let first = FakeProvider(records, marksPath: place.marksPath)
        #expect(try place.run(Workplace.drain, transport: first).windows.map(\.rows) == [30, 30])
        let second = FakeProvider(records + [lateRecord], marksPath: place.marksPath)
        let report = try place.run(Workplace.drain, transport: second, plan: secondDay)
        #expect(report.exitCode == 0)
        #expect(try place.rowCounts() == [31, 30])
    }

    @Test func aDrainWithADamagedArchiveIsReadAgainFromTheProvider() throws {
        let place = try Workplace()
        defer { place.remove() }
        let records = evenRecords(60, dayCount: 2)
        let cut = FakeProvider(records, marksPath: place.marksPath) { request in
            request < 3 ? nil : .failure(TransportFailure(kind: .cutOff, text: "reset"))
        }
        #expect(try place.run(Workplace.drain, transport: cut).exitCode == 69)
        #expect(cut.readMarks().count == 20)
        let archive = place.directory + "/out/_state/archive/commo"
        let segment = try #require(
            FileManager.default.contentsOfDirectory(atPath: archive).first {
                $0.hasPrefix("2026-01-01")
            })
        var bytes = try #require(FileManager.default.contents(atPath: archive + "/" + segment))
        bytes[bytes.count / 2] ^= 0x55
        try bytes.write(to: URL(fileURLWithPath: archive + "/" + segment))
        let whole = FakeProvider(records, marksPath: place.marksPath)
        #expect(try place.run(Workplace.drain, transport: whole).exitCode == 0)
        #expect(try place.rowCounts() == [30, 30])
    }

    /// Empty at every attempt, and yet records are reported: their window is not complete.
    @Test func aDrainDoesNotEndWhileRecordsAreReported() throws {
        let place = try Workplace()
        defer { place.remove() }
        let records = evenRecords(60, dayCount: 2)
        let empty = #"{"ret":200,"data":{"status":0,"result":{"totalitems":20,"bills":[]}}}"#
        let withholding = FakeProvider(records, marksPath: place.marksPath) { request in
            request < 2 || request > 3
                ? nil : .answer(ProviderAnswer(status: 200, body: Array(empty.utf8)))
        }
        // One window after the other, so that both empty answers are about the same one.
        let inTurn = Workplace.drain.replacing(
            "attempts: 2", with: "attempts: 2, windows_in_flight: 1")
        let report = try place.run(inTurn, transport: withholding)
        #expect(report.windows.map(\.status) == [.failed, .published])
        #expect(report.windows.first?.failure?.code == "unreconciled")
        let whole = FakeProvider(records, marksPath: place.marksPath)
        #expect(try place.run(Workplace.drain, transport: whole).exitCode == 0)
        #expect(try place.rowCounts() == [30, 30])
    }

    /// What a failed attempt archived may be old when the window is read again. After so many
    /// requests one slice, or two, are archived.
    @Test(arguments: [13, 19]) func aRefreshDoesNotGoOnWhereAFailedOneEnded(limit: Int) throws {
        let place = try Workplace()
        defer { place.remove() }
        var records = evenRecords(60)
        _ = try place.run(Workplace.v2, transport: FakeProvider(records))
        let failing = FakeProvider(records) { request in
            request < limit ? nil : .failure(TransportFailure(kind: .cutOff, text: "reset"))
        }
        let failed = try place.run(Workplace.v2, transport: failing, plan: forced)
        #expect(failed.windows.map(\.status) == [.failed])
        let earliest = try #require(
            records.indices.min { records[$0].milliseconds < records[$1].milliseconds })
        records[earliest].members = #","name":"Adams""#
        let report = try place.run(
            Workplace.v2, transport: FakeProvider(records), plan: forced)
        #expect(report.windows.map(\.status) == [.published])
        let other = try Workplace()
        defer { other.remove() }
        _ = try other.run(Workplace.v2, transport: FakeProvider(records))
        #expect(try manifest(place).contentSHA256 == manifest(other).contentSHA256)
    }

    private var forced: PlanRequest {
        let day = CivilDate(daysSinceEpoch: Int(Workplace.start / 86_400_000))
        let next = CivilDate(daysSinceEpoch: Int(Workplace.start / 86_400_000) + 1)
        return .backfill(from: LocalHour(date: day), to: LocalHour(date: next), mode: .force)
    }

    private func manifest(_ place: Workplace) throws -> Manifest {
        try PartitionVerifier().manifest(
            in: place.directory + "/out/v2/dt=2026-01-01")
    }
}
