import ExportModel
import Testing

@testable import PipelineFile

@Suite struct BaseURLTests {
    private func read(_ url: String) throws -> (url: String?, findings: [String]) {
        let text = """
            pipeline: p
            output: {path: out}
            streams:
              - {stream: s, endpoint: commo.get_bill, base_url: "${URL}",
                 accounts: [{account: a, token: "${T:-t}"}]}
            """
        let result = try FakeFiles(["p.yaml": text], environment: ["URL": url]).read()
        return (result.pipeline?.streams.first?.baseURL, result.diagnostics.map(\.message))
    }

    @Test(arguments: [
        ("https://a.example.com", "https://a.example.com"),
        ("https://a.example.com///", "https://a.example.com"),
        ("HTTPS://a.example.com/x/", "https://a.example.com/x"),
        ("http://127.0.0.1:8765", "http://127.0.0.1:8765"),
        ("http://localhost:1/x", "http://localhost:1/x"), ("http://[::1]:80", "http://[::1]:80"),
    ])
    func addressIsKeptWithoutTrailingSlash(text: String, url: String) throws {
        let found = try read(text)
        #expect(found.findings == [])
        #expect(found.url == url)
    }

    @Test(arguments: [
        "a.example.com", "ftp://a", "https://", "https:///x", "https://a?x", "https://a#x",
        "https://u@a", "https://u:p4ss@a", "https://a:0", "https://a:99999", "https://a:x",
        "https://a b", "https://ä", "https://[::1", "file:///etc/passwd",
    ])
    func otherTextIsRefusedAndNotRepeated(text: String) throws {
        let found = try read(text)
        #expect(found.url == nil)
        #expect(found.findings.count == 1)
        #expect(found.findings.first?.hasPrefix("`base_url`") == true)
        #expect(!found.findings.joined().contains("p4ss"))
    }

    @Test func plainHTTPToAnotherMachineWarns() throws {
        #expect(try read("http://127.example.com").findings.count == 1)
        #expect(try read("http://127.example.com").url == "http://127.example.com")
    }
}
