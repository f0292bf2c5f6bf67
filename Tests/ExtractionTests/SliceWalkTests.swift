import ExportModel
import Testing

@testable import Extraction

/// The walk as a pure value: a scripted provider answers its pages one after another.
@Suite struct SliceWalkTests {
    private let hour = span(0, 3_600_000)

    // MARK: Walks that end well

    @Test(arguments: [0, 1, 9, 10, 11, 20, 95, 100])
    func everyRecordComesOnce(count: Int) throws {
        let rows = records(count)
        var script = Script { number, _ in try servedPage(rows, number) }
        let slice = try verified(try script.run(walk()))
        #expect(ids(of: slice) == rows.reversed().map(\.id))
        #expect(slice.counts.reportedTotal == count)
        let pages = max((count + 9) / 10, 1)
        // Page 1 is asked for again where there is more than one page.
        #expect(script.asked == Array(1...pages) + (pages > 1 ? [1] : []))
    }

    @Test func theFirstPageTellsTheRealPageSize() throws {
        let rows = records(45)
        var script = Script { number, _ in try servedPage(rows, number, size: 10) }
        let slice = try verified(try script.run(walk(pageSize: 1_000)))
        #expect(slice.rows.count == 45)
        #expect(script.asked == [1, 2, 3, 4, 5, 1])
        #expect(script.expectations.dropFirst() == [10, 10, 10, 5, 10])
    }

    @Test func onlyPageOneIsAskedForBeforeTheTotalIsKnown() throws {
        var walk = walk()
        #expect(walk.claim() != nil)
        #expect(walk.claim() == nil)
        _ = walk.receive(try servedPage(records(30), 1), round: 1)
        var numbers: [Int] = []
        while case .page(let job) = walk.claim() { numbers.append(job.number) }
        #expect(numbers == [2, 3])
    }

    @Test func pagesAreAskedForWithTheirPadding() throws {
        var walk = SliceWalk(
            range: hour, asked: span(-1_000, 3_601_000), pageSize: 7, slicePages: 200)
        guard case .page(let job) = walk.claim() else {
            Issue.record("nothing to do")
            return
        }
        #expect(job.subject == .page(number: 1, size: 7, range: span(-1_000, 3_601_000)))
        #expect(job.expectation == nil)
    }

    @Test func rejectsCountAsFound() throws {
        let rows = [Row(id: "a", offset: 5), Row(id: "", offset: 5), Row(id: "b", offset: nil)]
        var script = Script { _, _ in try page(rows, total: 3) }
        let slice = try verified(try script.run(walk()))
        #expect(slice.rows.count == 1)
        #expect(slice.unidentified.count == 2)
    }

    // MARK: Drift

    /// A record enters between pages 2 and 3: everything behind it moves down by one.
    @Test func aTotalThatMovesStartsOver() throws {
        var script = Script { number, asked in
            try servedPage(records(asked < 2 ? 30 : 31), number)
        }
        let slice = try verified(try script.run(walk()))
        #expect(slice.rows.count == 31)
        #expect(script.rounds == 2)
    }

    /// One record came and another went: the total stays, one id repeats and one is missing.
    @Test func idsThatRepeatAcrossPagesStartOver() throws {
        let before = Array(records(30).dropFirst())
        let after = Array(records(31).dropLast())
        var script = Script { number, asked in
            try servedPage(asked < 2 ? before + [Row(id: "old", offset: 0)] : after, number)
        }
        let slice = try verified(try script.run(walk()))
        #expect(Set(ids(of: slice)) == Set(after.map(\.id)))
        #expect(script.rounds == 2)
    }

    /// The change comes after the last page was fetched: only page 1 can show it.
    @Test func aChangedFirstPageStartsOver() throws {
        let before = records(20)
        var after = before
        after[3] = Row(id: "replaced", offset: after[3].offset)
        var script = Script { number, asked in
            try servedPage(asked < 2 ? before : after, number)
        }
        let slice = try verified(try script.run(walk()))
        #expect(Set(ids(of: slice)) == Set(after.map(\.id)))
        #expect(script.rounds == 2)
    }

    @Test func aTotalThatMovesAfterTheLastPageStartsOver() throws {
        var script = Script { number, asked in
            try servedPage(records(20), number, total: asked == 2 ? 21 : 20)
        }
        #expect(try verified(try script.run(walk())).rows.count == 20)
        #expect(script.rounds == 2)
    }

    /// Page 1 was cut short: the other pages are larger than it.
    @Test func aShortFirstPageStartsOver() throws {
        let rows = records(40)
        var script = Script { number, asked in
            let page = try servedPage(rows, number)
            return asked > 0 ? page : try servedPage(Array(rows.prefix(7)), 1, total: 40)
        }
        #expect(try verified(try script.run(walk())).rows.count == 40)
        #expect(script.rounds == 2)
    }

