import ExportModel
import Foundation
import Testing

@testable import PipelineFile

/// `${file:…}` and `${command:…}`: where credentials come from besides the environment.
@Suite struct SecretReferenceTests {
    static let secret = "hunter2hunter2"

    /// What the reader makes of a token, in the pipeline file or in an accounts file.
    private func read(
        _ token: String, isInAccountsFile: Bool = false, files: [String: [UInt8]] = [:],
        machine: MachineAccess = .none
    ) throws -> (value: Secret?, findings: [String]) {
        let accounts =
            isInAccountsFile ? "{file: agents.csv}" : "[{account: a, token: '\(quoted(token))'}]"
        let text = """
            pipeline: p
            output: {path: out}
            streams:
              - {stream: s, endpoint: telecmi.v1.agentOutMissed, accounts: \(accounts)}
            """
        var fake = FakeFiles(["etc/p.yaml": text, "etc/agents.csv": "account,token\na,\(token)\n"])
        fake.files.merge(files) { $1 }
        fake.environment = ["E": "from-environment"]
        fake.machine = machine
        let result = try fake.read("etc/p.yaml")
        return (
            result.pipeline?.streams[0].accounts[0].credentials["token"],
            result.diagnostics.map { "\($0.severity): \($0.message)" }
        )
    }

    private func quoted(_ text: String) -> String { text.replacing("'", with: "''") }

    private func machine(_ ending: @escaping @Sendable (String) -> SecretCommandEnding)
        -> MachineAccess
    {
        var machine = MachineAccess.none
        machine.runCommand = ending
        return machine
    }

    @Test(arguments: [false, true])
    func fileIsRelativeToThePipelineFileAndLosesItsLineBreak(isInAccountsFile: Bool) throws {
        for content in [Self.secret, Self.secret + "\n", Self.secret + "\r\n\n"] {
            let (value, findings) = try read(
                "${file:keys/x}", isInAccountsFile: isInAccountsFile,
                files: ["etc/keys/x": Array(content.utf8)])
            #expect(findings == [])
            #expect(value?.revealed() == Self.secret)
        }
        let absolute = try read("${file:/run/x}", files: ["/run/x": Array("y".utf8)])
        #expect(absolute.value?.revealed() == "y")
    }

    @Test(arguments: [false, true])
    func commandGivesWhatItPrints(isInAccountsFile: Bool) throws {
        let (value, findings) = try read(
            "${command:pass show ${X} | awk '{print $1}'}", isInAccountsFile: isInAccountsFile,
            machine: machine { .printed(Array("<\($0)>\n".utf8)) })
        #expect(findings == [])
        #expect(value?.revealed() == "<pass show ${X} | awk '{print $1}'>")
    }

    @Test func environmentWorksInAccountsFilesToo() throws {
        let (value, findings) = try read("${E}", isInAccountsFile: true)
        #expect(findings == [])
        #expect(value?.revealed() == "from-environment")
        #expect(try read("$${E}", isInAccountsFile: true).value?.revealed() == "${E}")
    }

    @Test func commandIsNotRunWhereNoRequestFollows() throws {
        for token in ["${command:pass show x}", "a-${command:pass show x}"] {
            let (value, findings) = try read(token)
            #expect(findings == [])
            #expect(value.map { "\($0)" } == "<secret>")
        }
    }

    @Test(arguments: [
        ([UInt8](), "`etc/x` is empty; a secret must be in it"),
        (Array("\n\n".utf8), "`etc/x` is empty; a secret must be in it"),
        ([0xFF, 0xFE], "`etc/x` is not UTF-8; a secret must be text"),
        (
            Array("\(secret)\nuser: x\n".utf8),
            "`etc/x` has several lines, and a secret is one; take the right one, as in "
                + "`${command:pass show x | head -n 1}`"
        ),
        (
            nil,
            "cannot read `etc/x`: No such file or directory; check the path (it is relative to the "
                + "pipeline file) and its mode"
        ),
    ])
    func fileThatHoldsNoSecretIsAnError(content: [UInt8]?, expected: String) throws {
        for isInAccountsFile in [false, true] {
            let (_, findings) = try read(
                "${file:x}", isInAccountsFile: isInAccountsFile,
                files: content.map { ["etc/x": $0] } ?? [:])
            #expect(findings == ["error: `token`: \(expected)"])
        }
    }

