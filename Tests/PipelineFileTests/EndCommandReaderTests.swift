import ExportModel
import Testing

@testable import PipelineFile

/// `on_success` and `on_failure` of a pipeline file.
@Suite struct EndCommandReaderTests {
    private static let least = """
        pipeline: p
        output: {path: exports}
        streams:
          - stream: s
            endpoint: telecmi.v2.user.out_missed
            accounts: [{account: a, token: "${TOKEN}"}]
        """

    private func read(_ line: String) throws -> PipelineFileResult {
        try FakeFiles(["p.yaml": line + "\n" + Self.least], environment: ["TOKEN": "t"]).read()
    }

    /// What `${NAME}` is, the shell knows; a value in a command line could be seen by everyone.
    @Test(arguments: [
        ("on_failure: ./notify.sh", EndCommand(command: "./notify.sh")),
        ("on_failure: curl ${HOOK} -d @-", EndCommand(command: "curl ${HOOK} -d @-")),
        ("on_failure: |\n  one\n  two\n", EndCommand(command: "one\ntwo\n")),
        ("on_failure: {command: a}", EndCommand(command: "a", timeoutMilliseconds: 60_000)),
        (
            "on_failure: {command: \"load $${X}\", timeout: 2h}",
            EndCommand(command: "load $${X}", timeoutMilliseconds: 7_200_000)
        ),
    ])
    func aCommandIsTakenAsItStands(line: String, command: EndCommand) throws {
        let result = try read(line)
        #expect(result.pipeline?.onFailure == command, "\(result.diagnostics)")
        #expect(result.pipeline?.onSuccess == nil)
        let other = line.replacing("on_failure", with: "on_success")
        #expect(try read(other).pipeline?.onSuccess == command)
    }

    @Test(arguments: [
        ("on_failure: []", "must be a shell command, not a list"),
        ("on_failure: \"\"", "must be a shell command, not a single value"),
        ("on_failure:", "`on_failure` has no value"),
        ("on_failure: {timeout: 5s}", "`command` is missing"),
        ("on_failure: {command: a, timeout: 5}", "a time with its unit"),
        ("on_failure: {command: a, timeout: 500ms}", "must be from `1s` to `24h`, not `500ms`"),
        ("on_failure: {command: a, timeout: 2d}", "must be from `1s` to `24h`, not `2d`"),
        ("on_failure: {cmd: a}", "unknown key `cmd` in `on_failure`"),
        ("on_fail: a", "did you mean `on_failure`?"),
    ])
    func mistakesAreReported(line: String, message: String) throws {
        let result = try read(line)
        #expect(result.pipeline == nil)
        let messages = result.diagnostics.map { "\($0)" }
        #expect(messages.contains { $0.contains(message) }, "\(messages)")
    }
}
