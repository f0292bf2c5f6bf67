import ExportModel
import Testing

@testable import PipelineFile

@Suite struct PipelineReaderTests {
    /// The contract's own sample, every key of it.
    static let sample = """
        pipeline: nightly-calls
        timezone: Asia/Kolkata
        state: /var/lib/cdrx
        windows:
          every: day
          range: yesterday
          settle: 30m
          refresh: 2
          catch_up_from: 2026-11-01
          shrink: replace
        extract:
          pages_in_flight: 4
          windows_in_flight: 2
          requests_per_second: 5
          slice_pages: 200
          page_size: 10
          timeout: 20s
          attempts: 6
          max_rejects: none
          confirm: all
          on_mismatch: publish
        archive: {keep: 90d}
        output:
          path: exports
          format: csv
          compression: gzip
          level: 6
          columns: [account, call_id, started_at, {from_number: caller}]
          part_bytes: 256MiB
          timestamps: iso8601
          csv: {delimiter: ",", header: true, null: "", newline: lf}
        streams:
          - stream: out_answered
            endpoint: telecmi.v1.outanswered
            accounts:
              - {account: main, appid: 1111113, token: "${TELECMI_SECRET}"}
          - stream: agent_out_missed
            endpoint: telecmi.v1.agentOutMissed
            accounts: {file: agents.csv}
          - stream: user_out_missed
            endpoint: telecmi.v2.user.out_missed
            base_url: ${TELECMI_URL:-https://rest.telecmi.com}
            accounts:
              - {account: u101, token: "${TELECMI_USER_101}"}
          - stream: call_legs
            endpoint: piopiy.requestid_cdr
            requests: {file: "request-ids/{window}.txt"}
            accounts:
              - {account: main, appid: 2222222, secret: "${PIOPIY_SECRET}"}
          - stream: commo
            endpoint: commo.get_bill
            base_url: ${COMMO_URL}
            source_timezone: "+08:00"
            params: {direction: 2, callmethod: 0, syncflag: 3}
            windows: {every: hour, range: last 24 hours}
            extract: {page_size: 1000, pages_in_flight: 8}
            accounts:
              - {account: hq, token: "${COMMO_TOKEN}"}
        """
    static let files = FakeFiles(
        ["etc/p.yaml": sample, "etc/agents.csv": "account,token\na1,t1\na2,t2\n"],
        environment: [
            "TELECMI_SECRET": "s1", "TELECMI_USER_101": "s2", "PIOPIY_SECRET": "s3",
            "COMMO_URL": "https://commo.example.com/api/", "COMMO_TOKEN": "s4",
        ])

