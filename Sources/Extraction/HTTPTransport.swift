public import BoundedDispatch
import CCurl
import ExportModel
import PageDecoding

/// A transport over libcurl: the calling lane sends and waits, and connections are kept for the
/// next request.
///
/// A request is sent once; libcurl repeats nothing. Proxies come from the environment
/// (`HTTPS_PROXY`, `NO_PROXY`).
public final class HTTPTransport: Transport {
    /// How long a request may take besides its own time-out.
    struct Patience: Sendable {
        /// Until a connection stands, TLS included.
        var connectMilliseconds: Int64 = 10_000
        /// A response that has begun may bring less than a byte a second for so long.
        var stallMilliseconds: Int64 = 30_000
    }

    private let client: ccurl_client
    private let bodyByteLimit: Int
    private let certificateFile: String?
    private let patience: Patience

    /// - Parameters:
    ///   - userAgent: sent with every request.
    ///   - stop: ends all requests in flight at once; none is sent afterwards.
    ///   - certificateFile: PEM, trusted instead of the system's certificates unless the request
    ///     names a file of its own.
    ///   - bodyByteLimit: longer bodies are a failure, counted after decoding.
    public convenience init(
        userAgent: String, stop: StopToken, certificateFile: String? = nil,
        bodyByteLimit: Int = 64 << 20
    ) {
        self.init(
            userAgent: userAgent, stop: stop, certificateFile: certificateFile,
            bodyByteLimit: bodyByteLimit, patience: Patience())
    }

    init(
        userAgent: String, stop: StopToken, certificateFile: String? = nil,
        bodyByteLimit: Int = 64 << 20, patience: Patience
    ) {
        client = ccurl_create(userAgent, UInt32(CCURL_GZIP))
        self.bodyByteLimit = bodyByteLimit
        self.certificateFile = certificateFile
        self.patience = patience
        // The token outlives this object, which is alive while the handler runs.
        _ = stop.onStop { [weak self] in self?.interrupt() }
    }

    deinit {
        ccurl_destroy(client)
    }

    public func send(_ request: ProviderRequest) -> TransportOutcome {
        guard let lane = ccurl_take(client) else { return .failure(.outOfMemory) }
        defer { ccurl_give_back(client, lane) }
        var body = ResponseBody(limit: bodyByteLimit)
        // Texts that are passed as they are would be copied for each request.
        let result = request.url.withCString { url in
            withOptionalCString(request.contentType) { contentType in
                Self.lines(request.headers).withCString { headers in
                    transfer(
                        request, lane, url: url, contentType: contentType, headers: headers,
                        into: &body)
                }
            }
        }
        if result.code == CURLE_OK, result.status >= 100 {
            PageDecoder.pad(&body.bytes)
            return .answer(
                ProviderAnswer(
                    status: result.status,
                    retryAfter: result.retry_after.map { String(cString: $0) },
                    date: result.date.map { String(cString: $0) },
                    headers: Self.headers(request.wantedHeaders, of: lane),
                    body: body.bytes))
        }
        return .failure(TransportFailure(result, url: request.url))
    }

    private func transfer(
        _ request: ProviderRequest, _ lane: OpaquePointer, url: UnsafePointer<CChar>,
        contentType: UnsafePointer<CChar>?, headers: UnsafePointer<CChar>,
        into body: inout ResponseBody
    ) -> ccurl_result {
        withUnsafeMutablePointer(to: &body) { body in
            (request.body ?? []).withUnsafeBufferPointer { bytes in
                withOptionalCString(request.certificateFile ?? certificateFile) { file in
                    var call = ccurl_request()
                    call.method = request.method == .get ? Self.text("GET") : Self.text("POST")
                    call.url = url
                    call.content_type = contentType
                    call.headers = headers
                    call.ca_file = file
                    call.body = bytes.baseAddress
                    call.count = Int64(bytes.count)
                    call.timeouts = timeouts(of: request)
                    call.context = UnsafeMutableRawPointer(body)
                    call.receive = { context, bytes, count, expected in
                        guard let body = context?.assumingMemoryBound(to: ResponseBody.self) else {
                            return false
                        }
                        return body.pointee.append(
                            UnsafeBufferPointer(start: bytes, count: count),
                            expected: Int(expected))
                    }
                    return ccurl_send(lane, &call)
                }
            }
        }
    }

    private static func headers(_ names: [String], of lane: OpaquePointer) -> [String: String] {
        var found: [String: String] = [:]
        for name in names {
            var values: [String] = []
            while let value = ccurl_repeated_header(lane, name, values.count) {
                values.append(String(cString: value))
            }
            if !values.isEmpty { found[name] = values.joined(separator: ", ") }
        }
        return found
    }

    /// One header a line; JSON is asked for unless the request says what.
    private static func lines(_ headers: [RequestHeader]) -> String {
        var lines = ""
        if !headers.contains(where: { $0.name.lowercased() == "accept" }) {
            lines = "Accept: application/json"
        }
        for header in headers {
            if !lines.isEmpty { lines += "\n" }
            // libcurl takes a header without a value for one that it must not send.
            lines += header.name + (header.value.isEmpty ? ";" : ": \(header.value)")
        }
        return lines
    }

    private func withOptionalCString<Result>(
        _ text: String?, _ body: (UnsafePointer<CChar>?) -> Result
    ) -> Result {
        guard let text else { return body(nil) }
        return text.withCString(body)
    }

    /// Ends with a zero byte and lives for ever.
    private static func text(_ text: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    private func interrupt() {
        ccurl_stop(client)
    }

    private func timeouts(of request: ProviderRequest) -> ccurl_timeouts {
        ccurl_timeouts(
            total: request.timeoutMilliseconds,
            connect: min(request.timeoutMilliseconds, patience.connectMilliseconds),
            stall: patience.stallMilliseconds)
    }
}

/// The body as it comes in.
private struct ResponseBody {
    let limit: Int
    var bytes: [UInt8] = []

    init(limit: Int) {
        self.limit = limit
    }

    /// False once the body is longer than the limit.
    mutating func append(_ more: UnsafeBufferPointer<UInt8>, expected: Int) -> Bool {
        guard more.count <= limit - bytes.count else { return false }
        if bytes.isEmpty, expected >= more.count, expected <= limit {
            bytes.reserveCapacity(expected + PageDecoder.paddingByteCount)
        }
        bytes.append(contentsOf: more)
        return true
    }
}
