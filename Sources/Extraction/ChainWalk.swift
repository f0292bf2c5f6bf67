import ExportModel

/// Walks a slice whose pages follow each other as a chain, or report no total.
///
/// The pages are read one after the other; slices are walked side by side, so a chain that turns out
/// long hands the rest of its time over to others. With a total, the pages are put together when the
/// chain has ended, and some are asked for again, as ``SliceWalk`` does. Without one, the slice is
/// walked again from its first page until two walks in a row bring the same records in the same order.
/// The second must begin after the first has ended: side by side, both would miss the record that a
/// leaving one pulls over the border of two pages.
struct ChainWalk: SliceWalking {
    /// Rounds before the slice is given up.
    static let maximumRounds = 10

    private enum Phase {
        case pass(isClaimed: Bool)
        /// Pages are asked for again, to see whether anything moved.
        case confirmation
        case assembly(isClaimed: Bool)
        case ended
    }

    let range: TimeRange
    private let asked: TimeRange
    private let rules: WalkRules
    /// False where parts of the range would not answer the question.
    private let mayCut: Bool
    /// What is known of the window's other slices.
    private var cutting: ChainCutting
    private var phase = Phase.pass(isClaimed: false)
    private(set) var round = 1
    private(set) var rewalkCount = 0
    /// Walks that records spoilt by moving, or the provider by ending them.
    private var spoiltCount = 0
    /// The walk before, which the one at work must repeat.
    private var former: ChainPass?
    private var pass: ChainPass
    /// Pages to be asked for again, the next one last, and how many of them are not confirmed yet.
    private var unclaimedChecks: [Int] = []
    private var openCheckCount = 0
    /// Only a second walk shows that the first was whole.
    private var needsSecondPass: Bool
    /// The walk of a slice's last stretch, from the last record that was read on, and the range of
    /// that stretch.
    private var tail: (pass: ChainPass, range: TimeRange, asked: TimeRange)?
    private var lastMismatch: SliceMismatch?

    /// - Parameters:
    ///   - former: a walk that has read all pages of the range, and may have read more.
    init(
        range: TimeRange, asked: TimeRange, rules: WalkRules, mayCut: Bool = true,
        cutting: ChainCutting = ChainCutting(), former: ChainPass? = nil
    ) {
        self.range = range
        self.asked = asked
        self.rules = rules
        self.mayCut = mayCut
        self.cutting = cutting
        self.former = former
        needsSecondPass = !rules.hasTotal && rules.proof == .doubleWalk
        pass = ChainPass(rules, rowsPerPage: former?.rowsPerPage ?? cutting.rowsPerPage)
    }

    /// What was learned of the provider's pages; nil before the first.
    private var rowsPerPage: Int? { pass.isSizeKnown ? pass.rowsPerPage : nil }

    func teach(_ cutting: inout ChainCutting) {
        cutting.learn(rowsPerPage: rowsPerPage, pagesPerSlice: self.cutting.pagesPerSlice)
    }

    mutating func note(_ cutting: ChainCutting) {
        self.cutting = cutting
    }

    /// Number of the page to ask for, and how.
    private var next: (number: Int, after: Continuation?) {
        tail.map { ($0.pass.number, $0.pass.continuation) } ?? (pass.number, pass.continuation)
    }

    var heldByteCount: Int { pass.heldByteCount + (former?.heldByteCount ?? 0) }

    var unclaimedPageCount: Int {
        switch phase {
        case .pass(let isClaimed): isClaimed ? 0 : 1
        case .confirmation: unclaimedChecks.count
        case .assembly, .ended: 0
        }
    }

    mutating func claimPage() -> PageFetch? {
        switch phase {
        case .pass(false):
            phase = .pass(isClaimed: true)
            return fetch(next.number, after: next.after)
        case .confirmation:
            return unclaimedChecks.popLast().map { number in
                let before = number > 1 ? pass.pages[number - 2].envelope.next : nil
                return fetch(number, after: before, isRepeat: true)
            }
        case .pass, .assembly, .ended: return nil
        }
    }

