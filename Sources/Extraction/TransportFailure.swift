import CCurl
public import ExportModel
import PageDecoding

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Why there is no whole response.
public struct TransportFailure: Sendable {
    /// What kept the response away; the raw value is the error code.
    public enum Kind: String, CaseIterable, Sendable {
        /// The host's name has no address.
        case unknownHost = "unknown_host"
        /// Nobody listens there.
        case refused = "connection_refused"
        /// There is no way to the host, or none that works.
        case notConnected = "not_connected"
        /// A proxy answered CONNECT with an error.
        case proxyRefused = "proxy_refused"
        /// No connection in time.
        case connectTimeout = "connect_timeout"
        /// No whole response in time.
        case timeout
        /// The response began and then stood still.
        case stalled
        /// The connection ended before the response did.
        case cutOff = "cut_off"
        /// What came is no HTTP/1 response.
        case invalidResponse = "invalid_response"
        /// The body is longer than the limit.
        case tooLarge = "too_large"
        /// The certificate's time is over, or not yet come.
        case certificateExpired = "certificate_expired"
        /// The certificate is for another host.
        case certificateHost = "certificate_host"
        /// Nobody who is trusted signed the certificate.
        case certificateUntrusted = "certificate_untrusted"
        /// Another failure of TLS: no common version, no TLS at all.
        case tlsFailed = "tls_failed"
        /// The file of trusted certificates cannot be used.
        case certificateFile = "certificate_file"
        /// The URL cannot be asked at all.
        case invalidURL = "invalid_url"
        /// The run was stopped.
        case interrupted
        case outOfMemory = "out_of_memory"

        /// Whether nobody could be talked to, so that others are not likely to fare better now.
        public var isWithoutConnection: Bool {
            switch self {
            case .unknownHost, .refused, .notConnected, .proxyRefused, .connectTimeout: true
            default: false
            }
        }
    }

    /// What kept the response away.
    public var kind: Kind
    /// For people, with host and port; without credentials.
    public var text: String

    public init(kind: Kind, text: String) {
        self.kind = kind
        self.text = text
    }
}

extension TransportFailure {
    static let outOfMemory = TransportFailure(
        kind: .outOfMemory, text: "not enough memory to send a request")

    /// What libcurl's result means.
    init(_ result: ccurl_result, url: String) {
        let words = result.text.map { String(cString: $0) } ?? ""
        let kind = Kind(result, words: words)
        self.init(
            kind: kind,
            text: Self.text(kind, result, host: Self.authority(of: url), words: words))
    }

    private static func authority(of url: String) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 300) { text in
            guard let start = text.baseAddress, ccurl_authority(url, start, text.count) else {
                return "the provider"
            }
            return String(cString: start)
        }
    }

    private static func text(
        _ kind: Kind, _ result: ccurl_result, host: String, words: String
    ) -> String {
        switch kind {
        case .unknownHost: "\(host): the host's name cannot be resolved (\(words))"
        case .refused: "\(host): the connection was refused (\(words))"
        case .notConnected: "\(host): no connection (\(words))"
        case .proxyRefused:
            "\(host): the proxy answered CONNECT with HTTP status \(result.proxy_status)"
        case .connectTimeout: "\(host): no connection in time"
        case .timeout: "\(host): no whole response in time"
        case .stalled: "\(host): the response began and then stood still"
        case .cutOff: "\(host): the connection ended before the response did"
        case .invalidResponse:
            "\(host): what came is no valid HTTP response (\(defect(result, words)))"
        case .tooLarge: "\(host): the response is longer than the limit"
        case .certificateExpired:
            "\(host): the certificate has expired or is not valid yet; nothing was sent"
        case .certificateHost: "\(host): the certificate is for another host; nothing was sent"
        case .certificateUntrusted:
            """
            \(host): the certificate is signed by nobody who is trusted here; name the file of the \
            right authority as `ca_file` or SSL_CERT_FILE; nothing was sent
            """
        case .tlsFailed: "\(host): no TLS connection (\(words)); nothing was sent"
        case .certificateFile:
            """
            \(host): the file of trusted certificates cannot be used (\(words)); install the \
            system's (package ca-certificates), or name a PEM file as `ca_file` or SSL_CERT_FILE; \
            nothing was sent
            """
        case .invalidURL: "this URL cannot be asked (\(words))"
        case .interrupted: "\(host): the request was ended because the run stops"
        case .outOfMemory: outOfMemory.text
        }
    }

    private static func defect(_ result: ccurl_result, _ words: String) -> String {
        switch result.ending {
        case CCURL_TOO_MANY_HEADERS: "its headers do not end"
        case CCURL_DOUBTFUL_LENGTH: "its Content-Length is doubtful"
        default: words.isEmpty ? "HTTP status \(result.status)" : words
        }
    }
}

extension TransportFailure.Kind {
    fileprivate init(_ result: ccurl_result, words: String) {
        self = Self.ended(result.ending) ?? Self.coded(result, words)
    }

