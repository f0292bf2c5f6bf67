public import ExportModel

/// Why a window, an account or a request could not be extracted.
public struct ExtractionError: ErrorContract {
    /// What it means for the run's exit code.
    public let kind: FailureKind
    public let code: String
    public let message: String
    public let cause: (any Error)?

    /// - Parameter code: of this target.
    public init(
        _ kind: FailureKind, code: Code, message: String, cause: (any Error)? = nil
    ) {
        self.init(kind, code: code.rawValue, message: message, cause: cause)
    }

    /// Takes over a code as another target, the ledger or an HTTP status gave it.
    public init(
        _ kind: FailureKind, code: String, message: String, cause: (any Error)? = nil
    ) {
        self.kind = kind
        self.code = code
        self.message = message
        self.cause = cause
    }
}

extension ExtractionError {
    /// Code of an archived page that the endpoint's entry cannot read any more.
    public static let unreadablePage = Code.unreadablePage.rawValue

    /// The run was stopped.
    public static let interrupted = ExtractionError(
        .interrupted, code: .interrupted,
        message: "the run was stopped; the window resumes with the next run")

    /// An entry whose rules speak of ids at an endpoint that is asked for a window.
    static let unknownIDWithoutID = ExtractionError(
        .unknownAnswer, code: .unknownAnswer,
        message: """
            the response means "unknown id" by the endpoint's entry, but no id was asked for; correct \
            the entry's rule (`means: unknown_id`)
            """)

    /// The walk found other records than the provider says there are.
    ///
    /// - Parameters:
    ///   - repeats: records that came again under a key that was there already.
    ///   - policy: what becomes of them.
    static func unreconciled(
        reported: Int, found: Int, repeats: Int = 0, rounds: Int, policy: MismatchPolicy = .fail
    ) -> ExtractionError {
        let remedy =
            switch policy {
            case .fail:
                "run the window again later, and if it stays, ask the provider which number is "
                    + "right, or publish what there is with `extract: {on_mismatch: publish}`"
            case .publish:
                "published all the same, as `on_mismatch: publish` says; the next run tries again"
            }
        let explanation =
            found + repeats == reported
            ? "; \(repeats) more are repeats of them, so its total seems to count repeated rows"
            : ""
        return ExtractionError(
            .unreconciled, code: .unreconciled,
            message: """
                the provider reports \(reported) records, but its pages hold \(found) different \
                ones (after \(rounds) walks)\(explanation); \(remedy)
                """)
    }

    /// A page that must be empty, because the one before is full, was refused.
    static func refusedPageAfterLast(_ number: Int, _ error: ExtractionError) -> ExtractionError {
        ExtractionError(
            error.kind, code: error.code,
            message: """
                page \(number - 1) is full, and page \(number), which must show that nothing \
                follows, was refused: \(error.message)
                """, cause: error)
    }

    /// Most records lie outside what was asked for: the provider did not understand the bounds, and
    /// answers with something else (TeleCMI: the last 24 hours). nil where they do not.
    static func strays(on page: IdentifiedPage, asked: TimeRange) -> ExtractionError? {
        let times = page.times.filter { $0 != IdentifiedPage.noTime }
        let strays = times.count { asked.isFar($0) }
        guard strays * 2 > times.count else { return nil }
        return ExtractionError(
            .unknownAnswer, code: .outsideRequest,
            message: """
                \(strays) of \(times.count) records lie outside the time that was asked for; the \
                provider seems to ignore the window's parameters, so compare their names in the \
                endpoint's entry, and `source_timezone`, with its document
                """)
    }

    /// The link or cursor of a page leads to one that was read before.
    static func repeatedCursor(afterPage number: Int) -> ExtractionError {
        ExtractionError(
            .unknownAnswer, code: .repeatedCursor,
            message: """
                page \(number) of a slice names a next page that was read before, twice; its pages \
                would never end, and what they lead around may be lost
                """)
    }

    /// A page that is not the last does not say how the next is asked for.
    static func missingCursor(onPage number: Int) -> ExtractionError {
        ExtractionError(
            .unknownAnswer, code: .missingCursor,
            message: """
                page \(number) of a slice is not marked as the last, but has no link or cursor for \
                the next; compare `paging` of the endpoint's entry with its document
                """)
    }

    /// The pages of a slice that cannot be cut do not end.
    static func endless(_ range: TimeRange, pages: Int) -> ExtractionError {
        ExtractionError(
            .unknownAnswer, code: .endlessChain,
            message: """
                the pages for \(range.durationMilliseconds) ms do not end after \(pages); the \
                provider seems to ignore the window's parameters, so compare their names in the \
                endpoint's entry with its document
                """)
    }

    /// A slice that cannot be cut has as many records as the provider lists at most.
    static func capped(_ range: TimeRange, _ count: Int) -> ExtractionError {
        ExtractionError(
            .unreconciled, code: .resultsCapped,
            message: """
                \(range.durationMilliseconds) ms hold \(count) records, as many as the provider \
                lists at most, so that some may be missing
                """)
    }

    /// No two walks of a slice in a row brought the same records.
    static func unsettled(walks: Int) -> ExtractionError {
        ExtractionError(
            .unreconciled, code: .unreconciled,
            message: """
                the provider reports no total, and \(walks) walks of the same time never brought \
                the same records twice in a row; run the window again later, when its records have \
                settled
                """)
    }

    /// More records than a slice that cannot be cut may hold.
    static func absurdTotal(
        _ total: Int, rowsPerPage: Int, of range: TimeRange
    ) -> ExtractionError {
        ExtractionError(
            .unknownAnswer, code: .absurdTotal,
            message: """
                the provider reports \(total) records, \(rowsPerPage) a page, within \
                \(range.durationMilliseconds) ms; it seems to ignore the window's parameters, so \
                compare their names in the endpoint's entry with its document
                """)
    }

    /// Whether a refusal of a page after the first may mean that its cursor is no longer accepted.
    var mayBeExpiry: Bool {
        switch kind {
        case .badRequest: true
        case .configuration: code == Code.noSuchRoute.rawValue
        case .unknownAnswer: code == Code.unknownAnswer.rawValue || code.hasPrefix("http_")
        default: false
        }
    }
}
