import BoundedDispatch
import CCurl
import FileSystem

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A request as it is sent: signed, with its whole URL.
struct StoreCall {
    /// Where the bytes of a body are.
    enum Body {
        case none
        case bytes([UInt8])
        case file(any DiskFile, byteCount: Int)

        var byteCount: Int {
            switch self {
            case .none: 0
            case .bytes(let bytes): bytes.count
            case .file(_, let byteCount): byteCount
            }
        }
    }

    var method: String
    var url: String
    var headers: [(name: String, value: String)] = []
    var body = Body.none
    var timeoutMilliseconds: Int64
    var connectTimeoutMilliseconds: Int64 = 10_000
    /// Of the body of an answer that is kept in memory.
    var maximumByteCount = 1 << 20
}

/// A whole answer.
struct StoreAnswer {
    var status: Int
    /// Names in lower case; only those of ``StoreTransport/readHeaders``.
    var headers: [String: String]
    var body: [UInt8]

    var isSuccess: Bool { (200..<300).contains(status) }
}

/// Why there is no whole answer.
struct StoreFault: Error {
    /// What kept the answer away.
    enum Kind: Hashable {
        case stopped
        /// There is no connection, but there may be one later.
        case noConnection
        /// The certificate is not trusted, or the file of those that are cannot be used.
        case noTrust
        /// The URL is none.
        case invalidURL
        /// The connection ended or stood still before the answer was whole.
        case cut
        case tooLarge
        /// The body could not be read from its file.
        case unreadableFile
    }

    var kind: Kind
    /// Without the host, which requests are named by.
    var text: String
}

/// Sends requests with libcurl, each once, on the calling thread. Connections are kept.
final class StoreTransport: Sendable {
    /// Headers of answers that somebody reads.
    private static let readHeaders = [
        "etag", "x-amz-version-id", "last-modified", "x-amz-meta-cdrx-sha256", "content-length",
        "date", "retry-after", "x-amz-bucket-region",
    ]
    private let client: ccurl_client
    private let certificateFile: String?
    private let stallMilliseconds: Int64

    /// - Parameters:
    ///   - usesProxy: of the environment (`HTTPS_PROXY`, `NO_PROXY`).
    ///   - stallMilliseconds: a transfer that has begun may move less than a byte a second for so
    ///     long.
    init(_ environment: StoreEnvironment, usesProxy: Bool, stallMilliseconds: Int64 = 30_000) {
        self.stallMilliseconds = stallMilliseconds
        let options = CCURL_PATH_AS_IS | (usesProxy ? 0 : CCURL_NO_PROXY)
        client = ccurl_create(environment.userAgent, UInt32(options))
        certificateFile =
            environment.variable("AWS_CA_BUNDLE") ?? environment.variable("SSL_CERT_FILE")
        let stop = environment.stop
        // The token outlives this object, which is alive while the handler runs.
        _ = stop.onStop { [weak self] in self?.interrupt() }
    }

    deinit {
        ccurl_destroy(client)
    }

    /// Sends a request and waits for the whole answer.
    func send(_ call: StoreCall) throws(StoreFault) -> StoreAnswer {
        guard let lane = ccurl_take(client) else {
            throw StoreFault(kind: .noConnection, text: "not enough memory to send a request")
        }
        defer { ccurl_give_back(client, lane) }
        let (result, exchange) = perform(call, lane)
        if let error = exchange.fileError {
            throw StoreFault(kind: .unreadableFile, text: error)
        }
        guard result.code == CURLE_OK, result.status >= 100 else {
            throw StoreFault(result)
        }
        var headers: [String: String] = [:]
        for name in Self.readHeaders {
            if let value = ccurl_header(lane, name) { headers[name] = String(cString: value) }
        }
        return StoreAnswer(status: result.status, headers: headers, body: exchange.body)
    }

    private func interrupt() {
        ccurl_stop(client)
    }

