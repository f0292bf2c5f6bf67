import Compression
import ExportModel
import PageDecoding

/// What one answer means.
enum AnswerVerdict {
    /// Rows, uncut and untyped, and what the provider says of the whole they are a part of.
    case page(DecodedPage, PageEnvelope)
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
    private let endpoint: Endpoint
    /// One for each place where rows may lie; the first that finds some counts.
    private let decoders: [PageDecoder]
    private let envelopes: EnvelopeReader
    private let rules: RuleReader
    private let now: @Sendable () -> Timestamp
    /// nil where requests are answered with records.
    let report: ReportCall?

    init(endpoint: Endpoint, environment: ExtractionEnvironment) throws(ExtractionError) {
        self.endpoint = endpoint
        now = environment.now
        rules = RuleReader(
            rules: endpoint.response.rules, service: endpoint.id,
            isAskedByID: endpoint.request.requestID != nil)
        envelopes = EnvelopeReader(endpoint)
        if let report = endpoint.report {
            self.report = try ReportCall(report, of: endpoint, environment: environment)
        } else {
            report = nil
        }
        var decoders: [PageDecoder] = []
        for rows in endpoint.response.rows {
            let layout = PageLayout(
                of: endpoint, rows: rows, captures: rules.paths + envelopes.paths)
            decoders.append(try PageDecoder.made(for: layout))
        }
        self.decoders = decoders
    }

    /// What an answer, or its absence, means for the page.
    ///
    /// - Parameters:
    ///   - question: what was asked.
    ///   - secrets: what was sent; no message repeats it.
    func verdict(
        on outcome: TransportOutcome, to question: PageQuestion, hiding secrets: SentSecrets
    ) -> AnswerVerdict {
        let rules = rules.hiding(secrets)
        switch outcome {
        case .failure(let failure): return Self.verdict(on: failure, hiding: secrets)
        case .answer(let answer):
            let decoded: DecodedPage
            do {
                decoded = try decode(answer.body)
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
                try checkRows(of: decoded)
                return .page(
                    decoded,
                    try envelopes.envelope(
                        captures(of: decoded), headers: answer.headers, to: question))
            } catch {
                let settled: [ExtractionError.Code] = [.foreignLink, .echoDiffers]
                let isSettled = settled.contains { error.code == $0.rawValue }
                return isSettled ? .refused(error) : .again(RetryableFailure(error: error))
            }
        }
    }

    /// Also bodies that are gzip files, whatever their headers say.
    private func decode(_ received: [UInt8]) throws(PageDecodingError) -> DecodedPage {
        let body = received.starts(with: [0x1F, 0x8B]) ? try Self.inflated(received) : received
        let first = try decoders[0].decode(body)
        if first.rowsKind != .absent { return first }
        for decoder in decoders.dropFirst() {
            let decoded = try decoder.decode(body)
            if decoded.rowsKind != .absent { return decoded }
        }
        return first
    }

    private static func inflated(_ body: [UInt8]) throws(PageDecodingError) -> [UInt8] {
        let limit = DecodingLimits().bodyByteCount
        do throws(CompressionError) {
            var bytes = try decompress(body, .gzip(), maximumByteCount: limit)
            PageDecoder.pad(&bytes)
            return bytes
        } catch {
            switch error.reason {
            case .truncated: throw PageDecodingError(kind: .cutBody, byteOffset: body.count)
            case .tooLarge: throw PageDecodingError(kind: .tooLarge, byteOffset: limit)
            case .codecFailed: throw PageDecodingError(kind: .outOfMemory, byteOffset: 0)
            default: throw PageDecodingError(kind: .notGzip, byteOffset: 0)
            }
        }
    }

    /// Values at the paths of the envelope, in their order.
    private func captures(of decoded: DecodedPage) -> ArraySlice<CapturedValue?> {
        decoded.captures.dropFirst(rules.paths.count)
    }

    /// Reads the body of a page that was accepted when it came.
    ///
    /// - Returns: the total is nil where the body has none.
    func page(in body: [UInt8]) throws(ExtractionError) -> (decoded: DecodedPage, total: Int?) {
        let decoded: DecodedPage
        do {
            decoded = try decode(body)
        } catch {
            throw ExtractionError(
                .unknownAnswer, code: error.code, message: error.message, cause: error)
        }
        try checkRows(of: decoded)
        return (decoded, try envelopes.archivedTotal(captures(of: decoded)))
    }

    private func pause(_ answer: ProviderAnswer) -> Int64? {
        answer.retryAfter.flatMap { RetryAfter.milliseconds($0, now: now()) }
    }

    /// A success must hold rows: their absence is an error, never an empty page.
    private func checkRows(of decoded: DecodedPage) throws(ExtractionError) {
        guard decoded.rowsKind == .array || decoded.rowsKind == .object else {
            let places = endpoint.response.rows.map { "`\($0)`" }.joined(separator: " or ")
            throw .incomplete(
                .missingRows, "the response has no list of records at \(places)", endpoint)
        }
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
    ///
    /// - Parameter secrets: what was sent; libcurl's words may repeat a part of the URL.
    static func verdict(
        on failure: TransportFailure, hiding secrets: SentSecrets
    ) -> AnswerVerdict {
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
            kind, code: failure.kind.rawValue,
            message: secrets.hidden(in: failure.text) + remedy(failure.kind))
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
