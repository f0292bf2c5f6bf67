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
        // A full last page is followed by an empty one.
        let isFull = count > 0 && count.isMultiple(of: 10)
        let again = pages == 1 ? [] : Set([1, (pages + 1) / 2, pages]).sorted()
        #expect(script.asked == Array(1...pages) + (isFull ? [pages + 1] : []) + again)
    }

    @Test func theFirstPageTellsTheRealPageSize() throws {
        let rows = records(45)
        var script = Script { number, _ in try servedPage(rows, number, size: 10) }
        let slice = try verified(try script.run(walk(pageSize: 1_000)))
        #expect(slice.rows.count == 45)
        #expect(script.asked == [1, 2, 3, 4, 5, 1, 3, 5])
        #expect(script.expectations.dropFirst() == [10, 10, 10, 5, 10, 10, 5])
    }

    @Test func onlyPageOneIsAskedForBeforeTheTotalIsKnown() throws {
        var walk = walk()
        let first = walk.claimPage()
        let second = walk.claimPage()
        #expect(first?.number == 1)
        #expect(second == nil)
        _ = walk.receive(try servedPage(records(30), 1), round: 1)
        var numbers: [Int] = []
        while let job = walk.claimPage() { numbers.append(job.number) }
        #expect(numbers == [2, 3, 4])
    }

    @Test func pagesAreAskedForWithTheirPadding() throws {
        var walk = SliceWalk(
            range: hour, asked: span(-1_000, 3_601_000),
            rules: WalkRules(pageSize: 7, slicePages: 200, defaultPageSize: 10))
        guard let job = walk.claimPage() else {
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

    /// One record out and one in, out of sight of page 1: only the page that is asked again shows it.
    @Test(arguments: [(5, 3), (9, 9), (10, 5), (2, 2)])
    func aChangedMiddleOrLastPageStartsOver(pages: Int, changed: Int) throws {
        let before = records(pages * 10 - 5)
        var after = before
        after[changed * 10 - 8].id = "replaced"
        var script = Script { number, asked in
            try servedPage(asked < pages ? before : after, number)
        }
        let slice = try verified(try script.run(walk()))
        #expect(Set(ids(of: slice)) == Set(after.map(\.id)))
        #expect(script.rounds == 2)
    }

    @Test(arguments: 1...6) func everyPageIsReadTwiceWhereThatIsAskedFor(changed: Int) throws {
        let before = records(55)
        var after = before
        after[changed * 10 - 8].id = "replaced"
        var script = Script { number, asked in try servedPage(asked < 6 ? before : after, number) }
        let slice = try verified(try script.run(walk(confirmation: .all)))
        #expect(Set(ids(of: slice)) == Set(after.map(\.id)))
        // The second round stays as it was.
        #expect(script.asked.suffix(12) == [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6])
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
        #expect(script.rounds == SliceWalk.maximumRounds)
    }

    @Test func pagesOfAnEarlierRoundAreIgnored() throws {
        var walk = walk()
        _ = walk.claimPage()
        _ = walk.receive(try servedPage(records(30), 1), round: 1)
        _ = walk.claimPage()
        _ = walk.claimPage()
        _ = walk.receive(try servedPage(records(31), 2), round: 1)
        #expect(walk.round == 2)
        // Page 3 of round 1 must not count as page 1 of round 2.
        _ = walk.receive(try servedPage(records(30), 3), round: 1)
        guard let job = walk.claimPage() else {
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
        var script = Script { number, _ in try page(number > 1 ? [] : rows, total: 3) }
        let error = try failure(try script.run(walk()))
        #expect(error.message.contains("reports 3 records"))
        #expect(error.message.contains("hold 10 different"))
    }

    /// A full page says nothing of what follows; a short one ends the list.
    @Test(arguments: [(7, [1]), (10, [1, 2]), (17, [1]), (20, [1, 2])])
    func aSingleFullPageIsNotBelievedAlone(count: Int, asked: [Int]) throws {
        let rows = records(count)
        var script = Script { number, _ in try page(number > 1 ? [] : rows, total: count) }
        #expect(try verified(try script.run(walk(pageSize: 1_000))).rows.count == count)
        #expect(script.asked == asked)
    }

    /// Some providers answer a page after the last with the last one again, or with `count: 0`.
    @Test(arguments: [0, 20]) func aLastPageThatComesAgainIsTheEnd(total: Int) throws {
        let rows = records(20)
        var script = Script { number, _ in
            total == 0
                ? try servedPage(rows, number, total: number > 2 ? 0 : 20)
                : try page(Array(number > 1 ? rows[10...] : rows[..<10]), total: 20)
        }
        let slice = try verified(try script.run(walk()))
        #expect(slice.rows.count == 20)
        #expect(slice.counts.duplicates == 0)
        #expect(slice.pages.count == 2)
    }

    /// Others refuse it. That is no proof, so slices are cut until the last page is short.
    @Test func aRefusedPageAfterTheLastCutsTheSlice() throws {
        let refusal = ExtractionError(.badRequest, code: "bad_request", message: "no such page")
        var script = Script { number, _ in
            if number > 2 { throw refusal }
            return try servedPage(records(20), number)
        }
        guard case .split(let parts) = try script.run(walk()) else {
            Issue.record("not cut")
            return
        }
        #expect(parts.count == 2)
        script.asked = []
        let error = try failure(try script.run(walk(range: span(0, 1_999))))
        #expect(error.kind == .badRequest)
        #expect(error.message.contains("page 2 is full, and page 3"))
        #expect(error.message.contains("no such page"))
    }

    /// A refusal of a page that must be there stays what it is.
    @Test func aRefusedPageEndsTheWalk() throws {
        let refusal = ExtractionError(.badRequest, code: "bad_request", message: "no such page")
        var script = Script { number, _ in
            if number == 2 { throw refusal }
            return try servedPage(records(20), number)
        }
        #expect(try failure(try script.run(walk())).message == "no such page")
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
        #expect(script.rounds == 1)
    }

    @Test func aRecordWithTwoContentsIsNeverVerified() throws {
        let rows = records(2)
        var other = rows[0]
        other.note = "changed"
        var script = Script { _, _ in try page(rows + [other], total: 2) }
        #expect(
            try failure(try script.run(walk(range: span(0, 1_500)))).kind == .unreconciled)
        #expect(script.rounds <= SliceWalk.maximumRounds)
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

    /// No window asks for their time, so that none but this one can report them.
    @Test func someStrangeTimesAreSetAside() throws {
        let rows = (0..<10).map { Row(id: "r\($0)", offset: $0 < 5 ? 50_000_000 : 5) }
        var script = Script { number, _ in try page(number > 1 ? [] : rows, total: 10) }
        let slice = try verified(try script.run(walk()))
        #expect(slice.rows.map(\.row) == [5, 6, 7, 8, 9])
        #expect(slice.unidentified.map(\.row) == [0, 1, 2, 3, 4])
        #expect(slice.counts.outsideWindow == 0)
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
        _ = walk.claimPage()
        let decision = walk.receive(
            try servedPage(records(10), 1, total: pages * 10 - 1), round: 1)
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
        range: TimeRange? = nil, pageSize: Int = 10, slicePages: Int = 200,
        confirmation: WalkConfirmation = .edges, onMismatch: MismatchPolicy = .fail
    ) -> SliceWalk {
        let range = range ?? hour
        return SliceWalk(
            range: range, asked: anyPadding.padded(range),
            rules: WalkRules(
                pageSize: pageSize, slicePages: slicePages, defaultPageSize: 10,
                confirmation: confirmation, onMismatch: onMismatch))
    }

    private func expectSeamless(_ parts: [TimeRange]) {
        #expect(parts.first?.start == hour.start)
        #expect(parts.last?.end == hour.end)
        #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.end == $1.start })
    }
}
