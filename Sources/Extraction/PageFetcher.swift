import BoundedDispatch
import ExportModel
import PageDecoding

/// What a page must hold, known from the first one.
struct PageExpectation: Hashable, Sendable {
    /// The round's total, as page 1 reports it.
    var total: Int
    /// Rows the page must have.
    var rowCount: Int

    /// Of a page that the walk judges itself.
    static let unknown = PageExpectation(total: -1, rowCount: 0)
}

/// A page that is asked for, and what came of the attempts so far.
public struct PageFetch: Sendable {
    /// What is asked for.
    let subject: RequestBuilder.Subject
    /// From 1; for request lists the id's place in the list.
    let number: Int
    /// nil for the first page, which shows what to expect.
    let expectation: PageExpectation?
    /// Whether it is known, and asked for only to see if its records moved.
    let isRepeat: Bool
    /// How far the report is that has the page, at endpoints that make reports.
    fileprivate(set) var report = ReportProgress.unstarted
    /// Requests so far.
    fileprivate(set) var requestCount = 0
    /// Attempts that failed.
    fileprivate var failedCount = 0
    /// Renewals of the token, counted for each page, not for each walk. There may be several: a new
    /// token can die by another lane's request before it served this one.
    fileprivate var renewalCount = 0
    /// The last page that was not whole: what to make do with if no attempt is left. It may be that
    /// page 1 was the short one, so that this one can never be whole; the walk finds out.
    fileprivate var suspect: IdentifiedPage?

    init(
        _ subject: RequestBuilder.Subject, number: Int, expectation: PageExpectation? = nil,
        isRepeat: Bool = false
    ) {
        self.subject = subject
        self.number = number
        self.expectation = expectation
        self.isRepeat = isRepeat
    }

    fileprivate func ended(_ content: FetchedPage.Content) -> WalkOutcome {
        .fetched(FetchedPage(content: content, requestCount: requestCount))
    }
}

/// What came of a page, and how many requests it took.
public struct FetchedPage: Sendable {
    /// What came of the page.
    enum Content: Sendable {
        case page(IdentifiedPage)
        /// Only at endpoints that are asked by id.
        case unknownID
        case failed(ExtractionError)
    }

    /// What came of the page.
    var content: Content
    /// Requests it took, retries included.
    var requestCount: Int
}

/// Makes the requests for pages, and decides whether another attempt may help.
struct PageFetcher: Sendable {
    /// The entry of the stream.
    let endpoint: Endpoint
    /// Makes requests.
    let builder: RequestBuilder
    /// Identifies rows.
    let identifier: RowIdentifier
    /// When a request is repeated.
    let schedule: RetrySchedule
    /// Credentials, budgets and the stop of the account.
    let session: AccountSession
    /// Sends requests.
    let transport: any Transport
    /// Clock and randomness.
    let environment: ExtractionEnvironment
    /// Learns of every request.
    let observer: any ExtractionObserver

    init(
        stream: Stream, session: AccountSession, transport: any Transport,
        environment: ExtractionEnvironment, observer: any ExtractionObserver = SilentObserver()
    ) {
        endpoint = stream.endpoint
        builder = RequestBuilder(stream: stream)
        identifier = RowIdentifier(endpoint: stream.endpoint, sourceZone: stream.sourceZone)
        schedule = RetrySchedule(attempts: stream.extract.attempts)
        self.session = session
        self.transport = transport
        self.environment = environment
        self.observer = observer
    }

