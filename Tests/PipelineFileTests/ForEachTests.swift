import ExportModel
import Testing

@testable import PipelineFile

@Suite struct ForEachTests {
    private func read(
        _ forEach: String, keys: String = "", parent: String = "", root: String = "",
        endpoint: String = "piopiy.requestid_cdr"
    ) throws -> (list: RequestList?, findings: [String]) {
        let credentials = endpoint == "piopiy.requestid_cdr" ? "appid: 1, secret: x" : "token: x"
        let text = """
            pipeline: p
            output: {path: out}
            \(root)
            streams:
              - {stream: legs, endpoint: \(endpoint), for_each: \(forEach), \(keys)
                 accounts: [{account: a, \(credentials)}]}
              - {stream: calls, endpoint: telecmi.v2.user.out_missed, \(parent)
                 accounts: [{account: a, token: x}, {account: b, token: x}]}
              - {stream: more, endpoint: piopiy.requestid_cdr, requests: {ids: [x], batch: b},
                 accounts: [{account: a, appid: 1, secret: x}]}
            """
        let result = try FakeFiles(["etc/p.yaml": text]).read("etc/p.yaml")
        let errors = result.diagnostics.filter { $0.severity == .error }
        return (result.pipeline?.streams.first?.requests, errors.map(\.message))
    }

    private static let plain = "{stream: calls, field: cmiuid}"

    @Test func theStreamMayComeLaterInTheFile() throws {
        let found = try read(Self.plain)
        #expect(found.findings == [])
        #expect(found.list == .forEach(ParentField(stream: "calls", field: "cmiuid")))
        #expect(found.list?.isPerWindow == true)
        #expect(found.list?.parent?.stream == "calls")
    }

    @Test(arguments: [
        (
            "{field: id}",
            "`stream` is missing in `for_each`; name the stream whose rows have the ids"
        ),
        (
            "{stream: calls}",
            "`field` is missing in `for_each`; name the field of that stream's endpoint that has "
                + "the ids"
        ),
        ("calls", "`for_each` must be a mapping (`key: value` lines), not a single value"),
        ("{stream: call, field: x}", "no stream has the name `call`; did you mean `calls`?"),
        ("{stream: zzzzzz, field: x}", "no stream has the name `zzzzzz`; there are calls, more"),
        ("{stream: legs, field: x}", "a stream cannot feed itself; name another stream"),
        (
            "{stream: more, field: x}",
            "`more` is asked by id itself; the ids must come from a stream that is asked by time"
        ),
        (
            "{stream: calls, field: cmiuidd}",
            "`telecmi.v2.user.out_missed` of stream `calls` has no field `cmiuidd`; did you mean "
                + "`cmiuid`?"
        ),
        (
            "{stream: calls, field: time}",
            "`time` of `telecmi.v2.user.out_missed` is neither text nor a whole number, so it is "
                + "no id"
        ),
    ])
    func mistakeIsNamed(forEach: String, expected: String) throws {
        #expect(try read(forEach).findings == [expected])
    }

    @Test func itTakesThePlaceOfAList() throws {
        #expect(
            try read(Self.plain, keys: "requests: {ids: [x], batch: b},").findings
                == ["the stream has both `requests` and `for_each`; remove one of them"])
        #expect(
            try read(Self.plain, endpoint: "telecmi.v2.user.missed").findings
                == ["`for_each`: `telecmi.v2.user.missed` is asked by time, not by id; remove it"])
    }

    @Test func windowsAreThoseOfTheOtherStream() throws {
        #expect(
            try read(Self.plain, keys: "windows: {every: hour, range: last 3 hours},").findings
                == [
                    "`every` of `legs` is `hour` and that of `calls` is `day`; give both the same"
                ])
        #expect(
            try read(Self.plain, parent: "windows: {settle: 2h},").findings
                == [
                    "`settle` of `legs` is shorter than that of `calls`, so that its windows are "
                        + "due before their ids are known; make it as long"
                ])
        #expect(
            try read(Self.plain, keys: "windows: {settle: 2h},", parent: "windows: {settle: 2h},")
                .findings == [])
    }

    @Test func accountsAreThoseOfTheOtherStream() throws {
        let text = """
            pipeline: p
            output: {path: out}
            streams:
              - {stream: calls, endpoint: telecmi.v2.user.out_missed,
                 accounts: [{account: office, token: x}]}
              - {stream: legs, endpoint: piopiy.requestid_cdr,
                 for_each: {stream: calls, field: cmiuid},
                 accounts: [{account: ofice, appid: 1, secret: x}]}
            """
        let result = try FakeFiles(["etc/p.yaml": text]).read("etc/p.yaml")
        let errors = result.diagnostics.filter { $0.severity == .error }.map(\.message)
        #expect(
            errors == [
                "account `ofice` of `legs` is none of `calls`, which has the ids; accounts of both "
                    + "streams go by one name; did you mean `office`?"
            ])
    }

    /// A stream that could not be read is reported once, for its own mistake.
    @Test func aMistakenStreamIsThere() throws {
        let findings = try read(Self.plain, parent: "base_url: 17,").findings
        #expect(findings.count == 1)
        #expect(findings.first?.contains("base_url") == true)
    }

    @Test func theArchiveMustKeepSomething() throws {
        #expect(
            try read(Self.plain, root: "archive: {keep: none}").findings
                == [
                    "`for_each` reads the archive of `calls`, and `archive: {keep: none}` keeps "
                        + "nothing; say how long, as in `keep: 35d`"
                ])
    }
}
