import ExportModel
import Testing

@testable import PipelineFile

@Suite struct CatalogReaderTests {
    /// A sixth endpoint, without a line of Swift.
    static let sixth = """
        provider: acme
        base_url: https://pbx.example.com
        endpoints:
          - endpoint: acme.v1.calls
            title: Calls
            document: acme-calls
            request:
              path: /calls
              encoding: form
              credentials: [{name: key, type: text}]
              window: {start: since, end: until, format: epoch_ms}
              paging: {page: p, size: n, default_size: 50, maximum_size: 100}
            response:
              rows: items
              total: total
              rules:
                success: [{path: ok, accepts: [true]}]
                failures: [{path: code, codes: [401], means: authentication}]
                error_texts: [message]
            key: [id]
            time: at
            fields:
              - {name: id, type: text, column: call_id, required: true, summary: Id}
              - {name: at, type: epoch_ms, column: started_at, required: true, summary: Start}
        """

    private func read(_ text: String) -> CatalogReader.Result {
        CatalogReader().read(Array(text.utf8), file: "acme.yaml")
    }

    @Test func sixthEntryNeedsNoSwift() throws {
        let result = read(Self.sixth)
        #expect(result.diagnostics.isEmpty)
        let endpoint = try #require(result.endpoints.first)
        #expect(endpoint.id == "acme.v1.calls")
        #expect(endpoint.sourceZone.identifier == "Z")
        #expect(endpoint.response.rules.success.first?.accepted == ["true"])
    }

    @Test(arguments: [
        (
            "title: Calls", "titel: Calls",
            "5:5: error: unknown key `titel` in an item of "
                + "`endpoints`; did you mean `title`?"
        ),
        (
            "encoding: form", "encoding: xml",
            "9:17: error: `encoding` must be json, form or multipart, not `xml`"
        ),
        (
            "codes: [401]", "codes: [401-]",
            "18:41: error: a code must be a number or a range, as in `404` or `500-599`"
        ),
        (
            "path: code, codes: [401]", "path: code, status: [401]",
            "18:20: error: `codes` is missing in an item of `failures`; as in `[404, 500-599]`"
        ),
        (
            "path: code, codes: [401]", "status: [4x]",
            "18:30: error: a code must be a number or a range, as in `404` or `500-599`"
        ),
        (
            "type: epoch_ms, column", "type: epoch, column",
            "24:26: error: `type` must be one of text, digits, int, decimal(p,s), bool, epoch_s, "
                + "epoch_ms, epoch_us, iso8601, rfc2822, local_datetime, date, pattern(…), "
                + "duration(s), duration(ms), duration(hms), duration(iso8601) or json"
        ),
        (
            "key: [id]", "key: [nr]",
            "4:15: error: `key` names `nr`, which is not among `fields`"
        ),
        (
            "column: call_id", "column: leg",
            "4:15: error: nothing fills the column `call_id`"
        ),
        (
            "column: call_id", "column: rate",
            "4:15: error: the field `id` has a type that the "
                + "column `rate` (decimal(18,6)) cannot take"
        ),
        (
            "default_size: 50", "default_size: 500",
            "12:48: error: `default_size` must be a whole number from 1 to 100, not `500`"
        ),
        (
            "window: {start: since, end: until, format: epoch_ms}", "request_id: {name: i}",
            "4:15: error: an endpoint asked by `request_id` has no `paging`"
        ),
        (
            "means: authentication", "means: unknown_id",
            "4:15: error: only an endpoint asked by `request_id` can answer `unknown_id`"
        ),
        ("start: since", "start: key", "4:15: error: the request parameter `key` is named twice"),
        (
            "https://pbx", "ftp://pbx",
            "2:11: error: `base_url` must start with `https://` (or `http://`), then the host"
        ),
        (
            "path: /calls", "path: calls?x=1",
            "8:13: error: `path` must be empty or start with `/`, without query or fragment"
        ),
    ])
    func mistakeIsLocated(good: String, bad: String, expected: String) {
        let text = Self.sixth.replacing(good, with: bad)
        let result = read(text)
        #expect(
            result.diagnostics.map(\.description).contains("acme.yaml:" + expected),
            "\(result.diagnostics.map(\.description))")
        #expect(result.endpoints.isEmpty || bad.contains("ftp"))
    }

    @Test func idGivenTwiceInAFileIsAnError() {
        let entry = Self.sixth.split(separator: "\n").dropFirst(3).joined(separator: "\n")
        let result = read(Self.sixth + "\n" + entry)
        #expect(
            result.diagnostics.map(\.description)
                == [
                    "acme.yaml:25:15: error: endpoint `acme.v1.calls` is given twice; "
                        + "ids are unique"
                ])
    }

    @Test func pipelineMayAddEntriesOfItsOwn() throws {
        let pipeline = """
            pipeline: own
            endpoints: [acme.yaml]
            output: {path: out}
            streams:
              - {stream: s, endpoint: acme.v1.calls, accounts: [{account: a, key: "${KEY}"}]}
            """
        let files = FakeFiles(
            ["etc/p.yaml": pipeline, "etc/acme.yaml": Self.sixth], environment: ["KEY": "k"])
        let result = try files.read("etc/p.yaml")
        #expect(result.diagnostics.isEmpty)
        #expect(result.pipeline?.streams.first?.baseURL == "https://pbx.example.com")
    }

    @Test func brokenEntryIsToldOnce() throws {
        let pipeline = """
            pipeline: own
            endpoints: [acme.yaml]
            output: {path: out}
            streams:
              - {stream: s, endpoint: acme.v1.calls, accounts: [{account: a, key: "${KEY}"}]}
            """
        let broken = Self.sixth.replacing("type: epoch_ms", with: "type: epoch_x")
        let result = try FakeFiles(
            ["p.yaml": pipeline, "acme.yaml": broken], environment: ["KEY": "k"]
        ).read()
        #expect(result.diagnostics.map(\.location.file) == ["acme.yaml"])
        #expect(result.pipeline == nil)
    }

    @Test func idOfABundledEntryIsTaken() throws {
        let pipeline = """
            pipeline: own
            endpoints: [acme.yaml]
            output: {path: out}
            streams:
              - {stream: s, endpoint: commo.get_bill, base_url: https://c.example.com,
                 accounts: [{account: a, token: "${KEY}"}]}
            """
        let own = Self.sixth.replacing("acme.v1.calls", with: "commo.get_bill")
        let result = try FakeFiles(
            ["p.yaml": pipeline, "acme.yaml": own], environment: ["KEY": "k"]
        ).read()
        #expect(
            result.diagnostics.map(\.description) == [
                "acme.yaml:4:15: error: an endpoint `commo.get_bill` is there already; "
                    + "choose another id"
            ])
    }
}
