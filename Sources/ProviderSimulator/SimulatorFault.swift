/// Trouble that the simulator makes on purpose; the raw value is its name on the command line.
public enum SimulatorFault: String, CaseIterable, Codable, Sendable {
    /// Status 429 with `Retry-After` as seconds (0 or 1) or as a date that has come.
    case http429 = "http-429"
    /// Status 503 with an HTML body.
    case http503 = "http-503"
    /// The connection closes without an answer.
    case reset
    /// The connection closes in the middle of the body.
    case cutBody = "cut-body"
    /// Status 200 with an HTML page, or with half of the JSON.
    case badJSON = "bad-json"
    /// Status 200 with the provider's own error code for passing trouble.
    case codeIn200 = "code-in-200"
    /// The body comes in pieces with pauses.
    case slowBody = "slow-body"
    /// No rows, but the right total.
    case emptyPage = "empty-page"
    /// One row of the page comes twice in a row; no other row is missing.
    case duplicateRow = "duplicate-row"
    /// A new record enters at the newest end of the window asked for, before the answer is made.
    case drift
    /// A share of the records (not of the requests) is served with one field of a wrong type.
    case dirtyRows = "dirty-rows"
    /// The token that the request came with dies; only tokens issued by a login can.
    case tokenDeath = "token-death"
    /// No answer for ``SimulatorOptions/hangMilliseconds``.
    case hang
    /// The total is one too many.
    case totalLie = "total-lie"
    /// The answer has no total.
    case missingTotal = "missing-total"

    /// Whether a login can meet it too: those are faults of the transport.
    var meetsLogins: Bool {
        switch self {
        case .http429, .http503, .reset, .cutBody, .badJSON, .slowBody, .hang: true
        case .codeIn200, .emptyPage, .duplicateRow, .drift, .dirtyRows, .tokenDeath, .totalLie,
            .missingTotal:
            false
        }
    }
}
