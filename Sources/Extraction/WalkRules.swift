import ExportModel

/// What the pipeline and the endpoint's entry say of how slices are walked.
struct WalkRules: Sendable {
    /// Rows to ask a page for.
    var pageSize: Int
    /// A slice with more pages is cut.
    var slicePages: Int
    /// Rows the document gives a page that is asked for no size; nil where answers have no pages.
    var defaultPageSize: Int?
    /// nil where answers have no pages.
    var paging: Paging?
    /// Whether the one page of a slice is a report's file.
    var isReport = false
    /// Whether every page reports how many records there are.
    var hasTotal = true
    /// What shows completeness where none does.
    var proof = ChainConfirmation.doubleWalk
    /// A slice with so many records is cut, because the provider lists no more; nil: no limit.
    var maximumResults: Int?
    /// The longest time that one request may ask for; nil: no limit.
    var maximumSpanMilliseconds: Int64?
    /// Pages asked for at once.
    var pagesInFlight = 4
    var confirmation = WalkConfirmation.edges
    var onMismatch = MismatchPolicy.fail
    /// Where slices may be cut.
    var grid = SliceGrid()
    /// How long before the bounds of a request its records may have started.
    var reachMilliseconds: Int64 = 0

    init(
        pageSize: Int, slicePages: Int, defaultPageSize: Int?,
        confirmation: WalkConfirmation = .edges, onMismatch: MismatchPolicy = .fail
    ) {
        self.pageSize = pageSize
        self.slicePages = slicePages
        self.defaultPageSize = defaultPageSize
        self.confirmation = confirmation
        self.onMismatch = onMismatch
    }

    init(_ stream: Stream) {
        self.init(
            pageSize: stream.extract.pageSize, slicePages: stream.extract.slicePages,
            defaultPageSize: stream.endpoint.request.paging?.defaultSize,
            confirmation: stream.extract.confirmation, onMismatch: stream.extract.onMismatch)
        pagesInFlight = stream.extract.pagesInFlight
        let window = stream.endpoint.request.window
        grid = SliceGrid(window, sourceZone: stream.sourceZone)
        reachMilliseconds = window?.reachMilliseconds ?? 0
        paging = stream.endpoint.request.paging
        isReport = stream.endpoint.report != nil
        hasTotal = stream.endpoint.response.total.isExact
        proof =
            stream.extract.confirmation == .all
            ? .doubleWalk : stream.endpoint.response.confirmation
        maximumSpanMilliseconds = window?.maximumSpanMilliseconds
        maximumResults = stream.endpoint.response.maximumResults
    }

    /// Whether each page of a slice is known only from the one before it, or the last one only when
    /// it comes.
    var walksChains: Bool { !hasTotal || paging?.isNumbered == false }

    /// Parts of a range that one request each may ask for, in order.
    func askable(_ range: TimeRange, _ padding: WindowPadding) -> [TimeRange] {
        guard let span = maximumSpanMilliseconds else { return [range] }
        let fits = { padding.padded($0).durationMilliseconds <= span }
        if fits(range) { return [range] }
        let count = Int(range.durationMilliseconds / max(span, 1)) + 1
        // The padding of each part counts too.
        for count in count...(2 * count + 2) {
            if let parts = grid.cut(range, into: count), parts.allSatisfy(fits) { return parts }
        }
        return [range]
    }

    /// Whether a page that is not the last says how the next is asked for; nil where that needs no
    /// saying.
    func hasNextIn(_ envelope: PageEnvelope) -> Bool? {
        paging?.isNumbered == false ? envelope.next != nil : nil
    }

    /// The real page size, as page 1 shows it: providers cap it silently, and a row that comes
    /// twice may come on top of it.
    func rowsPerPage(shownBy first: IdentifiedPage) -> Int {
        guard let defaultPageSize else { return first.rowCount }
        let distinctCount = first.rowCount - first.repeatedKeyCount
        return distinctCount == defaultPageSize ? distinctCount : min(first.rowCount, pageSize)
    }

    /// Whether rows may follow a page that seems to be the only one of its slice.
    ///
    /// It has as many rows as were asked for, or as many as a provider may cap pages at: caps are
    /// multiples of the documented size.
    func mayContinue(after onlyPage: IdentifiedPage) -> Bool {
        guard let defaultPageSize, onlyPage.rowCount > 0 else { return false }
        return onlyPage.rowCount >= pageSize || onlyPage.rowCount % defaultPageSize == 0
    }

    /// Numbers of the pages that are asked for again, in order.
    func confirmedPages(of pageCount: Int) -> [Int] {
        switch confirmation {
        case .all: Array(1...pageCount)
        case .edges where pageCount == 1: []
        case .edges: Set([1, (pageCount + 1) / 2, pageCount]).sorted()
        }
    }
}
