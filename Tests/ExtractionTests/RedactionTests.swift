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
}
