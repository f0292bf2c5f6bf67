import ExportModel
import Testing

@testable import Extraction

/// Rows that a provider lists twice: different keys decide, not row counts.
@Suite struct RepeatedRowTests {
    private let hour = span(0, 3_600_000)

    /// Pages had one row more than their limit, and the window failed for ever.
    @Test(arguments: [11, 20, 45, 237], [1, 16])
    func aRepeatedRowAtEveryHeadIsDroppedAndCounted(count: Int, lanes: Int) throws {
        var faults = FakeProvider.Faults()
        faults.repeatsHeads = true
        let provider = FakeProvider(records(count), faults: faults)
        let result = try walkWindow(provider, hour, lanes: lanes)
        #expect(result.ids == truth(records(count)))
        let pages = (count + 9) / 10
        #expect(result.slices.reduce(0) { $0 + $1.counts.duplicates } == pages - 1)
        #expect(provider.requestCount <= pages + 4)
    }

    /// The same at a provider that caps pages below what is asked for: page 1 may be a short one,
    /// until it is as short again.
    @Test func aRepeatedRowAtHeadsOfCappedPagesIsDropped() throws {
        let stream = try makeStream(Catalog.agentOutMissed, pageSize: 1_000)
        var walk = SliceWalk(range: hour, asked: hour, rules: WalkRules(stream))
        let rows = records(45).reversed().map { $0 }
        for _ in 0..<100 {
            let round = walk.round
            if let job = walk.claimPage() {
                var served = Array(rows.dropFirst((job.number - 1) * 10).prefix(10))
                if job.number > 1, !served.isEmpty {
                    served.insert(rows[job.number * 10 - 11], at: 0)
                }
                let answer = try page(served, total: 45, number: job.number)
                if case .failed(let error) = walk.receive(answer, round: round) { throw error }
            } else if let pages = walk.claimAssembly() {
                let assembled = SliceAssembler.assemble(pages.compactMap { $0 }, range: hour)
                guard case .verified(let verified) = walk.receive(assembled, round: round) else {
                    Issue.record("not verified")
                    return
                }
                #expect(verified.slice.counts.duplicates == 4)
                #expect(round == 2)
                return
            } else {
                Issue.record("the walk is stuck")
                return
            }
        }
        Issue.record("the walk does not end")
    }

    @Test func totalsThatCountRepeatsAreExplained() throws {
        let error = try #require(throws: ExtractionError.self) {
            _ = try walkWindow(doubling(records(42), every: 14), hour)
        }
        #expect(error.message.contains("reports 45 records"))
        #expect(error.message.contains("hold 42 different"))
        #expect(error.message.contains("3 more are repeats of them"))
        #expect(error.message.contains("on_mismatch: publish"))
    }

    @Test(arguments: [1, 16]) func publishHandsOutWhatThereIs(lanes: Int) throws {
        let provider = doubling(records(42), every: 14)
        let result = try walkWindow(provider, hour, lanes: lanes, onMismatch: .publish)
        #expect(result.ids == truth(records(42)))
        let error = try #require(result.unreconciled)
        #expect(error.code == "unreconciled")
        #expect(error.message.contains("reports 45 records"))
        #expect(error.message.contains("published all the same"))
    }

    /// What a window that is published hands out is all there is, not what the total says.
    @Test(arguments: [10, 20]) func publishWalksPastALowTotal(claimed: Int) throws {
        var faults = FakeProvider.Faults()
        faults.total = { _, _, _ in claimed }
        let provider = FakeProvider(records(25), faults: faults)
        let result = try walkWindow(provider, hour, onMismatch: .publish)
        #expect(result.ids == truth(records(25)))
        #expect(result.unreconciled != nil)
    }

    @Test func publishHandsOutWindowsThatNeverAgree() throws {
        var faults = FakeProvider.Faults()
        // The window as a whole claims one more than its slices.
        faults.total = { found, _, _ in found > 250 ? found + 1 : found }
        let provider = FakeProvider(records(300), faults: faults)
        let result = try walkWindow(provider, hour, slicePages: 5, onMismatch: .publish)
        #expect(result.ids == truth(records(300)))
        #expect(result.restarts == WindowWalk.maximumRestarts)
        #expect(result.unreconciled?.message.contains("reports 301 records") == true)
    }

    @Test func aWindowThatAgreesIsReconciledUnderPublishToo() throws {
        let result = try walkWindow(FakeProvider(records(42)), hour, onMismatch: .publish)
        #expect(result.unreconciled == nil)
    }

    /// A killed run resumes from slices that were published all the same; that is not forgotten.
    @Test func aRestoredSliceKeepsItsMismatch() throws {
        let provider = doubling(records(42), every: 14)
        let whole = try walkWindow(provider, hour, onMismatch: .publish)
        let extractor = try makeExtractor(provider, onMismatch: .publish)
        var resumed = ResumedSlices()
        for slice in whole.slices {
            let bodies = slice.pages.map {
                ArchivedPage(number: $0.number, requestID: nil, body: $0.body)
            }
            let restored = try extractor.restore(range: slice.range, bodies: bodies)
            _ = resumed.add(restored, of: hour)
        }
        var walked = WalkedWindow()
        try walked.run(extractor, hour, resumed: resumed)
        #expect(walked.unreconciled != nil)
        #expect(walked.restarts == 0)
    }

    // MARK: Helpers

    private func records(_ count: Int) -> [Row] {
        (0..<count).map { Row(id: "r\($0)", offset: Int64($0) * 3_599_999 / Int64(max(count, 1))) }
    }

    private func truth(_ rows: [Row]) -> [String] {
        rows.sorted { ($0.place, $0.id) < ($1.place, $1.id) }.map(\.id)
    }

    /// Lists every so many-th record twice and counts it twice.
    private func doubling(_ rows: [Row], every: Int) -> FakeProvider {
        FakeProvider(
            rows.enumerated().flatMap { index, row in
                index % every == every - 1 ? [row, row] : [row]
            })
    }
}
