public import ExportModel

/// Sends one request and waits for its answer.
///
/// Called on lanes, many at once; `send` blocks its thread until the answer is whole, the time is
/// up, or the connection failed. It neither retries nor follows redirects.
public protocol Transport: Sendable {
    /// Sends and waits; see the protocol.
    func send(_ request: ProviderRequest) -> TransportOutcome
}

/// A request as a transport sends it. URL, headers and body hold credentials: messages repeat none
/// of them.
public struct ProviderRequest: Sendable {
    public var method: RequestShape.Method
    /// With the query.
    public var url: String
    /// Besides those that the transport writes by itself.
    public var headers: [RequestHeader]
    /// nil where there is no body.
    public var contentType: String?
    public var body: [UInt8]?
    /// From the first byte sent to the last byte received.
    public var timeoutMilliseconds: Int64
    /// PEM, trusted instead of the certificates that the transport trusts; nil: those.
    public var certificateFile: String?
    /// Names of headers of the answer that are needed.
    public var wantedHeaders: [String] = []

    public init(
        method: RequestShape.Method = .post, url: String, headers: [RequestHeader] = [],
        contentType: String?, body: [UInt8]?, timeoutMilliseconds: Int64,
        certificateFile: String? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.contentType = contentType
        self.body = body
        self.timeoutMilliseconds = timeoutMilliseconds
        self.certificateFile = certificateFile
    }
}

/// A header of a request; its value has no line breaks.
public struct RequestHeader: Hashable, Sendable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// A whole answer, or why there is none.
public enum TransportOutcome: Sendable {
    case answer(ProviderAnswer)
    case failure(TransportFailure)
}

/// A whole HTTP response.
public struct ProviderAnswer: Sendable {
    /// HTTP status code.
    public var status: Int
    /// The header's text, if the answer has one.
    public var retryAfter: String?
    /// The header `Date`: when the provider's clock says that it answered.
    public var date: String?
    /// Those of the headers the request wanted that the answer has; of one that comes more than
    /// once all values, joined by commas.
    public var headers: [String: String]
    /// Decoded without a copy where ``PageDecoder/pad(_:)`` was called for it.
    public var body: [UInt8]

    public init(
        status: Int, retryAfter: String? = nil, date: String? = nil,
        headers: [String: String] = [:], body: [UInt8]
    ) {
        self.headers = headers
        self.status = status
        self.retryAfter = retryAfter
        self.date = date
        self.body = body
    }
}
