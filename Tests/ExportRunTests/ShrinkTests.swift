import ExportModel
import ExportRun
import Extraction
import FileSystem
import Foundation
import Planning
import Publication
import RunLedger
import Synchronization
import Testing

/// A window of which the provider has fewer rows than are published.
@Suite struct ShrinkTests {
    private static func text(
        _ format: OutputFormat = .csv, shrink: ShrinkPolicy? = nil
    ) -> String {
        let keys = shrink.map { ", shrink: \($0.rawValue)" } ?? ""
        return Workplace.v2
            .replacingOccurrences(of: "to: 2026-01-02}", with: "to: 2026-01-02}\(keys)")
            .replacingOccurrences(of: "path: unused", with: "path: unused, format: \(format)")
    }

    private static func state(_ place: Workplace) throws -> WindowRecord? {
        let pipeline = try place.pipeline(Workplace.v2)
        return try PipelineInspection(pipeline, disk: SystemDisk())
            .windows(streams: nil, accounts: nil).first
    }

    @Test(arguments: OutputFormat.allCases, [0, 10])
    func whatStandsStaysUntilTheRowsAreGivenUp(format: OutputFormat, left: Int) throws {
        let place = try Workplace()
        defer { place.remove() }
        let text = Self.text(format)
        let (all, fewer) = (evenRecords(40), Array(evenRecords(40).prefix(left)))
        _ = try place.run(text, transport: FakeProvider(all))
        let before = try place.published()

        let shrunk = try place.run(text, transport: FakeProvider(fewer), plan: forced)
        #expect(shrunk.exitCode == 1)
        #expect(shrunk.windows.map(\.status) == [.shrunk])
        #expect(shrunk.windows.map(\.rows) == [40])
        #expect(shrunk.windows.map(\.foundRows) == [left])
        let failure = try #require(shrunk.windows.first?.failure)
        #expect(failure.code == "shrunk")
        #expect(failure.message.contains("has \(left) rows, 40 are published"))
        #expect(try place.published() == before)
        #expect(try Self.state(place)?.state == .shrunk)
        #expect(try Self.state(place)?.published?.rows == 40)
        #expect(try place.staged().isEmpty)

        // Every run that includes it says so again, without a second question.
        let provider = FakeProvider(fewer)
        #expect(try place.run(text, transport: provider).exitCode == 1)
        #expect(try provider.requestedPages.count < 2 * Self.requestCount(of: fewer))

        let given = try place.run(
            Self.text(format, shrink: .replace), transport: FakeProvider(fewer), plan: forced)
        #expect(given.exitCode == 0)
        #expect(given.windows.map(\.status) == [.published])
        #expect(
            given.windows.map(\.rowChanges)
                == [RowChanges(late: 0, changed: 0, gone: 40 - left)])
        #expect(try place.rowCounts() == [left])
        #expect(try place.run(text, transport: FakeProvider(fewer)).skippedComplete == 1)
    }

    /// 2026-01-01, again.
    private let forced = PlanRequest.backfill(
        from: LocalHour(date: CivilDate(daysSinceEpoch: Int(Workplace.start / 86_400_000))),
        to: LocalHour(date: CivilDate(daysSinceEpoch: Int(Workplace.start / 86_400_000) + 1)),
        mode: .force)

    private static func requestCount(of records: [FakeProvider.Record]) throws -> Int {
        let place = try Workplace()
        defer { place.remove() }
        let provider = FakeProvider(records)
        _ = try place.run(text(), transport: provider)
        return provider.requestedPages.count
    }

    @Test func rowsThatComeBackMakeTheWindowComplete() throws {
        let place = try Workplace()
        defer { place.remove() }
        _ = try place.run(Self.text(), transport: FakeProvider(evenRecords(25)))
        _ = try place.run(
            Self.text(), transport: FakeProvider(evenRecords(25).dropLast(5)), plan: forced)
        #expect(try Self.state(place)?.state == .shrunk)
        let report = try place.run(Self.text(), transport: FakeProvider(evenRecords(25)))
        #expect(report.exitCode == 0)
        #expect(report.windows.map(\.status) == [.unchanged])
        #expect(try Self.state(place)?.state == .complete)
        #expect(try Self.state(place)?.failure == nil)
    }

    /// An outage that answers "0" once.
    @Test func oneEmptyAnswerIsNotBelieved() throws {
        let place = try Workplace()
        defer { place.remove() }
        _ = try place.run(Self.text(), transport: FakeProvider(evenRecords(25)))
        let firstWalk = try Self.requestCount(of: [])
        let nothing = Array(#"{"count":0,"cdr":[],"code":200}"#.utf8)
        let provider = FakeProvider(evenRecords(25)) { request in
            request <= firstWalk ? .answer(ProviderAnswer(status: 200, body: nothing)) : nil
        }
        let report = try place.run(Self.text(), transport: provider, plan: forced)
        #expect(report.windows.map(\.status) == [.unchanged])
        #expect(report.exitCode == 0)
        #expect(provider.requestedPages.count > firstWalk)
    }

    @Test func failFailsTheWindow() throws {
        let place = try Workplace()
        defer { place.remove() }
        _ = try place.run(Self.text(), transport: FakeProvider(evenRecords(25)))
        let report = try place.run(
            Self.text(shrink: .fail), transport: FakeProvider([]), plan: forced)
        #expect(report.exitCode == 1)
        #expect(report.failures.map { $0.failure?.code } == ["shrunk"])
        #expect(try Self.state(place)?.state == .failed)
        #expect(try place.rowCounts() == [25])
    }

    /// What stands counts, also where the ledger was lost.
    @Test func aLostLedgerDoesNotLetRowsGo() throws {
        let place = try Workplace()
        defer { place.remove() }
        _ = try place.run(Self.text(), transport: FakeProvider(evenRecords(25)))
        try FileManager.default.removeItem(atPath: place.directory + "/out/_state")
        let report = try place.run(Self.text(), transport: FakeProvider([]))
        #expect(report.windows.map(\.status) == [.shrunk])
        #expect(try place.rowCounts() == [25])
    }

    /// 5 gone and 5 new used to read as 5 changed.
    @Test(arguments: OutputFormat.allCases)
    func changesAreToldByKey(format: OutputFormat) throws {
        let place = try Workplace()
        defer { place.remove() }
        var records = evenRecords(60)
        _ = try place.run(Self.text(format), transport: FakeProvider(records))
        records.removeSubrange(10..<15)
        records[0].members = #","name":"Adams""#
        records[40].milliseconds += 1_000
        records += (0..<6).map { index in
            FakeProvider.Record(
                id: 900 + index, milliseconds: Workplace.start + Int64(index) * 3_600_000,
                members: "")
        }
        let report = try place.run(
            Self.text(format), transport: FakeProvider(records), plan: forced)
        #expect(
            report.windows.map(\.rowChanges) == [RowChanges(late: 6, changed: 2, gone: 5)])
        #expect(report.exitCode == 0)
        // The file of digests is that of the new version.
        let again = try place.run(
            Self.text(format), transport: FakeProvider(records + evenRecords(61).suffix(1)),
            plan: forced)
        #expect(again.windows.first?.rowChanges?.late == 1)
    }

    @Test func withoutKnownRowsNothingIsSaidOfChanges() throws {
        let place = try Workplace()
        defer { place.remove() }
        _ = try place.run(Self.text(), transport: FakeProvider(evenRecords(25)))
        let rows = place.directory + "/out/_state/rows"
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: rows).first)
        let url = URL(fileURLWithPath: rows + "/" + name)
        var data = try Data(contentsOf: url)
        data[0] ^= 1
        try data.write(to: url)
        let report = try place.run(
            Self.text(), transport: FakeProvider(evenRecords(26)), plan: forced)
        #expect(report.windows.map(\.status) == [.published])
        #expect(report.windows.first?.rowChanges == nil)
        let next = try place.run(
            Self.text(), transport: FakeProvider(evenRecords(26)), plan: forced)
        #expect(next.windows.map(\.rowChanges) == [RowChanges(late: 0, changed: 0, gone: 0)])
    }
}
