import ExportModel
import Testing

@testable import PipelineFile

/// One mistake at a time in a file that is valid without it: the exact finding.
@Suite struct MistakesTests {
    static let good = """
        pipeline: p
        timezone: UTC
        windows: {every: day, range: yesterday}
        extract: {attempts: 6}
        output: {path: out, format: csv}
        streams:
          - stream: s
            endpoint: telecmi.v1.outanswered
            accounts:
              - {account: a, appid: 1, token: "${T}"}
          - stream: c
            endpoint: commo.get_bill
            base_url: https://commo.example.com
            params: {direction: 3}
            accounts:
              - {account: a, token: "${T}"}
          - stream: r
            endpoint: piopiy.requestid_cdr
            requests: {ids: [x, y], batch: b}
            accounts:
              - {account: a, appid: 1, secret: "${T}"}
        """

    private func findings(_ good: String, _ bad: String) throws -> [String] {
        let text = Self.good.replacing(good, with: bad, maxReplacements: 1)
        #expect(text != Self.good, "the good text is not there")
        return try FakeFiles(["p.yaml": text], environment: ["T": "s3cret", "EMPTY": ""]).read()
            .diagnostics.map { String($0.description.dropFirst("p.yaml:".count)) }
    }

    @Test func theFileIsValidWithoutAMistake() throws {
        let result = try FakeFiles(["p.yaml": Self.good], environment: ["T": "t"]).read()
        #expect(result.diagnostics == [])
    }

