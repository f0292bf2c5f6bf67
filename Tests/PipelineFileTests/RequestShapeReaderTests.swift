import ExportModel
import Testing

@testable import PipelineFile

@Suite struct RequestShapeReaderTests {
    /// An entry whose request is given, from line 8 on; `login` is the entry's last key.
    private func read(_ request: String, login: String = "") -> CatalogReader.Result {
        let indented = request.split(separator: "\n").map { "      \($0)\n" }.joined()
        let text = """
            provider: acme
            base_url: https://pbx.example.com
            endpoints:
              - endpoint: acme.v2.calls
                title: Calls
                document: acme-calls
                request:
            \(indented)    response:
                  rows: items
                  total: total
                  rules: {success: [], failures: [], error_texts: [message]}
                key: [id]
                time: at
                fields:
                  - {name: id, type: text, column: call_id, required: true, summary: Id}
                  - {name: at, type: epoch_ms, column: started_at, required: true, summary: Start}
            \(login)
            """
        return CatalogReader().read(Array(text.utf8), file: "acme.yaml")
    }

    private static let plain = """
        method: GET
        path: /accounts/{account_id}/calls
        auth: {type: basic, user: account_id, password: auth_token}
        fixed: {sort: asc, full: true, "X-Version": {value: 2, in: header}}
        credentials: [{name: account_id, type: text}, {name: auth_token, type: text}]
        optional: [{name: kind, type: text, in: header, default: all}]
        window: {start: "since>", end: "until<", format: epoch_s, end_bound: exclusive}
        """

