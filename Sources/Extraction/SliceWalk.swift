import ExportModel

/// Walks a slice whose pages are numbered and report how many records there are.
///
/// A round in which the records moved (drift) is thrown away whole, because a page asked for after a
/// move is another page. In a round:
///
/// 1. Page 1 shows the total and the real page size.
/// 2. The other pages are asked for, and where the last one is full the page after it, which must
///    bring nothing new.
/// 3. Some pages, or all, are asked for again and must be the same.
/// 4. The pages are put together: there must be as many different records as the total says.
struct SliceWalk: SliceWalking {
    /// Rounds before the slice is given up.
    static let maximumRounds = 8
    /// Rounds spoilt by drift before a slice is cut into smaller, faster ones.
    static let roundsBeforeSplit = 2
    /// Memory that the pages of a slice should take at most, however large they are.
    static let maximumSliceBytes = 12 << 20
    /// Pages of a slice that is too short to be cut; a total that needs more is not believed.
    static let maximumPages = 20_000
    /// Providers cap totals at multiples of it, so such a total is checked with smaller slices.
    static let roundTotal = 1_000
    /// The same where rows follow the last page that the total asks for.
    static let roundLowTotal = 100

    typealias Decision = SliceDecision

    private enum Phase {
        /// Page 1 is to be asked for, or is in flight.
        case first(isClaimed: Bool)
        case rest
        /// Pages are asked for again, to see whether anything moved.
        case confirmation
        case assembly(isClaimed: Bool)
        case ended
    }

    /// `[start, end)` of the rows that count.
    let range: TimeRange
    /// What is asked for: the range with its padding.
    let asked: TimeRange
    private let rules: WalkRules
    /// False where parts of the range would not answer the question.
    private let mayCut: Bool
    private var phase = Phase.first(isClaimed: false)
    /// Counts rounds; results of earlier ones are ignored.
    private(set) var round = 1
    /// How often what was read is thrown away, to be read again.
    private(set) var rewalkCount = 0
    private var spoiltByDrift = 0
    /// By number; those that are not there yet are nil.
    private var pages: [IdentifiedPage?] = []
    /// Pages that are there.
    private var filledCount = 0
    /// Memory of the pages of this round.
    private(set) var heldByteCount = 0
    /// Pages a slice may have, as page 1 shows their size.
    private var pagesPerSlice = 2
    private var total = 0
    private(set) var rowsPerPage = 0
    private var formerRowsPerPage = 0
    /// Pages that the total asks for.
    private var plannedCount = 0
    /// Pages to ask for: more than planned where the last one is full.
    private(set) var pageCount = 0
    private var nextPage = 2
    /// Pages to be asked for again, the next one last, and how many of them are not confirmed yet.
    private var unclaimedChecks: [Int] = []
    private var openCheckCount = 0
    private var lastMismatch: SliceMismatch?

    init(range: TimeRange, asked: TimeRange, rules: WalkRules, mayCut: Bool = true) {
        self.mayCut = mayCut
        self.range = range
        self.asked = asked
        self.rules = rules
    }

    /// The next page to ask for; nil when there is none before something completes.
    mutating func claimPage() -> PageFetch? {
        switch phase {
        case .first(false):
            phase = .first(isClaimed: true)
            return fetch(1, expectation: nil)
        case .rest where nextPage <= pageCount:
            defer { nextPage += 1 }
            return fetch(nextPage, expectation: expectation(ofPage: nextPage))
        case .confirmation:
            return unclaimedChecks.popLast().map {
                fetch($0, expectation: expectation(ofPage: $0), isRepeat: true)
            }
        default: return nil
        }
    }

    /// Pages that lanes may take now.
    var unclaimedPageCount: Int {
        switch phase {
        case .first(let isClaimed): isClaimed ? 0 : 1
        case .rest: max(pageCount - nextPage + 1, 0)
        case .confirmation: unclaimedChecks.count
        case .assembly, .ended: 0
        }
    }

