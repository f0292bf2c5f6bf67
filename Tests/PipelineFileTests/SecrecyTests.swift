import ExportModel
import Testing

@testable import PipelineFile

/// A secret that stands in a wrong place is not repeated.
@Suite struct SecrecyTests {
    static let secret = "hunter2hunter2"

    /// `SECRET` stands for a literal secret, `${S}` for one from the environment.
    static let misplaced = [
        "accounts: [{account: a, appid: SECRET, token: SECRET}]",
        "accounts: [{account: a, appid: \"${S}\", token: \"${S}\"}]",
        "accounts: [{account: a, appid: 1, tokn: SECRET}]",
        "accounts: [{account: a, appid: 1, SECRET}]",
        "accounts: [{account: a, appid: 1, token: [SECRET]}]",
        "accounts: [{account: a, appid: 1, token: {SECRET: SECRET}}]",
        "accounts: [{account: a, appid: 1, token: \"SECRET\\n\"}]",
        "accounts: [SECRET]", "accounts: SECRET", "accounts: [a, token: SECRET",
        "accounts: [{account: a, appid: 1, token: \"SECRET}]", "params: {x: SECRET}",
        "base_url: https://u:SECRET@a.example.com", "base_url: \"${S}\"",
        "base_url: https://a.example.com/?token=SECRET", "windows: {range: \"${S}\"}",
        "extract: {attempts: \"${S}\"}", "source_timezone: \"${S}\"",
        "accounts: [{account: \"${S}/\", appid: 1, token: \"${S}\"}]",
        "accounts: [{account: a, appid: 1, token: SECRET, token: SECRET}]",
    ]

    @Test(arguments: misplaced)
    func findingsRepeatNoSecret(line: String) throws {
        let text = """
            pipeline: p
            output: {path: out}
            streams:
              - stream: s
                endpoint: telecmi.v1.outanswered
                \(line.replacing("SECRET", with: Self.secret))
            """
        let result = try FakeFiles(["p.yaml": text], environment: ["S": Self.secret]).read()
        #expect(!result.diagnostics.isEmpty)
        for diagnostic in result.diagnostics {
            #expect(!diagnostic.description.contains(Self.secret), "\(line)")
        }
    }

    @Test func pipelineDoesNotPrintItsSecrets() throws {
        let result = try FakeFiles(
            ["p.yaml": PipelineReaderTests.least], environment: ["T": Self.secret]
        ).read()
        let pipeline = try #require(result.pipeline)
        var dumped = ""
        dump(result, to: &dumped)
        #expect(
            !(dumped + String(describing: pipeline) + String(reflecting: pipeline))
                .contains(Self.secret))
        #expect(pipeline.streams[0].accounts[0].credentials["token"]?.revealed() == Self.secret)
    }
}