    private static func ended(_ ending: ccurl_ending) -> Self? {
        switch ending {
        case CCURL_STOPPED: .interrupted
        case CCURL_STALLED: .stalled
        case CCURL_REFUSED_BODY: .tooLarge
        case CCURL_TOO_MANY_HEADERS, CCURL_DOUBTFUL_LENGTH: .invalidResponse
        case CCURL_NOT_REPEATED: .cutOff
        default: nil
        }
    }

    private static func coded(_ result: ccurl_result, _ words: String) -> Self {
        switch result.code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .unknownHost
        case CURLE_COULDNT_CONNECT, CURLE_PROXY:
            result.system_error == ECONNREFUSED ? .refused : .notConnected
        case CURLE_OPERATION_TIMEDOUT: result.is_begun ? .timeout : .connectTimeout
        case CURLE_RECV_ERROR where !result.is_begun && result.proxy_status >= 300: .proxyRefused
        // libcurl has no code of its own for these.
        case CURLE_RECV_ERROR where words.contains("chunked-encoding"): .invalidResponse
        case CURLE_SSL_CONNECT_ERROR where words.contains("SSL_connect:"): .cutOff
        case CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE,
            CURLE_SEND_FAIL_REWIND:
            .cutOff
        case CURLE_PEER_FAILED_VERIFICATION: certificate(result.verification)
        case CURLE_SSL_CACERT_BADFILE: .certificateFile
        case CURLE_FILESIZE_EXCEEDED: .tooLarge
        case CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT: .outOfMemory
        case CURLE_URL_MALFORMAT: .invalidURL
        case CURLE_UNSUPPORTED_PROTOCOL: result.is_begun ? .invalidResponse : .invalidURL
        case _ where !result.is_begun: .tlsFailed
        default: .invalidResponse
        }
    }

    /// OpenSSL's `X509_V_ERR_…`. libcurl itself compares the host, after OpenSSL was content, and
    /// reports 1 (unspecified) then.
    private static func certificate(_ verification: Int) -> Self {
        switch verification {
        case 9, 10: .certificateExpired
        case 0, 1, 62: .certificateHost
        default: .certificateUntrusted
        }
    }
}

extension TransportFailure.Kind: ReportedCode {
    public var explanation: CodeExplanation {
        switch self {
        case .unknownHost:
            CodeExplanation(
                "The host's name has no address, so that no request could be sent.",
                remedy: "Check `base_url`, DNS and the network.")
        case .refused:
            CodeExplanation(
                "Nobody listens at the host and port.",
                remedy: "Check `base_url`, and whether the provider is up.")
        case .notConnected:
            CodeExplanation(
                "There is no way to the host.",
                remedy: "Check network, firewall and proxy.")
        case .proxyRefused:
            CodeExplanation(
                "The proxy does not connect to the host.",
                remedy: "Check HTTPS_PROXY and NO_PROXY, and what the proxy allows.")
        case .connectTimeout:
            CodeExplanation(
                "No connection in time.",
                remedy: "Check network and firewall; raise `timeout` for a slow one.")
        case .timeout:
            CodeExplanation(
                "No whole response in time, at every attempt.",
                remedy: "Raise `timeout`, or lower `page_size`.")
        case .stalled:
            CodeExplanation(
                "The response began and then stood still, at every attempt.",
                remedy: "Run again later; lower `page_size`.")
        case .cutOff:
            CodeExplanation(
                "The connection ended before the response did, at every attempt.",
                remedy: "Run again later; lower `page_size`.")
        case .invalidResponse:
            CodeExplanation(
                "What came is no HTTP response, or contradicts itself; it is not taken for a "
                    + "page.",
                remedy: "Check `base_url` and proxies in between.")
        case .tooLarge: PageDecodingError.Kind.tooLarge.explanation
        case .certificateExpired:
            CodeExplanation(
                "The provider's certificate is out of its time, so that nothing was sent.",
                remedy: "Check this machine's clock; else the provider must renew it.")
        case .certificateHost:
            CodeExplanation(
                "The certificate is for another host, so that nothing was sent.",
                remedy: "Check `base_url`, and whether something intercepts the connection.")
        case .certificateUntrusted:
            CodeExplanation(
                "Nobody who is trusted here signed the certificate, so that nothing was sent.",
                remedy: "Name the authority's file as `ca_file` or SSL_CERT_FILE, or install "
                    + "ca-certificates.")
        case .tlsFailed:
            CodeExplanation(
                "No TLS connection, so that nothing was sent. cdrx speaks TLS 1.2 and newer.",
                remedy: "Check `base_url` (`https` or `http`) and proxies in between.")
        case .certificateFile:
            CodeExplanation(
                "The file of trusted certificates cannot be used, so that nothing was sent.",
                remedy: "Check `ca_file` or SSL_CERT_FILE: it must be readable PEM.")
        case .invalidURL:
            CodeExplanation(
                "The URL cannot be asked.",
                remedy: "Check `base_url`.")
        case .interrupted: ExtractionError.Code.interrupted.explanation
        case .outOfMemory: PageDecodingError.Kind.outOfMemory.explanation
        }
    }
}
