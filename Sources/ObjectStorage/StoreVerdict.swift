import ExportModel

/// What to do after an attempt. Pure: the answer in, the decision out.
enum StoreVerdict {
    /// A success, or a 404 that the caller reads.
    case answered(StoreAnswer)
    /// The machine's clock is off: sign again by the store's.
    case skewed(storeTime: Int64, ObjectStorageError)
    /// The credentials have ended: sign again with new ones.
    case ended(ObjectStorageError)
    /// Another attempt may help.
    case again(ObjectStorageError, retryAfterMilliseconds: Int64?)
    /// No further attempt helps.
    case failed(ObjectStorageError)

    /// Stores accept 15 minutes. An answer without words, as to HEAD, is taken for a skew where the
    /// clocks differ by more than this.
    static let suspiciousSkewMilliseconds: Int64 = 5 * 60_000

    private static let endedCodes: Set = ["ExpiredToken", "InvalidToken", "TokenRefreshRequired"]
    /// The request was right, and came too often, too slowly, or together with another.
    private static let passingCodes: Set = [
        "ConditionalRequestConflict", "IncompleteBody", "InternalError", "OperationAborted",
        "RequestTimeout", "ServiceUnavailable", "SlowDown", "Throttling", "ThrottlingException",
        "TooManyRequests",
    ]
    /// The body was damaged on its way, or is not what was hashed.
    private static let damagedCodes: Set = ["BadDigest", "XAmzContentSHA256Mismatch"]
    private static let passingStatuses: Set = [408, 425, 429]
    /// Failures of the server that are answers to what was asked: not implemented, no room.
    private static let lastingFailures: Set = [501, 505, 507]

    /// No whole answer came.
    init(_ fault: StoreFault, to request: StoreRequest) {
        func error(_ code: ObjectStorageError.Code, _ text: String) -> ObjectStorageError {
            ObjectStorageError(code, "\(request): \(text)", cause: fault)
        }
        switch fault.kind {
        case .stopped: self = .failed(error(.stopped, "the run stops"))
        case .noConnection:
            self = .again(error(.unreachable, fault.text), retryAfterMilliseconds: nil)
        case .noTrust, .invalidURL: self = .failed(error(.unreachable, fault.text))
        case .cut: self = .again(error(.failing, fault.text), retryAfterMilliseconds: nil)
        case .tooLarge: self = .failed(Self.tooLarge(request))
        case .unreadableFile: self = .failed(error(.file, fault.text))
        }
    }

    /// The object has more bytes than the caller takes.
    static func tooLarge(_ request: StoreRequest) -> ObjectStorageError {
        ObjectStorageError(
            .tooLarge, "\(request): more than the \(request.maximumByteCount) bytes it may have")
    }

    /// - Parameters:
    ///   - signedAt: the time that the request was signed with.
    ///   - credentials: where they are from, for messages.
    init(
        _ answer: StoreAnswer, to request: StoreRequest, signedAt: Int64, credentials: String
    ) {
        let refusal = StoreRefusal(answer)
        let code = refusal.code ?? ""
        if answer.isSuccess
            || answer.status == 404 && request.mayBeMissing && code != "NoSuchBucket"
        {
            let isCut = answer.isSuccess && request.needsETag && answer.headers["etag"] == nil
            let error = ObjectStorageError(.failing, "\(request): the answer has no ETag")
            self = isCut ? .again(error, retryAfterMilliseconds: nil) : .answered(answer)
        } else if let storeTime = answer.storeTime, answer.status == 403,
            code == "RequestTimeTooSkewed"
                || code.isEmpty && abs(storeTime - signedAt) > Self.suspiciousSkewMilliseconds
        {
            self = .skewed(storeTime: storeTime, refusal.error(.skewed, request))
        } else if Self.endedCodes.contains(code)
            || code.isEmpty && request.method == "HEAD" && [400, 403].contains(answer.status)
        {
            self = .ended(refusal.error(.accessDenied, request, "credentials: \(credentials)"))
        } else if Self.damagedCodes.contains(code) {
            self = .again(refusal.error(.refused, request), retryAfterMilliseconds: nil)
        } else if Self.passingCodes.contains(code) || Self.passingStatuses.contains(answer.status)
            || answer.status >= 500 && !Self.lastingFailures.contains(answer.status)
        {
            self = .again(
                refusal.error(.failing, request),
                retryAfterMilliseconds: answer.headers["retry-after"].flatMap { Int64($0) }
                    .map { $0.clamped(to: 0...3_600) * 1_000 })
        } else {
            self = .failed(refusal.lasting(to: request, credentials: credentials))
        }
    }
}

extension StoreAnswer {
    /// The store's clock, in epoch milliseconds.
    var storeTime: Int64? { headers["date"].flatMap(HTTPDate.moment)?.epochMilliseconds }
}

extension Int64 {
    fileprivate func clamped(to range: ClosedRange<Int64>) -> Int64 {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
