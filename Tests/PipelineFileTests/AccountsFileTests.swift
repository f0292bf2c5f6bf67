import ExportModel
import Testing

@testable import PipelineFile

@Suite struct AccountsFileTests {
    private func read(
        _ csv: String, endpoint: String = "telecmi.v1.agentOutMissed"
    ) throws -> (accounts: [Account], findings: [String]) {
        let text = """
            pipeline: p
            output: {path: out}
            streams:
              - {stream: s, endpoint: \(endpoint), accounts: {file: agents.csv}}
            """
        let result = try FakeFiles(["p.yaml": text, "agents.csv": csv]).read()
        return (
            result.pipeline?.streams.first?.accounts ?? [],
            result.diagnostics.map { String($0.description.dropFirst("agents.csv:".count)) }
        )
    }

    @Test func quotingByteOrderMarkAndCRLFAreRead() throws {
        let csv = "\u{FEFF}account,token\r\na1,\"t,\"\"1\"\r\n\r\n\"a2\",t2\r\n"
        let (accounts, findings) = try read(csv)
        #expect(findings == [])
        #expect(accounts.map(\.name) == ["a1", "a2"])
        #expect(accounts.map { $0.credentials["token"]?.revealed() } == ["t,\"1", "t2"])
    }

    @Test func loginCredentialsMayStandInstead() throws {
        let (accounts, findings) = try read("password,account,id\np1,a1,103_1\n")
        #expect(findings == [])
        #expect(accounts.first?.credentials["id"]?.revealed() == "103_1")
    }

    @Test(arguments: [
        ("", "1:1: error: the file is empty; its first line names `account` and the credentials"),
        ("account,token\n", "1:1: error: the file has no accounts"),
        (
            "account,tokn\na,s3cret\n",
            "1:1: error: column 2 of the header is unknown; did you mean `token`?"
        ),
        (
            "a1,s3cret\n",
            "1:1: error: column 2 of the header is unknown; known are `account`, `token`, `id`, "
                + "`password`"
        ),
        ("token\nt\n", "1:1: error: the header lacks `account`"),
        ("account,token,token\na,t,t\n", "1:1: error: the header names `token` twice"),
        (
            "account,id\na,t\n",
            "1:1: error: the header lacks `password`; give either `token`, "
                + "or `id` and `password` to log in with"
        ),
        (
            "account,id,password,token\na,i,p,t\n",
            "1:1: error: the header has credentials for two ways in; give either `token`, "
                + "or `id` and `password` to log in with"
        ),
        ("account,token\na,s3cret,x\n", "2:1: error: the line has 3 values, the header 2"),
        (
            "account,token\na,s3cret\na,s3cret\n",
            "3:1: error: account `a` is given twice; names are unique"
        ),
        ("account,token\na,\n", "2:1: error: `token` must not be empty"),
        (
            "account,token\n,s3cret\n",
            "2:1: error: `account` must be letters, digits, `.`, `-` and `_`, not starting with "
                + "`.` or `_`, since it names a directory"
        ),
        ("account,token\na,\"s3cret\nb,c\n", "2:1: error: a quote is opened here and never closed"),
        (
            "account,token\na,\"s3cret\"x\n",
            "2:1: error: text after a closing quote; double quotes inside quotes"
        ),
        (
            "account,token\na,${T}\n",
            "2:1: error: `token`: environment variable `T` is not set; set it, or give a default: "
                + "`${T:-…}`"
        ),
    ])
    func mistakeHasItsLine(csv: String, expected: String) throws {
        let findings = try read(csv).findings
        #expect(findings.contains(expected), "\(findings)")
        #expect(!findings.joined().contains("s3cret"))
    }

    @Test func numbersOfAppsAreChecked() throws {
        let found = try read(
            "account,appid,token\na,s3cret,t\n", endpoint: "telecmi.v1.outanswered")
        #expect(
            found.findings == ["2:1: error: `appid` must be a whole number without leading zeros"])
    }

    @Test func tenThousandAccountsAreReadQuickly() throws {
        var csv = "account,token\n"
        for number in 1...10_000 { csv += "agent-\(number),token-\(number)\n" }
        let clock = ContinuousClock()
        let start = clock.now
        let (accounts, findings) = try read(csv)
        #expect(findings == [])
        #expect(accounts.count == 10_000)
        #expect(clock.now - start < .seconds(5))
    }
}
