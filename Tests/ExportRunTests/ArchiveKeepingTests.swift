import Archive
import ExportModel
import ExportRun
import FileSystem
import Foundation
import Planning
import RunLedger
import Testing

/// Archives of days of January 2026, UTC, with a ledger that knows what became of them.
@Suite struct ArchiveKeepingTests {
    let workplace: Workplace

    init() throws {
        workplace = try Workplace()
    }

    static func text(
        keep: String, stream: String = "", endpoint: String = "telecmi.v2.user.out_missed"
    )
        -> String
    {
        """
        pipeline: crash
        archive: {keep: \(keep)}
        output: {path: unused}
        streams:
          - stream: v2
            endpoint: \(endpoint)
            base_url: https://fake.example
            \(stream)
            accounts: [{account: u, token: "${TOKEN}"}, {account: w, token: "${TOKEN}"}]
        """
    }

    /// A pipeline's archive and its ledger.
    struct Place {
        let pipeline: Pipeline
        let archive: Archive
        let ledger: Ledger
        var keeping: ArchiveKeeping { ArchiveKeeping(pipeline, archive: archive, ledger: ledger) }

        /// What is archived, as `stream/key`.
        var keys: [String] {
            get throws { try archive.windows().map { "\($0.stream)/\($0.key)" } }
        }

        /// Archives a window for an account, and records what became of it.
        func add(_ day: Int, _ account: String = "u", state: WindowState) throws {
            let date = try #require(CivilDate(year: 2026, month: 1, day: day))
            let start = Timestamp(epochMilliseconds: Int64(date.daysSinceEpoch) * 86_400_000)
            let range = TimeRange(start: start, end: start.advanced(milliseconds: 86_400_000))
            try add(
                Window(key: .day(date), range: range, timeZoneIdentifier: "UTC"), account, state)
        }

        /// - Parameter exportedAt: nil: at the window's end, or on day 40 where it has none.
        func add(
            _ window: Window, _ account: String, _ state: WindowState,
            at exportedAt: Timestamp? = nil
        ) throws {
            let moment = exportedAt ?? window.range?.end ?? Workplace.moment(40)
            let key = "\(window.key)"
            let identity = WindowIdentity(
                pipeline: pipeline.name, stream: "v2", account: account, window: key)
            let entry = LedgerEntry(identity: identity, window: window)
            let version = "r1.\(key.hashValue & 0xFFFF)"
            let archived = try archive.window(stream: "v2", key: key)
            archived.begin(account, id: version + account, fingerprint: "plan")
            try archived.append(
                ArchivedSlice(
                    range: window.range, counts: ExtractionCounts(),
                    pages: [
                        ArchivedPage(number: 1, body: Array(#"{"cdr":[]}"#.utf8)),
                        ArchivedPage(number: 2, requestID: "r", body: [0xFF, 0xFE]),
                    ]), to: version + account)
            try archived.end(
                version + account,
                ArchivedEnd(requestCount: 2, extractedAt: moment))
            let versions = archived.accounts.flatMap { archived.versions(of: $0) }
            try archived.compact(keeping: Set(versions.map(\.id)))
            try ledger.markRunning([entry], runID: "r1", at: moment)
            if state == .running { return }
            try ledger.markArchived([
                (
                    entry,
                    ArchivedOutcome(
                        versionID: "r1.1", rows: 1, rejects: 0, duplicates: 0, outsideWindow: 0,
                        reportedTotal: 1, requests: 2, archivedAt: moment,
                        runID: "r1")
                )
            ])
            if state == .archived { return }
            try ledger.markPublished(
                PartitionIdentity(
                    pipeline: pipeline.name, stream: "v2", account: account, window: key),
                window: window,
                PartitionOutcome(
                    runID: "r1", publishedAt: moment,
                    directory: "v2/\(account)/\(key)",
                    rows: 1, rejects: 0, byteCount: 1, fingerprint: "f",
                    contentSHA256: String(repeating: "0", count: 64)),
                accounts: [(entry, "r1.1")])
        }
    }

    func open(keep: String, stream: String = "", endpoint: String = "telecmi.v2.user.out_missed")
        throws -> Place
    {
        let pipeline = try workplace.pipeline(
            Self.text(keep: keep, stream: stream, endpoint: endpoint))
        let lock = try LedgerLock.acquire(
            pipeline.stateDirectory,
            as: LockHolder(
                processID: 1, host: "h", command: "test", startedAt: Workplace.moment(0)))
        return Place(
            pipeline: pipeline,
            archive: Archive(pipeline.stateDirectory.path, pipeline: pipeline.name),
            ledger: try Ledger.open(lock: lock, output: pipeline.output.path))
    }

    @Test func daysGoWhenTheirTimeIsOver() throws {
        defer { workplace.remove() }
        let place = try open(keep: "35d")
        for day in 1...4 { try place.add(day, state: .complete) }
        // The second day ends with the start of the third: on 7 February 35 days have passed.
        #expect(
            try place.keeping.prune(at: Workplace.moment(37, -1)).map(\.window) == ["2026-01-01"])
        let due = try place.keeping.prune(at: Workplace.moment(37), dryRun: true)
        #expect(due.map(\.window) == ["2026-01-02"] && due[0].byteCount > 100)
        #expect(try place.keys == ["v2/2026-01-02", "v2/2026-01-03", "v2/2026-01-04"])
        #expect(try place.keeping.prune(at: Workplace.moment(37)) == due)
        #expect(try place.keys == ["v2/2026-01-03", "v2/2026-01-04"])
        let records = try place.ledger.windows(pipeline: "crash")
        #expect(records.map(\.archive) == [.pruned, .pruned, .kept, .kept])
        #expect(records.allSatisfy { $0.state == .complete })
        #expect(try place.keeping.prune(at: Workplace.moment(37)) == [])
    }

