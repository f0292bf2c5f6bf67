import ExportModel
import Testing

@testable import Extraction

/// Where each parameter goes, and the exact bytes there.
@Suite struct RequestWriterTests {
    private let credentials = [
        "account_id": Secret("AC/1 é"), "auth_token": Secret("to:ken&1"),
    ]

    private func shape(
        _ method: RequestShape.Method = .get, path: String = "/calls", auth: RequestAuth? = nil,
        fixed: [NamedValue] = [], encoding: RequestShape.BodyEncoding = .json,
        place: ParameterPlace? = nil
    ) -> RequestShape {
        RequestShape(
            method: method, path: path, encoding: encoding, auth: auth, fixed: fixed,
            credentials: [
                CredentialField(name: "account_id", type: .text, place: place),
                CredentialField(name: "auth_token", type: .text, place: place),
            ], window: nil, requestID: nil, optional: [], paging: nil)
    }

    private func written(
        _ shape: RequestShape, credentials: [String: Secret]? = nil, link: String? = nil
    ) throws -> ProviderRequest {
        var writer = RequestWriter(shape, baseURL: "https://pbx.test/v2")
        for value in shape.fixed { writer.append(value) }
        writer.append(credentials ?? self.credentials)
        writer.link = link
        return try writer.finished(timeoutMilliseconds: 1_000, certificateFile: nil)
    }

    private func lines(_ request: ProviderRequest) -> [String] {
        ["\(request.method.rawValue) \(request.url)"]
            + request.headers.map { "\($0.name): \($0.value)" }
            + [request.contentType, request.body.map { String(decoding: $0, as: UTF8.self) }]
            .compactMap { $0 }
    }

    @Test func aGetPutsParametersIntoItsQuery() throws {
        let fixed = [
            NamedValue(name: "filter[since][gte]", value: .text("a b+c/d?e=f&g")),
            NamedValue(name: "StartTime>", value: .int(-5)),
            NamedValue(name: "full", value: .bool(true)),
        ]
        #expect(
            lines(try written(shape(fixed: fixed), credentials: ["auth_token": Secret("~ü")])) == [
                "GET https://pbx.test/v2/calls?filter%5Bsince%5D%5Bgte%5D=a%20b%2Bc%2Fd%3Fe%3Df%26g"
                    + "&StartTime%3E=-5&full=true&auth_token=~%C3%BC"
            ])
    }

    @Test func namesInBracesArePathSegments() throws {
        let path = "/accounts/{account_id}/calls/{n}.json"
        let request = try written(
            shape(
                path: path, auth: .basic(user: "account_id", password: "auth_token"),
                fixed: [NamedValue(name: "n", value: .int(7))]))
        #expect(
            lines(request) == [
                "GET https://pbx.test/v2/accounts/AC%2F1%20%C3%A9/calls/7.json",
                "Authorization: Basic QUMvMSDDqTp0bzprZW4mMQ==",
            ])
    }

    @Test(arguments: [
        (RequestAuth.bearer(token: "auth_token"), ["Authorization: Bearer to:ken&1"]),
        (.header(name: "X-Key", value: "auth_token", prefix: ""), ["X-Key: to:ken&1"]),
        (
            .header(name: "Authorization", value: "auth_token", prefix: "Token "),
            ["Authorization: Token to:ken&1"]
        ),
    ])
    func authIsTheOnlyPlaceOfItsCredential(_ auth: RequestAuth, _ headers: [String]) throws {
        let request = try written(shape(path: "/{account_id}", auth: auth))
        #expect(lines(request) == ["GET https://pbx.test/v2/AC%2F1%20%C3%A9"] + headers)
    }

    @Test func aQueryKeyIsCalledAsDocumented() throws {
        let auth = RequestAuth.query(name: "api key", value: "auth_token")
        #expect(
            lines(try written(shape(path: "/{account_id}", auth: auth)))
                == ["GET https://pbx.test/v2/AC%2F1%20%C3%A9?api%20key=to%3Aken%261"])
    }

    @Test func everyPlaceCanBeStated() throws {
        let fixed = [
            NamedValue(name: "page.size", value: .int(5)),
            NamedValue(name: "v", value: .text("2"), place: .query),
            NamedValue(name: "page.order", value: .text("up")),
            NamedValue(name: "X-V", value: .int(3), place: .header),
            NamedValue(name: "open", value: .bool(false), place: .body),
        ]
        #expect(
            lines(try written(shape(.post, fixed: fixed, place: .header))) == [
                "POST https://pbx.test/v2/calls?v=2", "X-V: 3", "account_id: AC/1 é",
                "auth_token: to:ken&1", "application/json",
                #"{"page":{"size":5,"order":"up"},"open":false}"#,
            ])
    }

    @Test func aFormHasDotsInItsNames() throws {
        let fixed = [NamedValue(name: "a.b", value: .text("x y"))]
        #expect(
            lines(try written(shape(.post, fixed: fixed, encoding: .form), credentials: [:])) == [
                "POST https://pbx.test/v2/calls", "application/x-www-form-urlencoded", "a.b=x+y",
            ])
    }

    @Test(arguments: ["", ".", ".."])
    func aPathSegmentIsNeverEmptyAndNeverDots(_ value: String) {
        let error = failure {
            _ = try written(
                shape(path: "/{account_id}/calls"), credentials: ["account_id": Secret(value)])
        }
        #expect(error?.code == "unsendable_value")
        #expect(error?.message.hasPrefix("the parameter `account_id` must not be") == true)
    }

    /// Each would begin another header.
    @Test(arguments: ["a\nX-Admin: 1", "a\r\nX-Admin: 1", "a\0b"])
    func aHeaderIsOneLine(_ value: String) {
        for auth in [
            RequestAuth.bearer(token: "auth_token"),
            .header(name: "X", value: "auth_token", prefix: ""),
        ] {
            let error = failure {
                _ = try written(shape(auth: auth), credentials: ["auth_token": Secret(value)])
            }
            #expect(error?.code == "unsendable_value")
            #expect(error?.message.contains("Admin") == false)
        }
    }

    @Test func theUserOfBasicAuthenticationHasNoColon() {
        let error = failure {
            _ = try written(
                shape(auth: .basic(user: "auth_token", password: "account_id")))
        }
        #expect(error?.message == "the parameter `auth_token` must have no `:`")
    }

    /// A link has the parameters of its own; who asks is ours to say.
    @Test(arguments: [
        ("https://pbx.test/v2/calls?page=2", "https://pbx.test/v2/calls?page=2&key=to%3Aken%261"),
        ("https://pbx.test/next", "https://pbx.test/next?key=to%3Aken%261"),
        ("https://pbx.test/n?key=x&page=2", "https://pbx.test/n?key=x&page=2"),
    ])
    func aLinkReplacesPathAndQueryButNotWhoAsks(_ link: String, _ expected: String) throws {
        let auth = RequestAuth.query(name: "key", value: "auth_token")
        let fixed = [
            NamedValue(name: "sort", value: .text("asc")),
            NamedValue(name: "X-V", value: .int(3), place: .header),
        ]
        let request = try written(shape(auth: auth, fixed: fixed), link: link)
        #expect(lines(request) == ["GET " + expected, "X-V: 3"])
    }
}
