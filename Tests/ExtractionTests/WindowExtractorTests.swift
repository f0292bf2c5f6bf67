import BoundedDispatch
import ExportModel
import Synchronization
import Testing

@testable import Extraction

/// One window end to end, against a provider in memory.
@Suite struct WindowExtractorTests {
    private let hour = span(0, 3_600_000)

    @Test func everyRecordComesOnceAndInOrder() throws {
        let rows = records(237, seed: 7)
        let result = try extract(FakeProvider(rows))
        #expect(result.ids == truth(rows))
        #expect(result.slices.count == 1)
        #expect(result.slices.first?.counts.reportedTotal == 237)
        // 24 pages; the first, the middle and the last of them again.
        #expect(result.requestCount == 27)
    }

    @Test func anEmptyWindowIsOneEmptySlice() throws {
        let result = try extract(FakeProvider([]))
        #expect(result.slices.map(\.rows.count) == [0])
        #expect(result.requestCount == 1)
    }

    @Test func recordsAtTheBoundsBelongToOneWindow() throws {
        let offsets: [Int64] = [-1_000, -1, 0, 3_599_999, 3_600_000, 3_601_000]
        let rows = offsets.map { Row(id: "r\($0)", offset: $0) }
        let first = try extract(FakeProvider(rows))
        #expect(first.ids == ["r0", "r3599999"])
        #expect(first.slices.first?.counts.outsideWindow == 4)
        let second = try extract(FakeProvider(rows), range: span(3_600_000, 7_200_000))
        #expect(second.ids == ["r3600000", "r3601000"])
    }

    // MARK: Faults and drift

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func faultsAndDriftLoseNothing(seed: UInt64) throws {
        let rows = records(300, seed: seed)
        let late = (0..<20).map { Row(id: "late\($0)", offset: Int64($0) * 170_011 + 13) }
        var faults = FakeProvider.Faults()
        faults.percent = 5
        for (index, row) in late.enumerated() {
            faults.changes[2 * index + 2] = [.enter(row)]
        }
        var outcomes: [[String]] = []
        for (lanes, slicePages) in [(1, 200), (16, 200), (1, 6), (16, 6)] {
            let provider = FakeProvider(rows, seed: seed, faults: faults)
            let result = try extract(provider, lanes: lanes, slicePages: slicePages, attempts: 30)
            #expect(result.ids == truth(provider.rows), "seed \(seed), \(lanes) lanes")
            outcomes.append(result.raw)
        }
        #expect(outcomes.allSatisfy { $0 == outcomes[0] }, "seed \(seed)")
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func oneLaneAndSixteenGiveTheSameSlices(seed: UInt64) throws {
        let rows = records(500, seed: seed)
        var faults = FakeProvider.Faults()
        faults.percent = 0
        let results = try [1, 16].map { lanes in
            try extract(
                FakeProvider(rows, seed: seed, faults: faults), lanes: lanes, slicePages: 8)
        }
        #expect(results[0].slices.count > 4)
        #expect(results[0].slices.map(\.range) == results[1].slices.map(\.range))
        #expect(results[0].slices.map(\.counts) == results[1].slices.map(\.counts))
        #expect(
            results[0].slices.map { $0.pages.map(\.body) }
                == results[1].slices.map { $0.pages.map(\.body) })
        #expect(results[0].slices.map(\.rows) == results[1].slices.map(\.rows))
        #expect(results[0].requestCount == results[1].requestCount)
    }

    /// Slices overlap by their padding: its records count once, and as padding of the window only.
    @Test(arguments: [1, 2, 3, 7, 200]) func countsDoNotDependOnTheSlices(slicePages: Int) throws {
        let rows =
            records(400, seed: 5)
            + [-900, -100, 3_600_000, 3_600_500, 3_600_900].map { (offset: Int64) in
                Row(id: "outside\(offset)", offset: offset)
            }
        let counts = try extract(FakeProvider(rows), slicePages: slicePages).slices.map(\.counts)
        #expect(counts.count > (slicePages == 200 ? 0 : 1))
        #expect(counts.reduce(0) { $0 + $1.reportedTotal } == 405)
        #expect(counts.reduce(0) { $0 + $1.outsideWindow } == 5)
    }

