import BoundedDispatch
import ExportModel

@testable import Extraction

/// A provider whose pages follow each other without a total, with seeded faults.
struct ChainProvider {
    enum Style: CaseIterable {
        /// The cursor names the last record of the page before.
        case keyset
        /// The cursor is a count of rows, so that records that come or go move all pages.
        case offset
        /// Pages are numbered; the end is an empty page.
        case numbered
        /// Pages are asked for by the count of rows before them; the end is an empty page.
        case skipping
        /// Pages are numbered, and each says how many there are.
        case counted
    }

    enum Order: CaseIterable {
        case newestFirst, oldestFirst, byKey
    }

    /// Chances of each answer, in thousandths.
    struct Faults {
        /// No rows, no next page.
        var empty = 0
        /// No rows, but a next page.
        var emptyWithNext = 0
        /// Some rows are not there; the cursor is right.
        var short = 0
        /// All rows, but no next page.
        var cut = 0
        /// The answer of the page before.
        var formerPage = 0
        /// 404 for a cursor.
        var expired = 0
        /// A record enters the range asked for, and stays.
        var arrival = 0
        /// A record of the range leaves, for good.
        var departure = 0
    }

    var rows: [Row]
    var style = Style.keyset
    var order = Order.newestFirst
    /// Rows that a page has at most, whatever is asked for.
    var cap = 10
    var faults = Faults()
    var numbers = SeededNumbers(seed: 0)
    /// Records that a query lists at most.
    var maximumResults = Int.max
    /// Reports a total.
    var hasTotal = false
    var proof = ChainConfirmation.doubleWalk
    /// Answers, counted from 1, that name no next page.
    var cutAnswers = 0...0
    /// Every page names the second one as the next.
    var repeatsCursor = false
    /// A cursor is refused so many answers after page 1 was asked for.
    var expiresAfter: Int?
    private var requestsSincePage1 = 0
    /// Milliseconds of the longest range that was asked for.
    private(set) var longestAsked: Int64 = 0
    private(set) var requestCount = 0
    private(set) var arrived: [Row] = []
    private(set) var departed: [Row] = []

    init(rows: [Row]) {
        self.rows = rows
    }

    var rules: WalkRules {
        var rules = WalkRules(pageSize: 10, slicePages: 200, defaultPageSize: 10)
        let step: Paging.Step =
            switch style {
            case .keyset, .offset:
                .cursor([Paging.Cursor(path: JSONPath(["next"]), parameter: "after")])
            case .skipping: .offset(parameter: "skip", first: 0)
            case .numbered, .counted: .page(parameter: "page", first: 1)
            }
        rules.paging = Paging(step, size: "limit", defaultSize: 10, maximumSize: 1_000)
        rules.hasTotal = hasTotal
        rules.proof = proof
        if maximumResults < .max { rules.maximumResults = maximumResults }
        return rules
    }

    /// What the provider answers to a request now.
    mutating func answer(_ fetch: PageFetch) throws -> FetchedPage.Content {
        guard case .page(let number, let wanted, let asked, let after) = fetch.subject else {
            return .unknownID
        }
        requestCount += 1
        requestsSincePage1 = number == 1 ? 0 : requestsSincePage1 + 1
        longestAsked = max(longestAsked, asked.durationMilliseconds)
        drift(in: asked)
        let found = listed(asked)
        let size = min(wanted, cap)
        var start: Int
        switch after {
        case nil: start = (number - 1) * (style == .skipping ? wanted : size)
        case .offset(let rows): start = rows
        case .cursor(let values):
            if falls(faults.expired) || requestsSincePage1 > expiresAfter ?? .max {
                return .failed(
                    ExtractionError(.configuration, code: .noSuchRoute, message: "cursor expired"))
            }
            start = try place(of: values[0], in: found)
        case .link: return .unknownID
        }
        if number > 1, falls(faults.formerPage) { start = max(start - size, 0) }
        start = min(start, found.count)
        var part = Array(found[start...].prefix(size))
        var hasNext = start + size < found.count
        if falls(faults.cut) || cutAnswers.contains(requestCount) { hasNext = false }
        var next = hasNext ? part.last.map { cursor($0, at: start + size) } : nil
        if repeatsCursor, number > 2 {
            next = found.dropFirst(size - 1).first.map { cursor($0, at: size) }
        }
        if !part.isEmpty, falls(faults.short) {
            part.remove(at: Int.random(in: part.indices, using: &numbers))
        }
        if falls(faults.emptyWithNext) { part = [] }
        if falls(faults.empty) { return .page(try page([], nil, number, found.count, size)) }
        return .page(try page(part, next, number, found.count, size))
    }

    private mutating func falls(_ chance: Int) -> Bool {
        chance > 0 && Int.random(in: 0..<1_000, using: &numbers) < chance
    }

