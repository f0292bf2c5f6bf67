import Testing

@testable import PipelineFile

@Suite struct YAMLDocumentTests {
    private func findings(_ text: String) throws -> [String] {
        try findings(Array(text.utf8))
    }

    private func findings(_ bytes: [UInt8]) throws -> [String] {
        var files = FakeFiles([:])
        files.files["p.yaml"] = bytes
        return try files.read().diagnostics.map(\.description)
    }

    @Test(arguments: [
        (
            "",
            "p.yaml:1:1: error: the file is empty; it needs at least `pipeline`, `output` and "
                + "`streams`"
        ),
        (
            "# nothing\n",
            "p.yaml:1:1: error: the file is empty; it needs at least `pipeline`, "
                + "`output` and `streams`"
        ),
        (
            "- a\n",
            "p.yaml:1:1: error: the pipeline file must be a mapping (`key: value` lines), "
                + "not a list"
        ),
        (
            "nightly\n",
            "p.yaml:1:1: error: the pipeline file must be a mapping (`key: value` "
                + "lines), not a single value"
        ),
        ("a: [1, 2\nb: 3\n", "p.yaml:2:2: error: not valid YAML: did not find expected ',' or ']'"),
        (
            "a: b\n\tc: d\n",
            "p.yaml:2:1: error: not valid YAML: found a tab character that "
                + "violates indentation"
        ),
        ("a: *b\n", "p.yaml:1:4: error: not valid YAML: found undefined alias"),
        ("a: b\n---\nc: d\n", "p.yaml:2:1: error: not valid YAML: but found another document"),
        ("a: \u{1}\n", "p.yaml:1:4: error: not valid YAML: control characters are not allowed"),
    ])
    func brokenFileIsOneFinding(text: String, expected: String) throws {
        let found = try findings(text)
        #expect(found == [expected])
    }

    @Test func textThatIsNotUTF8HasAPlace() throws {
        let expected = "p.yaml:2:4: error: the file is not UTF-8 here; save it as UTF-8"
        #expect(try findings(Array("a: b\nc: ".utf8) + [0xFF, 0x0A]) == [expected])
    }

    @Test func byteOrderMarkAndCRLFAreTolerated() throws {
        let text = "\u{FEFF}" + PipelineReaderTests.least.replacing("\n", with: "\r\n")
        #expect(try findings(text) == [])
    }

    @Test func repeatedKeysAreReportedBesideOtherMistakes() throws {
        let text = """
            pipeline: p
            pipeline: q
            output: {path: out, "path": b, level: x}
            streams: []
            streams: []
            streams: []
            """
        let found = try findings(text)
        #expect(
            found == [
                "p.yaml:1:1: error: `pipeline` is given more than once "
                    + "in the same mapping; keep one",
                "p.yaml:3:10: error: `path` is given more than once "
                    + "in the same mapping; keep one",
                "p.yaml:3:39: error: `level` must be a whole number from 1 to 9, not `x`",
                "p.yaml:4:1: error: `streams` is given more than once "
                    + "in the same mapping; keep one",
                "p.yaml:5:1: error: `streams` is given more than once "
                    + "in the same mapping; keep one",
                "p.yaml:6:10: error: `streams` must have at least one stream",
            ])
    }

    @Test func manyRepeatedKeysEnd() throws {
        let text = String(repeating: "a: 1\n", count: 500)
        #expect(try !findings(text).isEmpty)
    }

    @Test func aliasStandsForAWholeValue() throws {
        let text = """
            pipeline: p
            output: {path: out}
            streams:
              - {stream: s, endpoint: telecmi.v1.outanswered, accounts: &main
                 [{account: a, appid: 1, token: "${T:-t}"}]}
              - {stream: t, endpoint: telecmi.v1.outanswered, accounts: *main}
            """
        #expect(try findings(text) == [])
    }

    @Test func mergeKeysAreRefused() throws {
        let text = "x: &x {every: day}\nwindows: {<<: *x}\n"
        #expect(
            try findings(text).contains(
                "p.yaml:2:11: error: merge keys (`<<`) are not supported; "
                    + "repeat the lines, or use an alias for the whole value"))
    }

    @Test func deepNestingIsAFinding() throws {
        let text = "a: " + String(repeating: "[", count: 100_000)
        #expect(try findings(text).count == 1)
        let deep = "a: " + String(repeating: "[", count: 900) + String(repeating: "]", count: 900)
        #expect(try !findings(deep).isEmpty)
    }

    @Test func aliasesThatMultiplyEndSoon() throws {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...60 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        text += "streams: *a60\n"
        #expect(try findings(text).count <= Findings.limit)
    }
}