    @Test func aTotalThatLiesFailsWithBothNumbers() throws {
        var faults = FakeProvider.Faults()
        faults.total = { found, _, _ in found + 2 }
        let provider = FakeProvider(records(45, seed: 1), faults: faults)
        let error = try failure { _ = try extract(provider) }
        #expect(error.kind == .unreconciled)
        #expect(error.message.contains("reports 47 records"))
        #expect(error.message.contains("hold 45 different"))
    }

    // MARK: Resuming

    @Test(arguments: [1, 2, 5]) func onlyTheGapsAreAskedForAfterARestart(kept: Int) throws {
        let rows = records(400, seed: 3)
        let whole = try extract(FakeProvider(rows), slicePages: 6)
        #expect(whole.slices.count > kept)
        let provider = FakeProvider(rows)
        let extractor = try makeExtractor(provider, slicePages: 6)
        var resumed = ResumedSlices()
        var slices: [ExtractedSlice] = []
        for slice in whole.slices.prefix(kept) {
            let restored = try extractor.restore(
                range: slice.range,
                bodies: slice.pages.map {
                    ArchivedPage(number: $0.number, requestID: nil, body: $0.body)
                })
            let added = resumed.add(restored, of: hour)
            #expect(added.counts == slice.counts)
            slices.append(added)
        }
        let reached = try #require(whole.slices[kept - 1].range?.end)
        let rest = try run(extractor, hour, resumed: resumed)
        #expect((slices + rest.slices).flatMap(ids(of:)) == whole.ids)
        let (total, pages) = (provider.asked.last, provider.asked.dropLast())
        #expect(total == span(-1_000, 3_601_000))
        #expect(pages.allSatisfy { $0.start >= reached.advanced(milliseconds: -1_000) })
        #expect(provider.requestCount < whole.requestCount)
    }

    @Test func aWindowWithoutGapsOnlyChecksItsTotal() throws {
        let rows = records(60, seed: 4)
        let whole = try extract(FakeProvider(rows))
        for isChanged in [false, true] {
            let provider = FakeProvider(rows + (isChanged ? [Row(id: "late", offset: 5)] : []))
            let extractor = try makeExtractor(provider)
            var resumed = ResumedSlices()
            for slice in whole.slices {
                let bodies = slice.pages.map {
                    ArchivedPage(number: $0.number, requestID: nil, body: $0.body)
                }
                _ = resumed.add(
                    try extractor.restore(range: slice.range, bodies: bodies), of: hour)
            }
            let result = try run(extractor, hour, resumed: resumed)
            #expect(result.restarts == (isChanged ? 1 : 0))
            #expect(result.slices.flatMap(\.rows).count == (isChanged ? 61 : 0))
            if !isChanged { #expect(provider.requestCount == 1) }
        }
    }

    @Test func aJournaledBodyThatIsNoAnswerIsRefused() throws {
        let extractor = try makeExtractor(FakeProvider([]))
        let error = try failure {
            _ = try extractor.restore(
                range: hour, bodies: [ArchivedPage(number: 1, requestID: nil, body: [1, 2])])
        }
        #expect(error.code == "unreadable_page")
    }

    // MARK: Ending early

    @Test(arguments: [1, 5, 30, 44]) func aStopKeepsWhatWasVerified(requests: Int) throws {
        let rows = records(400, seed: 5)
        let whole = try extract(FakeProvider(rows), slicePages: 6)
        let run = StopToken()
        let provider = FakeProvider(rows) { count in
            if count == requests { run.stop() }
        }
        let extractor = try makeExtractor(provider, slicePages: 6, run: run)
        var slices: [ExtractedSlice] = []
        let error = try failure {
            _ = try takeAll(of: extractor.walk(hour), extractor) { event in
                if case .slice(let slice) = event { slices.append(slice) }
            }
        }
        #expect(error.kind == .interrupted)
        #expect(slices.map(\.range) == whole.slices.prefix(slices.count).map(\.range))
        #expect(slices.map(\.rows) == whole.slices.prefix(slices.count).map(\.rows))
        #expect(provider.requestCount < requests + 4)
    }

    @Test func whatTheConsumerThrowsEndsTheWalk() throws {
        struct DiskIsFull: Error {}
        let extractor = try makeExtractor(FakeProvider(records(100, seed: 1)), slicePages: 3)
        #expect(throws: WalkError<DiskIsFull>.self) {
            _ = try extractor.extract(hour) { (_) throws(DiskIsFull) in throw DiskIsFull() }
        }
    }

