import ExportModel
import PageDecoding

/// Applies an entry's answer rules to the values captured from a body.
struct RuleReader: Sendable {
    /// What must be captured, in the order ``verdict(on:status:retryAfter:)`` expects.
    let paths: [JSONPath]
    private let rules: AnswerRules
    /// Named in messages: the endpoint's id.
    private let service: String
    /// At endpoints that are asked by id, a refusal without a message may also mean an unknown id.
    private let isAskedByID: Bool
    /// What messages leave out when they repeat the provider's words.
    private var secrets = SentSecrets()

    init(rules: AnswerRules, service: String, isAskedByID: Bool = false) {
        self.rules = rules
        self.service = service
        self.isAskedByID = isAskedByID
        paths = rules.paths
    }

    /// The same rules for the response to a request that was sent with these credentials.
    func hiding(_ secrets: SentSecrets) -> RuleReader {
        var copy = self
        copy.secrets = secrets
        return copy
    }

    /// nil if the answer is a success.
    ///
    /// - Parameter captures: values at ``paths``, in their order; more may follow.
    func verdict(
        on captures: [CapturedValue?], status: Int, retryAfter: Int64?
    ) -> AnswerVerdict? {
        let isOK = (200...299).contains(status)
        let isPassing = Self.isPassing(status)
        if isOK, rules.success.allSatisfy({ holds($0, captures) }) { return nil }
        let explanation = errorText(captures)
        if !isPassing {
            for rule in rules.failures where matches(rule, status, captures, explanation) {
                let isDoubtful = isAskedByID && rule.texts.isEmpty
                return verdict(rule.meaning, explanation, captures, retryAfter, isDoubtful)
            }
        }
        if isOK {
            return .refused(
                error(
                    .unknownAnswer, Code.unknownAnswer.rawValue,
                    "the response is neither a success nor a known failure: "
                        + successes(captures) + "; compare the entry's rules with the document",
                    explanation))
        }
        return verdict(onStatus: status, explanation: explanation, retryAfter: retryAfter)
    }

    /// A body that is no JSON: by its status, and if that says success, a passing failure.
    func verdict(
        onUndecodable cause: PageDecodingError, status: Int, retryAfter: Int64?
    ) -> AnswerVerdict {
        if !(200...299).contains(status) {
            return verdict(onStatus: status, explanation: nil, retryAfter: retryAfter)
        }
        return .again(
            RetryableFailure(
                error: ExtractionError(
                    .unknownAnswer, code: cause.code,
                    message:
                        "\(service): the body of the response cannot be read: \(cause.message)",
                    cause: cause),
                retryAfterMilliseconds: retryAfter))
    }

    private static func isPassing(_ status: Int) -> Bool {
        status == 408 || status == 425 || status == 429 || (500...599).contains(status)
    }

    private func verdict(
        onStatus status: Int, explanation: String?, retryAfter: Int64?
    ) -> AnswerVerdict {
        let what = "HTTP status \(status)"
        if Self.isPassing(status) {
            return .again(
                RetryableFailure(
                    error: error(
                        status == 429 ? .throttled : .unreachable, Code.text(ofStatus: status),
                        what,
                        explanation),
                    retryAfterMilliseconds: retryAfter, isThrottle: status == 429))
        }
        switch status {
        case 401, 403, 407:
            return .refused(
                error(.authentication, Code.authenticationFailed.rawValue, what, explanation))
        case 400, 422:
            return .refused(error(.badRequest, Code.badRequest.rawValue, what, explanation))
        case 300...399, 404, 405, 410:
            return .refused(
                error(
                    .configuration, Code.noSuchRoute.rawValue,
                    what + ": there is no such call; check `base_url`",
                    explanation))
        default:
            return .refused(error(.unknownAnswer, Code.text(ofStatus: status), what, explanation))
        }
    }

