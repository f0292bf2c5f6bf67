import ExportModel
import Testing

@testable import ObjectStorage

/// The examples that AWS documents: "Signature Calculations for the Authorization Header:
/// Transferring Payload in a Single Chunk", S3 API reference.
@Suite struct RequestSignerTests {
    /// The documented, public example keys; 2013-05-24T00:00:00Z.
    private static let credentials = Credentials(
        keyID: Secret("AKIAIOSFODNN7EXAMPLE"),
        secretKey: Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), source: "the documentation")
    private static let moment: Int64 = 1_369_353_600_000

    @Test func documentedGet() {
        var request = Self.request("GET", "/test.txt")
        request.headers = [("range", "bytes=0-9")]
        #expect(
            authorization(request)
                == "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"
                + "aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
                + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    }

    @Test func documentedPut() {
        var request = Self.request("PUT", "/" + PercentEncoding.encode("test$file.text"))
        request.headers = [
            ("date", "Fri, 24 May 2013 00:00:00 GMT"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ]
        request.bodyHash = ContentDigest.hexadecimal(of: Array("Welcome to Amazon S3.".utf8))
        #expect(
            signature(request) == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        )
    }

    @Test func documentedQueryWithoutValue() {
        var request = Self.request("GET", "/")
        request.query = [("lifecycle", "")]
        #expect(
            signature(request) == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
        )
    }

    @Test func documentedList() {
        var request = Self.request("GET", "/")
        request.query = [("prefix", "J"), ("max-keys", "2")]
        #expect(
            signature(request) == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        )
    }

    @Test func theTokenOfASessionIsSentAndSigned() throws {
        var credentials = Self.credentials
        credentials.sessionToken = Secret("token")
        let headers = RequestSigner(region: "us-east-1").sign(
            Self.request("GET", "/"), credentials, at: Self.moment)
        #expect(headers.contains { $0 == ("x-amz-security-token", "token") })
        let text = try #require(headers.last?.value)
        #expect(text.contains("x-amz-date;x-amz-security-token,"))
    }

    @Test(arguments: [
        ("dt=2026-01-01/a b+c", "dt%3D2026-01-01/a%20b%2Bc"), ("~-._é", "~-._%C3%A9"),
        ("a//b/../c", "a//b/../c"), ("%41", "%2541"),
    ])
    func keysInPaths(key: String, path: String) {
        #expect(PercentEncoding.encode(key, keepsSlashes: true) == path)
        #expect(PercentEncoding.decode(path) == key)
    }

    @Test(arguments: ["%4", "%zz", "%", "%ff"]) func whatIsNotEncodedIsRefused(text: String) {
        #expect(PercentEncoding.decode(text) == nil)
    }

    private static func request(_ method: String, _ path: String) -> RequestSigner.Request {
        RequestSigner.Request(
            method: method, host: "examplebucket.s3.amazonaws.com", path: path, query: [],
            headers: [], bodyHash: StoreRequest.emptyHash)
    }

    private func authorization(_ request: RequestSigner.Request) -> String? {
        RequestSigner(region: "us-east-1").sign(request, Self.credentials, at: Self.moment)
            .first { $0.name == "authorization" }?.value
    }

    private func signature(_ request: RequestSigner.Request) -> String? {
        authorization(request)?.split(separator: "Signature=").last.map(String.init)
    }
}
