/// Sends one request and waits for its answer.
///
/// Called on lanes, many at once; `send` blocks its thread until the answer is whole, the time is
/// up, or the connection failed. It neither retries nor follows redirects.
public protocol Transport: Sendable {
    /// Sends and waits; see the protocol.
    func send(_ request: ProviderRequest) -> TransportOutcome
}

/// A POST as a transport sends it.
public struct ProviderRequest: Sendable {
    /// Without credentials: those are in the body.
    public var url: String
    /// Of the body.
    public var contentType: String
    public var body: [UInt8]
    /// From the first byte sent to the last byte received.
    public var timeoutMilliseconds: Int64
    /// PEM, trusted instead of the certificates that the transport trusts; nil: those.
    public var certificateFile: String?
    /// Names of headers of the answer that are needed.
    public var wantedHeaders: [String] = []

    public init(
        url: String, contentType: String, body: [UInt8], timeoutMilliseconds: Int64,
        certificateFile: String? = nil
    ) {
        self.url = url
        self.contentType = contentType
        self.body = body
        self.timeoutMilliseconds = timeoutMilliseconds
        self.certificateFile = certificateFile
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
