import ExportModel
import ExportRun
import Extraction
import FileSystem
import Foundation
import Planning
import RunLedger
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The rows of one stream are the request ids of another.
@Suite struct ForEachTests {
    /// The stream that is fed comes first in the file: the order there says nothing.
    static func text(
        field: String = "cmiuid", refresh: Int = 0, accounts: [String] = ["u"],
        keep: String = "35d"
    ) -> String {
        let calls = accounts.map { "{account: \($0), token: \"${TOKEN}\"}" }
        let legs = accounts.map { "{account: \($0), appid: 1, secret: \"${TOKEN}\"}" }
        return """
            pipeline: crash
            windows: {every: day, range: {from: 2026-01-01, to: 2026-01-02}}
            extract: {requests_per_second: 10000, attempts: 2, pages_in_flight: 1}
            archive: {keep: \(keep)}
            output: {path: unused, format: csv, compression: none}
            streams:
              - stream: legs
                endpoint: piopiy.requestid_cdr
                base_url: https://fake.example
                for_each: {stream: calls, field: \(field)}
                accounts: [\(legs.joined(separator: ", "))]
              - stream: calls
                endpoint: telecmi.v2.user.out_missed
                base_url: https://fake.example
                windows: {refresh: \(refresh)}
                accounts: [\(calls.joined(separator: ", "))]
            """
    }

    static func provider(
        _ count: Int, unknown: Set<String> = [], members: String = ""
    ) -> CallsAndLegs {
        let records = evenRecords(24).prefix(count).map { record in
            var record = record
            record.members = members
            return record
        }
        return CallsAndLegs(FakeProvider(records), unknown: unknown)
    }

    private let forced = PlanRequest.backfill(
        from: LocalHour(date: CivilDate(daysSinceEpoch: Int(Workplace.start / 86_400_000))),
        to: LocalHour(date: CivilDate(daysSinceEpoch: Int(Workplace.start / 86_400_000) + 1)),
        mode: .force)

    static func rows(_ place: Workplace, _ stream: String) throws -> Int? {
        let windows = try PipelineInspection(place.pipeline(text()), disk: SystemDisk())
            .windows(streams: [stream], accounts: nil)
        return windows.first?.published?.rows
    }

    @Test func theRowsOfOneStreamAreAskedForByAnother() throws {
        let place = try Workplace()
        defer { place.remove() }
        let provider = Self.provider(12)
        let report = try place.run(Self.text(), transport: provider)
        #expect(report.exitCode == 0)
        #expect(report.windows.map(\.stream) == ["calls", "legs"])
        // In the order of the rows, whatever the order in which pages brought them.
        #expect(provider.ids == (0..<12).map(String.init))
        #expect(try Self.rows(place, "calls") == 12)
        #expect(try Self.rows(place, "legs") == 24)
        #expect(report.streams.map(\.stream) == ["legs", "calls"])
        #expect(report.streams.first?.traffic.requests == 12)

        let before = try place.published()
        let again = Self.provider(12)
        let second = try place.run(Self.text(), transport: again)
        #expect(second.exitCode == 0)
        #expect(second.skippedComplete == 2)
        #expect(again.ids == [] && again.listRequests == 0)
        #expect(try place.published() == before)
    }

    @Test func anEmptyParentAsksForNothing() throws {
        let place = try Workplace()
        defer { place.remove() }
        let provider = Self.provider(0)
        #expect(try place.run(Self.text(), transport: provider).exitCode == 0)
        #expect(provider.ids == [])
        #expect(try Self.rows(place, "legs") == 0)
    }

    @Test func anUnknownIDIsAReject() throws {
        let place = try Workplace()
        defer { place.remove() }
        let text = Self.text().replacingOccurrences(
            of: "attempts: 2", with: "attempts: 2, max_rejects: 5")
        let report = try place.run(text, transport: Self.provider(4, unknown: ["2"]))
        #expect(report.exitCode == 0)
        #expect(report.windows.last?.rejectReasons == [.unknownRequestID: 1])
        #expect(try Self.rows(place, "legs") == 6)
    }

