public import ExportModel

extension ExtractionError {
    /// Why a request, an account or a window failed.
    public enum Code: String, ReportedCode {
        case absurdTotal = "absurd_total"
        case authenticationDoubtful = "authentication_doubtful"
        case authenticationFailed = "authentication_failed"
        case badRequest = "bad_request"
        case echoDiffers = "echo_differs"
        case endlessChain = "endless_chain"
        case endlessDrain = "endless_drain"
        case foreignLink = "foreign_link"
        /// Stands for `http_` and the status; see ``text(ofStatus:)``.
        case httpNNN = "http_NNN"
        case incompletePage = "incomplete_page"
        case interrupted
        case missingCursor = "missing_cursor"
        case missingReport = "missing_report"
        case missingRows = "missing_rows"
        case missingToken = "missing_token"
        case missingTotal = "missing_total"
        case noSuchRoute = "no_such_route"
        case notAuthorised = "not_authorised"
        case outsideRequest = "outside_request"
        case providerError = "provider_error"
        case repeatedCursor = "repeated_cursor"
        case reportLate = "report_late"
        case resultsCapped = "results_capped"
        case unknownAnswer = "unknown_answer"
        case unreadablePage = "unreadable_page"
        case unreconciled
        case unsendableValue = "unsendable_value"

        /// The code of an HTTP status: `http_503`.
        static func text(ofStatus status: Int) -> String { "http_\(status)" }
    }
}

extension ExtractionError.Code {
    public var explanation: CodeExplanation {
        switch self {
        case .absurdTotal:
            CodeExplanation(
                "The provider reports a total that cannot be, so that completeness cannot be "
                    + "proven by it. It seems to ignore the parameters of the window.",
                remedy:
                    "Compare the parameters of the endpoint's entry with the provider's document.")
        case .authenticationDoubtful:
            CodeExplanation(
                "A refusal that may mean an unknown id or wrong credentials; it is decided by "
                    + "asking again for a known id.",
                remedy: "None: cdrx decides it by itself.")
        case .authenticationFailed:
            CodeExplanation(
                "The provider refused the credentials. The account is stopped at once, so that "
                    + "it is not blocked; others go on.",
                remedy: "Correct the credentials and try them with `cdrx check`.")
        case .badRequest:
            CodeExplanation(
                "The provider says that the request itself is wrong; it is not sent again.",
                remedy:
                    "Check `params` and `page_size`, and in an entry of your own `window.format` "
                    + "and `maximum_size`; the message holds what the provider says.")
        case .echoDiffers:
            CodeExplanation(
                "The response repeats another value than the one that was sent, so that it "
                    + "answers another question: the provider silently changed the page size or "
                    + "the window.",
                remedy:
                    "Ask for less, as the message says, or correct the entry: `maximum_size`, "
                    + "`window.maximum_span`, `response.echoes`.")
        case .endlessChain:
            CodeExplanation(
                "The pages of a slice that cannot be cut any more do not end.",
                remedy: "Compare the parameters of the endpoint's entry with its document.")
        case .endlessDrain:
            CodeExplanation(
                "A drain keeps getting records and does not end.",
                remedy: "Check that nothing else marks records as unread, and run again.")
        case .foreignLink:
            CodeExplanation(
                "The link to the next page leads to another scheme, host or port than "
                    + "`base_url`. It is not followed: the credentials go to that host only.",
                remedy: "Use the `base_url` that the provider's links have.")
        case .httpNNN:
            CodeExplanation(
                "The provider answered with this HTTP status at every attempt. 429 asks for "
                    + "fewer requests; 5xx is its own failure.",
                remedy:
                    "Run again later; lower `requests_per_second` for 429, else ask the provider.")
        case .incompletePage:
            CodeExplanation(
                "A page stayed shorter than it must be at every attempt, so that records may be "
                    + "missing.",
                remedy: "Run again later; if it stays, ask the provider.")
        case .interrupted:
            CodeExplanation(
                "The run was stopped. Nothing is lost.",
                remedy: "Run again: the window resumes.")
        case .missingCursor:
            CodeExplanation(
                "The response has only some of the values that ask for the next page.",
                remedy: "Compare `paging.cursor` of the entry with the provider's document.")
        case .missingReport:
            CodeExplanation(
                "The provider answered without the id of the report that it was asked for, or "
                    + "without a link to its file.",
                remedy: "Compare `report` of the endpoint's entry with the provider's document.")
        case .missingRows:
            CodeExplanation(
                "The response has no list of records where the endpoint's entry expects it. It "
                    + "is not taken for an empty page.",
                remedy: "Compare `response.rows` of the entry with the provider's document.")
        case .missingToken:
            CodeExplanation(
                "The login succeeded, but its response has no token.",
                remedy: "Compare `login.token` of the entry with the provider's document.")
        case .missingTotal:
            CodeExplanation(
                "The response has no total, so that completeness cannot be proven.",
                remedy: "Compare `response.total` of the entry with the provider's document.")
        case .noSuchRoute:
            CodeExplanation(
                "The provider has no such call at this address.",
                remedy: "Check `base_url`, and the path of the endpoint's entry.")
        case .notAuthorised:
            CodeExplanation(
                "The account is not allowed to make this call: a license, an allow-list or a "
                    + "module is missing.",
                remedy: "Ask the provider to allow it.")
        case .outsideRequest:
            CodeExplanation(
                "Most records lie outside the time that was asked for: the provider ignores the "
                    + "parameters of the window.",
                remedy: "Compare them, and `source_timezone`, with the provider's document.")
        case .providerError:
            CodeExplanation(
                "The provider reports an error of its own, at every attempt.",
                remedy: "Run again later; if it stays, ask the provider.")
        case .repeatedCursor:
            CodeExplanation(
                "The provider names a next page that was read before, so that its pages lead in "
                    + "a circle.",
                remedy: "Run again later; if it stays, ask the provider.")
        case .reportLate:
            CodeExplanation(
                "A report that the provider was asked for is not ready after an hour.",
                remedy: "Run again later, or with shorter windows (`windows.every`).")
        case .resultsCapped:
            CodeExplanation(
                "A stretch of time that cannot be cut any more has as many records as the "
                    + "provider lists at most, so that some may be missing.",
                remedy: "Ask the provider for another way to list them.")
        case .unknownAnswer:
            CodeExplanation(
                "The response is neither a success nor a failure that the entry knows. What is "
                    + "not recognized is not published.",
                remedy:
                    "Compare the rules of the endpoint's entry with the response and the document.")
        case .unreadablePage:
            CodeExplanation(
                "An archived response cannot be read by the endpoint's entry of today.",
                remedy: "Correct the entry, or ask the provider again with `backfill --force`.")
        case .unreconciled:
            CodeExplanation(
                "The pages hold another number of records than the provider reports, so that "
                    + "the window may lack some. It is not published.",
                remedy:
                    "Run again later; if it stays, check `paging` and `total` of an entry of your "
                    + "own, ask the provider, or publish what there is with "
                    + "`on_mismatch: publish`.")
        case .unsendableValue:
            CodeExplanation(
                "A value cannot stand where the endpoint's entry puts it: an empty one or a dot "
                    + "segment in a path, a line break in a header, a `:` in the user of HTTP "
                    + "Basic authentication. Nothing was sent.",
                remedy: "Correct the credential, parameter or request id that the message names.")
        }
    }
}
