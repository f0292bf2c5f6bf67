"""What runs say while they run: logs for people and machines, progress, and what they leave for monitoring."""
import json
import os
import pathlib
import pty
import re
import subprocess
import threading

from harness import (
    AGENT_OUT_MISSED, CDRX, COMMO, OUT_ANSWERED, ROOT, USER_OUT_MISSED, environment, simulating,
    stream, wait_until)

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ")


def reference():
    """The table of events in the reference: name → fields."""
    text = (ROOT / "pipelines" / "README.md").read_text(encoding="utf-8")
    section = text.split("\n## Logs\n")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines()]
    return {
        row[0].strip("`"): set(re.findall(r"`(\w+)`", row[2]))
        for row in rows if len(row) == 4 and row[0].startswith("`")}


COMMON = {"time", "level", "event", "run", "pipeline", "stream", "account", "window", "message"}


def check_fields(events):
    """Every event has the fields that the reference says, and no others."""
    known = reference()
    for event in events:
        assert set(event) - COMMON <= known[event["event"]], event
        if event["event"] != "window_ended":
            optional = {"page", "seconds_left"} if event["event"] in ("request_retried", "progress") else set()
            assert known[event["event"]] - optional <= set(event), event


def faulty_pipeline(work, simulator, *accounts):
    return work.pipeline(
        [stream("calls", USER_OUT_MISSED, simulator, *accounts), stream("bills", COMMO, simulator, "hq")],
        extract={"requests_per_second": 200})


def test_the_log_of_a_faulty_run_has_every_retry(work):
    with simulating("--rows-per-day", 300, "--fault", "http-429=0.05", "--fault", "http-503=0.05",
                    "--fault", "empty-page=0.05") as simulator:
        faulty_pipeline(work, simulator, "user-1", "user-2:dead-1")
        result = work.run("--log-format", "json", "--format", "json", "-v")
        assert result.code == 77, result
        sent = simulator.requests()
    events = [event for event in result.events() if event["event"] != "finding"]
    check_fields(result.events())
    report = result.lines()[0]
    count = {name: sum(event["event"] == name for event in events) for name in reference()}
    assert count["request_retried"] == report["retries"] > 5
    assert count["account_throttled"] == report["throttles"] > 0
    assert report["requests"] == sent
    assert count["window_started"] == count["window_ended"] == 3
    assert count["partition_published"] == 2
    assert count["run_started"] == count["run_ended"] == 1
    assert {event["code"] for event in events if event["event"] == "request_retried"} == {
        "http_429", "http_503", "incomplete_page"}
    ended = [event for event in events if event["event"] == "run_ended"][0]
    for field in ("requests", "retries", "throttles", "wait_seconds", "response_bytes", "rows", "exit_code"):
        assert ended[field] == report[field], field
    assert {event["run"] for event in events} == {report["run_id"]}
    assert {event["pipeline"] for event in events} == {"test"}
    failed = [event for event in events if event["event"] == "window_ended" and event["level"] == "error"]
    assert [(event["account"], event["kind"]) for event in failed] == [("user-2", "authentication")]
    assert "dead-1" not in result.err


def test_streams_share_the_counts_of_a_run(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "user-1"), stream("bills", COMMO, calm, "hq")])
    report = work.run("--format", "json").lines()[0]
    assert [entry["stream"] for entry in report["streams"]] == ["calls", "bills"]
    for field in ("requests", "retries", "throttles", "response_bytes"):
        assert sum(entry[field] for entry in report["streams"]) == report[field]
    assert report["requests"] == calm.requests() and report["response_bytes"] > 1_000
    assert report["retries"] == report["throttles"] == report["wait_seconds"] == 0
    assert report["exit_code"] == 0 and report["seconds"] > 0
    assert report["rows"] == sum(window["rows"] for window in report["windows"])
    again = work.run("--format", "json").lines()[0]
    assert (again["requests"], again["response_bytes"], again["streams"]) == (0, 0, [])