    private func fetch(
        _ number: Int, after continuation: Continuation?, isRepeat: Bool = false
    ) -> PageFetch {
        let isFirstOfTotal = number == 1 && rules.hasTotal
        return PageFetch(
            .page(
                number: number, size: rules.pageSize, range: tail?.asked ?? asked,
                after: continuation),
            number: number, expectation: isFirstOfTotal ? nil : .unknown,
            isRepeat: isRepeat || former != nil || tail != nil)
    }

    mutating func claimAssembly() -> [IdentifiedPage?]? {
        guard case .assembly(false) = phase else { return nil }
        phase = .assembly(isClaimed: true)
        return pass.pages
    }

    // MARK: Pages

    mutating func receive(_ page: IdentifiedPage, round: Int) -> SliceDecision {
        guard round == self.round else { return .goOn }
        switch phase {
        case .pass: return take(page)
        case .confirmation: return confirm(with: page)
        case .assembly, .ended: return .goOn
        }
    }

    private mutating func take(_ page: IdentifiedPage) -> SliceDecision {
        if pass.pages.isEmpty {
            let start = asked.start.advanced(milliseconds: -rules.reachMilliseconds)
            let listed = TimeRange(start: start, end: asked.end)
            if let error = ExtractionError.strays(on: page, asked: listed) {
                return end(.failed(error))
            }
        }
        phase = .pass(isClaimed: false)
        if tail != nil { return takeOfTail(page) }
        let readCount = pass.pages.count
        switch pass.take(page) {
        case .failed(let error): return end(.failed(error))
        case .spoiled: return startOver()
        case .ended: return pass.isCapped(by: rules) ? cutCapped() : endPass()
        case .goOn:
            guard pass.pages.count > readCount else { return .goOn }
            if pass.isCapped(by: rules) { return cutCapped() }
            return former == nil ? cutIfLong() : .goOn
        }
    }

    private mutating func takeOfTail(_ page: IdentifiedPage) -> SliceDecision {
        switch tail?.pass.take(page) {
        case .failed(let error): return end(.failed(error))
        case .spoiled: return startOver()
        case .ended:
            guard let (found, range, _) = tail, found.hasSameRecords(as: pass, in: range) else {
                return startOver()
            }
            tail = nil
            phase = .assembly(isClaimed: false)
            return .goOn
        case .goOn, nil: return .goOn
        }
    }

    /// Asks for the end of the slice by itself: a walk that was cut short lacks records there. Only
    /// where records are listed by time; others are walked again.
    private mutating func beginTail() -> SliceDecision {
        guard let falls = pass.isNewestFirst, let time = pass.lastTime else {
            return beginSecondPass()
        }
        let (last, grid) = (Timestamp(epochMilliseconds: time), rules.grid)
        guard range.contains(last) else { return beginSecondPass() }
        let stretch: TimeRange
        let wanted: TimeRange
        if falls {
            let border = grid.place(after: last, in: range)
            stretch = TimeRange(start: range.start, end: border)
            wanted = TimeRange(start: asked.start, end: grid.place(after: border, in: asked))
        } else {
            let border = grid.rounded(last, in: range)
            let before = grid.rounded(border.advanced(milliseconds: -1), in: asked)
            stretch = TimeRange(start: border, end: range.end)
            wanted = TimeRange(start: before, end: asked.end)
        }
        tail = (ChainPass(rules, rowsPerPage: rowsPerPage), stretch, wanted)
        return .goOn
    }

    private mutating func endPass() -> SliceDecision {
        if let former {
            guard pass.hasSameRecords(as: former, in: range) else { return startOver(after: pass) }
            phase = .assembly(isClaimed: false)
        } else if needsSecondPass {
            return beginSecondPass()
        } else if !rules.hasTotal {
            return beginTail()
        } else {
            unclaimedChecks = rules.confirmedPages(of: pass.pages.count).reversed()
            openCheckCount = unclaimedChecks.count
            phase = openCheckCount == 0 ? .assembly(isClaimed: false) : .confirmation
        }
        return .goOn
    }