    /// Asks for a page once, on the calling lane; the budgets have been spent.
    func attempt(_ fetch: PageFetch, reader: AnswerReader) -> WalkOutcome {
        let credentials: (values: [String: Secret], generation: Int)
        do throws(ExtractionError) {
            credentials = try session.credentials()
        } catch {
            if error.kind == .authentication { session.refuse(error) }
            return fetch.ended(.failed(error))
        }
        if session.stop.isStopped { return fetch.ended(.failed(stopReason)) }
        var fetch = fetch
        let request: ProviderRequest
        do throws(ExtractionError) {
            request =
                if let report = endpoint.report {
                    try builder.request(
                        report, after: fetch.report, fetch.subject, credentials: credentials.values)
                } else {
                    try builder.request(fetch.subject, credentials: credentials.values)
                }
        } catch {
            return fetch.ended(.failed(error))
        }
        fetch.requestCount += 1
        let outcome = observer.sending { transport.send(request) }
        let secrets = SentSecrets(credentials.values, auth: endpoint.request.auth)
        if let report = reader.report, !fetch.report.isReady {
            let verdict = report.verdict(
                on: outcome, after: fetch.report, url: request.url, hiding: secrets)
            return advance(fetch, verdict, generation: credentials.generation)
        }
        let verdict = reader.verdict(
            on: outcome, to: builder.question(fetch.subject, url: request.url),
            hiding: secrets)
        switch verdict {
        case .unknownID: return unknownID(fetch)
        case .again(let failure): return again(fetch, after: failure)
        case .refused(let error):
            return refused(fetch, error, generation: credentials.generation)
        case .page(let decoded, let envelope): return accept(decoded, envelope, fetch)
        }
    }

    /// Blocks until the page is there or cannot be had, and waits for the budgets itself.
    func fetch(_ page: PageFetch, reader: AnswerReader) -> FetchedPage {
        var fetch = page
        while true {
            for budget in session.budgets where !budget.acquire(stop: session.stop) {
                return FetchedPage(content: .failed(stopReason), requestCount: fetch.requestCount)
            }
            switch attempt(fetch, reader: reader) {
            case .fetched(let fetched): return fetched
            case .assembled: preconditionFailure("a fetch puts no pages together")
            case .again(let next, let pause):
                fetch = next
                if !environment.sleep(pause, session.stop) {
                    return FetchedPage(
                        content: .failed(stopReason), requestCount: fetch.requestCount)
                }
            }
        }
    }

    /// Takes a step to the file of a report.
    private func advance(
        _ fetch: PageFetch, _ verdict: ReportCall.Verdict, generation: Int
    ) -> WalkOutcome {
        var fetch = fetch
        switch verdict {
        case .goOn(let progress, let pause):
            fetch.report = progress
            return .again(fetch, pauseMilliseconds: pause)
        case .again(let failure, let progress):
            fetch.report = progress
            return again(fetch, after: failure)
        case .refused(let error): return refused(fetch, error, generation: generation)
        }
    }

    private var stopReason: ExtractionError { session.refusal ?? .interrupted }

    private func refused(
        _ fetch: PageFetch, _ error: ExtractionError, generation: Int
    ) -> WalkOutcome {
        guard error.kind == .authentication, error.code != ExtractionError.doubtfulAuthentication
        else { return fetch.ended(.failed(error)) }
        do throws(ExtractionError) {
            if fetch.renewalCount < schedule.attempts, try session.renew(after: generation) {
                var fetch = fetch
                fetch.renewalCount += 1
                note(error, of: fetch, attempt: fetch.renewalCount, pauseMilliseconds: 0)
                return .again(fetch, pauseMilliseconds: 0)
            }
        } catch {
            if error.kind == .authentication { session.refuse(error) }
            return fetch.ended(.failed(error))
        }
        session.refuse(error)
        return fetch.ended(.failed(error))
    }

    private func accept(
        _ decoded: DecodedPage, _ envelope: PageEnvelope, _ fetch: PageFetch
    ) -> WalkOutcome {
        for budget in session.budgets { budget.recover() }
        var raw = decoded.page
        raw.number = fetch.number
        if case .requestID(let id) = fetch.subject { raw.requestID = id }
        var page = identifier.identify(
            raw, total: envelope.total ?? raw.rows.count,
            hasTrailingComma: decoded.hasTrailingComma)
        page.envelope = envelope
        if case .requestID = fetch.subject {
            // Without a total, a record that comes twice is one record.
            if envelope.total == nil { page.total -= page.repeatedKeyCount }
            if page.rowCount == 0, page.total == 0 { return unknownID(fetch) }
        }
        let fault = PageCheck.fault(
            of: page, asked: fetch.subject.pageSize, expectation: expectation(of: page, fetch))
        guard let fault else {
            observer.observe(.pageRead(PageReading(page, fetch)))
            return fetch.ended(.page(page))
        }
        page.isSuspect = true
        var fetch = fetch
        fetch.suspect = page
        let error = ExtractionError(
            .unreconciled, code: .incompletePage, message: "\(endpoint.id): \(fault)")
        return again(fetch, after: RetryableFailure(error: error))
    }