    @Test func fileThatIsTooLongIsAnError() throws {
        let bytes = [UInt8](repeating: 65, count: MachineAccess.secretByteLimit + 1)
        let (_, findings) = try read("${file:x}", files: ["etc/x": bytes])
        #expect(
            findings == ["error: `token`: `etc/x` has more than 64 KiB, so it is no secret"])
    }

    @Test(arguments: [
        ("${file:}", "`${file:}` names nothing; write `${file:…}`"),
        ("${command: }", "`${command:}` names nothing; write `${command:…}`"),
        (
            "${command:awk '{print}",
            "`${command:` is not closed; write `${command:…}`, with a `}` for each `{` inside"
        ),
    ])
    func brokenReferenceIsRefused(token: String, expected: String) throws {
        #expect(try read(token).findings == ["error: `token`: \(expected)"])
    }

    @Test func commandThatFailsSaysWhyAndRepeatsNothingElse() throws {
        let failed = try read(
            "${command:vault read \(Self.secret)}",
            machine: machine { _ in .failed("ended with exit code 2, saying: no such entry") })
        #expect(
            failed.findings == [
                "error: `token`: the command ended with exit code 2, saying: no such entry; "
                    + "run it by hand to see what it needs"
            ])
        let empty = try read("${command:true}", machine: machine { _ in .printed([10]) })
        #expect(
            empty.findings == [
                "error: `token`: what the command printed is empty; a secret must be in it"
            ])
    }

    @Test func fileThatOthersMayReadIsAWarning() throws {
        var machine = MachineAccess.none
        machine.isReadableByOthers = { $0 == "etc/x" }
        for isInAccountsFile in [false, true] {
            let (value, findings) = try read(
                "${file:x}", isInAccountsFile: isInAccountsFile, files: ["etc/x": [65]],
                machine: machine)
            #expect(value?.revealed() == "A")
            #expect(
                findings == [
                    "warning: `token`: `etc/x` can be read by every user of this machine; "
                        + "`chmod 600` it"
                ])
        }
    }

    @Test(arguments: ["${file:x}", "${command:x}"])
    func onlyCredentialsComeFromThere(reference: String) throws {
        let text = PipelineReaderTests.least.replacing("path: out", with: "path: \"\(reference)\"")
        let findings = try FakeFiles(["p.yaml": text], environment: ["T": "t"]).read().diagnostics
        #expect(
            findings.map(\.message) == [
                "`path`: `${file:…}` and `${command:…}` stand for credentials only; "
                    + "write the value, or `${NAME}`"
            ])
    }

    @Test func variablesOfTheseNamesStayVariables() throws {
        let found = try EnvironmentReference.expand(
            "${file}${command:-x}", environment: ["file": "f"])
        #expect(found.text == "fx")
    }

    @Test func modesOfTheFileAndOfItsDirectoriesDecide() throws {
        let root = URL(fileURLWithPath: "/tmp/cdrx-\(UUID())")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        let file = root.appending(path: "secret").path
        #expect(FileManager.default.createFile(atPath: file, contents: Data("x".utf8)))
        let machine = MachineAccess.system(runCommand: nil)
        for (fileMode, directoryMode, isReadable) in [
            (0o644, 0o755, true), (0o640, 0o755, false), (0o644, 0o700, false),
            (0o604, 0o711, true), (0o600, 0o755, false),
        ] as [(mode_t, mode_t, Bool)] {
            #expect(chmod(file, fileMode) == 0 && chmod(root.path, directoryMode) == 0)
            #expect(machine.isReadableByOthers(file) == isReadable, "\(fileMode) \(directoryMode)")
        }
        #expect(!machine.isReadableByOthers(file + "-that-is-not"))
    }
}
