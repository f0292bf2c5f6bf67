import ExportModel
import Testing

@testable import Extraction

@Suite struct RedactionTests {
    @Test(arguments: [
        ("Authentication Failed", "Authentication Failed"),
        ("Failed to authenticate token.", "Failed to authenticate token."),
        ("Parameter missing: start_date", "Parameter missing: start_date"),
        ("code 404, see page 12", "code 404, see page 12"),
        ("token 5d9df5b97a2b952710b030dd is dead", "token … is dead"),
        ("key 5d9d-5b97_abcd-xyzw-longer-than-any-word", "key …"),
        ("missing: start_date_local", "missing: start_date_local"),
        ("no rights for +919100000000", "no rights for …"),
        ("no rights for +44 207 946 0958 today", "no rights for … today"),
        ("no rights for 98-765 43210", "no rights for …"),
        ("agent 103_1111113 unknown", "agent … unknown"),
        ("line\nbreaks\tand \u{1B}[31mcolours\u{7}", "line breaks and [31mcolours"),
        ("获取成功", "获取成功"),
        ("", ""),
    ])
    func numbersAndKeysAreHidden(text: String, shown: String) {
        #expect(Redaction.redacted(text, hiding: SentSecrets()) == shown)
    }

    @Test func longTextsAreCut() {
        let long = String(repeating: "word ", count: 100_000)
        #expect(Redaction.redacted(long, hiding: SentSecrets()).count == 120)
    }

    private static let secrets = SentSecrets([
        "password": Secret(#"hunter2-PASS word/ü&"x"#), "id": Secret("103_1111113"),
        "appid": Secret("ab"),
    ])

    @Test(arguments: [
        ("secret None password hunter2-PASS word/ü&\"x", "secret None password …"),
        ("HUNTER2-PASS WORD/Ü&\"X.", "…."),
        (#"{"p":"hunter2-PASS word/ü&\"x"}"#, #"{"p":"…"}"#),
        (#"{"p":"hunter2-PASS word\/ü&\"x"}"#, #"{"p":"…"}"#),
        (#"{"p":"hunter2-PASS word/\u00fc&\"x"}"#, #"{"p":"…"}"#),
        ("p=hunter2-PASS+word%2F%C3%BC%26%22x&q", "p=…&q"),
        ("p=hunter2-PASS%20word%2f%c3%bc%26%22x&q", "p=…&q"),
        ("<b>hunter2-PASS word/ü&amp;&quot;x</b>", "<b>…</b>"),
        ("Basic aHVudGVyMi1QQVNTIHdvcmQvw7wmIng=", "Basic …="),
        ("user(103_1111113)", "user(…)"),
        ("ab is about (ab)", "… is about (…)"),
    ])
    func credentialsAreHiddenInEveryEncoding(text: String, shown: String) {
        #expect(Redaction.redacted(text, hiding: Self.secrets) == shown)
    }

    /// A cut must not leave the beginning of a credential.
    @Test func credentialsAreHiddenBeforeTheTextIsCut() {
        for padding in 90..<130 {
            let text = String(repeating: "x ", count: padding / 2) + "hunter2-PASS word/ü&\"x"
            #expect(!Redaction.redacted(text, hiding: Self.secrets).contains("hunt"))
        }
    }

    /// A refusal that repeats the request as it was sent, for every way to say who asks.
    @Test(arguments: [
        RequestAuth.basic(user: "id", password: "password"), .bearer(token: "password"),
        .header(name: "X-Key", value: "password", prefix: "Token "),
        .query(name: "key", value: "password"),
    ])
    func noPartOfARequestIsRepeated(_ auth: RequestAuth) throws {
        let credentials = ["id": Secret("AC 1/ü"), "password": Secret("hunter2-PASS:word/ü&\"x")]
        var endpoint = Catalog.userOutMissed
        endpoint.request = RequestShape(
            method: .get, path: "/a/{id}/calls", auth: auth, fixed: [],
            credentials: [
                CredentialField(name: "id", type: .text),
                CredentialField(name: "password", type: .text),
            ], window: endpoint.request.window, requestID: nil, optional: [],
            paging: endpoint.request.paging)
        let builder = try RequestBuilder(stream: makeStream(endpoint))
        let request = try builder.request(
            .page(number: 1, size: 10, range: span(0, 1_000)), credentials: credentials)
        let said =
            ([request.url] + request.headers.map { "\($0.name): \($0.value)" })
            .joined(separator: " ")
        #expect(said.contains("AC%201%2F%C3%BC"))
        let secrets = SentSecrets(credentials, auth: auth)
        let reader = try AnswerReader(endpoint: endpoint, environment: stillEnvironment())
        var body: [UInt8] = []
        JSONText.appendQuoted(said, to: &body)
        let refusal = #"{"code":404,"msg":\#(String(decoding: body, as: UTF8.self))}"#
        let failure = TransportFailure(kind: .invalidURL, text: said)
        for outcome in [reply(refusal), .failure(failure)] {
            let verdict = reader.verdict(
                on: outcome, to: PageQuestion(url: request.url, echoes: [:]), hiding: secrets)
            guard case .refused(let error) = verdict else {
                Issue.record("not refused: \(verdict)")
                continue
            }
            for form in ["AC%201", "AC 1", "hunter2", "aHVudGVy", "QUMgMS/D", "PASS"] {
                #expect(!error.message.contains(form), "\(form) in \(error.message)")
            }
        }
    }
}