    @Test func driftThatStaysCutsTheSlice() throws {
        var script = Script { number, asked in
            try servedPage(records(30), number, total: 30 + asked)
        }
        guard case .split(let parts) = try script.run(walk()) else {
            Issue.record("not cut")
            return
        }
        #expect(script.rounds == SliceWalk.roundsBeforeSplit)
        #expect(parts.count == 4)
        expectSeamless(parts)
    }

    @Test func roundsAreBoundedWhereNothingCanBeCut() throws {
        var script = Script { number, asked in
            try servedPage(records(30), number, total: 30 + asked)
        }
        let error = try failure(try script.run(walk(range: span(0, 1_999))))
        #expect(error.kind == .unreconciled)
        #expect(script.rounds == SliceWalk.mostRounds)
    }

    @Test func pagesOfAnEarlierRoundAreIgnored() throws {
        var walk = walk()
        _ = walk.claim()
        _ = walk.receive(try servedPage(records(30), 1), round: 1)
        _ = walk.claim()
        _ = walk.claim()
        _ = walk.receive(try servedPage(records(31), 2), round: 1)
        #expect(walk.round == 2)
        // Page 3 of round 1 must not count as page 1 of round 2.
        _ = walk.receive(try servedPage(records(30), 3), round: 1)
        guard case .page(let job) = walk.claim() else {
            Issue.record("page 1 is not asked for")
            return
        }
        #expect(job.number == 1)
    }

    // MARK: Providers that contradict themselves

    @Test(arguments: [26, 31, 50])
    func aTotalThatLiesIsReportedWithBothNumbers(claimed: Int) throws {
        var script = Script { number, _ in try servedPage(records(25), number, total: claimed) }
        let error = try failure(try script.run(walk()))
        #expect(error.kind == .unreconciled)
        #expect(error.message.contains("reports \(claimed) records"))
        #expect(error.message.contains("hold 25 different"))
        #expect(script.rounds == 2)
    }

    @Test func fewerClaimedThanServedIsNoSuccessEither() throws {
        let rows = records(10)
        var script = Script { _, _ in try page(rows, total: 3) }
        let error = try failure(try script.run(walk()))
        #expect(error.message.contains("reports 3 records"))
        #expect(error.message.contains("hold 10 different"))
    }

    @Test func anEmptyFirstPageWithATotalFails() throws {
        var script = Script { _, _ in try page([], total: 7) }
        #expect(try failure(try script.run(walk())).kind == .unreconciled)
    }

    /// The same record twice at every walk while all are there: the provider's own repeat.
    @Test func repeatsThatStayAreCounted() throws {
        let rows = records(3)
        var script = Script { _, _ in try page(rows + [rows[0]], total: 3) }
        let slice = try verified(try script.run(walk()))
        #expect(slice.counts.duplicates == 1)
        #expect(slice.rows.count == 3)
        #expect(script.rounds == SliceWalk.roundsBeforeSplit + 1)
    }