    private mutating func drift(in asked: TimeRange) {
        let first = asked.start.epochMilliseconds - midnight.epochMilliseconds
        let last = asked.end.epochMilliseconds - midnight.epochMilliseconds
        if falls(faults.arrival) {
            let row = Row(
                id: "new\(arrived.count)", offset: Int64.random(in: first...last, using: &numbers))
            rows.append(row)
            arrived.append(row)
        }
        if falls(faults.departure) {
            let inside = rows.indices.filter { (first...last).contains(rows[$0].place) }
            guard let index = inside.randomElement(using: &numbers) else { return }
            departed.append(rows.remove(at: index))
        }
    }

    /// The records of a range in the provider's order; both bounds are inclusive.
    private func listed(_ asked: TimeRange) -> [Row] {
        let first = asked.start.epochMilliseconds - midnight.epochMilliseconds
        let last = asked.end.epochMilliseconds - midnight.epochMilliseconds
        let found = rows.filter { (first...last).contains($0.place) }
        let sorted: [Row] =
            switch order {
            case .newestFirst: found.sorted { ($1.place, $1.id) < ($0.place, $0.id) }
            case .oldestFirst: found.sorted { ($0.place, $0.id) < ($1.place, $1.id) }
            case .byKey: found.sorted { hash($0.id) < hash($1.id) }
            }
        return Array(sorted.prefix(maximumResults))
    }

    private func hash(_ id: String) -> UInt64 {
        var numbers = SeededNumbers(seed: id.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
        return numbers.next()
    }

    private func cursor(_ row: Row, at place: Int) -> String {
        style == .offset ? "\(place)" : "\(row.id)|\(row.place)"
    }

    private func place(of cursor: String, in found: [Row]) throws -> Int {
        if let place = Int(cursor) { return place }
        let parts = cursor.split(separator: "|").map(String.init)
        let last = Row(id: parts[0], offset: Int64(parts[1]))
        return found.firstIndex { row in
            switch order {
            case .newestFirst: (row.place, row.id) < (last.place, last.id)
            case .oldestFirst: (last.place, last.id) < (row.place, row.id)
            case .byKey: hash(last.id) < hash(row.id)
            }
        } ?? found.count
    }

    private func page(
        _ rows: [Row], _ next: String?, _ number: Int, _ total: Int, _ size: Int
    ) throws -> IdentifiedPage {
        var page = try ExtractionTests.page(
            rows, total: hasTotal ? total : rows.count, number: number)
        if hasTotal { page.envelope.total = total }
        switch style {
        case .keyset, .offset:
            page.envelope.next = next.map { .cursor([$0]) }
            page.envelope.isLast = next == nil
        case .numbered, .skipping: break
        case .counted: page.envelope.pageCount = (total + size - 1) / size
        }
        return page
    }
}

/// Walks a window over a scripted provider with several requests in flight, which come back in any
/// order.
struct ChainDriver {
    var provider: ChainProvider
    var walk: WindowWalk
    var numbers: SeededNumbers
    let lanes: Int
    /// Requests and how many of them could have been sent at once, added up over time.
    private(set) var rounds = 0
    private(set) var restarts = 0
    private var inFlight: [WalkJob] = []

    init(
        _ provider: ChainProvider, _ rules: WalkRules, window: TimeRange, lanes: Int,
        seed: UInt64 = 0
    ) {
        var rules = rules
        rules.pagesInFlight = lanes
        self.provider = provider
        self.lanes = lanes
        numbers = SeededNumbers(seed: seed)
        walk = WindowWalk(
            window: window, gaps: [window], tally: WindowTally(),
            padding: WindowPadding(nil, sourceZone: Catalog.userOutMissed.sourceZone),
            rules: rules)
    }

    /// - Parameter isInStep: all requests of a round are answered before the next are sent.
    mutating func run(isInStep: Bool = false) throws -> [ExtractedSlice] {
        var slices: [ExtractedSlice] = []
        for _ in 0..<1_000_000 {
            if case .item(let event) = walk.collect() {
                switch event {
                case .restart:
                    slices = []
                    restarts += 1
                case .unreconciled(let error): throw error
                case .slice(let slice): slices.append(slice)
                }
                continue
            }
            if let failure = walk.failure { throw failure }
            if case .item(let job) = walk.claim(.compute) {
                guard case .assemble(let pages, let range) = job.work else { continue }
                walk.complete(
                    job,
                    with: .assembled(
                        SliceAssembler.assemble(pages.compactMap { $0 }, range: range)))
                continue
            }
            let open = inFlight.count
            while inFlight.count < lanes, case .item(let job) = walk.claim(.request) {
                inFlight.append(job)
            }
            if inFlight.isEmpty { break }
            if isInStep {
                rounds += 1
                let jobs = inFlight
                inFlight = []
                for job in jobs { try complete(job) }
            } else if inFlight.count == open || inFlight.count == lanes {
                try complete(
                    inFlight.remove(at: Int.random(in: inFlight.indices, using: &numbers)))
            }
        }
        guard walk.isFinished else {
            throw ExtractionError(.unknownAnswer, code: "test", message: "the walk does not end")
        }
        return slices
    }

    private mutating func complete(_ job: WalkJob) throws {
        guard case .page(let fetch) = job.work else { return }
        let content = try provider.answer(fetch)
        walk.complete(job, with: .fetched(FetchedPage(content: content, requestCount: 1)))
    }
}