    /// Walks the slice again, in parts where lanes have nothing else to do.
    private mutating func beginSecondPass() -> SliceDecision {
        if mayCut, let parts = cutting.secondPass(pass, of: range, rules.grid) {
            return end(.divided(parts))
        }
        former = pass
        beginPass()
        return .goOn
    }

    private mutating func beginPass() {
        tail = nil
        pass = ChainPass(rules, rowsPerPage: rowsPerPage ?? cutting.rowsPerPage)
        phase = .pass(isClaimed: false)
    }

    /// Hands time over to other slices where the chain will be long.
    private mutating func cutIfLong() -> SliceDecision {
        if pass.pages.count >= SliceWalk.maximumPages {
            return end(.failed(.endless(range, pages: pass.pages.count)))
        }
        guard mayCut else { return .goOn }
        switch cutting.cut(pass, of: range, rules) {
        case .goOn: return .goOn
        case .handOver(let parts): return end(.divided(parts))
        case .split(let count):
            guard let parts = rules.grid.cut(range, into: count) else { return .goOn }
            return end(.split(parts))
        }
    }

    private mutating func cutCapped() -> SliceDecision {
        if mayCut, let parts = rules.grid.cut(range, into: 2) { return end(.split(parts)) }
        return end(.failed(.capped(range, pass.rowCount)))
    }

    private mutating func confirm(with page: IdentifiedPage) -> SliceDecision {
        let former = pass.pages[page.page.number - 1]
        guard page.total == former.total, page.hasSameRecords(as: former) else {
            return startOver()
        }
        openCheckCount -= 1
        if openCheckCount == 0 { phase = .assembly(isClaimed: false) }
        return .goOn
    }

    mutating func receive(
        _ error: ExtractionError, page number: Int, round: Int
    ) -> SliceDecision {
        guard round == self.round else { return .goOn }
        guard number > 1, error.mayBeExpiry else { return end(.failed(error)) }
        if case .confirmation = phase {
            needsSecondPass = true
            return beginSecondPass()
        }
        // A cursor that is no longer accepted; or a page after the last, which would prove nothing.
        let refusal =
            rules.paging?.isNumbered == true ? .refusedPageAfterLast(number, error) : error
        return startOver(orFail: refusal)
    }

    // MARK: Result

    mutating func receive(_ assembled: AssembledSlice, round: Int) -> SliceDecision {
        guard round == self.round else { return .goOn }
        guard rules.hasTotal else {
            if assembled.hasConflict { return startOver() }
            return end(.verified(assembled.reporting(assembled.foundCount, mismatch: nil)))
        }
        let total = pass.pages.first?.total ?? 0
        if assembled.foundCount == total, !assembled.hasConflict {
            return end(.verified(assembled.reporting(total, mismatch: nil)))
        }
        let mismatch = SliceMismatch(reported: total, assembled: assembled)
        let isSettled = lastMismatch.map(mismatch.isSame) ?? false
        lastMismatch = mismatch
        return isSettled ? giveUp() : startOver()
    }

    /// Reads the slice again.
    ///
    /// - Parameters:
    ///   - ended: a whole walk, which the next may agree with.
    ///   - error: what it fails with where it was read too often; nil: that it does not settle.
    private mutating func startOver(
        after ended: ChainPass? = nil, orFail error: ExtractionError? = nil
    ) -> SliceDecision {
        spoiltCount += 1
        rewalkCount += 1
        if spoiltCount >= SliceWalk.roundsBeforeSplit, mayCut,
            let parts = rules.grid.cut(range, into: 4)
        {
            return end(.split(parts))
        }
        guard round < Self.maximumRounds else { return giveUp(error) }
        round += 1
        former = ended
        beginPass()
        return .goOn
    }

    private mutating func giveUp(_ error: ExtractionError? = nil) -> SliceDecision {
        guard let lastMismatch else {
            return end(.failed(error ?? .unsettled(walks: round)))
        }
        return end(lastMismatch.decision(rounds: round, policy: rules.onMismatch))
    }

    private mutating func end(_ decision: SliceDecision) -> SliceDecision {
        phase = .ended
        return decision
    }
}
