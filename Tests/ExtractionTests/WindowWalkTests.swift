import BoundedDispatch
import ExportModel
import Foundation
import Testing

@testable import Extraction

@Suite struct WindowWalkTests {
    private let hour = span(0, 3_600_000)

    @Test func slicesComeInTimeOrderAndCoverTheWindow() throws {
        let rows = (0..<400).map { Row(id: "r\($0)", offset: Int64($0) * 9_000) }
        var driver = Driver(rows: rows, walk: walk(slicePages: 5))
        let slices = try driver.run()
        #expect(slices.count > 3)
        #expect(slices.first?.range?.start == hour.start)
        #expect(slices.last?.range?.end == hour.end)
        #expect(zip(slices, slices.dropFirst()).allSatisfy { $0.range?.end == $1.range?.start })
        #expect(slices.flatMap(ids(of:)) == rows.map(\.id))
        #expect(driver.walk.isFinished)
        // The window's own total was asked for at the end.
        #expect(driver.askedRanges.last == span(-1_000, 3_601_000))
    }

    @Test func atMostThreeSlicesHoldPages() throws {
        let walk = walk(gaps: (0..<60).map { span($0 * 60_000, ($0 + 1) * 60_000) })
        var board = walk
        var claimed = 0
        while case .item = board.claim(.request) { claimed += 1 }
        #expect(claimed == WindowWalk.maximumActiveSlices)
    }

    /// While one slice is being put together, the lanes already fetch the next.
    @Test func verifyingASliceOverlapsFetchingTheNext() throws {
        var board = walk(gaps: [span(0, 60_000), span(60_000, 120_000)])
        var jobs: [WalkJob] = []
        while case .item(let job) = board.claim(.request) { jobs.append(job) }
        #expect(jobs.count == 2)
        board.complete(jobs[0], with: fetched(try page([Row(id: "a", offset: 1)], total: 1)))
        guard case .item(let next) = board.claim(.compute), case .assemble = next.work else {
            Issue.record("the slice is not put together")
            return
        }
    }

    /// A record enters a slice that is verified already: only the window's total shows it.
    @Test func aRecordThatComesLateWalksTheWindowAgain() throws {
        let rows = (0..<40).map { Row(id: "r\($0)", offset: Int64($0) * 90_000) }
        var driver = Driver(
            rows: rows,
            walk: walk(gaps: [span(0, 1_800_000), span(1_800_000, 3_600_000)]))
        driver.afterSlice = { driver, number in
            if number == 2 { driver.rows.append(Row(id: "late", offset: 10)) }
        }
        let slices = try driver.run()
        #expect(driver.restarts == 1)
        #expect(slices.flatMap(ids(of:)) == ["r0", "late"] + rows.dropFirst().map(\.id))
    }

    @Test func aWindowThatNeverAgreesFailsWithBothNumbers() throws {
        let rows = (0..<40).map { Row(id: "r\($0)", offset: Int64($0) * 90_000) }
        var driver = Driver(rows: rows, walk: walk(slicePages: 2))
        driver.totalOfWindow = 41
        _ = try driver.run()
        #expect(driver.restarts == WindowWalk.maximumRestarts)
        let failure = try #require(driver.walk.failure)
        #expect(failure.kind == .unreconciled)
        #expect(failure.message.contains("reports 41 records"))
        #expect(failure.message.contains("hold 40 different"))
    }

    /// A capped total of the window is checked with the totals of its slices.
    @Test(arguments: [false, true]) func aCappedTotalOfTheWindowIsNotBelieved(isLate: Bool) throws {
        let rows = (0..<130).map { Row(id: "r\($0)", offset: Int64($0) * 27_000) }
        var driver = Driver(
            rows: rows, walk: walk(gaps: [span(0, 1_800_000), span(1_800_000, 3_600_000)]))
        driver.totalLimit = 100
        driver.afterSlice = { driver, number in
            if isLate, number == 2 { driver.rows.append(Row(id: "late", offset: 10)) }
        }
        let slices = try driver.run()
        #expect(driver.restarts == (isLate ? 1 : 0))
        #expect(slices.reduce(0) { $0 + $1.rows.count } == (isLate ? 131 : 130))
    }

    @Test func recordsInThePaddingOfTheWindowCountOnce() throws {
        let offsets: [Int64] = [-900, 10, 1_799_900, 1_800_000, 1_800_100, 3_600_500]
        let rows = offsets.map { Row(id: "r\($0)", offset: $0) }
        var driver = Driver(
            rows: rows, walk: walk(gaps: [span(0, 1_800_000), span(1_800_000, 3_600_000)]))
        let slices = try driver.run()
        #expect(driver.restarts == 0)
        #expect(slices.flatMap(ids(of:)) == ["r10", "r1799900", "r1800000", "r1800100"])
    }

