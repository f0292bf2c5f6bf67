public import ExportModel

/// What a single request asks, to see whether and what a provider answers.
public enum ProbeSubject: Sendable {
    /// The first page of a stretch of time.
    case range(TimeRange)
    case requestID(String)
}

/// What the provider answered.
public struct ProbeAnswer: Sendable {
    /// Whether an id that was asked for is known; true for a stretch of time.
    public var isKnown: Bool
    /// Records that the provider reports; where it reports none, as many as the first page lets
    /// expect.
    public var total = 0
    /// Requests that a walk of the stretch takes, where nothing has to be asked again.
    public var requests = 1
    /// Bytes of the bodies of their answers, as far as the first one shows it.
    public var byteCount = 0
}

extension WindowExtractor {
    /// Sends one request, and again where asking again may help.
    ///
    /// - Throws: what a walk would fail with.
    public func probe(_ subject: ProbeSubject) throws(ExtractionError) -> ProbeAnswer {
        switch try answer(to: subject) {
        case .failed(let error): throw error
        case .unknownID: return ProbeAnswer(isKnown: false)
        case .page(let page):
            var answer = ProbeAnswer(isKnown: true, total: page.total)
            answer.byteCount = page.page.body.count
            if case .range(let range) = subject {
                let rules = WalkRules(stream)
                let parts = rules.askable(range, padding)
                let walk = rules.estimate(after: page, of: parts[0])
                answer.total = walk.rows * parts.count
                answer.requests = walk.requests * parts.count
                answer.byteCount *= answer.requests
            }
            return answer
        }
    }

    /// The first page, after as many attempts as the stream allows.
    func answer(to subject: ProbeSubject) throws(ExtractionError) -> FetchedPage.Content {
        let reader = try AnswerReader(endpoint: stream.endpoint, environment: environment)
        return fetcher.fetch(PageFetch(firstPage(of: subject), number: 1), reader: reader).content
    }

    /// What a walk asks for first.
    func firstPage(of subject: ProbeSubject) -> RequestBuilder.Subject {
        switch subject {
        case .requestID(let id): .requestID(id)
        case .range(let range):
            .page(
                number: 1, size: stream.extract.pageSize,
                range: padding.padded(WalkRules(stream).askable(range, padding)[0]))
        }
    }
}

extension WalkRules {
    /// Rows and requests of the walk that a first page begins.
    func estimate(
        after first: IdentifiedPage, of range: TimeRange
    ) -> (rows: Int, requests: Int) {
        if walksChains { return ChainCutting.estimate(after: first, of: range, self) }
        return (first.total, requestCount(after: first))
    }

    /// Requests of the walk that a first page begins: its pages, those that are asked for again, and
    /// what cutting into slices costs.
    func requestCount(after first: IdentifiedPage) -> Int {
        let rowsPerPage = rowsPerPage(shownBy: first)
        guard defaultPageSize != nil, rowsPerPage > 0 else { return 1 }
        func pages(_ total: Int) -> Int { (total + rowsPerPage - 1) / rowsPerPage }
        let planned = max(pages(first.total), 1)
        guard planned > slicePages else {
            let isFull =
                planned == 1 ? mayContinue(after: first) : first.total.isMultiple(of: rowsPerPage)
            return planned + (isFull ? 1 : 0) + confirmedPages(of: planned).count
        }
        let wanted = max(slicePages * 3 / 4, 1)
        let slices = min((planned + wanted - 1) / wanted, 64)
        let inSlice = max(pages(first.total / slices), 1)
        // Before them the page that shows the total, after them the window's total once more.
        return 2 + slices * (inSlice + confirmedPages(of: inSlice).count)
    }
}
