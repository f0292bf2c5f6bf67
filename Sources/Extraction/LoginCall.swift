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

    /// A token, and how long it is good for.
    struct Token: Sendable {
        var secret: Secret
        /// A moment of the monotonic clock from which another one is needed; nil: none is known.
        var renewalMilliseconds: Int64?
    }

    /// A token is renewed so long before it ends, or at half of its life where that is shorter.
    static let renewalMarginMilliseconds: Int64 = 60_000

    /// Asks until there is a token or a reason that there is none.
    func token(
        credentials: [String: Secret], budgets: [RequestBudget], stop: StopToken
    ) throws(ExtractionError) -> Token {
        let secrets = SentSecrets(credentials, auth: login.request.auth)
        let rules = RuleReader(rules: login.response, service: service).hiding(secrets)
        let decoder = try PageDecoder.made(
            for: PageLayout(
                endpoint: [], rows: nil, captures: rules.paths + paths))
        var failed = 0
        while true {
            for budget in budgets where !budget.acquire(stop: stop) { throw .interrupted }
            let request = try request(credentials)
            let sentAt = environment.monotonicMilliseconds()
            let outcome = observer.sending { transport.send(request) }
            switch verdict(on: outcome, rules: rules, secrets, decoder: decoder) {
            case .token(let secret, let lifetime):
                let life = lifetime.map { max($0 - Self.renewalMarginMilliseconds, $0 / 2) }
                return Token(secret: secret, renewalMilliseconds: life.map { sentAt + $0 })
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
        case token(Secret, lifetimeMilliseconds: Int64?)
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

    /// What is read from an answer besides what its rules look at.
    private var paths: [JSONPath] { [login.tokenPath] + [login.lifetimePath].compactMap { $0 } }

    /// Longer ones are taken for so long.
    private static let maximumLifetimeSeconds: Int64 = 10 * 366 * 86_400

    private func lifetimeMilliseconds(_ found: ArraySlice<CapturedValue?>) -> Int64? {
        guard login.lifetimePath != nil, let text = found.last??.text,
            let seconds = AnswerReader.integer(text), seconds > 0
        else { return nil }
        return min(seconds, Self.maximumLifetimeSeconds) * 1_000
    }

    private func verdict(
        on outcome: TransportOutcome, rules: RuleReader, _ secrets: SentSecrets,
        decoder: PageDecoder
    ) -> Verdict {
        let found: AnswerVerdict
        switch outcome {
        case .failure(let failure): found = AnswerReader.verdict(on: failure, hiding: secrets)
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
                } else if let captured = decoded.captures.suffix(paths.count).first,
                    let token = captured, token.kind == .string, !token.text.isEmpty
                {
                    let lifetime = lifetimeMilliseconds(decoded.captures.suffix(paths.count))
                    return .token(Secret(token.text), lifetimeMilliseconds: lifetime)
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
