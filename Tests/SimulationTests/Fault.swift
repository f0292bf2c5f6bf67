import Extraction

/// What can go wrong with one request.
enum Fault: CaseIterable, Sendable {
    case codeIn200, tooMany, unavailable, reset, refused, timeout, cutBody, html, emptyPage
    case oneTooMany, oneTooFew, missingTotal, repeatedRow

    /// What a run has to get by with, and how often.
    struct Mix: Sendable {
        static let none = Mix(kinds: [], perMille: 0)

        var kinds: [Fault]
        var perMille: Int

        /// From the request itself and how often it came, so that the order of requests moves
        /// nothing.
        func fault(of request: String, attempt: Int, seed: UInt64) -> Fault? {
            guard perMille > 0 else { return nil }
            var draw = Draw(seed, "\(request) \(attempt)")
            return draw.below(1_000) < perMille ? draw.pick(kinds) : nil
        }
    }

    /// Answers where the fault takes the place of the answer; nil where it changes one.
    func outcome(instead body: String, draw: Int) -> TransportOutcome? {
        switch self {
        case .tooMany:
            .answer(
                ProviderAnswer(
                    status: 429,
                    retryAfter: ["0", "7", "Sun, 11 Jan 2026 00:00:30 GMT"][draw % 3], body: []))
        case .unavailable: Self.html(503)
        case .html: Self.html(200)
        case .reset: .failure(TransportFailure(kind: .cutOff, text: "the connection ended"))
        case .refused: .failure(TransportFailure(kind: .refused, text: "nobody listens"))
        case .timeout: .failure(TransportFailure(kind: .timeout, text: "no whole response"))
        case .cutBody:
            .answer(ProviderAnswer(status: 200, body: Array(body.utf8.prefix(body.utf8.count / 2))))
        case .codeIn200, .emptyPage, .oneTooMany, .oneTooFew, .missingTotal, .repeatedRow: nil
        }
    }

    private static func html(_ status: Int) -> TransportOutcome {
        .answer(ProviderAnswer(status: status, body: Array("<html>Bad Gateway</html>".utf8)))
    }
}
