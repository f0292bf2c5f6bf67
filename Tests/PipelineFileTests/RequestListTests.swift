import ExportModel
import Testing

@testable import PipelineFile

@Suite struct RequestListTests {
    private func read(_ requests: String) throws -> (list: RequestList?, findings: [String]) {
        let text = """
            pipeline: p
            output: {path: out}
            streams:
              - {stream: s, endpoint: piopiy.requestid_cdr, requests: \(requests),
                 accounts: [{account: a, appid: 1, secret: "${T:-t}"}]}
            """
        let result = try FakeFiles([
            "etc/p.yaml": text, "etc/ids/may.txt": "x\ny\n", "etc/_x.txt": "x", "etc/no.txt": "\n",
        ]).read("etc/p.yaml")
        return (
            result.pipeline?.streams.first?.requests, result.diagnostics.map(\.message)
        )
    }

    @Test(
        arguments: [
            ("{file: ids/may.txt}", .file(path: "etc/ids/may.txt", batch: "may")),
            ("{file: ids/may.txt, batch: b1}", .file(path: "etc/ids/may.txt", batch: "b1")),
            ("{file: \"ids/{window}.txt\"}", .file(path: "etc/ids/{window}.txt", batch: "")),
            ("{file: \"/ids/{window}.txt\"}", .file(path: "/ids/{window}.txt", batch: "")),
            ("{ids: [1, 0x2, y], batch: b}", .ids(["1", "0x2", "y"], batch: "b")),
        ] as [(String, RequestList)])
    func listIsRead(requests: String, list: RequestList) throws {
        let found = try read(requests)
        #expect(found.findings == [])
        #expect(found.list == list)
    }

    @Test(arguments: [
        ("{file: a.txt, ids: [x]}", "`requests` must have either `file`, or `ids` and `batch`"),
        ("{batch: b}", "`requests` must have either `file`, or `ids` and `batch`"),
        ("{ids: [], batch: b}", "`ids` must have at least one request id"),
        ("{ids: x, batch: b}", "`ids` must be a list of request ids, not a single value"),
        ("{file: gone.txt}", "`file`: cannot read `etc/gone.txt`: No such file or directory"),
        ("{file: no.txt}", "`file`: `etc/no.txt` has no request ids yet"),
        (
            "{file: \"{window}.txt\", batch: b}",
            "`batch` names a single list, but `file` has one for each `{window}`; remove it"
        ),
        (
            "{file: _x.txt}",
            "the file's name cannot name the directory `batch=…`; add `batch:` of letters, digits, "
                + "`.`, `-` and `_`, not starting with `.` or `_`, since it names a directory"
        ),
    ])
    func mistakeIsNamed(requests: String, expected: String) throws {
        #expect(try read(requests).findings == [expected])
    }

    @Test func fileHasOneIDALine() {
        let bytes = Array("\u{FEFF}a\r\n\r\n b\t\nc\na\n".utf8)
        #expect(RequestIDFile.ids(in: bytes) == ["a", "b", "c"])
        #expect(RequestIDFile.ids(in: [0xFF]) == nil)
        #expect(RequestIDFile.ids(in: []) == [])
    }
}
