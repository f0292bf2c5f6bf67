import ExportModel

/// Decides which pages of one slice are asked for next, and when the slice is verified.
///
/// A pure value: pages in, decisions out. A walk takes one or more rounds; a round in which the
/// records moved (drift) is thrown away whole, because a page asked for after a move is another
/// page.
struct SliceWalk: Sendable {
    /// Rounds before the slice is given up.
    static let mostRounds = 8
    /// Rounds spoilt by drift before a slice is cut into smaller, faster ones.
    static let roundsBeforeSplit = 2
    /// Rows a slice should have at most, however large its pages are.
    static let mostSliceRows = 40_000
    /// Shorter slices are not cut again: providers' bounds are whole seconds at worst.
    static let shortestSplitMilliseconds: Int64 = 2_000

    /// Pages of a slice that is too short to be cut; a total that needs more is not believed.
    static let mostPages = 20_000

    /// What the walk wants done.
    enum Work: Sendable {
        case page(PageJob)
        /// Put the pages together and tell what they hold.
        case assemble([IdentifiedPage], range: TimeRange)
    }

    /// What the walk has come to after an event.
    enum Decision: Sendable {
        case goOn
        /// Walk these parts instead, in this order.
        case split([TimeRange])
        case verified(AssembledSlice)
        case failed(ExtractionError)
    }

    private enum Phase {
        /// Page 1 is to be asked for, or is in flight.
        case first(isClaimed: Bool)
        case rest
        /// Page 1 is asked for again, to see whether anything moved.
        case confirmation(isClaimed: Bool)
        case assembly(isClaimed: Bool)
        case ended
    }

    /// `[start, end)` of the rows that count.
    let range: TimeRange
    /// What is asked for: the range with its padding.
    let asked: TimeRange
    private let pageSize: Int
    private let slicePages: Int
    private var phase = Phase.first(isClaimed: false)
    /// Counts rounds; results of earlier ones are ignored.
    private(set) var round = 1
    private var spoiltByDrift = 0
    private var pages: [Int: IdentifiedPage] = [:]
    private var total = 0
    private var rowsPerPage = 0
    private var pageCount = 0
    private var nextPage = 2
    private var lastMismatch: (reported: Int, found: Int)?

    init(range: TimeRange, asked: TimeRange, pageSize: Int, slicePages: Int) {
        self.range = range
        self.asked = asked
        self.pageSize = pageSize
        self.slicePages = slicePages
    }

    /// The next piece of work; nil when there is none before something completes.
    mutating func claim() -> Work? {
        switch phase {
        case .first(false):
            phase = .first(isClaimed: true)
            return .page(job(1, expectation: nil))
        case .rest where nextPage <= pageCount:
            defer { nextPage += 1 }
            return .page(job(nextPage, expectation: expectation(ofPage: nextPage)))
        case .confirmation(false):
            phase = .confirmation(isClaimed: true)
            return .page(job(1, expectation: expectation(ofPage: 1)))
        case .assembly(false):
            phase = .assembly(isClaimed: true)
            return .assemble(pages.keys.sorted().compactMap { pages[$0] }, range: range)
        default: return nil
        }
    }

    /// A page arrived that was claimed in `round`.
    mutating func receive(_ page: IdentifiedPage, round: Int) -> Decision {
        guard round == self.round else { return .goOn }
        switch phase {
        case .first: return begin(with: page)
        case .rest: return add(page)
        case .confirmation: return confirm(with: page)
        case .assembly, .ended: return .goOn
        }
    }

    /// The pages of `round` were put together.
    mutating func receive(_ assembled: AssembledSlice, round: Int) -> Decision {
        guard round == self.round else { return .goOn }
        let isRepeating = assembled.slice.counts.duplicates > 0
        if assembled.foundCount == total, !assembled.hasConflict {
            // Repeats that stay although nothing moves are the provider's own; they are counted.
            if !isRepeating || round > Self.roundsBeforeSplit {
                phase = .ended
                var verified = assembled
                verified.slice.counts.reportedTotal = total
                return .verified(verified)
            }
            return startOver(isDrift: false)
        }
        if let last = lastMismatch, last == (total, assembled.foundCount), !assembled.hasConflict {
            phase = .ended
            return .failed(
                .unreconciled(reported: total, found: assembled.foundCount, rounds: round))
        }
        lastMismatch = (total, assembled.foundCount)
        return startOver(isDrift: isRepeating)
    }

    private func job(_ number: Int, expectation: PageExpectation?) -> PageJob {
        PageJob(
            subject: .page(number: number, size: pageSize, range: asked), number: number,
            expectation: expectation)
    }

    private func expectation(ofPage number: Int) -> PageExpectation {
        let rest = total - (number - 1) * rowsPerPage
        return PageExpectation(total: total, rowCount: min(rowsPerPage, rest))
    }

