import ExportModel

/// One walk through a slice's pages of which each shows how the next is asked for, from the first
/// to the one that ends it.
///
/// A provider's own answer is not believed at once where it may hide records: a page that ends the
/// chain, an empty page and a short one are asked for until two answers in a row agree. About 2 % of
/// some providers' answers are empty for no reason.
struct ChainPass: Sendable {
    /// What a page shows of the walk.
    enum Step: Sendable {
        /// The page after it, or the same page once more.
        case goOn
        /// It was the last.
        case ended
        /// Records moved, so that the walk is worth nothing.
        case spoiled
        case failed(ExtractionError)
    }

    /// Answers to the same request, none of which agrees with the one before, until the walk is
    /// given up.
    static let maximumLooks = 12
    /// Answers in a row that must agree, for the pages that are not believed at once.
    static let agreeingLooks = 2
    /// The same for an empty page where the page before says that another follows.
    static let agreeingLooksAtNothing = 3

    private let rules: WalkRules
    /// Whether ``rowsPerPage`` is what the provider was seen to serve.
    private(set) var isSizeKnown: Bool
    /// In order; without an empty or repeated one after the last.
    private(set) var pages: [IdentifiedPage] = []
    private(set) var heldByteCount = 0
    /// Different rows, as far as single pages show it.
    private(set) var rowCount = 0
    /// The most rows that a page had; smaller ones are short.
    private(set) var rowsPerPage: Int
    /// Of the first and the last row with a readable time.
    private(set) var firstTime: Int64?
    private(set) var lastTime: Int64?
    private var isFalling = true
    private var isRising = true
    private var hasUntimed = false
    /// How the next page is asked for; nil for the first, and where pages are numbered.
    private(set) var continuation: Continuation?
    private var known: Set<Continuation> = []
    /// The last answer for the next page, and how many in a row agree with it.
    private var doubtful: (page: IdentifiedPage, agreeing: Int)?
    private var lookCount = 0

    /// - Parameter rowsPerPage: rows of the largest page that is known; nil: as many as asked for.
    init(_ rules: WalkRules, rowsPerPage: Int?) {
        self.rules = rules
        self.rowsPerPage = rowsPerPage ?? rules.pageSize
        isSizeKnown = rowsPerPage != nil
    }

    /// Number of the page to ask for, from 1.
    var number: Int { pages.count + 1 }

    /// Takes the answer for page ``number``.
    mutating func take(_ page: IdentifiedPage) -> Step {
        guard agrees(page.envelope, with: pages.first?.envelope) else { return .spoiled }
        let needed = looksNeeded(at: page)
        if needed > 1 {
            lookCount += 1
            let isSame = doubtful.map { Self.isSameAnswer($0.page, page) } ?? false
            let agreeing = isSame ? (doubtful?.agreeing ?? 0) + 1 : 1
            doubtful = (page, agreeing)
            if agreeing < needed { return lookCount < Self.maximumLooks ? .goOn : .spoiled }
        }
        doubtful = nil
        lookCount = 0
        return accept(page)
    }

    private mutating func accept(_ page: IdentifiedPage) -> Step {
        let distinct = page.rowCount - page.repeatedKeyCount
        if let next = page.envelope.next, known.contains(next) {
            return .failed(.repeatedCursor(afterPage: number))
        }
        let isEnd = isEnd(page)
        if !isEnd, rules.hasNextIn(page.envelope) == false {
            return .failed(.missingCursor(onPage: number))
        }
        if !isEnd, page.rowCount > 0 {
            // Two short answers show the size as it is.
            rowsPerPage = isSizeKnown ? max(rowsPerPage, distinct) : distinct
            isSizeKnown = true
        }
        if number == 1 || !isNothing(page) || !isEnd {
            pages.append(page)
            rowCount += distinct
            heldByteCount += page.memoryByteCount
            follow(page)
        }
        if isEnd { return isWhole ? .ended : .spoiled }
        if let next = page.envelope.next {
            known.insert(next)
            continuation = next
        }
        // Providers cap the size silently: an offset that counts what was asked for would skip rows.
        if case .offset = rules.paging?.step { continuation = .offset(rowCount) }
        return .goOn
    }

    /// Pages and rows of an ended walk agree with the count of pages, where there is one.
    private var isWhole: Bool {
        guard let count = pages.first?.envelope.pageCount else { return true }
        guard rowCount > 0 else { return count <= 1 }
        return pages.count == count && rowCount <= count * rowsPerPage
            && rowCount > (count - 1) * rowsPerPage
    }

