import ExportModel

/// Where long chains are cut, so that no slice grows long and no lane is idle while others walk.
///
/// A chain of pages has one request in flight. What a window gains from many lanes it gains from many
/// slices, so they are cut early: page 1 shows how dense the records are, if the provider lists them
/// by time, and every page after it shows it better. A chain that goes on too long keeps what it has
/// read and hands the rest of its time over.
struct ChainCutting: Sendable {
    /// Fewer pages a slice are not worth the requests that prove its end.
    static let minimumPages = 8
    /// Slices that a lane should get, so that all lanes end at about the same time.
    static let slicesPerLane = 3
    /// Parts that a slice is cut into at most.
    static let maximumParts = 64
    /// Memory that the pages of all slices at work should take at most.
    static let maximumByteCount = 64 << 20
    /// Pages of a part where lanes are idle.
    private static let pagesOfIdleLane = 4

    /// Pages that a slice should have; nil until the window shows that one slice is not enough.
    private(set) var pagesPerSlice: Int?
    /// Rows of the largest page of the window; nil before the first.
    private(set) var rowsPerPage: Int?
    /// Lanes that find no page to ask for.
    var idleLaneCount = 0

    enum Decision {
        case goOn
        /// In this many parts of the same length, all to be read from the start.
        case split(Int)
        /// What was read is one of the parts.
        case handOver([ChainPart])
    }

    /// Learns from a walk of the window.
    mutating func learn(rowsPerPage rows: Int?, pagesPerSlice pages: Int?) {
        if let rows { rowsPerPage = max(rowsPerPage ?? 0, rows) }
        pagesPerSlice = pagesPerSlice ?? pages
    }

    /// What becomes of a chain that goes on after the pages it has.
    mutating func cut(_ pass: ChainPass, of range: TimeRange, _ rules: WalkRules) -> Decision {
        let read = pass.pages.count
        let maximum = Self.maximumPages(pass, rules)
        let rest = restPages(pass, of: range)
        guard let rest else {
            // Nothing is known of the order: a long chain is cut blindly.
            let limit = min(maximum, pagesPerSlice.map { $0 * 2 } ?? Self.minimumPages * 2)
            if read < limit { return .goOn }
            want(pages: read * 8, maximum, rules)
            return .split(8)
        }
        let expected = Double(read) + rest
        let isLong =
            pagesPerSlice.map { expected > Double($0) * 1.75 }
            ?? (expected > Double(Self.minimumPages * 2))
        if isLong { want(pages: Int(expected), maximum, rules) }
        guard let wanted = pagesPerSlice else { return .goOn }
        let parts = (rest / Double(wanted)).rounded(.up)
        if read == 1 {
            let count = min(Int(parts), max(2 * rules.pagesInFlight, 8), Self.maximumParts)
            return isLong ? .split(max(count, 2)) : .goOn
        }
        let isFull = read >= wanted && rest >= Double(wanted) / 2
        let isWanted = idleLaneCount > 0 && rest >= Double(2 * Self.pagesOfIdleLane)
        guard !rules.hasTotal, read >= 4, isLong || isFull || isWanted else { return .goOn }
        let share = isWanted ? min(idleLaneCount, Int(rest) / Self.pagesOfIdleLane) : 1
        let count = min(max(Int(parts), share), Self.maximumParts)
        return handOver(pass, of: range, count, rules.grid).map { .handOver($0) } ?? .goOn
    }

    /// Parts of a slice for its second walk where lanes are idle; nil where it is walked in one.
    func secondPass(_ pass: ChainPass, of range: TimeRange, _ grid: SliceGrid) -> [ChainPart]? {
        let count = min(idleLaneCount + 1, pass.pages.count / Self.pagesOfIdleLane)
        guard pagesPerSlice != nil, count > 1, let falls = pass.isNewestFirst else { return nil }
        let times = (1..<count).compactMap { index -> Timestamp? in
            let page = pass.pages[pass.pages.count * index / count]
            return page.identities.rows.first.map {
                grid.rounded(Timestamp(epochMilliseconds: $0.time), in: range)
            }
        }
        let borders = (falls ? times.reversed() : times).filter {
            range.start < $0 && $0 < range.end
        }
        let all = [range.start] + borders + [range.end]
        let parts = zip(all, all.dropFirst()).filter { $0 < $1 }.map {
            ChainPart(range: TimeRange(start: $0, end: $1), former: pass)
        }
        return parts.count > 1 ? parts : nil
    }