    /// Page 1 tells the total and, by its rows, the real page size.
    private mutating func begin(with page: IdentifiedPage) -> Decision {
        if let error = strayError(page) {
            phase = .ended
            return .failed(error)
        }
        total = page.total
        rowsPerPage = page.rowCount
        pages = [1: page]
        if total == 0 || page.rowCount >= total {
            phase = .assembly(isClaimed: false)
            return .goOn
        }
        guard page.rowCount > 0 else {
            phase = .ended
            return .failed(.unreconciled(reported: total, found: 0, rounds: round))
        }
        pageCount = (total + rowsPerPage - 1) / rowsPerPage
        if pageCount > pagesPerSlice, let parts = split(into: partCount) {
            phase = .ended
            return .split(parts)
        }
        guard pageCount <= max(slicePages, Self.mostPages) else {
            phase = .ended
            return .failed(absurdTotal)
        }
        nextPage = 2
        phase = .rest
        return .goOn
    }

    /// Most records lie outside what was asked for: the provider did not understand the bounds, and
    /// answers with something else (TeleCMI: the last 24 hours).
    private func strayError(_ page: IdentifiedPage) -> ExtractionError? {
        let times = page.times.filter { $0 != IdentifiedPage.noTime }
        let strays = times.count { asked.isFar($0) }
        guard strays * 2 > times.count else { return nil }
        return ExtractionError(
            .unknownAnswer, code: "outside_request",
            message: """
                \(strays) of \(times.count) records lie outside the time that was asked for; the \
                provider seems to ignore the window's parameters, so compare their names in the \
                endpoint's entry, and `source_timezone`, with its document
                """)
    }

    private var absurdTotal: ExtractionError {
        ExtractionError(
            .unknownAnswer, code: "absurd_total",
            message: """
                the provider reports \(total) records, \(rowsPerPage) a page, within \
                \(range.durationMilliseconds) ms; it seems to ignore the window's parameters, so \
                compare their names in the endpoint's entry with its document
                """)
    }

    private mutating func add(_ page: IdentifiedPage) -> Decision {
        if page.total != total { return startOver(isDrift: true) }
        // A page larger than page 1 shows that page 1 was short, not that pages are small.
        if page.rowCount > rowsPerPage { return startOver(isDrift: false) }
        pages[page.page.number] = page
        if pages.count == pageCount { phase = .confirmation(isClaimed: false) }
        return .goOn
    }

    private mutating func confirm(with page: IdentifiedPage) -> Decision {
        guard let first = pages[1], page.total == total, page.hasSameRecords(as: first) else {
            return startOver(isDrift: true)
        }
        phase = .assembly(isClaimed: false)
        return .goOn
    }

    private mutating func startOver(isDrift: Bool) -> Decision {
        if isDrift { spoiltByDrift += 1 }
        if spoiltByDrift >= Self.roundsBeforeSplit, let parts = split(into: 4) {
            phase = .ended
            return .split(parts)
        }
        guard round < Self.mostRounds else {
            phase = .ended
            let found = lastMismatch?.found ?? pages.values.reduce(0) { $0 + $1.rowCount }
            return .failed(.unreconciled(reported: total, found: found, rounds: round))
        }
        round += 1
        pages = [:]
        phase = .first(isClaimed: false)
        return .goOn
    }

    /// Pages a slice may have: few large ones or many small ones, so that memory does not depend on
    /// the page size.
    private var pagesPerSlice: Int {
        min(slicePages, max(Self.mostSliceRows / max(rowsPerPage, 1), 2))
    }

    /// Parts that should each fill three quarters of a slice, if records are spread evenly.
    private var partCount: Int {
        let wanted = max(pagesPerSlice * 3 / 4, 1)
        return min(max((pageCount + wanted - 1) / wanted, 2), 64)
    }

    /// nil where the range is too short to be cut.
    private func split(into count: Int) -> [TimeRange]? {
        let length = range.durationMilliseconds
        let parts = min(Int64(count), length / (Self.shortestSplitMilliseconds / 2))
        guard length >= Self.shortestSplitMilliseconds, parts >= 2 else { return nil }
        let borders = (0...parts).map { index in
            // Whole seconds, so that providers that count seconds cut at the same place.
            index == parts
                ? range.end
                : range.start.advanced(milliseconds: length * index / parts / 1_000 * 1_000)
        }
        return zip(borders, borders.dropFirst()).filter { $0 < $1 }.map {
            TimeRange(start: $0, end: $1)
        }
    }
}

extension IdentifiedPage {
    /// Whether both pages hold the same records in the same order.
    func hasSameRecords(as other: IdentifiedPage) -> Bool {
        keyEnds == other.keyEnds && keyBytes == other.keyBytes && times == other.times
    }
}
