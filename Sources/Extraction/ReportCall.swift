import ExportModel
import PageDecoding

/// How far a report is.
enum ReportProgress: Hashable, Sendable {
    case unstarted
    /// It was asked for so many times.
    case started(id: String, polls: Int)
    /// Its file lies under this link, or under the entry's path for this id.
    case linked(String)
    case ready(id: String)

    /// Whether the next answer is the file.
    var isReady: Bool {
        switch self {
        case .unstarted, .started: false
        case .linked, .ready: true
        }
    }
}

/// Reads the answers that come before the file of a report; one for each lane.
struct ReportCall {
    /// A report that takes longer is given up.
    static let longestMilliseconds: Int64 = 3_600_000

    /// What an answer comes to.
    enum Verdict {
        case goOn(ReportProgress, pauseMilliseconds: Int64)
        /// The same request once more, or the report from the start.
        case again(RetryableFailure, ReportProgress)
        case refused(ExtractionError)
    }

    private let report: Report
    private let service: String
    private let rules: RuleReader
    private let decoder: PageDecoder
    private let paths: [JSONPath]
    private let now: @Sendable () -> Timestamp

    init(
        _ report: Report, of endpoint: Endpoint, environment: ExtractionEnvironment
    ) throws(ExtractionError) {
        self.report = report
        service = "\(endpoint.id) report"
        now = environment.now
        rules = RuleReader(rules: report.rules, service: service)
        var paths = [report.id, report.done.path] + [report.failed?.path].compactMap { $0 }
        if case .link(let path) = report.file { paths.append(path) }
        self.paths = paths
        decoder = try PageDecoder.made(
            for: PageLayout(endpoint: [], rows: nil, captures: rules.paths + paths))
    }

    /// What an answer, or its absence, means for the report.
    func verdict(
        on outcome: TransportOutcome, after progress: ReportProgress, url: String,
        hiding secrets: SentSecrets
    ) -> Verdict {
        let rules = rules.hiding(secrets)
        let found: AnswerVerdict
        switch outcome {
        case .failure(let failure): found = AnswerReader.verdict(on: failure, hiding: secrets)
        case .answer(let answer):
            let pause = answer.retryAfter.flatMap { RetryAfter.milliseconds($0, now: now()) }
            do throws(PageDecodingError) {
                let decoded = try decoder.decode(answer.body)
                guard
                    let verdict = rules.verdict(
                        on: decoded.captures, status: answer.status, retryAfter: pause)
                else { return step(decoded.captures, after: progress, url: url) }
                found = verdict
            } catch {
                found = rules.verdict(
                    onUndecodable: error, status: answer.status, retryAfter: pause)
            }
        }
        switch found {
        case .again(let failure): return .again(failure, progress)
        case .refused(let error): return .refused(error)
        case .page, .unknownID: return .refused(.unknownIDWithoutID)
        }
    }

    private func step(
        _ captures: [CapturedValue?], after progress: ReportProgress, url: String
    ) -> Verdict {
        switch progress {
        case .started(let id, let polls): return poll(captures, id: id, polls: polls, url: url)
        case .unstarted, .linked, .ready:
            guard let id = text(report.id, captures), !id.isEmpty else {
                return .refused(missing("the response has no id at `\(report.id)`"))
            }
            return .goOn(
                .started(id: id, polls: 0), pauseMilliseconds: report.intervalMilliseconds)
        }
    }

    private func poll(
        _ captures: [CapturedValue?], id: String, polls: Int, url: String
    ) -> Verdict {
        if let failed = report.failed, has(failed, captures) {
            let error = ExtractionError(
                .unreachable, code: .providerError,
                message: "\(service): the provider could not make it")
            return .again(RetryableFailure(error: error), .unstarted)
        }
        guard has(report.done, captures) else {
            let waited = Int64(polls + 1) * report.intervalMilliseconds
            guard waited < Self.longestMilliseconds else { return .refused(late) }
            return .goOn(
                .started(id: id, polls: polls + 1), pauseMilliseconds: report.intervalMilliseconds)
        }
        guard case .link(let path) = report.file else {
            return .goOn(.ready(id: id), pauseMilliseconds: 0)
        }
        guard let link = text(path, captures), !link.isEmpty else {
            return .refused(missing("the report is ready, but has no link at `\(path)`"))
        }
        guard let target = LinkTarget.resolve(link, against: url) else {
            return .refused(
                ExtractionError(
                    .unknownAnswer, code: .foreignLink,
                    message: "\(service): its file lies at another host"))
        }
        return .goOn(.linked(target), pauseMilliseconds: 0)
    }

    private func has(_ mark: Paging.EndMark, _ captures: [CapturedValue?]) -> Bool {
        value(mark.path, captures).map { mark.accepted.contains($0.text) } ?? false
    }

    private func text(_ path: JSONPath, _ captures: [CapturedValue?]) -> String? {
        guard let value = value(path, captures), value.kind == .string || value.kind == .number
        else { return nil }
        return value.text
    }

    private func value(_ path: JSONPath, _ captures: [CapturedValue?]) -> CapturedValue? {
        paths.firstIndex(of: path).flatMap { captures[rules.paths.count + $0] }
    }

    private func missing(_ message: String) -> ExtractionError {
        ExtractionError(
            .unknownAnswer, code: .missingReport,
            message: "\(service): \(message); compare `report` of the entry with its document")
    }

    private var late: ExtractionError {
        ExtractionError(
            .unreachable, code: .reportLate,
            message: """
                \(service): it is not ready after \(Self.longestMilliseconds / 60_000) minutes; run \
                again later, or ask for shorter windows
                """)
    }
}

extension RequestBuilder {
    /// The next request of a report.
    ///
    /// - Throws: `unsendable_value` where a parameter cannot be sent at its place.
    func request(
        _ report: Report, after progress: ReportProgress, _ subject: Subject,
        credentials: [String: Secret]
    ) throws(ExtractionError) -> ProviderRequest {
        switch (progress, report.file) {
        case (.started(let id, _), _):
            return try reportRequest(report.pollPath, id: id, credentials: credentials)
        case (.ready(let id), .path(let path)):
            return try reportRequest(path, id: id, credentials: credentials)
        case (.linked(let link), _):
            return try reportRequest("", id: "", link: link, credentials: credentials)
        case (.unstarted, _), (.ready, .link):
            return try request(subject, credentials: credentials)
        }
    }

    /// A GET with nothing but what shows who asks.
    private func reportRequest(
        _ path: String, id: String, link: String? = nil, credentials: [String: Secret]
    ) throws(ExtractionError) -> ProviderRequest {
        var shape = shape
        shape.method = .get
        shape.path = path
        let names = PathTemplate(path)?.names ?? []
        shape.credentials = shape.credentials.filter {
            shape.isInAuth($0) || names.contains($0.name)
        }
        var writer = RequestWriter(shape, baseURL: baseURL)
        writer.append(credentials)
        if names.contains(Report.idName) {
            writer.append(NamedValue(name: Report.idName, value: .text(id)))
        }
        writer.link = link
        return try writer.finished(
            timeoutMilliseconds: timeoutMilliseconds, certificateFile: certificateFile)
    }
}
