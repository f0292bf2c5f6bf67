/// A fault that the simulator injects; the raw value is its name on the command line.
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
    /// Status 200 with the provider's own error code for a failure that passes.
    case codeIn200 = "code-in-200"
    /// The body comes in pieces with pauses.
    case slowBody = "slow-body"
    /// No rows, but the right total.
    case emptyPage = "empty-page"
    /// One row of the page comes twice in a row; no other row is missing.
    case duplicateRow = "duplicate-row"
    /// The last row of a page with several is missing, and no other page has it.
    case shortPage = "short-page"
    /// The rows of the page before.
    case repeatedPage = "repeated-page"
    /// A page says that it is the last, though others follow; where a page names the next one.
    case lostNext = "lost-next"
    /// A page names itself as the next one; where a page names the next one.
    case repeatedCursor = "repeated-cursor"
    /// A link or a cursor is refused as too old.
    case deadCursor = "dead-cursor"
    /// A new record enters at the newest end of the window asked for, before the answer is made.
    case drift
    /// A record leaves the window asked for and another enters it, anywhere, before the answer is
    /// made: the total stays.
    case leave
    /// A share of the records (not of the requests) is served with one field of a wrong type.
    case dirtyRows = "dirty-rows"
    /// The token that the request came with dies; only tokens issued by a login can.
    case tokenDeath = "token-death"
    /// No answer for ``SimulatorOptions/hangMilliseconds``.
    case hang
    /// The total is one too many.
    case totalLie = "total-lie"
    /// The total is one too few.
    case totalLow = "total-low"
    /// The total is a whole page too few.
    case totalLowPage = "total-low-page"
    /// The total counts the rows of its own page.
    case totalOfPage = "total-of-page"
    /// No total is above 1,000.
    case totalCap = "total-cap"
    /// The answer has no total.
    case missingTotal = "missing-total"

    /// Whether a login can meet it too: those are faults of the transport.
    var meetsLogins: Bool {
        switch self {
        case .http429, .http503, .reset, .cutBody, .badJSON, .slowBody, .hang: true
        case .codeIn200, .emptyPage, .shortPage, .repeatedPage, .lostNext, .repeatedCursor,
            .deadCursor, .duplicateRow, .drift, .leave, .dirtyRows, .tokenDeath,
            .totalLie, .totalLow, .totalLowPage, .totalOfPage, .totalCap, .missingTotal:
            false
        }
    }

    /// Those that replace the total; only the first of them that is drawn takes effect.
    static let ofTotals: [Self] = [
        .missingTotal, .totalLie, .totalLow, .totalLowPage, .totalOfPage, .totalCap,
    ]

    /// What is reported where `found` records are there and the page has `rowCount` of `size`.
    func total(found: Int, rowCount: Int, size: Int64) -> Int? {
        switch self {
        case .missingTotal: nil
        case .totalLie: found + 1
        case .totalLow: max(found - 1, 0)
        case .totalLowPage: max(found - Int(min(size, Int64(found))), 0)
        case .totalOfPage: rowCount
        case .totalCap: min(found, SimulatorOptions.totalCap)
        default: found
        }
    }
}
