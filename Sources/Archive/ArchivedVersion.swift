public import ExportModel

/// One extraction of one account window.
public struct ArchivedVersion: Hashable, Sendable {
    /// Unique in its window, as in `<run id>.<number>`.
    public var id: String
    public var account: String
    /// Of the plan that it was begun with; see ``WindowArchive/begin(_:id:fingerprint:)``.
    public var fingerprint: String
    public var sliceCount: Int
    /// nil while it is open.
    public var end: ArchivedEnd?

    public init(
        id: String, account: String, fingerprint: String, sliceCount: Int, end: ArchivedEnd?
    ) {
        self.id = id
        self.account = account
        self.fingerprint = fingerprint
        self.sliceCount = sliceCount
        self.end = end
    }
}

/// What ends a version: all slices are there.
public struct ArchivedEnd: Hashable, Sendable {
    /// Requests that the version cost, retries included.
    public var requestCount: Int
    public var extractedAt: Timestamp
    /// Of the request list that was walked; nil for windows.
    public var requestListSHA256: String?
    /// Why records and reported total do not agree; nil where they do.
    public var mismatch: ArchivedMismatch?
    /// Whether the version has more rejects than the pipeline allows: it is kept, not published.
    public var isRefused: Bool

    public init(
        requestCount: Int, extractedAt: Timestamp, requestListSHA256: String? = nil,
        mismatch: ArchivedMismatch? = nil, isRefused: Bool = false
    ) {
        self.requestCount = requestCount
        self.extractedAt = extractedAt
        self.requestListSHA256 = requestListSHA256
        self.mismatch = mismatch
        self.isRefused = isRefused
    }
}

/// Why a version is not reconciled, as the extraction said.
public struct ArchivedMismatch: Hashable, Sendable {
    public var kind: FailureKind
    public var code: String
    public var message: String

    public init(kind: FailureKind, code: String, message: String) {
        self.kind = kind
        self.code = code
        self.message = message
    }
}