    /// Whether nothing follows the page, if it is believed.
    private func isEnd(_ page: IdentifiedPage) -> Bool {
        if let isLast = page.envelope.isLast { return isLast }
        guard rules.paging != nil else { return true }
        if let count = page.envelope.pageCount { return number >= count }
        return isNothing(page)
    }

    /// Whether the page has no row that the one before has not: some providers answer with their
    /// last page again.
    private func isNothing(_ page: IdentifiedPage) -> Bool {
        if page.rowCount == 0 { return true }
        guard page.envelope.next == nil, let last = pages.last else { return false }
        return page.hasNothingNew(after: last)
    }

    /// Answers in a row that must agree before the page is believed.
    private func looksNeeded(at page: IdentifiedPage) -> Int {
        let distinct = page.rowCount - page.repeatedKeyCount
        let isLast = isEnd(page)
        // A file is whole or not there, and each costs the provider a report.
        if rules.isReport { return 1 }
        if let total = page.envelope.total, isLast, rowCount + distinct == total { return 1 }
        if page.rowCount == 0 {
            return number > 1 ? Self.agreeingLooksAtNothing : Self.agreeingLooks
        }
        let isRepeat = page.envelope.next.map(known.contains) ?? false
        // The page before once more, in the place of another.
        let hasNothingNew = pages.last.map(page.hasNothingNew) ?? false
        let isDoubtful =
            isLast || isRepeat || hasNothingNew || distinct < rowsPerPage || page.isSuspect
            || rules.hasNextIn(page.envelope) == false
        return isDoubtful ? Self.agreeingLooks : 1
    }

    private static func isSameAnswer(_ one: IdentifiedPage, _ other: IdentifiedPage) -> Bool {
        (one.envelope.next == nil) == (other.envelope.next == nil)
            && one.envelope.isLast == other.envelope.isLast && one.hasSameRecords(as: other)
    }

    private func agrees(_ envelope: PageEnvelope, with first: PageEnvelope?) -> Bool {
        guard let first else { return true }
        return envelope.total == first.total && envelope.pageCount == first.pageCount
    }

    /// Whether it brought as many records as the provider lists at most.
    func isCapped(by rules: WalkRules) -> Bool {
        guard let maximum = rules.maximumResults else { return false }
        return rowCount >= maximum || (pages.first?.envelope.total ?? 0) >= maximum
    }

    // MARK: Order

    /// Whether every row has a time and none is newer than the one before (true), or none older
    /// (false); nil where neither holds, or all have the same.
    var isNewestFirst: Bool? {
        guard !hasUntimed, let firstTime, let lastTime, firstTime != lastTime else { return nil }
        return isFalling ? true : isRising ? false : nil
    }

    private mutating func follow(_ page: IdentifiedPage) {
        for time in page.identities.rows.lazy.map(\.time) {
            if time == IdentifiedPage.noTime {
                hasUntimed = true
                continue
            }
            if let lastTime {
                isFalling = isFalling && time <= lastTime
                isRising = isRising && time >= lastTime
            }
            firstTime = firstTime ?? time
            lastTime = time
        }
    }

    /// The records of a walk that count for a range, each once, in the provider's order: those inside
    /// and those whose time cannot be read.
    func records(in range: TimeRange) -> [RowReference] {
        var found: [RowReference] = []
        var table = KeyTable(capacity: rowCount)
        for (index, page) in pages.enumerated() {
            let identities = page.identities
            for (row, identity) in identities.rows.enumerated() {
                let moment = Timestamp(epochMilliseconds: identity.time)
                if identity.time != IdentifiedPage.noTime, !range.contains(moment) { continue }
                if identities.isKeyed(row) {
                    let known = table.insert(found.count, hash: identity.hash) { place in
                        identities.hasKey(
                            row, equalTo: Int(found[place].row),
                            of: pages[Int(found[place].page)].identities)
                    }
                    if known != nil { continue }
                }
                found.append(RowReference(page: index, row: row))
            }
        }
        return found
    }

    /// Whether another walk brought the same records of a range in the same order.
    func hasSameRecords(as other: ChainPass, in range: TimeRange) -> Bool {
        let (own, others) = (records(in: range), other.records(in: range))
        guard own.count == others.count else { return false }
        return zip(own, others).allSatisfy { mine, theirs in
            pages[Int(mine.page)].isSameRecord(
                Int(mine.row), as: Int(theirs.row), on: other.pages[Int(theirs.page)])
        }
    }
}
