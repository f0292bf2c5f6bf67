import CDigest
import ExportModel

/// Signs requests with AWS Signature Version 4, in the header `Authorization`, always with the hash
/// of the body.
///
/// Source: "AWS Signature Version 4 for API requests", and for what stores do differently "Signature
/// Calculations for the Authorization Header" of the S3 reference.
struct RequestSigner: Sendable {
    /// What is signed.
    struct Request {
        var method: String
        /// As it is sent: with the port unless it is the scheme's.
        var host: String
        /// Encoded, as it is sent.
        var path: String
        /// Not encoded.
        var query: [(name: String, value: String)]
        /// Names in lower case; without `host`.
        var headers: [(name: String, value: String)]
        /// SHA-256 in hexadecimal.
        var bodyHash: String
    }

    var region: String
    var service = "s3"

    /// - Parameter moment: epoch milliseconds, by the store's clock.
    /// - Returns: the headers of the request with those that signing adds, without `host`.
    func sign(
        _ request: Request, _ credentials: Credentials, at moment: Int64
    ) -> [(name: String, value: String)] {
        let time = Self.basicTime(moment)
        var headers = request.headers
        headers.append(("x-amz-date", time))
        headers.append(("x-amz-content-sha256", request.bodyHash))
        if let token = credentials.sessionToken {
            headers.append(("x-amz-security-token", token.revealed()))
        }
        let signed = (headers + [("host", request.host)]).sorted { $0.name < $1.name }
        let names = signed.map(\.name).joined(separator: ";")
        let canonical = [
            request.method, request.path, Self.queryText(request.query),
            signed.map { "\($0.name):\(Self.trimmed($0.value))\n" }.joined(), names,
            request.bodyHash,
        ].joined(separator: "\n")
        let scope = "\(time.prefix(8))/\(region)/\(service)/aws4_request"
        let text =
            "AWS4-HMAC-SHA256\n\(time)\n\(scope)\n"
            + ContentDigest.hexadecimal(of: Array(canonical.utf8))
        var key = Array("AWS4\(credentials.secretKey.revealed())".utf8)
        for part in [String(time.prefix(8)), region, service, "aws4_request"] {
            key = Self.authenticationCode(of: part, key: key)
        }
        let signature = Self.authenticationCode(of: text, key: key).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        headers.append(
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=\(credentials.keyID.revealed())/\(scope),"
                    + "SignedHeaders=\(names),Signature=\(signature.joined())"
            ))
        return headers
    }

    /// Encoded and sorted, as it is signed and sent.
    static func queryText(_ query: [(name: String, value: String)]) -> String {
        query.map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }
            .sorted { $0 < $1 }.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    /// `yyyymmddThhmmssZ`
    private static func basicTime(_ moment: Int64) -> String {
        let text = Timestamp(epochMilliseconds: moment).iso8601
        return text.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
    }

    /// Without white space around it, and one space for several.
    private static func trimmed(_ value: String) -> String {
        value.split(separator: " ").joined(separator: " ")
    }

    /// HMAC-SHA256 (RFC 2104).
    private static func authenticationCode(of text: String, key: [UInt8]) -> [UInt8] {
        var value = [UInt8](repeating: 0, count: Int(CDIGEST_SHA256_SIZE))
        let isDone = cdigest_hmac_sha256(key, key.count, text, text.utf8.count, &value) == 1
        precondition(isDone, "libcrypto has no HMAC-SHA256")
        return value
    }
}
