import BoundedDispatch
import ExportModel
import PageDecoding

/// Trades credentials for a token, with the same retries as any request.
struct LoginCall: Sendable {
    /// The credential that the token is sent as.
    let issues: String
    private let login: Login
    private let baseURL: String
    private let service: String
    private let timeoutMilliseconds: Int64
    private let certificateFile: String?
    private let schedule: RetrySchedule
    private let transport: any Transport
    private let environment: ExtractionEnvironment
    private let observer: any ExtractionObserver

    init(
        login: Login, stream: Stream, transport: any Transport, environment: ExtractionEnvironment,
        observer: any ExtractionObserver
    ) {
        self.observer = observer
        self.login = login
        self.transport = transport
        self.environment = environment
        issues = login.issues
        baseURL = stream.loginURL ?? stream.baseURL
        service = "\(stream.endpoint.id) login"
        timeoutMilliseconds = stream.extract.timeoutMilliseconds
        certificateFile = stream.extract.certificateFile
        schedule = RetrySchedule(attempts: stream.extract.attempts)
    }

    /// Asks until there is a token or a reason that there is none.
    func token(
        credentials: [String: Secret], budgets: [RequestBudget], stop: StopToken
    ) throws(ExtractionError) -> Secret {
        let rules = RuleReader(rules: login.response, service: service)
            .hiding(SentSecrets(credentials, auth: login.request.auth))
        let decoder = try PageDecoder.made(
            for: PageLayout(
                endpoint: [], rows: nil, captures: rules.paths + [login.tokenPath]))
        var failed = 0
        while true {
            for budget in budgets where !budget.acquire(stop: stop) { throw .interrupted }
            let request = try request(credentials)
            let outcome = observer.sending { transport.send(request) }
            switch verdict(on: outcome, rules: rules, decoder: decoder) {
            case .token(let token): return token
            case .refused(let error): throw error
            case .again(let failure):
                failed += 1
                let pause = schedule.pauseMilliseconds(
                    failed: failed, retryAfter: failure.retryAfterMilliseconds,
                    random: environment.random)
                guard let pause else { throw failure.error }
                observer.observe(
                    .retrying(
                        RequestRetry(
                            page: nil, attempt: failed, maximumAttempts: schedule.attempts,
                            pauseMilliseconds: pause, reason: failure.error)))
                guard environment.sleep(pause, stop) else { throw .interrupted }
            }
        }
    }

    private enum Verdict {
        case token(Secret)
        case again(RetryableFailure)
        case refused(ExtractionError)
    }

    private func request(
        _ credentials: [String: Secret]
    ) throws(ExtractionError) -> ProviderRequest {
        var writer = RequestWriter(login.request, baseURL: baseURL)
        for value in login.request.fixed { writer.append(value) }
        writer.append(credentials)
        return try writer.finished(
            timeoutMilliseconds: timeoutMilliseconds, certificateFile: certificateFile)
    }

    private func verdict(
        on outcome: TransportOutcome, rules: RuleReader, decoder: PageDecoder
    ) -> Verdict {
        let found: AnswerVerdict
        switch outcome {
        case .failure(let failure): found = AnswerReader.verdict(on: failure)
        case .answer(let answer):
            let pause = answer.retryAfter.flatMap {
                RetryAfter.milliseconds($0, now: environment.now())
            }
            do throws(PageDecodingError) {
                let decoded = try decoder.decode(answer.body)
                if let verdict = rules.verdict(
                    on: decoded.captures, status: answer.status, retryAfter: pause)
                {
                    found = verdict
                } else if let captured = decoded.captures.last, let token = captured,
                    token.kind == .string, !token.text.isEmpty
                {
                    return .token(Secret(token.text))
                } else {
                    return .refused(
                        ExtractionError(
                            .unknownAnswer, code: .missingToken,
                            message: "\(service): the response has no token at `\(login.tokenPath)`"
                        ))
                }
            } catch {
                found = rules.verdict(
                    onUndecodable: error, status: answer.status, retryAfter: pause)
            }
        }
        switch found {
        case .again(let failure): return .again(failure)
        case .refused(let error): return .refused(error)
        case .page, .unknownID:
            return .refused(
                ExtractionError(
                    .unknownAnswer, code: .unknownAnswer,
                    message:
                        "\(service): the response is no token and no known failure; compare the entry's "
                        + "login with the document"))
        }
    }
}