    /// As a drain lists what it has read.
    @Test func theCallingThreadAloneWalksAWindowToo() throws {
        let rows = records(237, seed: 7)
        var found: [String] = []
        let requestCount = try makeExtractor(FakeProvider(rows), slicePages: 6).extract(hour) {
            (event) throws(Never) in
            if case .slice(let slice) = event { found += ids(of: slice) }
        }
        #expect(found == truth(rows))
        #expect(requestCount == (try extract(FakeProvider(rows), slicePages: 6)).requestCount)
    }

    @Test func aRefusedAccountFailsItsWindow() throws {
        let transport = FakeTransport { _, _ in reply(#"{"code":404,"error":true}"#) }
        let error = try failure { _ = try run(try makeExtractor(transport, lanes: 16), hour) }
        #expect(error.kind == .authentication)
        #expect(transport.requestCount == 1)
    }

    // MARK: Request lists

    @Test(arguments: [1, 16]) func listsComeInTheirOrder(lanes: Int) throws {
        let ids = (0..<300).map { "id\($0)" }
        let transport = FakeTransport { request, _ in
            let id = text("request_id", in: request) ?? ""
            if id.hasSuffix("7") { return reply(#"{"code":404,"msg":"request_id not found"}"#) }
            return reply(
                #"{"count":1,"cdr":[{"leg":"a","to":1,"time":1637069609000}],"code":200}"#)
        }
        let stream = try makeStream(Catalog.requestIDs, lanes: lanes)
        let extractor = WindowExtractor(
            stream: stream,
            session: AccountSession(
                account: tokenAccount, stream: stream, budgets: [], run: StopToken(),
                transport: transport, environment: stillEnvironment()),
            transport: transport, environment: stillEnvironment())
        var slices: [ExtractedSlice] = []
        let requestCount = try takeAll(of: extractor.walk(ids: ids), extractor) { event in
            if case .slice(let slice) = event { slices.append(slice) }
        }
        #expect(requestCount == 300)
        let slice = try #require(slices.first)
        #expect(slice.pages.compactMap(\.requestID) == ids.filter { !$0.hasSuffix("7") })
        #expect(slice.unknownRequestIDs.map(\.id) == ids.filter { $0.hasSuffix("7") })
        #expect(slice.rows.count == 270)
    }

    // MARK: Helpers

    /// Records all over the hour, some at the same moment, some in the padding.
    private func records(_ count: Int, seed: UInt64) -> [Row] {
        var numbers = SeededNumbers(seed: seed)
        return (0..<count).map {
            let range: ClosedRange<Int64> = $0 % 50 == 0 ? -1_000...3_601_000 : 0...3_599_999
            let offset = Int64.random(in: range, using: &numbers)
            return Row(id: "r\($0)", offset: $0 % 7 == 0 ? offset / 60_000 * 60_000 : offset)
        }
    }

    private func truth(_ rows: [Row]) -> [String] {
        rows.filter { (0..<3_600_000).contains($0.offset ?? -1) }
            .sorted { ($0.offset ?? 0, $0.id) < ($1.offset ?? 0, $1.id) }.map(\.id)
    }

    private func extract(
        _ provider: FakeProvider, range: TimeRange? = nil, lanes: Int = 4, slicePages: Int = 200,
        attempts: Int = 4
    ) throws -> WalkedWindow {
        try walkWindow(
            provider, range ?? hour, lanes: lanes, slicePages: slicePages, attempts: attempts)
    }

    private func run(
        _ extractor: WindowExtractor, _ range: TimeRange, resumed: ResumedSlices = ResumedSlices()
    ) throws -> WalkedWindow {
        var walked = WalkedWindow()
        try walked.run(extractor, range, resumed: resumed)
        return walked
    }

    private func failure(_ body: () throws -> Void) throws -> ExtractionError {
        do {
            try body()
        } catch let error as ExtractionError {
            return error
        }
        throw ExtractionError(.unknownAnswer, code: "test", message: "it did not fail")
    }
}