    /// A parent that fails in the same run is no parent with fewer ids.
    @Test func aParentThatFailsFailsTheOther() throws {
        let place = try Workplace()
        defer { place.remove() }
        let calls = FakeProvider(evenRecords(24)) { request in
            request > 1 ? .answer(ProviderAnswer(status: 500, body: [])) : nil
        }
        let broken = CallsAndLegs(calls)
        let report = try place.run(Self.text(), transport: broken)
        #expect(report.exitCode == 1)
        #expect(report.windows.map(\.status) == [.failed, .failed])
        #expect(report.windows.last?.failure?.code == "parent_incomplete")
        let message = try #require(report.windows.last?.failure?.message)
        #expect(message.contains("stream 'calls', whose window 2026-01-01 of account 'u'"))
        #expect(message.contains("(it is failed)"))
        #expect(broken.ids == [])
        #expect(try place.published().isEmpty)

        let mended = Self.provider(24)
        #expect(try place.run(Self.text(), transport: mended).exitCode == 0)
        #expect(try Self.rows(place, "legs") == 48)
    }

    /// What stands published of a parent is not what the provider has.
    @Test func aParentWhoseRefreshFailsFailsTheOther() throws {
        let place = try Workplace()
        defer { place.remove() }
        _ = try place.run(Self.text(), transport: Self.provider(10))
        let before = try place.published()
        let broken = CallsAndLegs(
            FakeProvider(evenRecords(24)) { _ in
                .answer(ProviderAnswer(status: 500, body: []))
            })
        let report = try place.run(Self.text(), transport: broken, plan: forced)
        #expect(report.windows.map(\.status) == [.failed, .failed])
        #expect(report.windows.last?.failure?.code == "parent_incomplete")
        #expect(broken.ids == [])
        #expect(try place.published() == before)
    }

    /// The day of another zone has other calls.
    @Test func aParentThatWasCutInAnotherZoneFailsTheOther() throws {
        let place = try Workplace()
        defer { place.remove() }
        _ = try place.run(Self.text(), transport: Self.provider(10), streams: ["calls"])
        let provider = Self.provider(10)
        let text = Self.text() + "\ntimezone: Asia/Kolkata"
        let report = try place.run(text, transport: provider, streams: ["legs"])
        #expect(report.windows.first?.failure?.code == "parent_incomplete")
        #expect(report.windows.first?.failure?.message.contains("with other bounds") == true)
        #expect(provider.ids == [])
    }

    @Test func oneAccountThatFailsKeepsNoOtherWaiting() throws {
        let place = try Workplace()
        defer { place.remove() }
        // The accounts' windows are walked one after the other: the first page of the second fails.
        let text = Self.text(accounts: ["u", "w"]).replacingOccurrences(
            of: "pages_in_flight: 1", with: "pages_in_flight: 1, windows_in_flight: 1")
        let calls = FakeProvider(evenRecords(5)) { request in
            request > Self.requestCount(of: 5)
                ? .answer(ProviderAnswer(status: 500, body: [])) : nil
        }
        let provider = CallsAndLegs(calls)
        let report = try place.run(text, transport: provider)
        #expect(report.exitCode == 1)
        let legs = report.windows.filter { $0.stream == "legs" }
        #expect(legs.map(\.account) == ["u", "w"])
        #expect(legs.map { $0.failure?.code } == [nil, "parent_incomplete"])
        #expect(provider.ids == (0..<5).map(String.init))

        let mended = Self.provider(5)
        #expect(try place.run(text, transport: mended).exitCode == 0)
        #expect(mended.ids == (0..<5).map(String.init))
        #expect(try Self.rows(place, "legs") == 20)
    }