def test_verbose_says_why(work):
    with simulating("--rows-per-day", 200, "--fault", "http-503=0.05", "--fault", "token-death=0.02") as simulator:
        work.pipeline([{
            "stream": "calls", "endpoint": USER_OUT_MISSED, "base_url": simulator.url,
            "accounts": [{"account": "u", "id": "u", "password": "p"}]}])
        silent = work.run("--out", "quiet")
        talking = work.run("-v")
    assert talking.code == 0, talking
    assert "is asked for again" not in silent.err
    assert re.search(r"calls/u/2026-01-01: page \d+ is asked for again in [\d.]+ s \(attempt 2 of 6\): .*HTTP status 503",
                     talking.err), talking
    assert "calls/u: logged in\n" in talking.err
    assert "logged in again, because the token had died" in talking.err
    assert re.search(r"a slice is verified: 200 rows of \d+ pages", talking.err)


def messages(result):
    """Lines that are not about the pipeline file."""
    return [line for line in result.err.splitlines() if not line.startswith("pipeline.yaml:")]


def test_text_has_the_time_and_the_summary_counts(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "user-1")])
    result = work.run()
    lines = messages(result)
    assert lines and all(TIME.match(line) for line in lines), result
    assert re.search(
        r"test: 1 window published; \d+ rows, \d+ requests, [\d.]+ kB in [\d.]+ s$", result.err, re.M)
    assert messages(work.run("--quiet")) == []
    refused = work.run("--stream", "cals")
    assert refused.code == 64 and messages(refused)[-1].endswith("`calls`? [unknown_stream]"), refused


def test_a_failure_of_many_accounts_is_one_line(work, calm):
    work.write("agents.csv", "account,token\n" + "".join(
        f"a{index:03d},dead-{index}\n" for index in range(30)))
    work.pipeline([stream("calls", USER_OUT_MISSED, calm) | {"accounts": {"file": "agents.csv"}}])
    result = work.run()
    assert result.code == 77, result
    errors = [line for line in result.err.splitlines() if " error: " in line]
    assert len(errors) == 1, result
    assert "calls/2026-01-01: 30 accounts (a000, a001, a002, a003, a004 and 25 more): " in errors[0]


# MARK: progress


def test_a_log_gets_a_line_of_progress_every_ten_seconds(work):
    with simulating("--rows-per-day", 330) as simulator:
        work.pipeline([stream("calls", USER_OUT_MISSED, simulator, "user-1")], extract={"requests_per_second": 2})
        result = work.run("--log-format", "json", "--format", "json")
    assert result.code == 0, result
    check_fields(result.events())
    lines = [event for event in result.events() if event["event"] == "progress"]
    assert 1 <= len(lines) <= result.report()["seconds"] // 10, result
    first = lines[0]
    # A busy machine may be late, but never early.
    assert 9.9 < first["seconds"] < 18 and first["run"] == result.report()["run_id"]
    assert (first["windows"], first["windows_done"], first["retries"]) == (1, 0, 0)
    assert 0 < first["pages"] <= 2 * first["seconds"] + 3 and first["rows"] >= 10 * (first["pages"] - 3)
    assert 0 < first["seconds_left"] < 60
    assert re.match(r"0 of 1 window, \d+ of 36 pages, \d+ rows \(\d+ rows/s\), 0:\d\d left$", first["message"]), first