    @Test func whatAPartitionNeedsStays() throws {
        defer { workplace.remove() }
        let place = try open(keep: "none")
        try place.add(1, state: .complete)
        try place.add(2, state: .archived)
        try place.add(3, state: .running)
        // Published for one account, and not for the other.
        try place.add(4, state: .complete)
        try place.add(4, "w", state: .archived)
        // An account that left the pipeline file.
        try place.add(5, state: .complete)
        try place.add(5, "gone", state: .archived)
        // One that the ledger does not know.
        let unknown = try place.archive.window(stream: "v2", key: "2026-01-06")
        unknown.begin("u", id: "r9.1", fingerprint: "plan")
        try unknown.end("r9.1", ArchivedEnd(requestCount: 1, extractedAt: Workplace.moment(40)))
        try unknown.commit()
        let pruned = try place.keeping.prune(at: Workplace.moment(400))
        #expect(pruned.map(\.window) == ["2026-01-01", "2026-01-05"])
        #expect(
            try place.keys == ["v2/2026-01-02", "v2/2026-01-03", "v2/2026-01-04", "v2/2026-01-06"])
    }

    @Test func foreverMeansForever() throws {
        defer { workplace.remove() }
        let place = try open(keep: "forever")
        try place.add(1, state: .complete)
        #expect(try place.keeping.prune(at: Workplace.moment(99_999)) == [])
        #expect(try place.keys == ["v2/2026-01-01"])
    }

    @Test func aRequestListCountsFromItsExtraction() throws {
        defer { workplace.remove() }
        let place = try open(keep: "10d")
        let batch = Window(key: .batch("june"), range: nil, timeZoneIdentifier: "UTC")
        try place.add(batch, "u", .complete)
        #expect(try place.keeping.prune(at: Workplace.moment(49)) == [])
        #expect(try place.keeping.prune(at: Workplace.moment(50)).map(\.window) == ["batch=june"])
    }

    @Test func whatADrainTookStays() throws {
        defer { workplace.remove() }
        let place = try open(
            keep: "1d", stream: "params: {syncflag: 1}", endpoint: "commo.get_bill")
        try place.add(1, state: .complete)
        #expect(try place.keeping.prune(at: Workplace.moment(400)) == [])
    }

    /// A backfill of old windows is as useful for a rebuild as last night's.
    @Test func whatWasExportedLateIsKeptAsLong() throws {
        defer { workplace.remove() }
        let place = try open(keep: "35d")
        let range = TimeRange(start: Workplace.moment(0), end: Workplace.moment(1))
        let window = Window(
            key: .day(CivilDate(daysSinceEpoch: Int(Workplace.start / 86_400_000))), range: range,
            timeZoneIdentifier: "UTC")
        try place.add(window, "u", .complete, at: Workplace.moment(300))
        #expect(try place.keeping.prune(at: Workplace.moment(335, -1)) == [])
        #expect(try place.keeping.prune(at: Workplace.moment(335)).count == 1)
    }