    @Test func everyPartIsRead() throws {
        let result = read(Self.plain)
        #expect(result.diagnostics.isEmpty)
        let shape = try #require(result.endpoints.first?.request)
        #expect(shape.method == .get)
        #expect(shape.auth == .basic(user: "account_id", password: "auth_token"))
        #expect(
            shape.fixed == [
                NamedValue(name: "sort", value: .text("asc")),
                NamedValue(name: "full", value: .bool(true)),
                NamedValue(name: "X-Version", value: .int(2), place: .header),
            ])
        #expect(shape.optional.map(\.place) == [.header])
        let window = try #require(shape.window)
        #expect(window.names == .bounds(start: "since>", end: "until<"))
        #expect(window.format == .epochSeconds)
        #expect([window.startBound, window.endBound] == [.unknown, .exclusive])
    }

    @Test(arguments: [
        (
            "{interval: i, template: \"{start}/{end}\", format: iso8601, maximum_span: 24h}",
            WindowParameters(
                names: .interval(name: "i", template: "{start}/{end}"), format: .iso8601,
                maximumSpanMilliseconds: 86_400_000)
        ),
        (
            "{date: day, days: n, start_bound: inclusive, end_bound: inclusive}",
            WindowParameters(
                names: .days(date: "day", count: "n"), format: .date, startBound: .inclusive,
                endBound: .inclusive)
        ),
        (
            "{start: a, end: b, format: local_datetime, timezone: \"+02:00\"}",
            WindowParameters(
                names: .bounds(start: "a", end: "b"), format: .localDateTime,
                timeZone: SourceZone(identifier: "+02:00", offsetSeconds: 7_200))
        ),
        (
            "{start: a, end: b, format: \"pattern(yyyy-MM-dd HH:mm)\"}",
            WindowParameters(
                names: .bounds(start: "a", end: "b"),
                format: TimeFormat(named: "pattern(yyyy-MM-dd HH:mm)") ?? .date)
        ),
        (
            "{start: a, end: b, format: date, selects: end, reach: 12h}",
            WindowParameters(
                names: .bounds(start: "a", end: "b"), format: .date, selects: .end,
                reachMilliseconds: 43_200_000)
        ),
    ])
    func windowsAreRead(_ text: String, _ expected: WindowParameters) {
        let result = read("method: GET\npath: /calls\ncredentials: []\nwindow: \(text)")
        #expect(result.diagnostics.isEmpty)
        #expect(result.endpoints.first?.request.window == expected)
    }

    @Test(arguments: [
        ("{type: bearer, token: account_id}", RequestAuth.bearer(token: "account_id")),
        (
            "{type: header, name: X-Key, value: auth_token, prefix: \"Token \"}",
            .header(name: "X-Key", value: "auth_token", prefix: "Token ")
        ),
        ("{type: query, name: key, value: auth_token}", .query(name: "key", value: "auth_token")),
    ])
    func everyKindOfAuthIsRead(_ text: String, _ expected: RequestAuth) {
        let result = read(
            Self.plain.replacing(
                "{type: basic, user: account_id, password: auth_token}", with: text))
        #expect(result.diagnostics.isEmpty)
        #expect(result.endpoints.first?.request.auth == expected)
    }

    @Test(arguments: [
        (
            "{account_id}", "{acount_id}",
            "9:13: error: `path` names `acount_id`, which is no parameter of the request; "
                + "did you mean `account_id`?"
        ),
        (
            "{account_id}", "{account_id",
            "9:13: error: `path` must have the name of a parameter in each pair of braces, as in "
                + "`/accounts/{account_id}/calls`"
        ),
        (
            "{account_id}", "{kind}",
            "13:17: error: `kind` is a part of `path`; remove its `in`"
        ),
        (
            "method: GET", "method: PUT",
            "8:15: error: `method` must be GET or POST, not `PUT`; did you mean `GET`?"
        ),
        (
            "method: GET", "method: GET\nencoding: json",
            "9:17: error: `encoding` is of a body, and a GET has none; remove it"
        ),
        (
            "method: GET", "method: POST",
            "8:7: error: `encoding` is missing in `request`; json, form or multipart"
        ),
        (
            "password: auth_token", "password: auth_tokn",
            "10:13: error: `auth` names `auth_tokn`, which is not among `credentials`; "
                + "did you mean `auth_token`?"
        ),
        (
            "password: auth_token", "token: auth_token",
            "10:45: error: `token` is no part of `auth` of type `basic`, which takes `user` and "
                + "`password`"
        ),
        (
            "{name: auth_token, type: text}", "{name: auth_token, type: text, in: query}",
            "12:20: error: `auth_token` is sent by `auth`; remove its `in`"
        ),
        (
            "in: header}}", "in: body}}",
            "11:14: error: `X-Version` cannot be `in: body`, since a GET has none"
        ),
        (
            "X-Version", "X Version",
            "11:14: error: `X Version` cannot be the name of a header (letters, digits and `-`)"
        ),
        (
            "X-Version", "Content-Length",
            "11:14: error: the header `Content-Length` is written by cdrx itself"
        ),
        (
            "X-Version", "authorization",
            "10:13: error: the header `Authorization` is named twice"
        ),
        (
            "format: epoch_s", "format: epoch",
            "14:56: error: `format` must be one of epoch_s, epoch_ms, epoch_us, iso8601, rfc2822, "
                + "local_datetime, date or pattern(…); did you mean `epoch_s`?"
        ),
        (
            "format: epoch_s", "format: epoch_s, timezone: Z",
            "14:75: error: `timezone` has no meaning for `epoch_s`; remove it"
        ),
        (
            "format: epoch_s", "format: epoch_s, reach: 24h",
            "14:72: error: `reach` is only for `selects: end`; remove it"
        ),
        (
            "format: epoch_s", "format: epoch_s, selects: end",
            "14:15: error: `reach` is missing in `window`; say how long a record may last at most, "
                + "as in `24h`"
        ),
        (
            "format: epoch_s", "format: epoch_s, interval: i",
            "14:15: error: `window` must have either `start` and `end`, `interval` and `template`, "
                + "or `date` and `days`"
        ),
        (
            "format: epoch_s", "format: epoch_s, maximum_span: 24",
            "14:79: error: `maximum_span` must be a time with its unit (ms, s, m, h or d), as in "
                + "`30s`, not `24`; did you mean `24s` or `24m`?"
        ),
        (
            "{start: \"since>\", end: \"until<\",", "{interval: i, template: \"{start}\",",
            "14:39: error: `template` must have `{start}` and `{end}` once each, as in "
                + "`{start}/{end}`"
        ),
    ])
    func mistakesAreLocated(_ old: String, _ new: String, _ expected: String) {
        let result = read(Self.plain.replacing(old, with: new))
        #expect(
            result.diagnostics.map { "\($0)" }.contains("acme.yaml:" + expected),
            "\(result.diagnostics.map { "\($0)" })")
        #expect(result.endpoints.isEmpty)
    }

    @Test(arguments: [
        ("{paging: 1, paging.page: 2}", "`paging` cannot be a value, since `paging.page` nests"),
        ("{paging..page: 2}", "`paging..page` must be names joined by single dots"),
    ])
    func namesInAJSONBodyNest(_ fixed: String, _ expected: String) {
        let result = read(
            """
            path: /calls
            encoding: json
            fixed: \(fixed)
            credentials: []
            window: {start: a, end: b, format: iso8601}
            """)
        #expect(result.diagnostics.map(\.message).contains { $0.hasPrefix(expected) })
    }

    @Test func aPathNeedsEveryOptionalParameterItNames() {
        let result = read(
            """
            method: GET
            path: /calls/{kind}
            credentials: []
            optional: [{name: kind, type: text}]
            window: {start: a, end: b, format: iso8601}
            """)
        #expect(
            result.diagnostics.map(\.message) == [
                "`kind` is a part of `path`, so that it needs a `default`"
            ])
    }

    @Test func aLoginMayBeAnOAuthGrant() throws {
        let request = """
            method: GET
            path: /calls
            auth: {type: bearer, token: access_token}
            credentials: [{name: access_token, type: text}]
            window: {start: a, end: b, format: iso8601}
            """
        let login = """
                login:
                  base_url: https://login.example.com
                  path: /oauth/token
                  encoding: form
                  auth: {type: basic, user: client_id, password: client_secret}
                  fixed: {grant_type: client_credentials}
                  credentials: [{name: client_id, type: text}, {name: client_secret, type: text}]
                  rules: {success: [], failures: [], error_texts: [error_description]}
                  token: access_token
                  expires_in: expires_in
                  issues: access_token
            """
        let result = read(request, login: login)
        #expect(result.diagnostics.isEmpty)
        let found = try #require(result.endpoints.first?.login)
        #expect(found.baseURL == "https://login.example.com")
        #expect(found.request.auth == .basic(user: "client_id", password: "client_secret"))
        #expect(found.lifetimePath?.description == "expires_in")
        #expect(found.request.encoding == .form)
    }
}
