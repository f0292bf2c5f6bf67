import ExportModel
import Extraction

/// How many pages an account window has, as far as its responses show it.
///
/// The first page of a range shows how many it needs. Where a range is cut, its parts show the same
/// again; they lie within it and count for nothing.
struct PageEstimate {
    /// Pages read, those included that were asked for again.
    private(set) var readCount = 0
    /// Rows of the pages that were not.
    private(set) var rowCount = 0
    /// Pages that are needed; nil until a page shows it.
    private(set) var plannedCount: Int?
    private var ranges: [TimeRange] = []
    private let confirmation: WalkConfirmation
    private let slicePages: Int
    private let hasTotal: Bool

    /// - Parameter hasTotal: pages report how many records there are; without that, what is needed
    ///   is known only at the end.
    init(_ options: ExtractOptions, hasTotal: Bool = true) {
        self.hasTotal = hasTotal
        confirmation = options.confirmation
        slicePages = options.slicePages
    }

    /// Takes a page of the window.
    mutating func add(_ page: PageReading) {
        readCount += 1
        if page.isRepeat { return }
        rowCount += page.rowCount
        guard hasTotal, let range = page.range, page.number == 1,
            !ranges.contains(where: { $0.start <= range.start && range.end <= $0.end })
        else { return }
        ranges.append(range)
        let pages = page.rowCount == 0 ? 1 : (page.total + page.rowCount - 1) / page.rowCount
        expect(pages: max(pages, 1) + confirmationCount(of: max(pages, 1)))
    }

    /// Notes that so many pages more are needed.
    mutating func expect(pages: Int) {
        plannedCount = (plannedCount ?? 0) + pages
    }

    /// Pages that are asked for again.
    private func confirmationCount(of pages: Int) -> Int {
        switch confirmation {
        case .all: pages
        case .edges where pages == 1: 0
        case .edges: min(pages, 3) * ((pages + slicePages - 1) / slicePages)
        }
    }
}
