import ExportModel
import PageDecoding

/// What an answer says of the whole that its page is a part of.
struct PageEnvelope: Hashable, Sendable {
    /// Records there are in all; nil where the answer does not say.
    var total: Int?
    /// Pages there are in all; nil where the answer does not say.
    var pageCount: Int?
    /// How the next page is asked for; nil after the last one, and where pages are numbered.
    var next: Continuation?
    /// The provider marks the page as the last one; nil where pages have no such mark.
    var isLast: Bool?
}

/// How a page is asked for that only the page before it knows.
enum Continuation: Hashable, Sendable {
    /// A whole URL of the provider. It may hold credentials.
    case link(String)
    /// Values of the entry's cursors, in their order.
    case cursor([String])
    /// Rows before it: what came, which may be less than was asked for.
    case offset(Int)
}

/// What was asked, as far as the answer must agree with it.
struct PageQuestion: Sendable {
    /// Where the request went: links of the answer are relative to it.
    var url: String
    /// Values sent for the parameters that the answer must repeat.
    var echoes: [String: String]
}

/// Reads from an answer's body and headers how it goes on and how much there is.
struct EnvelopeReader: Sendable {
    /// More records than this in one window are taken for a broken answer.
    static let maximumRecords: Int64 = 1_000_000_000

    /// What must be captured of a body, in the order that ``envelope(_:headers:to:)`` expects.
    let paths: [JSONPath]
    private let endpoint: Endpoint

    init(_ endpoint: Endpoint) {
        self.endpoint = endpoint
        let response = endpoint.response
        var wanted = [response.total.bodyPath].compactMap { $0 } + response.echoes.map(\.path)
        if let paging = endpoint.request.paging {
            wanted += [paging.end?.path].compactMap { $0 }
            switch paging.step {
            case .next(let path): wanted.append(path)
            case .cursor(let cursors): wanted += cursors.map(\.path)
            case .page, .offset, .link: break
            }
        }
        paths = wanted.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// Headers that are needed besides the body.
    static func headers(of endpoint: Endpoint) -> [String] {
        var names: [String] = []
        if case .header(let name) = endpoint.response.total { names.append(name) }
        if case .link = endpoint.request.paging?.step { names.append("Link") }
        return names
    }

    /// - Parameter headers: of the names in ``headers(of:)``, those that the answer has.
    /// - Throws: `missing_total` and `absurd_total` where a total is not there or cannot be,
    ///   `foreign_link` where a link leads to another host, `echo_differs` where the provider
    ///   answers another question.
    func envelope(
        _ captures: ArraySlice<CapturedValue?>, headers: [String: String],
        to question: PageQuestion
    ) throws(ExtractionError) -> PageEnvelope {
        let captured = Captured(paths: paths, values: Array(captures))
        var envelope = PageEnvelope()
        switch endpoint.response.total {
        case .absent: break
        case .path: envelope.total = try archivedTotal(captures)
        case .header(let name):
            envelope.total = try count(
                headers[name].map { Self.trimmed($0) }, "records in the header `\(name)`")
        case .pageCount(let path):
            envelope.pageCount = try count(captured.scalar(path), "pages at `\(path)`")
        }
        for echo in endpoint.response.echoes { try check(echo, captured, question) }
        guard let paging = endpoint.request.paging else { return envelope }
        if let end = paging.end {
            envelope.isLast = captured[end.path].map { end.accepted.contains($0.text) } ?? false
        }
        if envelope.isLast == true { return envelope }
        envelope.next = try next(paging.step, captured, headers, question)
        if !paging.isNumbered, paging.end == nil { envelope.isLast = envelope.next == nil }
        return envelope
    }

    /// The total of records in a body; nil where bodies have none.
    func archivedTotal(_ captures: ArraySlice<CapturedValue?>) throws(ExtractionError) -> Int? {
        guard case .path(let path) = endpoint.response.total else { return nil }
        let captured = Captured(paths: paths, values: Array(captures))
        return try count(captured.scalar(path), "records at `\(path)`")
    }

    private func next(
        _ step: Paging.Step, _ captured: Captured, _ headers: [String: String],
        _ question: PageQuestion
    ) throws(ExtractionError) -> Continuation? {
        let link: String?
        switch step {
        case .page, .offset: return nil
        case .cursor(let cursors):
            let values = cursors.compactMap { captured.scalar($0.path) }.filter { !$0.isEmpty }
            if values.isEmpty { return nil }
            guard values.count == cursors.count else {
                throw .incomplete(
                    .missingCursor, "the response has only a part of its cursor", endpoint)
            }
            return .cursor(values)
        case .next(let path): link = captured.scalar(path)
        case .link(let relation):
            link = headers["Link"].flatMap { LinkHeader.target($0, relation: relation) }
        }
        guard let link, !link.isEmpty else { return nil }
        guard let url = LinkTarget.resolve(link, against: question.url) else {
            throw .incomplete(.foreignLink, "the next page lies at another host", endpoint)
        }
        return .link(url)
    }

    private func check(
        _ echo: ResponseShape.Echo, _ captured: Captured, _ question: PageQuestion
    ) throws(ExtractionError) {
        guard let sent = question.echoes[echo.parameter] else { return }
        let answered = captured.scalar(echo.path)
        if let answered {
            if answered == sent { return }
            if let number = AnswerReader.integer(answered), number == AnswerReader.integer(sent) {
                return
            }
        }
        throw .incomplete(
            .echoDiffers,
            "`\(echo.parameter)` was \(sent) in the request, but the response answers for "
                + "\(answered ?? "nothing") at `\(echo.path)`", endpoint)
    }

    private func count(_ text: String?, _ what: String) throws(ExtractionError) -> Int {
        guard let number = text.flatMap(AnswerReader.integer) else {
            throw .incomplete(.missingTotal, "the response has no count of \(what)", endpoint)
        }
        guard (0...Self.maximumRecords).contains(number) else {
            throw .incomplete(.absurdTotal, "the response claims \(number) \(what)", endpoint)
        }
        return Int(number)
    }

    private static func trimmed(_ text: String) -> String {
        let blanks: Set<Character> = [" ", "\t"]
        let start = text.drop { blanks.contains($0) }
        return String(start.prefix { !blanks.contains($0) })
    }

    /// The captured values of one body by their paths.
    private struct Captured {
        let paths: [JSONPath]
        let values: [CapturedValue?]

        subscript(path: JSONPath) -> CapturedValue? {
            paths.firstIndex(of: path).flatMap { values[$0] }
        }

        /// A number as it is written, or a text.
        func scalar(_ path: JSONPath) -> String? {
            guard let value = self[path], value.kind == .number || value.kind == .string else {
                return nil
            }
            return value.text
        }
    }
}

extension ExtractionError {
    /// An answer that lacks something, or says what cannot be.
    static func incomplete(
        _ code: ExtractionError.Code, _ message: String, _ endpoint: Endpoint
    ) -> ExtractionError {
        ExtractionError(
            .unknownAnswer, code: code,
            message: "\(endpoint.id): \(message); compare it with \(endpoint.document)")
    }
}