    @Test(arguments: [
        (
            "pipeline: p", "pipeline: Nightly Calls",
            "1:11: error: `pipeline` must be lower-case letters, digits and `-`, "
                + "as in `nightly-calls`"
        ),
        (
            "pipeline: p\n", "",
            "1:1: error: `pipeline` is missing in the pipeline file; name it, "
                + "as in `pipeline: nightly-calls`"
        ),
        (
            "timezone: UTC", "timezone: +05:30",
            "2:11: error: `timezone` must be an IANA time zone such as `UTC` or `Asia/Kolkata`"
        ),
        (
            "timezone: UTC", "timezone:",
            "2:1: error: `timezone` has no value; give one, or remove the line"
        ),
        (
            "timezone: UTC", "timezone: [UTC]",
            "2:11: error: `timezone` must be an IANA time zone, not a list"
        ),
        (
            "every: day", "every: week",
            "3:18: error: `every` must be hour, day or month, not `week`"
        ),
        (
            "every: day", "every: month",
            "3:32: error: range `yesterday` is no whole month, which `every: month` asks for; "
                + "use `range: last 1 months`, or `every: day`"
        ),
        (
            "range: yesterday", "range: last 6 hours",
            "3:30: error: range `last 6 hours` is finer than `every: day`; "
                + "use `last N days`, or `every: hour`"
        ),
        (
            "range: yesterday", "range: {from: 2026-01-01T06, to: 2026-02-01}",
            "3:30: error: range: `from` must be the start of a day, "
                + "since windows are cut `every: day`"
        ),
        (
            "range: yesterday", "range: {from: 2026-02-01, to: 2026-02-01}",
            "3:30: error: range: `from` must be before `to`, which is the first moment not covered"
        ),
        (
            "range: yesterday", "range: {from: 2026-02-30, to: 2026-03-01}",
            "3:37: error: `from` must be a day, hour or month of the calendar such as "
                + "`2026-01-31`, `2026-01-31T07` or `2026-01`, not `2026-02-30`"
        ),
        (
            "range: yesterday", "range: {from: 2026-02-01}",
            "3:30: error: `to` is missing in `range`; say the first day not covered"
        ),
        (
            "range: yesterday", "settle: 30",
            "3:31: error: `settle` must be a time with its unit (ms, s, m, h or d), "
                + "as in `30s`, not `30`; did you mean `30s` or `30m`?"
        ),
        (
            "range: yesterday", "shrink: replaced",
            "3:31: error: `shrink` must be keep, replace or fail, not `replaced`; "
                + "did you mean `replace`?"
        ),
        (
            "range: yesterday", "catch_up_from: 2026-01-01T05",
            "3:38: error: `catch_up_from` must be the start of a day, "
                + "since windows are cut `every: day`"
        ),
        (
            "attempts: 6", "attempts: 0",
            "4:21: error: `attempts` must be a whole number from 1 to 100, not `0`"
        ),
        (
            "attempts: 6", "attempts: \"6\"",
            "4:21: error: `attempts` must be a whole number from 1 to 100, not text; "
                + "remove the quotes"
        ),
        (
            "attempts: 6", "attempt: 6",
            "4:11: error: unknown key `attempt` in `extract`; did you mean `attempts`?"
        ),
        (
            "attempts: 6", "windows_in_flight: 241",
            "4:30: error: `windows_in_flight` must be a whole number from 1 to 240, not `241`"
        ),
        (
            "attempts: 6", "requests_per_second: 0",
            "4:32: error: `requests_per_second` must be a number above 0 and at most 100000, "
                + "as in `5` or `0.5`, not `0`"
        ),
        (
            "attempts: 6", "timeout: 2d",
            "4:20: error: `timeout` must be from `100ms` to `1h`, not `2d`"
        ),
        (
            "attempts: 6", "confirm: al",
            "4:20: error: `confirm` must be edges or all, not `al`; did you mean `all`?"
        ),
        (
            "attempts: 6", "on_mismatch: ignore",
            "4:24: error: `on_mismatch` must be fail or publish, not `ignore`"
        ),
        (
            "attempts: 6", "max_rejects: 0%",
            "4:24: error: `max_rejects` must be a whole number, a share or `none`, as in `100` or "
                + "`1%`, not `0%`"
        ),
        (
            "attempts: 6", "ca_file: nowhere.pem",
            "4:20: error: `ca_file`: cannot read `nowhere.pem`: No such file or directory"
        ),
        (
            "attempts: 6", "ca_file: p.yaml",
            "4:20: error: `ca_file`: `p.yaml` holds no certificate in PEM form"
        ),
        (
            "attempts: 6", "ca_file: [a]",
            "4:20: error: `ca_file` must be a path, not a list"
        ),
        (
            "attempts: 6", "max_rejects: few",
            "4:24: error: `max_rejects` must be a whole number, a share or `none`, as in `100` or `1%`, not `few`"
        ),
        (
            "format: csv", "partition: accounts",
            "5:32: error: `partition` must be window or account, not `accounts`; did you mean `account`?"
        ),
        (
            "format: csv", "publish: always",
            "5:30: error: `publish` must be available or complete, not `always`"
        ),
        (
            "format: csv", "buckets: 0",
            "5:30: error: `buckets` must be a whole number from 1 to 1024, not `0`"
        ),
        (
            "format: csv", "partition: account, buckets: 2",
            "5:50: error: `buckets` divides the accounts of a window, and with `partition: account` "
                + "each has a partition of its own; remove one of the two"
        ),
        (
            "format: csv", "level: 10",
            "5:28: error: `level` must be a whole number from 1 to 9, not `10`"
        ),
        (
            "format: csv", "compression: none, level: 1",
            "5:47: error: `level` means nothing with `compression: none`; remove one of the two"
        ),
        (
            "format: csv", "part_bytes: 256",
            "5:33: error: `part_bytes` must be a size with its unit (KiB, MiB, GiB, KB, MB or GB), "
                + "as in `256MiB`, not `256`"
        ),
        (
            "format: csv", "csv: {delimiter: \"||\"}",
            "5:38: error: `delimiter` must be one ASCII character, neither a quote nor a line "
                + "break, as in `\",\"`, `\";\"` or `\"\\t\"`"
        ),
        (
            "format: csv", "csv: {header: yes please}",
            "5:35: error: `header` must be true or false, not `yes please`"
        ),
        (
            "format: csv", "columns: [call_id, {agent: call_id}]",
            "5:40: error: two columns would be called `call_id`; rename one: "
                + "`{agent: other_name}`"
        ),
        (
            "format: csv", "format: ndjson, csv: {header: true}",
            "5:42: warning: `csv` has no effect with `format: ndjson`"
        ),
        (
            "format: csv", "format: parquet, parquet: {bloom_filters: [cal_id]}",
            "5:64: error: `bloom_filters` names `cal_id`, which is no output column; "
                + "did you mean `call_id`?"
        ),
        (
            "path: out, ", "",
            "5:9: error: `path` is missing in `output`; name a directory or "
                + "`s3://bucket/prefix`, or give `--out`"
        ),
        (
            "stream: s\n", "stream: c\n",
            "11:13: error: stream `c` is given twice; names are unique"
        ),
        (
            "stream: s\n", "stream: _s\n",
            "7:13: error: `stream` must be letters, digits, `.`, `-` and `_`, "
                + "not starting with `.` or `_`, since it names a directory"
        ),
        (
            "account: a, appid", "account: ../a, appid",
            "10:19: error: `account` must be letters, digits, `.`, `-` and `_`, "
                + "not starting with `.` or `_`, since it names a directory"
        ),
        (
            "appid: 1, token", "token",
            "10:9: error: account `a` lacks `appid`; give `appid` and `token`"
        ),
        (
            "appid: 1", "appid: 01",
            "10:29: error: `appid` must be a whole number without leading zeros"
        ),
        (
            "token: \"${T}\"", "token: \"${EMPTY}\"",
            "10:39: error: `token` must not be empty"
        ),
        (
            "token: \"${T}\"", "token: \"${T\"",
            "10:39: error: `token`: `${` is not closed; write `${NAME}`, "
                + "or `$${` for a literal `${`"
        ),
        (
            "token: \"${T}\"", "token: \"${UNSET}\"",
            "10:39: error: `token`: environment variable `UNSET` is not set; set it, "
                + "or give a default: `${UNSET:-…}`"
        ),
        (
            "token: \"${T}\"", "token: written-down",
            "10:39: warning: `token` of account `a` stands in the file; "
                + "keep it elsewhere and write `\"${NAME}\"`, `\"${file:…}\"` or `\"${command:…}\"`"
        ),
        (
            "token: \"${T}\"}\n  - stream: c", "token: \"${T}\", s3cret}\n  - stream: c",
            "10:47: error: a key without a value; write `name: value`"
        ),
        (
            "base_url: https://commo.example.com", "base_url: https://u:s3cret@c.example.com",
            "13:15: error: `base_url` must have no user name and password; "
                + "credentials belong under `accounts`"
        ),
        (
            "base_url: https://commo.example.com", "base_url: http://commo.example.com",
            "13:15: warning: `base_url` is plain `http`, so credentials travel unencrypted; "
                + "use `https`"
        ),
        (
            "    base_url: https://commo.example.com\n", "",
            "11:5: error: `base_url` is missing in a stream; `commo.get_bill` has a different "
                + "address for every customer"
        ),
        ("direction: 3", "direction: 4", "14:25: error: `direction` must be 1, 2 or 3"),
        (
            "direction: 3", "direction: both",
            "14:25: error: `direction` must be a whole number, not `both`"
        ),
        (
            "direction: 3", "currentpage: 3",
            "14:14: error: unknown key `currentpage` in `params`; known are `syncflag`, "
                + "`direction`, `callmethod`, `extnumber`, `destnumber`, `userid`, `memberid`, "
                + "`chengshudu`, `customuuid`"
        ),
        (
            "params: {direction: 3}", "extract: {page_size: 1001}",
            "14:26: error: `page_size` 1001 is above the 1000 that `commo.get_bill` "
                + "allows; lower it"
        ),
        (
            "params: {direction: 3}", "source_timezone: Asia/Shangai",
            "14:22: error: `source_timezone` must be an offset such as `\"+08:00\"` or an IANA "
                + "time zone such as `Asia/Shanghai`; did you mean `Asia/Shanghai`?"
        ),
        (
            "params: {direction: 3}", "requests: {ids: [x], batch: b}",
            "14:15: error: `requests`: `commo.get_bill` is asked by time, not by id; remove it"
        ),
        (
            "ids: [x, y]", "ids: [x, x]",
            "19:25: warning: this request id is given twice; it is asked once"
        ),
        (
            ", batch: b}", "}",
            "19:15: error: `batch` is missing in `requests`; it names the directory `batch=…`"
        ),
        (
            "{ids: [x, y], batch: b}", "{file: ids.txt}",
            "19:22: error: `file`: cannot read `ids.txt`: No such file or directory"
        ),
        (
            "    requests: {ids: [x, y], batch: b}\n", "",
            "17:5: error: `requests` is missing in a stream; `piopiy.requestid_cdr` is asked by "
                + "request id: `requests: {file: \"ids/{window}.txt\"}` or "
                + "`{ids: […], batch: name}`, or `for_each: {stream: calls, field: id}`"
        ),
    ])
    func mistakeHasItsPlaceAndItsRemedy(good: String, bad: String, expected: String) throws {
        let found = try findings(good, bad)
        #expect(found == [expected])
    }

    @Test func everyStreamThatLacksAColumnIsNamed() throws {
        #expect(
            try findings("format: csv", "columns: [call_id, billsec]") == [
                "5:40: error: column `billsec` is neither a unified nor a derived column nor a field of "
                    + "`telecmi.v1.outanswered` (stream `s`); did you mean `billedsec`?",
                "5:40: error: column `billsec` is neither a unified nor a derived column nor a field of "
                    + "`piopiy.requestid_cdr` (stream `r`)",
            ])
    }
}