    /// Rows and requests of the walk that a first page begins: every page once or twice, and what the
    /// ends of its slices take.
    static func estimate(
        after first: IdentifiedPage, of range: TimeRange, _ rules: WalkRules
    ) -> (rows: Int, requests: Int) {
        var pass = ChainPass(rules, rowsPerPage: nil)
        var isEnded = false
        for _ in 1...ChainPass.agreeingLooksAtNothing where pass.pages.isEmpty {
            if case .ended = pass.take(first) { isEnded = true }
        }
        var cutting = ChainCutting()
        // Where nothing shows how many follow, the next page is all that is sure.
        let rest = isEnded ? 0 : cutting.restPages(pass, of: range) ?? 1
        let pages = 1 + rest.rounded(.up)
        if pages > Double(minimumPages * 2) {
            cutting.want(pages: Int(pages), maximumPages(pass, rules), rules)
        }
        let slices = cutting.pagesPerSlice.map { (pages / Double($0)).rounded(.up) } ?? 1
        let rows = first.envelope.total ?? Int(Double(pass.rowCount) * pages)
        let endCount = rules.paging?.isNumbered == true && first.envelope.pageCount == nil ? 3.0 : 1
        if rules.hasTotal {
            let confirmed = rules.confirmedPages(of: max(Int(pages / slices), 1)).count
            return (rows, Int(pages + slices * (0.5 + Double(confirmed))))
        }
        let walk = pages + slices * (0.5 + endCount)
        return (rows, Int(rules.proof == .doubleWalk ? 2 * walk : walk + 2 * slices))
    }

    private mutating func want(pages: Int, _ maximum: Int, _ rules: WalkRules) {
        guard pagesPerSlice == nil else { return }
        let share = pages / (rules.pagesInFlight * Self.slicesPerLane)
        pagesPerSlice = min(max(share, Self.minimumPages), max(maximum * 3 / 4, 1))
    }

    /// Pages that a slice may have at most.
    private static func maximumPages(_ pass: ChainPass, _ rules: WalkRules) -> Int {
        let pageByteCount = max(pass.heldByteCount / max(pass.pages.count, 1), 1)
        let sliceByteCount = maximumByteCount / (2 * rules.pagesInFlight)
        return min(rules.slicePages, max(sliceByteCount / pageByteCount, 2))
    }

    /// Pages that may follow those read; nil where neither a count nor the order of times shows it.
    private func restPages(_ pass: ChainPass, of range: TimeRange) -> Double? {
        let (read, envelope) = (pass.pages.count, pass.pages.first?.envelope)
        if let total = envelope?.total, pass.rowsPerPage > 0 {
            return Double(max(total - pass.rowCount, 0)) / Double(pass.rowsPerPage)
        }
        if let count = envelope?.pageCount { return Double(max(count - read, 0)) }
        guard let falls = pass.isNewestFirst, let first = pass.firstTime, let last = pass.lastTime
        else { return nil }
        let covered = Double(falls ? first - last : last - first)
        let open =
            falls
            ? last - range.start.epochMilliseconds : range.end.epochMilliseconds - last
        return covered > 0 ? Double(max(open, 0)) * Double(read) / covered : nil
    }

    /// What was read, but for the last bit of its time, and the rest in parts; nil where that is no
    /// gain.
    private func handOver(
        _ pass: ChainPass, of range: TimeRange, _ count: Int, _ grid: SliceGrid
    ) -> [ChainPart]? {
        guard let falls = pass.isNewestFirst, let time = pass.lastTime else { return nil }
        let last = Timestamp(epochMilliseconds: time)
        guard range.contains(last) else { return nil }
        let border = falls ? grid.place(after: last, in: range) : grid.rounded(last, in: range)
        guard range.start < border, border < range.end else { return nil }
        let before = TimeRange(start: range.start, end: border)
        let after = TimeRange(start: border, end: range.end)
        let rest = falls ? before : after
        let others = (grid.cut(rest, into: count) ?? [rest]).map { ChainPart(range: $0) }
        let own = ChainPart(range: falls ? after : before, former: pass)
        return falls ? others + [own] : [own] + others
    }
}