    @Test func aRecordWithTwoContentsIsNeverVerified() throws {
        let rows = records(2)
        var other = rows[0]
        other.note = "changed"
        var script = Script { _, _ in try page(rows + [other], total: 2) }
        #expect(
            try failure(try script.run(walk(range: span(0, 1_500)))).kind == .unreconciled)
        #expect(script.rounds <= SliceWalk.mostRounds)
    }

    // MARK: Records from elsewhere

    /// A misnamed parameter makes TeleCMI answer with the last 24 hours.
    @Test func mostlyStrangeTimesAreAnError() throws {
        let far: Int64 = 50_000_000
        let rows = (0..<10).map { Row(id: "r\($0)", offset: $0 < 6 ? far : 5) }
        var script = Script { _, _ in try page(rows, total: 10) }
        let error = try failure(try script.run(walk()))
        #expect(error.code == "outside_request")
        #expect(error.message.contains("6 of 10"))
    }

    @Test func someStrangeTimesAreDropped() throws {
        let rows = (0..<10).map { Row(id: "r\($0)", offset: $0 < 5 ? 50_000_000 : 5) }
        var script = Script { _, _ in try page(rows, total: 10) }
        let slice = try verified(try script.run(walk()))
        #expect(slice.rows.count == 5)
        #expect(slice.counts.outsideWindow == 5)
    }

    // MARK: Cutting

    @Test func tooManyPagesAreCutIntoPartsOfThreeQuarters() throws {
        var script = Script { number, _ in try servedPage(records(10), number, total: 6_010) }
        guard case .split(let parts) = try script.run(walk(slicePages: 200)) else {
            Issue.record("not cut")
            return
        }
        #expect(script.asked == [1])
        #expect(parts.count == 5)
        expectSeamless(parts)
    }

    @Test(arguments: [200, 201])
    func theLimitIsTheLastThatIsNotCut(pages: Int) throws {
        var walk = walk(slicePages: 200)
        _ = walk.claim()
        let decision = walk.receive(
            try servedPage(records(10), 1, total: pages * 10), round: 1)
        if case .split = decision {
            #expect(pages == 201)
        } else {
            #expect(pages == 200)
        }
    }

    @Test func noTotalMakesMoreThanSixtyFourParts() throws {
        var script = Script { _, _ in try servedPage(records(10), 1, total: 1_000_000_000) }
        guard case .split(let parts) = try script.run(walk()) else {
            Issue.record("not cut")
            return
        }
        #expect(parts.count == 64)
        expectSeamless(parts)
    }

    @Test(arguments: [2_000, 2_001, 3_500, 61_234] as [Int64])
    func partsAreNeverEmptyAndCutAtWholeSeconds(length: Int64) throws {
        let range = span(0, length)
        var script = Script { _, _ in try servedPage(records(10), 1, total: 1_000_000) }
        guard case .split(let parts) = try script.run(walk(range: range)) else {
            Issue.record("not cut")
            return
        }
        #expect(parts.first?.start == range.start)
        #expect(parts.last?.end == range.end)
        #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.end == $1.start })
        #expect(parts.allSatisfy { $0.start < $0.end })
        #expect(parts.dropFirst().allSatisfy { $0.start.epochMilliseconds % 1_000 == 0 })
    }

    @Test func aSliceThatCannotBeCutIsWalkedIfItIsNotAbsurd() throws {
        let rows = (0..<30).map { Row(id: "r\($0)", offset: 29 - Int64($0)) }
        var script = Script { number, _ in try servedPage(rows, number) }
        #expect(
            try verified(try script.run(walk(range: span(0, 1_999), slicePages: 2))).rows.count
                == 30)
    }

    /// The total says a hundred million pages within a second: they are not asked for.
    @Test func anAbsurdTotalOfAnUncuttableSliceIsAnError() throws {
        let rows = (0..<10).map { Row(id: "r\($0)", offset: 9 - Int64($0)) }
        var script = Script { _, _ in try page(rows, total: 1_000_000_000) }
        let error = try failure(try script.run(walk(range: span(0, 1_999))))
        #expect(error.code == "absurd_total")
        #expect(script.asked == [1])
    }

    // MARK: Helpers

    private func walk(
        range: TimeRange? = nil, pageSize: Int = 10, slicePages: Int = 200
    ) -> SliceWalk {
        let range = range ?? hour
        return SliceWalk(
            range: range, asked: WindowPadding(zone: nil).padded(range), pageSize: pageSize,
            slicePages: slicePages)
    }

    private func verified(_ decision: SliceWalk.Decision) throws -> ExtractedSlice {
        guard case .verified(let assembled) = decision else {
            throw ExtractionError(
                .unknownAnswer, code: "test", message: "not verified: \(decision)")
        }
        return assembled.slice
    }

    private func failure(_ decision: SliceWalk.Decision) throws -> ExtractionError {
        guard case .failed(let error) = decision else {
            throw ExtractionError(.unknownAnswer, code: "test", message: "not failed: \(decision)")
        }
        return error
    }

    private func expectSeamless(_ parts: [TimeRange]) {
        #expect(parts.first?.start == hour.start)
        #expect(parts.last?.end == hour.end)
        #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.end == $1.start })
    }
}

/// `count` records, newest first, a second apart; more records means newer ones.
private func records(_ count: Int) -> [Row] {
    (0..<count).reversed().map { Row(id: "r\($0)", offset: Int64($0) * 1_000) }
}

/// What a provider with these records answers for one page.
private func servedPage(
    _ rows: [Row], _ number: Int, size: Int = 10, total: Int? = nil
) throws -> IdentifiedPage {
    try page(
        Array(rows.dropFirst((number - 1) * size).prefix(size)), total: total ?? rows.count,
        number: number)
}

/// Answers a walk's pages one after another, and gives up on walks that do not end.
private struct Script {
    var answer: (_ number: Int, _ asked: Int) throws -> IdentifiedPage
    var asked: [Int] = []
    var expectations: [Int?] = []
    var rounds = 0

    init(_ answer: @escaping (_ number: Int, _ asked: Int) throws -> IdentifiedPage) {
        self.answer = answer
    }

    mutating func run(_ walk: SliceWalk) throws -> SliceWalk.Decision {
        var walk = walk
        while asked.count < 5_000 {
            let round = walk.round
            rounds = round
            let decision: SliceWalk.Decision
            switch walk.claim() {
            case .page(let job):
                asked.append(job.number)
                expectations.append(job.expectation?.rowCount)
                decision = walk.receive(
                    try answer(job.number, asked.count - 1), round: round)
            case .assemble(let pages, let range):
                decision = walk.receive(
                    SliceAssembler.assemble(pages, range: range), round: round)
            case nil:
                throw ExtractionError(.unknownAnswer, code: "test", message: "the walk is stuck")
            }
            if case .goOn = decision { continue }
            return decision
        }
        throw ExtractionError(.unknownAnswer, code: "test", message: "the walk does not end")
    }
}