    private func perform(
        _ call: StoreCall, _ lane: OpaquePointer
    ) -> (ccurl_result, Exchange) {
        let lines = call.headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
        let texts = [call.method, call.url, lines, certificateFile].map {
            $0.flatMap { strdup($0) }
        }
        defer { for text in texts { free(text) } }
        var request = ccurl_request()
        (request.method, request.url) = (UnsafePointer(texts[0]), UnsafePointer(texts[1]))
        (request.headers, request.ca_file) = (UnsafePointer(texts[2]), UnsafePointer(texts[3]))
        request.count = Int64(call.body.byteCount)
        request.timeouts = ccurl_timeouts(
            total: call.timeoutMilliseconds, connect: call.connectTimeoutMilliseconds,
            stall: stallMilliseconds)
        request.receive = Exchange.take
        var memory: [UInt8] = []
        switch call.body {
        case .none: break
        case .bytes(let bytes): memory = bytes
        case .file: request.send = Exchange.give
        }
        var exchange = Exchange(call)
        let result = memory.withUnsafeBufferPointer { bytes in
            withUnsafeMutablePointer(to: &exchange) { exchange in
                request.body = bytes.baseAddress
                request.context = UnsafeMutableRawPointer(exchange)
                return ccurl_send(lane, &request)
            }
        }
        return (result, exchange)
    }
}

/// What the callbacks of one transfer share.
private struct Exchange {
    private let maximumByteCount: Int
    private var file: (file: any DiskFile, byteCount: Int)?
    var body: [UInt8] = []
    var fileError: String?

    init(_ call: StoreCall) {
        maximumByteCount = call.maximumByteCount
        if case .file(let file, let byteCount) = call.body { self.file = (file, byteCount) }
    }

    static let take: ccurl_receive = { context, bytes, count, _ in
        guard let exchange = context?.assumingMemoryBound(to: Exchange.self) else { return false }
        return exchange.pointee.take(UnsafeRawBufferPointer(start: bytes, count: count))
    }

    static let give: ccurl_give = { context, bytes, capacity, offset, ending in
        guard let exchange = context?.assumingMemoryBound(to: Exchange.self), let ending else {
            return 0
        }
        let space = UnsafeMutableRawBufferPointer(start: bytes, count: capacity)
        let count = exchange.pointee.give(into: space, from: Int(offset))
        if count == nil { ending.pointee = CCURL_NOTHING_TO_SEND }
        return Int64(count ?? 0)
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= maximumByteCount - body.count else { return false }
        body.append(contentsOf: bytes)
        return true
    }

    /// Bytes that were given; nil where the file cannot be read, or ends too early.
    private mutating func give(into space: UnsafeMutableRawBufferPointer, from offset: Int) -> Int?
    {
        guard let (file, byteCount) = file else { return nil }
        let wanted = min(space.count, byteCount - offset)
        if wanted == 0 { return 0 }
        do {
            let piece = try file.read(at: offset, byteCount: wanted)
            space.copyBytes(from: piece)
            if !piece.isEmpty { return piece.count }
            fileError = "the file has fewer than \(byteCount) bytes"
        } catch {
            fileError = error.message
        }
        return nil
    }
}

extension StoreFault {
    /// What libcurl's result means.
    fileprivate init(_ result: ccurl_result) {
        let words = result.text.map { String(cString: $0) } ?? ""
        self.init(kind: Kind(result), text: words.isEmpty ? Self.text(of: result.ending) : words)
        if kind == .noTrust {
            text +=
                "; name the authority's file as AWS_CA_BUNDLE or SSL_CERT_FILE; nothing was sent"
        }
    }
}

extension StoreFault {
    /// For what libcurl has no words.
    private static func text(of ending: ccurl_ending) -> String {
        switch ending {
        case CCURL_STALLED: "the transfer stood still"
        case CCURL_TOO_MANY_HEADERS: "the headers of the answer do not end"
        case CCURL_DOUBTFUL_LENGTH: "the Content-Length of the answer is doubtful"
        case CCURL_NOT_REPEATED: "the kept connection had ended"
        default: "no whole answer"
        }
    }
}

extension StoreFault.Kind {
    fileprivate init(_ result: ccurl_result) {
        switch result.ending {
        case CCURL_STOPPED:
            self = .stopped
            return
        case CCURL_REFUSED_BODY:
            self = .tooLarge
            return
        case CCURL_STALLED, CCURL_TOO_MANY_HEADERS, CCURL_DOUBTFUL_LENGTH, CCURL_NOT_REPEATED:
            self = .cut
            return
        default: break
        }
        switch result.code {
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE: self = .noTrust
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: self = .invalidURL
        default: self = result.is_begun ? .cut : .noConnection
        }
    }
}