    private static func requestCount(of count: Int) -> Int {
        guard let place = try? Workplace() else { return 0 }
        defer { place.remove() }
        let provider = Self.provider(count)
        _ = try? place.run(text(), transport: provider, streams: ["calls"])
        return provider.listRequests
    }

    @Test func aParentThatWasNotExportedIsNamed() throws {
        let place = try Workplace()
        defer { place.remove() }
        let provider = Self.provider(5)
        let alone = try place.run(Self.text(), transport: provider, streams: ["legs"])
        #expect(alone.windows.map { $0.failure?.code } == ["parent_incomplete"])
        #expect(alone.windows.first?.failure?.message.contains("not exported yet") == true)
        #expect(provider.ids == [] && provider.listRequests == 0)

        _ = try place.run(Self.text(), transport: provider, streams: ["calls"])
        #expect(provider.ids == [])
        let late = try place.run(Self.text(), transport: provider, streams: ["legs"])
        #expect(late.exitCode == 0)
        #expect(try Self.rows(place, "legs") == 10)
    }

    @Test func aParentThatChangesHasItsIDsAskedForAgain() throws {
        let place = try Workplace()
        defer { place.remove() }
        // Nine days reach back to the window.
        let text = Self.text(refresh: 9)
        _ = try place.run(text, transport: Self.provider(10))
        #expect(try Self.rows(place, "legs") == 20)

        // The same rows in a new version: nothing is asked for again, by this run or the next.
        let same = Self.provider(10)
        let unchanged = try place.run(text, transport: same)
        #expect(unchanged.exitCode == 0)
        #expect(Set(unchanged.windows.map(\.stream)) == ["calls"])
        #expect(same.ids == [] && same.listRequests > 0)

        let more = Self.provider(11)
        let changed = try place.run(text, transport: more)
        #expect(changed.exitCode == 0)
        #expect(changed.windows.filter { $0.stream == "legs" }.map(\.status) == [.published])
        #expect(more.ids == (0..<11).map(String.init))
        #expect(try Self.rows(place, "legs") == 22)
    }

    /// The run that refreshed the parent left the other stream out.
    @Test func aChangeIsFoundByALaterRun() throws {
        let place = try Workplace()
        defer { place.remove() }
        _ = try place.run(Self.text(), transport: Self.provider(10))
        let more = Self.provider(11)
        _ = try place.run(Self.text(), transport: more, plan: forced, streams: ["calls"])
        #expect(more.ids == [])
        let later = Self.provider(11)
        let report = try place.run(Self.text(), transport: later)
        #expect(report.windows.map(\.stream) == ["legs"])
        #expect(later.ids.count == 11)
        #expect(try Self.rows(place, "legs") == 22)
        let last = Self.provider(11)
        #expect(try place.run(Self.text(), transport: last).windows.isEmpty)
        #expect(last.ids == [])
    }

    /// What is made of the archive is not compared with the parent, and must not pass for it.
    @Test func aRebuildHidesNoChange() throws {
        let place = try Workplace()
        defer { place.remove() }
        _ = try place.run(Self.text(), transport: Self.provider(10))
        _ = try place.run(
            Self.text(), transport: Self.provider(11), plan: forced, streams: ["calls"])
        let rebuild = PlanRequest.rebuild(
            from: nil, to: nil, outdatedOnly: false, rejectedOnly: false)
        let offline = Self.provider(0)
        let rebuilt = try place.run(
            Self.text(), transport: offline, plan: rebuild, streams: ["legs"])
        #expect(rebuilt.exitCode == 0)
        #expect(offline.ids == [])
        let later = Self.provider(11)
        _ = try place.run(Self.text(), transport: later)
        #expect(later.ids.count == 11)
    }