    /// The run begins no window as long as pages hold too much.
    @Test func pagesCountAsHeldUntilTheirSliceIsHandedOut() throws {
        var board = walk(gaps: [span(0, 1_800_000), span(1_800_000, 3_600_000)])
        var held: [Int] = []
        for offset in [1, 1_800_001] as [Int64] {
            guard case .item(let job) = board.claim(.request) else {
                Issue.record("a slice's first page is not asked for")
                return
            }
            board.complete(
                job, with: fetched(try page([Row(id: "a", offset: offset)], total: 1)))
            held.append(board.heldByteCount)
        }
        #expect(held[0] > 50)
        #expect(held[1] == 2 * held[0])
        while case .item(let job) = board.claim(.compute) {
            guard case .assemble(let pages, let range) = job.work else { return }
            let assembled = SliceAssembler.assemble(pages.compactMap { $0 }, range: range)
            board.complete(job, with: .assembled(assembled))
        }
        #expect(board.heldByteCount == held[1])
        guard case .item(.slice) = board.collect() else {
            Issue.record("the first slice is not handed out")
            return
        }
        #expect(board.heldByteCount == held[0])
    }

    // MARK: Failures

    @Test func aFailedPageEndsTheWalk() throws {
        var board = walk()
        guard case .item(let job) = board.claim(.request) else {
            Issue.record("nothing to do")
            return
        }
        let error = ExtractionError(.badRequest, code: "bad_request", message: "no")
        board.complete(
            job, with: .fetched(FetchedPage(content: .failed(error), requestCount: 3)))
        #expect(board.failure?.code == "bad_request")
        #expect(board.requestCount == 3)
        guard case .done = board.claim(.request), case .done = board.collect() else {
            Issue.record("the walk goes on")
            return
        }
    }

    /// The abandoned round may have asked for pages that do not exist.
    @Test func failuresOfAnAbandonedRoundAreIgnored() throws {
        var board = walk()
        let rows = (0..<30).map { Row(id: "r\($0)", offset: Int64($0)) }
        guard case .item(let first) = board.claim(.request) else { return }
        board.complete(first, with: fetched(try page(Array(rows[..<10]), total: 30)))
        guard case .item(let second) = board.claim(.request),
            case .item(let third) = board.claim(.request)
        else {
            Issue.record("pages 2 and 3 are not asked for")
            return
        }
        board.complete(second, with: fetched(try page(Array(rows[..<10]), total: 31, number: 2)))
        let error = ExtractionError(.badRequest, code: "bad_request", message: "no such page")
        board.complete(
            third, with: .fetched(FetchedPage(content: .failed(error), requestCount: 1)))
        #expect(board.failure == nil)
        guard case .item = board.claim(.request) else {
            Issue.record("the walk does not start over")
            return
        }
    }

    /// A rule of the entry that does not fit must not leave the lanes waiting.
    @Test func anUnknownIDFailsAWindow() {
        var board = walk()
        guard case .item(let job) = board.claim(.request) else { return }
        board.complete(
            job, with: .fetched(FetchedPage(content: .unknownID, requestCount: 1)))
        #expect(board.failure != nil)
    }

    // MARK: Padding