class Terminal:
    """cdrx on a terminal of so many columns; what it writes is kept."""

    def __init__(self, columns, *command, cwd, rows=24):
        self.parent, child = pty.openpty()
        self.resize(columns, rows)
        self.process = subprocess.Popen(
            [CDRX, *map(str, command)], cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=child,
            env=environment({"LANG": "C.UTF-8", "TERM": "xterm"}), text=True)
        os.close(child)
        self.bytes = b""
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def resize(self, columns, rows=24):
        import termios
        termios.tcsetwinsize(self.parent, (rows, columns))

    def read(self):
        while True:
            try:
                piece = os.read(self.parent, 65_536)
            except OSError:
                return
            if not piece:
                return
            self.bytes += piece

    def finish(self):
        out, _ = self.process.communicate(timeout=120)
        self.reader.join(timeout=20)
        os.close(self.parent)
        return out

    @property
    def text(self):
        return self.bytes.decode("utf-8", "replace")

    def drawings(self):
        """What was drawn: lists of lines."""
        parts = re.split(r"\r(?:\x1b\[\d+A)?\x1b\[J", self.text)
        return [part.split("\r\n") for part in parts]


def test_a_terminal_shows_lines_that_fit(work):
    with simulating("--rows-per-day", 600, "--latency", 15, "--fault", "http-429=0.02") as simulator:
        work.pipeline(
            [stream("calls_of_everybody_who_ever_called", USER_OUT_MISSED, simulator, "u1", "u2"),
             stream("bills", COMMO, simulator, "hq"), stream("agents", AGENT_OUT_MISSED, simulator, "a")],
            extract={"requests_per_second": 15})
        terminal = Terminal(60, "run", "pipeline.yaml", cwd=work.path)
        table = terminal.finish()
    assert terminal.process.returncode == 0, terminal.text
    drawn = [lines for lines in terminal.drawings() if any(line.startswith("total ") for line in lines)]
    # The time left is shown after two seconds; at this rate no machine is done by then.
    assert len(drawn) > 5, terminal.text
    shown = "\n".join("\n".join(lines) for lines in drawn)
    for name in ("calls_of_ever…", "bills", "agents", "total"):
        assert re.search(rf"^{name} ", shown, re.M), shown
    assert re.search(r"\d+%", shown) and re.search(r"[\d,]+ rows", shown) and re.search(r"\d:\d\d left", shown)
    assert "×429" in shown
    for lines in drawn:
        for line in lines:
            if "%" in line:
                assert len(line) < 60, line
    # Nothing of it is left when the run has ended, and nothing of it is in the data.
    assert "total" not in terminal.drawings()[-1][-1]
    assert "%" not in table and len(table.splitlines()) == 5


def test_progress_is_drawn_at_most_ten_times_a_second(work):
    with simulating("--rows-per-day", 1_000, "--latency", 5) as simulator:
        work.pipeline(
            [stream("calls", USER_OUT_MISSED, simulator, "u1")], extract={"requests_per_second": 50})
        terminal = Terminal(80, "run", "pipeline.yaml", "--format", "json", cwd=work.path)
        report = json.loads(terminal.finish())
    drawn = sum("%" in "".join(lines) for lines in terminal.drawings())
    assert 3 < drawn <= report["seconds"] * 10 + 2


def test_a_terminal_that_is_resized_keeps_lines_that_fit(work):
    with simulating("--rows-per-day", 600, "--latency", 10) as simulator:
        work.pipeline(
            [stream("calls", USER_OUT_MISSED, simulator, "u1"), stream("bills", COMMO, simulator, "hq")],
            extract={"requests_per_second": 5})
        terminal = Terminal(120, "run", "pipeline.yaml", cwd=work.path)
        wait_until(lambda: any(len(line) > 60 for line in shares(terminal.bytes)))
        terminal.resize(40)
        resized = len(terminal.bytes)
        # What it has drawn decides, not the time: the run would go on for many seconds.
        wait_until(lambda: len(shares(terminal.bytes[resized:])) > 12)
        terminal.process.terminate()
        terminal.finish()
    # The drawing that was under way when the terminal changed may still be the old one.
    late = shares(terminal.bytes[resized:])[3:]
    assert len(late) > 3 and all(len(line) < 40 for line in late), late


def shares(data):
    """The lines of streams that were drawn."""
    lines = re.split(r"\r\n|\r(?:\x1b\[\d+A)?\x1b\[J", data.decode("utf-8", "replace"))
    return [line for line in lines if "%" in line]
