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

    public init(url: String, contentType: String, body: [UInt8], timeoutMilliseconds: Int64) {
        self.url = url
        self.contentType = contentType
        self.body = body
        self.timeoutMilliseconds = timeoutMilliseconds
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
    public var body: [UInt8]

    public init(status: Int, retryAfter: String? = nil, body: [UInt8]) {
        self.status = status
        self.retryAfter = retryAfter
        self.body = body
    }
}

/// Why there is no whole response.
public struct TransportFailure: Sendable {
    /// What kept the answer away; the raw value is the error code.
    public enum Kind: String, Sendable {
        /// No connection: refused, unknown host, TLS.
        case notConnected = "not_connected"
        case timeout
        /// The connection ended before the answer did.
        case cutOff = "cut_off"
        /// The body is longer than the limit.
        case tooLarge = "too_large"
        /// The URL cannot be asked at all.
        case invalidURL = "invalid_url"
    }

    /// What kept the answer away.
    public var kind: Kind
    /// For people; without credentials.
    public var text: String

    public init(kind: Kind, text: String) {
        self.kind = kind
        self.text = text
    }
}