    @Test func aSecondIsAddedOnBothSides() {
        let fixed = SourceZone(identifier: "+08:00", offsetSeconds: 28_800)
        for format in [TimeFormat.epochMilliseconds, .localDateTime] {
            let window = WindowParameters(start: "a", end: "b", format: format)
            #expect(
                WindowPadding(window, sourceZone: fixed).padded(hour) == span(-1_000, 3_601_000))
        }
    }

    /// Berlin's clocks went back at 01:00 UTC on 2026-10-25.
    @Test func boundsNearAClockChangeReachAnHourFurther() throws {
        let zone = SourceZone(try #require(TimeZone(identifier: "Europe/Berlin")))
        let change = Timestamp(epochMilliseconds: 1_792_890_000_000)
        let padding = WindowPadding(
            WindowParameters(start: "a", end: "b", format: .localDateTime), sourceZone: zone)
        /// Seconds added before and behind; minutes are counted from the change.
        func added(_ start: Int64, _ end: Int64) -> [Int64] {
            let range = TimeRange(
                start: change.advanced(milliseconds: start * 60_000),
                end: change.advanced(milliseconds: end * 60_000))
            let padded = padding.padded(range)
            let before = range.start.epochMilliseconds - padded.start.epochMilliseconds
            let behind = padded.end.epochMilliseconds - range.end.epochMilliseconds
            return [before / 1_000, behind / 1_000]
        }
        #expect(added(-300, -120) == [1, 1])
        #expect(added(-300, 10) == [1, 3_600])
        #expect(added(-10, 300) == [3_600, 1])
        #expect(added(120, 300) == [1, 1])
        // The day around it: its bounds are plain, as are those of its first and last slice.
        #expect(added(-180, 1_320) == [1, 1])
    }

    /// Rows without a key at the slices' borders come with two slices each; counted twice, they made
    /// up for a record that entered an earlier slice.
    @Test func keylessRowsAtBordersHideNoLateRecord() throws {
        let rows = (0..<120).map { index in
            Row(id: index % 3 == 0 ? "" : "r\(index)", offset: Int64(index) * 30_000)
        }
        var driver = Driver(rows: rows, walk: walk(slicePages: 4))
        driver.afterSlice = { driver, delivered in
            if delivered == 1 { driver.rows.append(Row(id: "late", offset: 15_000)) }
        }
        let slices = try driver.run()
        #expect(driver.restarts == 1)
        #expect(slices.reduce(0) { $0 + $1.rows.count } == 81)
        #expect(slices.reduce(0) { $0 + $1.unidentified.count } == 40)
    }

    // MARK: Resuming

    @Test func gapsAreWhatTheSlicesLeave() {
        var resumed = ResumedSlices()
        #expect(resumed.gaps(in: hour) == [hour])
        for (start, end) in [(0, 600_000), (600_000, 700_000), (1_000_000, 1_200_000)] {
            _ = resumed.add(restored(span(Int64(start), Int64(end))), of: hour)
        }
        #expect(resumed.gaps(in: hour) == [span(700_000, 1_000_000), span(1_200_000, 3_600_000)])
        _ = resumed.add(restored(span(1_200_000, 3_600_000)), of: hour)
        #expect(resumed.gaps(in: hour) == [span(700_000, 1_000_000)])
    }

    private func restored(_ range: TimeRange) -> RestoredSlice {
        RestoredSlice(assembled: SliceAssembler.assemble([], range: range), foreign: [])
    }

    private func fetched(_ page: IdentifiedPage) -> WalkOutcome {
        .fetched(FetchedPage(content: .page(page), requestCount: 1))
    }

    private func walk(
        gaps: [TimeRange]? = nil, slicePages: Int = 200, onMismatch: MismatchPolicy = .fail
    ) -> WindowWalk {
        WindowWalk(
            window: hour, gaps: gaps ?? [hour], tally: WindowTally(),
            padding: anyPadding,
            rules: WalkRules(
                pageSize: 10, slicePages: slicePages, defaultPageSize: 10, onMismatch: onMismatch))
    }
}

/// Serves a walk from a list of records, one job at a time.
private struct Driver {
    var rows: [Row]
    var walk: WindowWalk
    /// What the window as a whole claims to hold; nil: the truth.
    var totalOfWindow: Int?
    /// No total is above it.
    var totalLimit = Int.max
    var afterSlice: (inout Driver, Int) -> Void = { _, _ in }
    var askedRanges: [TimeRange] = []
    var restarts = 0
    var unreconciled: ExtractionError?

    init(rows: [Row], walk: WindowWalk) {
        self.rows = rows
        self.walk = walk
    }

    mutating func run() throws -> [ExtractedSlice] {
        var slices: [ExtractedSlice] = []
        var delivered = 0
        for _ in 0..<20_000 {
            if case .item(let output) = walk.collect() {
                switch output {
                case .restart:
                    slices = []
                    restarts += 1
                case .unreconciled(let error): unreconciled = error
                case .slice(let slice):
                    slices.append(slice)
                    delivered += 1
                    afterSlice(&self, delivered)
                }
                continue
            }
            switch walk.claimAny() {
            case .done: return slices
            case .wait, .pause:
                throw ExtractionError(.unknownAnswer, code: "test", message: "the walk is stuck")
            case .item(let job): walk.complete(job, with: try outcome(of: job))
            }
        }
        throw ExtractionError(.unknownAnswer, code: "test", message: "the walk does not end")
    }

    private mutating func outcome(of job: WalkJob) throws -> WalkOutcome {
        switch job.work {
        case .assemble(let pages, let range):
            return .assembled(SliceAssembler.assemble(pages.compactMap { $0 }, range: range))
        case .page(let fetch):
            guard case .total = job.part else { return try served(fetch, total: nil) }
            return try served(fetch, total: totalOfWindow)
        }
    }

    private mutating func served(_ fetch: PageFetch, total: Int?) throws -> WalkOutcome {
        guard case .page(let number, let size, let range, _) = fetch.subject else {
            return .fetched(FetchedPage(content: .unknownID, requestCount: 1))
        }
        askedRanges.append(range)
        let first = range.start.epochMilliseconds - midnight.epochMilliseconds
        let last = range.end.epochMilliseconds - midnight.epochMilliseconds
        let found = rows.filter { ($0.offset ?? first) >= first && ($0.offset ?? first) <= last }
            .sorted { ($0.offset ?? 0) > ($1.offset ?? 0) }
        let part = Array(found.dropFirst((number - 1) * size).prefix(size))
        let page = try page(part, total: total ?? min(found.count, totalLimit), number: number)
        return .fetched(FetchedPage(content: .page(page), requestCount: 1))
    }
}