    private func unknownID(_ fetch: PageFetch) -> WalkOutcome {
        observer.observe(
            .pageRead(
                PageReading(
                    number: fetch.number, rowCount: 0, total: 0, range: nil,
                    isRepeat: fetch.isRepeat)))
        return fetch.ended(.unknownID)
    }

    /// An answer that is not paged must hold all it reports.
    private func expectation(
        of page: IdentifiedPage, _ fetch: PageFetch
    ) -> PageExpectation? {
        if endpoint.request.paging != nil { return fetch.expectation }
        return PageExpectation(total: page.total, rowCount: page.total)
    }

    /// Another attempt, or what there is when none is left.
    private func again(_ fetch: PageFetch, after failure: RetryableFailure) -> WalkOutcome {
        var fetch = fetch
        fetch.failedCount += 1
        if failure.isThrottle {
            let wait = min(
                failure.retryAfterMilliseconds ?? 0, RetrySchedule.maximumRetryAfterMilliseconds)
            if let budget = session.budgets.first {
                let rate = budget.throttle(pauseMilliseconds: wait)
                observer.observe(
                    .throttled(requestsPerSecond: rate, pauseMilliseconds: wait))
            }
        }
        let pause = schedule.pauseMilliseconds(
            failed: fetch.failedCount, retryAfter: failure.retryAfterMilliseconds,
            random: environment.random)
        if let pause {
            note(
                failure.error, of: fetch, attempt: fetch.failedCount, pauseMilliseconds: pause)
            return .again(fetch, pauseMilliseconds: pause)
        }
        guard let suspect = fetch.suspect else { return fetch.ended(.failed(failure.error)) }
        observer.observe(.pageRead(PageReading(suspect, fetch)))
        return fetch.ended(.page(suspect))
    }

    private func note(
        _ reason: ExtractionError, of fetch: PageFetch, attempt: Int, pauseMilliseconds: Int64
    ) {
        observer.observe(
            .retrying(
                RequestRetry(
                    page: fetch.number, attempt: attempt, maximumAttempts: schedule.attempts,
                    pauseMilliseconds: pauseMilliseconds, reason: reason)))
    }
}

extension PageReading {
    fileprivate init(_ page: IdentifiedPage, _ fetch: PageFetch) {
        self.init(
            number: fetch.number, rowCount: page.rowCount, total: page.total,
            range: fetch.subject.range, isRepeat: fetch.isRepeat)
    }
}

extension ExtractionObserver {
    /// Sends a request, and takes note of it and its response.
    func sending(_ send: () -> TransportOutcome) -> TransportOutcome {
        observe(.requestSent)
        let outcome = send()
        if case .answer(let answer) = outcome {
            observe(.responseReceived(byteCount: answer.body.count))
        }
        return outcome
    }
}

/// Whether a page holds what it must.
enum PageCheck {
    /// What is wrong with the page alone; nil if nothing is.
    ///
    /// A total that moved is no fault of the page: the walk deals with that. A row that comes twice
    /// is none either where the others are as many as they must be.
    ///
    /// - Parameters:
    ///   - asked: rows the page was asked for.
    ///   - expectation: nil for the first page.
    static func fault(
        of page: IdentifiedPage, asked: Int, expectation: PageExpectation?
    ) -> String? {
        if let expectation, page.total != expectation.total { return nil }
        let repeated = page.repeatedKeyCount
        let found = page.rowCount - repeated
        if expectation == nil {
            if found == 0, page.total > 0 {
                return "the first page is empty, but \(page.total) records are reported"
            }
            if found > page.total {
                return "\(found) records where only \(page.total) are reported"
            }
        }
        let wanted = expectation?.rowCount ?? (repeated > 0 ? min(page.total, asked) : 0)
        guard found < wanted else { return nil }
        if repeated > 0 { return "\(repeated) records stand twice on one page" }
        return "a page has \(found) records where it must have \(wanted)"
    }
}

extension ExtractionError {
    /// Code of a refusal that may also mean that the id asked for is not known.
    static let doubtfulAuthentication = Code.authenticationDoubtful.rawValue

    /// Whether it is such a refusal.
    public var isDoubtfulAuthentication: Bool { code == Self.doubtfulAuthentication }
}