    /// The pages to put together; nil as long as some are missing or were not confirmed.
    mutating func claimAssembly() -> [IdentifiedPage?]? {
        guard case .assembly(false) = phase else { return nil }
        phase = .assembly(isClaimed: true)
        defer { pages = [] }
        return pages
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

    /// A page that was claimed in `round` cannot be had.
    mutating func receive(_ error: ExtractionError, page number: Int, round: Int) -> Decision {
        guard round == self.round else { return .goOn }
        // Some providers refuse a page after the last one. That proves nothing: others refuse pages
        // that exist. The last pages of smaller slices are seldom full.
        let mayMeanTheEnd =
            switch error.kind {
            case .badRequest, .unknownAnswer, .unreachable: number > plannedCount && number > 1
            default: false
            }
        guard mayMeanTheEnd else { return end(.failed(error)) }
        if let parts = cut(into: 2) { return end(.split(parts)) }
        return end(.failed(.refusedPageAfterLast(number, error)))
    }

    /// The pages of `round` were put together.
    mutating func receive(_ assembled: AssembledSlice, round: Int) -> Decision {
        guard round == self.round else { return .goOn }
        if assembled.foundCount == total, !assembled.hasConflict {
            return end(.verified(assembled.reporting(total, mismatch: nil)))
        }
        let mismatch = SliceMismatch(reported: total, assembled: assembled)
        let isSettled = lastMismatch.map(mismatch.isSame) ?? false
        lastMismatch = mismatch
        if isSettled { return giveUp() }
        return startOver(isDrift: assembled.slice.counts.duplicates > 0)
    }

    // Numbered pages need no other slices.
    func teach(_ cutting: inout ChainCutting) {}
    func note(_ cutting: ChainCutting) {}

    private func fetch(
        _ number: Int, expectation: PageExpectation?, isRepeat: Bool = false
    ) -> PageFetch {
        var continuation: Continuation?
        // Providers cap the size silently: an offset that counts what was asked for would skip rows.
        if case .offset = rules.paging?.step, number > 1 {
            continuation = .offset((number - 1) * rowsPerPage)
        }
        return PageFetch(
            .page(number: number, size: rules.pageSize, range: asked, after: continuation),
            number: number,
            expectation: expectation, isRepeat: isRepeat)
    }

    private func expectation(ofPage number: Int) -> PageExpectation {
        let rest = max(total - (number - 1) * rowsPerPage, 0)
        return PageExpectation(total: total, rowCount: min(rowsPerPage, rest))
    }

    private mutating func begin(with page: IdentifiedPage) -> Decision {
        let listed = TimeRange(
            start: asked.start.advanced(milliseconds: -rules.reachMilliseconds), end: asked.end)
        if let error = ExtractionError.strays(on: page, asked: listed) {
            return end(.failed(error))
        }
        total = page.total
        rowsPerPage = rules.rowsPerPage(shownBy: page)
        pages = []
        (filledCount, heldByteCount) = (0, 0)
        keep(page, as: 1)
        guard rowsPerPage > 0 || total == 0 else {
            return end(.failed(.unreconciled(reported: total, found: 0, rounds: round)))
        }
        pagesPerSlice = min(
            rules.slicePages, max(Self.maximumSliceBytes / max(heldByteCount, 1), 2))
        plannedCount = total == 0 ? 1 : (total + rowsPerPage - 1) / rowsPerPage
        pageCount = plannedCount
        if let maximum = rules.maximumResults, total >= maximum {
            let count = min(total / max(maximum * 3 / 4, 1) + 1, 64)
            return end(
                cut(into: max(count, 2)).map { .split($0) } ?? .failed(.capped(range, total)))
        }
        let isDoubtful = total > 0 && total.isMultiple(of: Self.roundTotal)
        if pageCount > pagesPerSlice || isDoubtful, let parts = cut(into: partCount) {
            return end(.split(parts))
        }
        guard pageCount <= max(rules.slicePages, Self.maximumPages) else {
            return end(
                .failed(.absurdTotal(total, rowsPerPage: rowsPerPage, of: range)))
        }
        nextPage = 2
        phase = .rest
        if plannedCount > 1 {
            // Known before the last page is there, so that it costs no time.
            if total.isMultiple(of: rowsPerPage) { pageCount += 1 }
            return .goOn
        }
        return endRest()
    }

    private mutating func add(_ page: IdentifiedPage) -> Decision {
        let number = page.page.number
        // A page after the last may count its own rows only, which are none.
        let countsItself = number > plannedCount && page.total == page.rowCount
        if page.total != total, !countsItself { return startOver(isDrift: true) }
        // A larger page shows that page 1 was short, unless page 1 is as large as it can be, or as
        // large as it was in the round before.
        if page.rowCount > rowsPerPage, rowsPerPage < rules.pageSize,
            rules.defaultPageSize != nil, rowsPerPage != formerRowsPerPage
        {
            return startOver(isDrift: false)
        }
        keep(page, as: number)
        return filledCount == pageCount ? endRest() : .goOn
    }

    private mutating func keep(_ page: IdentifiedPage, as number: Int) {
        while pages.count < number { pages.append(nil) }
        pages[number - 1] = page
        filledCount += 1
        heldByteCount += page.memoryByteCount
    }

    /// All pages asked for are there: is there one more to ask for?
    private mutating func endRest() -> Decision {
        guard filledCount == pageCount, let last = pages[pageCount - 1] else { return .goOn }
        let isFull =
            pageCount == 1 ? rules.mayContinue(after: last) : last.rowCount >= rowsPerPage
        guard pageCount > plannedCount else {
            if isFull, rules.defaultPageSize != nil { pageCount += 1 }
            return isFull ? .goOn : beginConfirmation()
        }
        let countsPages = pages.allSatisfy { $0?.total == $0?.rowCount }
        if let before = pages[pageCount - 2], last.hasNothingNew(after: before) {
            pages.removeLast()
            filledCount -= 1
            pageCount -= 1
        } else {
            // The total is too low. If it is a cap, smaller slices are below it.
            let isTooMuch = pageCount > max(plannedCount, pagesPerSlice)
            if isTooMuch || total.isMultiple(of: Self.roundLowTotal),
                let parts = cut(into: 4)
            {
                return end(.split(parts))
            }
            if isFull, pageCount < Self.maximumPages {
                pageCount += 1
                return .goOn
            }
        }
        // Totals that count only their own page are right where a slice has one page.
        if pageCount > plannedCount, countsPages, let parts = cut(into: 4) {
            return end(.split(parts))
        }
        return beginConfirmation()
    }

    private mutating func beginConfirmation() -> Decision {
        unclaimedChecks = rules.confirmedPages(of: pageCount).reversed()
        openCheckCount = unclaimedChecks.count
        phase = openCheckCount == 0 ? .assembly(isClaimed: false) : .confirmation
        return .goOn
    }

    private mutating func confirm(with page: IdentifiedPage) -> Decision {
        guard let former = pages[page.page.number - 1], page.total == former.total,
            page.hasSameRecords(as: former)
        else {
            return startOver(isDrift: true)
        }
        openCheckCount -= 1
        if openCheckCount == 0 { phase = .assembly(isClaimed: false) }
        return .goOn
    }

    private mutating func startOver(isDrift: Bool) -> Decision {
        if isDrift { spoiltByDrift += 1 }
        if spoiltByDrift >= Self.roundsBeforeSplit, let parts = cut(into: 4) {
            rewalkCount += 1
            return end(.split(parts))
        }
        guard round < Self.maximumRounds else { return giveUp() }
        round += 1
        rewalkCount += 1
        pages = []
        (filledCount, heldByteCount) = (0, 0)
        formerRowsPerPage = rowsPerPage
        phase = .first(isClaimed: false)
        return .goOn
    }

    /// Records and total do not agree, and will not.
    private mutating func giveUp() -> Decision {
        guard let lastMismatch else {
            let found = pages.reduce(0) { $0 + ($1?.rowCount ?? 0) }
            return end(.failed(.unreconciled(reported: total, found: found, rounds: round)))
        }
        return end(lastMismatch.decision(rounds: round, policy: rules.onMismatch))
    }

    private func cut(into count: Int) -> [TimeRange]? {
        mayCut ? rules.grid.cut(range, into: count) : nil
    }

    private mutating func end(_ decision: Decision) -> Decision {
        phase = .ended
        return decision
    }

    /// Parts that should each fill three quarters of a slice, if records are spread evenly.
    private var partCount: Int {
        let wanted = max(pagesPerSlice * 3 / 4, 1)
        return min(max((pageCount + wanted - 1) / wanted, 2), 64)
    }
}