    /// The records of a drain are in several versions of the archive.
    @Test func aDrainFeedsAnother() throws {
        let place = try Workplace()
        defer { place.remove() }
        let text = Self.text(field: "id").replacingOccurrences(
            of: "endpoint: telecmi.v2.user.out_missed",
            with: "endpoint: commo.get_bill\n    params: {syncflag: 1}")
        let records = evenRecords(12)
        func provider(_ records: some Sequence<FakeProvider.Record>) -> CallsAndLegs {
            CallsAndLegs(FakeProvider(Array(records), marksPath: place.marksPath))
        }
        let first = provider(records.dropLast())
        let report = try place.run(text, transport: first)
        #expect(report.exitCode == 0)
        #expect(first.ids == (0..<11).map(String.init))

        // Only the late record is handed out now; the others are in the archive.
        _ = try place.run(text, transport: provider(records), plan: forced, streams: ["calls"])
        let late = provider(records)
        let second = try place.run(text, transport: late)
        #expect(second.windows.map(\.stream) == ["legs"])
        #expect(late.ids == (0..<12).map(String.init))
        #expect(try Self.rows(place, "legs") == 24)
    }

    @Test func aParentWithoutArchiveFailsTheOther() throws {
        let place = try Workplace()
        defer { place.remove() }
        let archive = place.directory + "/out/_state/archive"
        _ = try place.run(Self.text(), transport: Self.provider(10), streams: ["calls"])
        try FileManager.default.removeItem(atPath: archive)
        let provider = Self.provider(10)
        let report = try place.run(Self.text(), transport: provider, streams: ["legs"])
        #expect(report.windows.map { $0.failure?.code } == ["parent_incomplete"])
        #expect(report.windows.first?.failure?.message.contains("archive does not have") == true)
        #expect(provider.ids == [])
        let again = Self.provider(10)
        #expect(try place.run(Self.text(), transport: again, plan: forced).exitCode == 0)
        #expect(again.ids.count == 10)
        // As long as the parent is the same, its archive is not needed.
        try FileManager.default.removeItem(atPath: archive)
        let last = Self.provider(10)
        #expect(try place.run(Self.text(), transport: last).exitCode == 0)
        #expect(last.ids == [])
        // A parent of which it is known that it changed, and not how, is no parent that stayed.
        _ = try place.run(
            Self.text(), transport: Self.provider(11), plan: forced, streams: ["calls"])
        try FileManager.default.removeItem(atPath: archive)
        let changed = try place.run(Self.text(), transport: last)
        #expect(changed.windows.map { $0.failure?.code } == ["parent_incomplete"])
        #expect(try Self.rows(place, "legs") == 20)
    }

    /// The parent is exported when the points are reached for the second time.
    @Test(arguments: [
        CrashPoint.windowBegun, .sliceReceived, .sliceStaged, .accountsArchived,
        .partitionPrepared, .partitionPublished, .publicationRecorded, .windowsDone,
    ])
    func aKilledRunGivesTheSameBytesInTheEnd(point: CrashPoint) async throws {
        let undisturbed = try Workplace()
        defer { undisturbed.remove() }
        _ = try undisturbed.run(Self.text(), transport: Self.provider(5))

        let killed = try Workplace()
        defer { killed.remove() }
        let occurrence = point == .windowsDone ? 1 : 2
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [
                place = killed as Workplace, raw = point.rawValue as String,
                occurrence = occurrence as Int
            ] in
            let reached = Mutex(0)
            _ = try place.run(
                Self.text(), transport: Self.provider(5),
                onReaching: { point in
                    guard point.rawValue == raw else { return }
                    let count = reached.withLock { count in
                        count += 1
                        return count
                    }
                    if count == occurrence { kill(getpid(), SIGKILL) }
                })
        }
        let provider = Self.provider(5)
        let report = try killed.run(Self.text(), transport: provider)
        #expect(report.exitCode == 0)
        #expect(provider.listRequests == 0)
        #expect(try killed.published() == undisturbed.published())
        let last = Self.provider(5)
        #expect(try killed.run(Self.text(), transport: last).windows.isEmpty)
        #expect(last.ids == [])
    }
}
