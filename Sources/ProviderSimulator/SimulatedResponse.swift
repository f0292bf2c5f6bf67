/// A whole answer before any fault of the transport is injected.
struct SimulatedResponse: Sendable {
    /// HTTP status
    var status = 200
    /// Value of `Content-Type`.
    var contentType = "application/json; charset=utf-8"
    /// All bytes of the body.
    var body: [UInt8]
    /// Value of `Retry-After`.
    var retryAfter: String?
    /// Further header fields.
    var headers: [(name: String, value: String)] = []

    /// The JSON that `write` writes.
    static func json(status: Int = 200, _ write: (inout JSONWriter) -> Void) -> Self {
        var writer = JSONWriter()
        write(&writer)
        return Self(status: status, body: writer.body)
    }

    /// A page for browsers, as proxies answer.
    static func html(status: Int, _ text: String) -> Self {
        Self(
            status: status, contentType: "text/html; charset=utf-8",
            body: Array("<html><body><h1>\(text)</h1></body></html>\n".utf8))
    }

    /// What Express answers where there is no route.
    static func noRoute(method: String, path: String) -> Self {
        html(status: 404, "Cannot \(method) \(path.filter { $0 != "<" && $0 != ">" })")
    }
}

extension JSONWriter {
    fileprivate var body: [UInt8] { bytes }
}