    private func verdict(
        _ meaning: AnswerClass, _ explanation: String?, _ captures: [CapturedValue?],
        _ retryAfter: Int64?, _ isDoubtful: Bool
    ) -> AnswerVerdict {
        switch meaning {
        case .retry:
            let isThrottle = codes(captures).contains("429")
            return .again(
                RetryableFailure(
                    error: error(
                        isThrottle ? .throttled : .unreachable, Code.providerError.rawValue,
                        "the provider reports an error of its own (\(codes(captures).joined(separator: ", ")))",
                        explanation),
                    retryAfterMilliseconds: retryAfter, isThrottle: isThrottle))
        case .authentication:
            return .refused(
                error(
                    .authentication,
                    isDoubtful
                        ? Code.authenticationDoubtful.rawValue : Code.authenticationFailed.rawValue,
                    "the provider refused the credentials; check them, then run again", explanation)
            )
        case .badRequest:
            return .refused(
                error(
                    .badRequest, Code.badRequest.rawValue,
                    "the provider refused the request; check `params`",
                    explanation))
        case .configuration:
            return .refused(
                error(
                    .configuration, Code.notAuthorised.rawValue,
                    "the account is not set up for this call; ask the provider to allow it",
                    explanation))
        case .unknownID:
            return .unknownID
        }
    }

    private typealias Code = ExtractionError.Code

    private func error(
        _ kind: FailureKind, _ code: String, _ what: String, _ explanation: String?
    ) -> ExtractionError {
        let said =
            explanation.map { " (it says: \(Redaction.redacted($0, hiding: secrets)))" } ?? ""
        return ExtractionError(kind, code: code, message: "\(service): \(what)\(said)")
    }

    private func value(_ path: JSONPath, _ captures: [CapturedValue?]) -> CapturedValue? {
        paths.firstIndex(of: path).flatMap { captures[$0] }
    }

    private func holds(_ condition: AnswerRules.Condition, _ captures: [CapturedValue?]) -> Bool {
        guard let value = value(condition.path, captures), value.kind != .null else {
            return condition.mayBeAbsent
        }
        return condition.accepted.contains(value.text)
    }

    private func matches(
        _ rule: AnswerRules.Rule, _ status: Int, _ captures: [CapturedValue?],
        _ explanation: String?
    ) -> Bool {
        if !rule.statuses.isEmpty, !rule.statuses.contains(where: { $0.contains(Int64(status)) }) {
            return false
        }
        if let path = rule.path {
            guard let value = value(path, captures),
                let code = AnswerReader.integer(value.text),
                rule.codes.contains(where: { $0.contains(code) })
            else { return false }
        }
        if let path = rule.emptyPath, !isEmpty(path, captures) { return false }
        if rule.texts.isEmpty { return true }
        let said = explanation?.lowercased() ?? ""
        return rule.texts.contains { said.contains($0) }
    }

    /// Whether the body has no value there: nothing, null or an empty text.
    private func isEmpty(_ path: JSONPath, _ captures: [CapturedValue?]) -> Bool {
        guard let found = value(path, captures) else { return true }
        return found.kind == .null || found.kind == .string && found.text.isEmpty
    }

    /// The values at the paths that rules look at, for messages.
    private func codes(_ captures: [CapturedValue?]) -> [String] {
        var seen: [JSONPath] = []
        return rules.failures.compactMap { rule in
            guard let path = rule.path, !seen.contains(path) else { return nil }
            seen.append(path)
            return value(path, captures).map { Redaction.redacted($0.text, hiding: secrets) }
        }
    }

    /// What a success would have, for messages: `code is 777, expected 200`.
    private func successes(_ captures: [CapturedValue?]) -> String {
        rules.success.filter { !holds($0, captures) }.map { condition in
            let found = value(condition.path, captures).map {
                Redaction.redacted($0.text, hiding: secrets)
            }
            return "\(condition.path) is \(found ?? "missing"), expected "
                + condition.accepted.joined(separator: " or ")
        }.joined(separator: ", ")
    }

    private func errorText(_ captures: [CapturedValue?]) -> String? {
        for path in rules.errorTexts {
            if let value = value(path, captures), value.kind == .string, !value.text.isEmpty {
                return value.text
            }
        }
        return nil
    }
}
