import ExportModel
import PageDecoding

/// What one answer means.
enum AnswerVerdict {
    /// Rows, uncut and untyped, and what the provider says is there in all.
    case page(DecodedPage, total: Int)
    /// Asking again may help.
    case again(RetryableFailure)
    /// The provider does not know the id.
    case unknownID
    /// Asking again would not help.
    case refused(ExtractionError)
}

/// A reason to ask again.
struct RetryableFailure {
    /// What it becomes when no attempt is left.
    var error: ExtractionError
    /// From `Retry-After`.
    var retryAfterMilliseconds: Int64?
    /// The provider said "too many requests".
    var isThrottle = false
}

/// Reads answers of one endpoint by its rules; one for each lane.
struct AnswerReader {
    /// More records than this in one window are taken for a broken answer.
    static let maximumRecords: Int64 = 1_000_000_000

    private let endpoint: Endpoint
    private let decoder: PageDecoder
    private let rules: RuleReader
    private let now: @Sendable () -> Timestamp

    init(endpoint: Endpoint, environment: ExtractionEnvironment) throws(ExtractionError) {
        self.endpoint = endpoint
        now = environment.now
        rules = RuleReader(
            rules: endpoint.response.rules, service: endpoint.id,
            isAskedByID: endpoint.request.requestID != nil)
        let layout = PageLayout(
            endpoint: endpoint.fields.map(\.name), rows: endpoint.response.rows,
            captures: rules.paths + [endpoint.response.total])
        decoder = try PageDecoder.made(for: layout)
    }

    /// What an answer, or its absence, means for the page.
    ///
    /// - Parameter secrets: what was sent; no message repeats it.
    func verdict(on outcome: TransportOutcome, hiding secrets: SentSecrets) -> AnswerVerdict {
        let rules = rules.hiding(secrets)
        switch outcome {
        case .failure(let failure): return Self.verdict(on: failure)
        case .answer(let answer):
            let decoded: DecodedPage
            do {
                decoded = try decoder.decode(answer.body)
            } catch {
                return rules.verdict(
                    onUndecodable: error, status: answer.status, retryAfter: pause(answer))
            }
            if let verdict = rules.verdict(
                on: decoded.captures, status: answer.status, retryAfter: pause(answer))
            {
                return verdict
            }
            do throws(ExtractionError) {
                return .page(decoded, total: try total(of: decoded))
            } catch {
                return .again(RetryableFailure(error: error))
            }
        }
    }

    /// Reads the body of a page that was accepted when it came.
    func page(in body: [UInt8]) throws(ExtractionError) -> (decoded: DecodedPage, total: Int) {
        let decoded: DecodedPage
        do {
            decoded = try decoder.decode(body)
        } catch {
            throw ExtractionError(
                .unknownAnswer, code: error.code, message: error.message, cause: error)
        }
        return (decoded, try total(of: decoded))
    }

    private func pause(_ answer: ProviderAnswer) -> Int64? {
        answer.retryAfter.flatMap { RetryAfter.milliseconds($0, now: now()) }
    }

    /// A success must hold rows and a total: their absence is an error, never an empty page.
    private func total(of decoded: DecodedPage) throws(ExtractionError) -> Int {
        guard decoded.rowsKind == .array || decoded.rowsKind == .object else {
            throw incomplete(
                .missingRows, "the response has no list of records at `\(endpoint.response.rows)`"
            )
        }
        guard let captured = decoded.captures.last, let value = captured,
            value.kind == .number || value.kind == .string,
            let total = Self.integer(value.text)
        else {
            throw incomplete(
                .missingTotal, "the response has no whole number at `\(endpoint.response.total)`")
        }
        guard (0...Self.maximumRecords).contains(total) else {
            throw incomplete(
                .absurdTotal,
                "the response claims \(total) records at `\(endpoint.response.total)`"
            )
        }
        return Int(total)
    }

    private func incomplete(_ code: ExtractionError.Code, _ message: String) -> ExtractionError {
        ExtractionError(
            .unknownAnswer, code: code,
            message: "\(endpoint.id): \(message); compare it with \(endpoint.document)")
    }

    /// A whole number of 64 bits, however it is written.
    static func integer(_ text: String) -> Int64? {
        var text = text
        return text.withUTF8 { bytes in
            if case .exact(let value) = ExactNumber.integer(bytes) { return value }
            return nil
        }
    }

    /// What a missing answer means for the page.
    static func verdict(on failure: TransportFailure) -> AnswerVerdict {
        let isAsked: Bool
        let kind: FailureKind
        switch failure.kind {
        case .unknownHost, .refused, .notConnected, .proxyRefused, .connectTimeout, .timeout,
            .stalled, .cutOff:
            (isAsked, kind) = (true, .unreachable)
        case .invalidResponse: (isAsked, kind) = (true, .unknownAnswer)
        case .tooLarge: (isAsked, kind) = (false, .unknownAnswer)
        case .certificateExpired, .certificateHost, .certificateUntrusted, .tlsFailed,
            .certificateFile, .invalidURL:
            (isAsked, kind) = (false, .configuration)
        case .interrupted: return .refused(.interrupted)
        case .outOfMemory: (isAsked, kind) = (false, .storage)
        }
        let error = ExtractionError(
            kind, code: failure.kind.rawValue, message: failure.text + remedy(failure.kind))
        return isAsked ? .again(RetryableFailure(error: error)) : .refused(error)
    }

    private static func remedy(_ kind: TransportFailure.Kind) -> String {
        switch kind {
        case .tooLarge: "; ask for smaller pages (`page_size`)"
        case .invalidURL: "; check `base_url`"
        default: ""
        }
    }
}

extension PageDecoder {
    /// A decoder, or the storage error that there is no memory for one.
    static func made(for layout: PageLayout) throws(ExtractionError) -> PageDecoder {
        do throws(PageDecodingError) {
            return try PageDecoder(layout)
        } catch {
            throw ExtractionError(
                .storage, code: error.code, message: error.message, cause: error)
        }
    }
}
