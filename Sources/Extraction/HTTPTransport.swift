import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A transport over async-http-client; the calling lane blocks on its future.
public final class HTTPTransport: Transport {
    private let client: HTTPClient
    private let bodyByteLimit: Int
    private let userAgent: String

    /// - Parameters:
    ///   - userAgent: sent with every request.
    ///   - bodyByteLimit: longer bodies are a failure.
    public init(userAgent: String, bodyByteLimit: Int = 64 << 20) {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        // Our own schedule retries, so that attempts and pauses are counted in one place.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
        self.bodyByteLimit = bodyByteLimit
        self.userAgent = userAgent
    }

    /// Closes idle connections. Call once, after the last request.
    public func shutdown() throws {
        try client.syncShutdown()
    }

    public func send(_ request: ProviderRequest) -> TransportOutcome {
        do {
            return .answer(try answer(to: request))
        } catch {
            return .failure(Self.failure(from: error))
        }
    }

    private func answer(to request: ProviderRequest) throws -> ProviderAnswer {
        let headers: HTTPHeaders = [
            "Content-Type": request.contentType, "Accept": "application/json",
            "User-Agent": userAgent,
        ]
        let message = try HTTPClient.Request(
            url: request.url, method: .POST, headers: headers, body: .bytes(request.body))
        let accumulator = ResponseAccumulator(request: message, maxBodySize: bodyByteLimit)
        let deadline = NIODeadline.now() + .milliseconds(request.timeoutMilliseconds)
        let response = try client.execute(
            request: message, delegate: accumulator, deadline: deadline
        ).wait()
        var body = response.body ?? ByteBuffer()
        return ProviderAnswer(
            status: Int(response.status.code),
            retryAfter: response.headers.first(name: "Retry-After"),
            body: body.readBytes(length: body.readableBytes) ?? [])
    }

    private static func failure(from error: any Error) -> TransportFailure {
        switch error {
        case let error as HTTPClientError where isTimeout(error):
            return TransportFailure(kind: .timeout, text: "no whole answer in time")
        case let error as HTTPClientError where isInvalid(error):
            return TransportFailure(kind: .invalidURL, text: error.description)
        case let error as HTTPClientError:
            return TransportFailure(kind: .cutOff, text: error.description)
        case is NIOConnectionError:
            return TransportFailure(
                kind: .notConnected, text: "no connection (refused, or no such host)")
        case is ResponseAccumulator.ResponseTooBigError:
            return TransportFailure(kind: .tooLarge, text: "the answer is longer than the limit")
        case let error as IOError:
            let kind: TransportFailure.Kind =
                error.errnoCode == ECONNREFUSED ? .notConnected : .cutOff
            return TransportFailure(kind: kind, text: String(cString: strerror(error.errnoCode)))
        default:
            return TransportFailure(kind: .cutOff, text: String(describing: type(of: error)))
        }
    }

    private static func isTimeout(_ error: HTTPClientError) -> Bool {
        [
            .deadlineExceeded, .connectTimeout, .readTimeout, .writeTimeout, .tlsHandshakeTimeout,
            .getConnectionFromPoolTimeout, .httpProxyHandshakeTimeout,
        ].contains(error)
    }

    private static func isInvalid(_ error: HTTPClientError) -> Bool {
        [.invalidURL, .emptyHost, .emptyScheme].contains(error)
    }
}