    @Test func aPipelineIsPrunedFromOutside() throws {
        defer { workplace.remove() }
        var place: Place? = try open(keep: "1d")
        try place?.add(1, state: .complete)
        let pipeline = try #require(place?.pipeline)
        func prune(streams: Set<String>? = nil, dryRun: Bool) throws -> [String] {
            try ArchiveKeeping.prune(
                pipeline, streams: streams, at: Workplace.moment(9), dryRun: dryRun,
                holder: LockHolder(
                    processID: 1, host: "h", command: "prune", startedAt: Workplace.moment(0)),
                fileSystem: SystemDisk()
            ).map(\.window)
        }
        #expect(throws: ExportError.self) { try prune(dryRun: false) }
        place = nil
        #expect(try prune(dryRun: true) == ["2026-01-01"])
        #expect(try prune(streams: ["other"], dryRun: false) == [])
        #expect(try prune(dryRun: false) == ["2026-01-01"])
        #expect(try prune(dryRun: true) == [])
    }

    // MARK: - Looking

    @Test func inspectionsCountAndShowWhatIsThere() throws {
        defer { workplace.remove() }
        let place = try open(keep: "35d")
        try place.add(1, state: .complete)
        try place.add(1, "w", state: .complete)
        try place.add(2, state: .complete)
        let inspection = ArchiveInspection(place.pipeline, fileSystem: SystemDisk())
        var windows: [ArchivedWindowSummary] = []
        try inspection.forEachWindow(streams: nil, accounts: nil) { windows.append($0) }
        #expect(windows.map(\.window) == ["2026-01-01", "2026-01-02"])
        #expect(windows.map(\.accounts) == [2, 1] && windows.map(\.slices) == [2, 1])
        #expect(windows[0].range?.end == Workplace.moment(1) && windows[0].byteCount > 100)
        var pages: [ExportedPage] = []
        try inspection.forEachPage(
            ofWindow: "2026-01-01", streams: ["v2"], accounts: ["w"]
        ) { pages.append($0) }
        #expect(pages.map(\.request) == [1, 2] && pages.map(\.status) == ["complete", "complete"])
        #expect(pages.map(\.page.number) == [1, 2] && pages[1].page.body == [0xFF, 0xFE])
        #expect(throws: ExportError.self) {
            try inspection.forEachPage(ofWindow: "2026-01-09", streams: nil, accounts: nil) { _ in }
        }
    }

    @Test func verificationFindsDamageAndWhatIsMissing() throws {
        defer { workplace.remove() }
        let place = try open(keep: "35d")
        try place.add(1, state: .running)
        try place.add(2, state: .running)
        let inspection = ArchiveInspection(place.pipeline, fileSystem: SystemDisk())
        #expect(try inspection.verify(streams: nil).problems == [])
        // The ledger names a version that the archive does not have.
        try place.add(3, state: .complete)
        let missing = try inspection.verify(streams: nil)
        #expect(missing.windows == 3 && missing.problems.map(\.window) == ["2026-01-03"])
        #expect(missing.problems.map(\.accounts) == [["u"]] && missing.problems[0].path == nil)
        let path = place.archive.path + "/v2/2026-01-01.crash.1.segment"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        // Of the block before the last, which only says that all is durable.
        bytes[bytes.count - 60] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        let damaged = ArchiveInspection(place.pipeline, fileSystem: SystemDisk())
        let problems = try damaged.verify(streams: nil).problems
        #expect(
            problems.contains { $0.path == path && $0.byte != nil && $0.window == "2026-01-01" })
        #expect(problems.contains { $0.accounts == ["u"] && $0.window == "2026-01-01" })
        #expect(throws: ExportError.self) { try damaged.verify(streams: ["none"]) }
    }
}

extension Workplace {
    /// Days, and milliseconds, after the start of 2026.
    static func moment(_ days: Int64, _ milliseconds: Int64 = 0) -> Timestamp {
        Timestamp(epochMilliseconds: start + days * 86_400_000 + milliseconds)
    }
}