    @Test func everythingTheContractShowsIsRead() throws {
        let result = try Self.files.read("etc/p.yaml")
        #expect(result.diagnostics == [])
        let pipeline = try #require(result.pipeline)
        #expect(pipeline.name == "nightly-calls")
        #expect(pipeline.timeZoneIdentifier == "Asia/Kolkata")
        #expect(pipeline.statePath == "/var/lib/cdrx")
        #expect(pipeline.output.path == "etc/exports")
        #expect(pipeline.output.level == 6)
        #expect(pipeline.output.partByteCount == 268_435_456)
        #expect(
            pipeline.streams.map(\.name) == [
                "out_answered", "agent_out_missed", "user_out_missed", "call_legs", "commo",
            ])
        let first = pipeline.streams[0]
        #expect(first.windows.refresh == 2)
        #expect(first.windows.shrink == .replace)
        #expect(
            first.windows.catchUpFrom?.date == CivilDate(year: 2026, month: 11, day: 1))
        #expect(first.windows.settleMilliseconds == 1_800_000)
        #expect(first.extract.maxRejects == .unlimited)
        #expect(first.extract.confirmation == .all)
        #expect(first.extract.onMismatch == .publish)
        #expect(first.accounts[0].credentials["appid"]?.revealed() == "1111113")
        #expect(first.accounts[0].credentials["token"]?.revealed() == "s1")
        #expect(
            first.columns.columns.map(\.column.name) == [
                "account", "call_id", "started_at", "caller",
            ])
        #expect(pipeline.streams[1].accounts.map(\.name) == ["a1", "a2"])
        #expect(pipeline.streams[2].baseURL == "https://rest.telecmi.com")
        #expect(
            pipeline.streams[3].requests == .file(path: "etc/request-ids/{window}.txt", batch: ""))
        #expect(pipeline.streams[3].extract.pageSize == 1)
        let commo = pipeline.streams[4]
        #expect(commo.baseURL == "https://commo.example.com/api")
        #expect(commo.windows.every == .hour)
        #expect(commo.windows.range == .last(count: 24, unit: .hour))
        #expect(commo.windows.refresh == 2)
        #expect(commo.extract.pageSize == 1_000)
        #expect(commo.extract.pagesInFlight == 8)
        #expect(
            commo.parameters.map { "\($0.name)=\($0.value.text)" } == [
                "syncflag=3", "direction=2", "callmethod=0", "extnumber=", "destnumber=",
                "userid=", "memberid=",
            ])
    }

    /// As little as a file may say.
    static let least = """
        pipeline: p
        output: {path: out}
        streams:
          - {stream: s, endpoint: telecmi.v1.outanswered,
             accounts: [{account: a, appid: 1, token: "${T:-t}"}]}
        """

    @Test func whatIsNotSaidHasTheDocumentedDefault() throws {
        let pipeline = try #require(try FakeFiles(["p.yaml": Self.least]).read().pipeline)
        #expect(pipeline.timeZoneIdentifier == "UTC")
        #expect(pipeline.statePath == nil)
        #expect(pipeline.requestsPerSecond == nil)
        #expect(pipeline.lanes == 32)
        #expect(pipeline.archive == .milliseconds(35 * 86_400_000))
        #expect(
            pipeline.output
                == OutputOptions(
                    path: "out", partition: .window, publish: .available, format: .csv,
                    compression: .gzip, level: nil, columns: .unified,
                    partByteCount: 268_435_456, timestamps: .iso8601, csv: CSVOptions(),
                    parquet: ParquetOptions()))
        let stream = pipeline.streams[0]
        #expect(
            stream.windows
                == WindowOptions(
                    every: .day, range: .yesterday, settleMilliseconds: 1_800_000, refresh: 0,
                    catchUpFrom: nil))
        #expect(
            stream.extract
                == ExtractOptions(
                    pagesInFlight: 4, windowsInFlight: 32, requestsPerSecond: 5, slicePages: 200,
                    pageSize: 10, timeoutMilliseconds: 20_000, attempts: 6,
                    maxRejects: .share(millionths: 10_000)))
        #expect(stream.columns == ColumnPlan(.unified, of: stream.endpoint))
        #expect(stream.baseURL == "https://piopiy.telecmi.com")
    }

    @Test func outFlagTakesThePlaceOfThePath() throws {
        let files = FakeFiles(["p.yaml": Self.least.replacing("output: {path: out}\n", with: "")])
        #expect(try files.read(outputOverride: "/data").pipeline?.output.path == "/data")
        #expect(
            try files.read().diagnostics.map(\.description) == [
                "p.yaml:1:1: error: `output` is missing in the pipeline file; "
                    + "say where, as in `path: exports`"
            ])
    }

    @Test func parquetIsZstdUnlessSaidOtherwise() throws {
        let text = Self.least.replacing("path: out", with: "path: out, format: parquet")
        #expect(try FakeFiles(["p.yaml": text]).read().pipeline?.output.compression == .zstd)
    }

    @Test func everyMistakeIsReportedAtOnce() throws {
        let text = """
            pipeline: p
            windows: {settle: 30}
            output: {path: out, format: cvs}
            streams:
              - stream: s
                endpoint: telecmi.v1.outanswerd
                accounts: [{account: a, appid: 1, token: "${NO_SUCH}"}]
            retries: 3
            """
        let result = try FakeFiles(["p.yaml": text]).read()
        #expect(result.pipeline == nil)
        #expect(
            result.diagnostics.map(\.description) == [
                "p.yaml:2:19: error: `settle` must be a time with its unit (ms, s, m, h or d), "
                    + "as in `30s`, not `30`; did you mean `30s` or `30m`?",
                "p.yaml:3:29: error: `format` must be csv, ndjson or parquet, not `cvs`; "
                    + "did you mean `csv`?",
                "p.yaml:6:15: error: no endpoint has the id `telecmi.v1.outanswerd`; "
                    + "did you mean `telecmi.v1.outanswered`?",
                "p.yaml:7:46: error: `token`: environment variable `NO_SUCH` is not set; "
                    + "set it, or give a default: `${NO_SUCH:-…}`",
                "p.yaml:8:1: error: unknown key `retries` in the pipeline file; known are "
                    + "`pipeline`, `timezone`, `state`, `requests_per_second`, `lanes`, `endpoints`, "
                    + "`windows`, `extract`, `archive`, `output`, `on_success`, `on_failure`, `streams`",
            ])
    }

    @Test(arguments: [
        ("archive: {keep: forever}", ArchiveKeep.forever),
        ("archive: {keep: none}", .untilPublished),
        ("archive: {keep: \"${K:-36h}\"}", .milliseconds(36 * 3_600_000)),
        ("archive: {}", .standard),
    ])
    func archivesAreKeptAsLongAsSaid(line: String, keep: ArchiveKeep) throws {
        let result = try FakeFiles(["p.yaml": line + "\n" + Self.least]).read()
        #expect(result.pipeline?.archive == keep, "\(result.diagnostics)")
    }

    @Test(arguments: [
        (
            "archive: {keep: 35}",
            "17: error: `keep` must be a time with its unit, as in `35d`, or `forever` or `none`, not `35`"
        ),
        (
            "archive: {keep: 30m}",
            "17: error: `keep` must be from `1h` to `36500d`, not `30m`"
        ),
        (
            "archive: forever",
            "10: error: `archive` must be a mapping (`key: value` lines), not a single value"
        ),
        (
            "archive: {kept: 35d}",
            "11: error: unknown key `kept` in `archive`; did you mean `keep`?"
        ),
    ])
    func mistakesInArchiveAreLocated(line: String, finding: String) throws {
        let result = try FakeFiles(["p.yaml": line + "\n" + Self.least]).read()
        #expect(result.diagnostics.map(\.description) == ["p.yaml:1:" + finding])
    }

    @Test func drainAsksPagesOneByOneAndSaysWhatItDoes() throws {
        let text = """
            pipeline: p
            output: {path: out}
            streams:
              - {stream: s, endpoint: commo.get_bill, base_url: https://c.example.com,
                 params: {syncflag: 1}, accounts: [{account: a, token: "${T:-t}"}]}
            """
        let result = try FakeFiles(["p.yaml": text]).read()
        #expect(result.pipeline?.streams[0].isDrain == true)
        #expect(result.pipeline?.streams[0].extract.pagesInFlight == 1)
        #expect(
            result.diagnostics.map(\.description) == [
                "p.yaml:5:14: warning: `syncflag: 1` makes the provider mark every record as read: "
                    + "other programs will not see them again; pages are asked one by one"
            ])
    }

    @Test func unreadablePipelineFileIsAFinding() throws {
        #expect(
            try FakeFiles([:]).read("gone.yaml").diagnostics.map(\.description)
                == ["gone.yaml:1:1: error: cannot read `gone.yaml`: No such file or directory"])
    }
}
