import Testing

@testable import Extraction

@Suite struct RedactionTests {
    @Test(arguments: [
        ("Authentication Failed", "Authentication Failed"),
        ("Failed to authenticate token.", "Failed to authenticate token."),
        ("Parameter missing: start_date", "Parameter missing: start_date"),
        ("code 404, see page 12", "code 404, see page 12"),
        ("token 5d9df5b97a2b952710b030dd is dead", "token … is dead"),
        ("secret abcd-efgh-ijkl-mnop refused", "secret … refused"),
        ("secret averyveryverylongword!", "secret …"),
        ("no rights for +919100000000", "no rights for …"),
        ("no rights for +44 207 946 0958 today", "no rights for … today"),
        ("no rights for 98-765 43210", "no rights for …"),
        ("agent 103_1111113 unknown", "agent … unknown"),
        ("line\nbreaks\tand \u{1B}[31mcolours\u{7}", "line breaks and [31mcolours"),
        ("获取成功", "获取成功"),
        ("", ""),
    ])
    func numbersAndTokensAreHidden(text: String, shown: String) {
        #expect(Redaction.redacted(text) == shown)
    }

    @Test func longTextsAreCut() {
        let long = String(repeating: "word ", count: 100_000)
        #expect(Redaction.redacted(long).count == 120)
    }
}
