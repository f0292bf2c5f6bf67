import ExportModel
import Testing

@testable import ExportRun
@testable import Extraction

/// How many pages a window will take, by what its responses show.
@Suite struct PageEstimateTests {
    private func estimate(
        _ confirmation: WalkConfirmation = .edges, hasTotal: Bool = true
    ) -> PageEstimate {
        PageEstimate(
            ExtractOptions(
                pagesInFlight: 4, windowsInFlight: 4, requestsPerSecond: 5, slicePages: 100,
                pageSize: 10, timeoutMilliseconds: 1, attempts: 1, maxRejects: .unlimited,
                confirmation: confirmation), hasTotal: hasTotal)
    }

    private func page(
        _ number: Int, of range: Range<Int64>, total: Int, isRepeat: Bool = false
    ) -> PageReading {
        PageReading(
            number: number, rowCount: 10, total: total,
            range: TimeRange(
                start: Timestamp(epochMilliseconds: range.lowerBound),
                end: Timestamp(epochMilliseconds: range.upperBound)), isRepeat: isRepeat)
    }

    /// Without a total nothing shows how many pages will come.
    @Test func nothingIsExpectedWithoutATotal() {
        var estimate = estimate(hasTotal: false)
        estimate.add(page(1, of: 0..<1_000, total: 10))
        #expect(estimate.readCount == 1)
        #expect(estimate.plannedCount == nil)
    }

    @Test func theFirstPageShowsHowManyThereAre() {
        var estimate = estimate()
        #expect(estimate.plannedCount == nil)
        estimate.add(page(1, of: 0..<1_000, total: 895))
        // 90 pages, and three of them again.
        #expect(estimate.plannedCount == 93)
        estimate.add(page(2, of: 0..<1_000, total: 895))
        #expect((estimate.readCount, estimate.rowCount, estimate.plannedCount) == (2, 20, 93))
    }

    @Test func partsOfAKnownRangeCountForNothing() {
        var estimate = estimate()
        estimate.add(page(1, of: 0..<1_000, total: 3_000))
        let planned = estimate.plannedCount
        #expect(planned == 300 + 9)
        estimate.add(page(1, of: 0..<500, total: 1_500))
        estimate.add(page(1, of: 500..<1_000, total: 1_500))
        #expect(estimate.plannedCount == planned)
        // A gap elsewhere, as a resumed window has it, does.
        estimate.add(page(1, of: 2_000..<3_000, total: 10))
        #expect(estimate.plannedCount == 310)
    }

    @Test func pagesThatAreAskedForAgainBringNoRows() {
        var estimate = estimate()
        estimate.add(page(1, of: 0..<1_000, total: 30))
        estimate.add(page(1, of: 0..<1_000, total: 30, isRepeat: true))
        #expect((estimate.readCount, estimate.rowCount) == (2, 10))
    }

    @Test func readingEverythingTwiceTakesTwiceThePages() {
        var estimate = estimate(.all)
        estimate.add(page(1, of: 0..<1_000, total: 895))
        #expect(estimate.plannedCount == 180)
    }
}
