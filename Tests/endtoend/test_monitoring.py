"""What a run leaves for monitoring: metrics, its summary as a file, and the commands at its end."""
import json
import os
import re
import time

from prometheus_client.parser import text_string_to_metric_families

from harness import COMMO, DAY, ROOT, USER_OUT_MISSED, simulating, stream, valid


def metrics(path):
    """Values by name and labels; the parser refuses what Prometheus would."""
    found = {}
    for family in text_string_to_metric_families(path.read_text()):
        assert family.type == "gauge" and family.documentation, family
        for sample in family.samples:
            found[sample.name, tuple(sorted(sample.labels.items()))] = sample.value
    return found


def reference():
    """The table of metrics in the reference: name → further labels."""
    text = (ROOT / "pipelines" / "README.md").read_text(encoding="utf-8")
    section = text.split("\n## Metrics\n")[1].split("\n## ")[0]
    return {
        match[1]: set(re.findall(r"`(\w+)`", match[2]))
        for match in re.finditer(r"^\| `(cdrx_\w+)` \|([^|]*)\|", section, re.M)}


def test_metrics_are_those_of_the_run_and_of_the_reference(work):
    with simulating("--rows-per-day", 100, "--fault", "http-503=0.1") as simulator:
        work.pipeline(
            [stream("calls", USER_OUT_MISSED, simulator, "user-1", "user-2:dead-1"),
             stream("bills", COMMO, simulator, "hq")])
        result = work.run("--metrics-file", "cdrx.prom", "--format", "json")
    assert result.code == 77, result
    report = result.lines()[0]
    found = metrics(work.path / "cdrx.prom")

    def value(name, **labels):
        return found[name, tuple(sorted({"pipeline": "test", **labels}.items()))]

    by_stream = {entry["stream"]: entry for entry in report["streams"]}
    for name in ("calls", "bills"):
        for metric, field in (("requests", "requests"), ("retries", "retries"), ("throttles", "throttles"),
                              ("wait_seconds", "wait_seconds"), ("response_bytes", "response_bytes")):
            assert value(f"cdrx_run_{metric}", stream=name) == by_stream[name][field]
        assert value("cdrx_run_rows", stream=name) == sum(
            window["rows"] for window in report["windows"] if window["stream"] == name)
    assert value("cdrx_run_retries", stream="calls") + value("cdrx_run_retries", stream="bills") > 0
    assert value("cdrx_run_windows", stream="calls", state="complete") == 1
    assert value("cdrx_run_windows", stream="calls", state="failed") == 1
    assert value("cdrx_run_exit_code") == 77
    assert value("cdrx_run_duration_seconds") == report["seconds"]
    assert value("cdrx_run_info", run=report["run_id"], version="0.1.0") == 1
    assert 0 <= time.time() - value("cdrx_run_end_timestamp_seconds") < 60
    assert not any(name == "cdrx_last_complete_timestamp_seconds" for name, _ in found)

    again = work.run("--account", "user-1", "--metrics-file", "cdrx.prom")
    assert again.code == 0, again
    found = metrics(work.path / "cdrx.prom")
    assert abs(value("cdrx_last_complete_timestamp_seconds") - time.time()) < 60
    known = reference()
    assert {name for name, _ in found} | {"cdrx_run_windows"} | set(
        name for name in known if "stream" in known[name]) == set(known)
    for name, labels in found:
        assert {label for label, _ in labels} - {"pipeline"} == known[name]
    assert sorted(path.name for path in work.path.glob("cdrx.prom*")) == ["cdrx.prom"]


def test_a_file_that_cannot_be_written_is_a_warning(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "user-1")])
    result = work.run("--metrics-file", "nowhere/cdrx.prom", "--summary-file", "nowhere/run.json")
    assert result.code == 0, result
    assert result.err.count("warning: nowhere/") == 2
    assert work.run("--metrics-file", "").code == 64


def test_the_summary_is_the_report(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "user-1")])
    result = work.run("--summary-file", "run.json", "--format", "json")
    assert result.code == 0, result
    summary = json.loads((work.path / "run.json").read_text())
    assert valid(summary, "run-report") == result.lines()[0]


def test_success_and_failure_call_their_commands(work, calm):
    def write(name, *accounts):
        return work.pipeline(
            [stream("calls", USER_OUT_MISSED, calm, *accounts)], name=name,
            on_success="cat > success.json", on_failure={"command": "cat > failure.json; env > env.txt", "timeout": "20s"})

    write("pipeline.yaml", "user-1")
    result = work.run("--log-format", "json", "-v", env={"HOOK": "hook-1"})
    assert result.code == 0, result
    assert valid(json.loads((work.path / "success.json").read_text()), "run-report")["exit_code"] == 0
    assert not (work.path / "failure.json").exists()
    [ended] = [event for event in result.events() if event["event"] == "command_ended"]
    assert ended["command"] == "on_success" and ended["level"] == "debug"

    (work.path / "success.json").unlink()
    write("pipeline.yaml", "user-1", "user-2:dead-1")
    failed = work.run(env={"HOOK": "hook-1"})
    assert failed.code == 77, failed
    summary = valid(json.loads((work.path / "failure.json").read_text()), "run-report")
    assert (summary["exit_code"], summary["counts"]) == (77, {"failed": 1})
    assert not (work.path / "success.json").exists()
    told = (work.path / "env.txt").read_text()
    assert "HOOK=hook-1" in told and "dead-1" not in told


def test_a_run_that_cannot_begin_calls_on_failure_too(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "user-1")], on_failure="cat > failure.json")
    (work.exports / "_state").mkdir(parents=True)
    (work.exports / "_state" / "ledger.sqlite").write_text("this is no ledger")
    result = work.run("--metrics-file", "cdrx.prom", "--summary-file", "run.json")
    assert result.code == 1, result
    summary = valid(json.loads((work.path / "failure.json").read_text()), "run-report")
    assert summary == json.loads((work.path / "run.json").read_text())
    assert summary["run_id"] is None and summary["error"]["code"].startswith("ledger")
    found = metrics(work.path / "cdrx.prom")
    assert found["cdrx_run_exit_code", (("pipeline", "test"),)] == 1


def test_what_a_command_does_changes_no_exit_code(work, calm):
    for command, reason in (
            ("exit 3", "it exited with status 3"), ("kill -9 $$", "it was ended by signal 9"),
            ({"command": "sleep 60 & sleep 60", "timeout": "1s"}, "it took more than 1 s and was ended"),
            ({"command": "trap '' TERM; sleep 60 & wait; sleep 60", "timeout": "1s"}, "it took more than 1 s")):
        work.pipeline([stream("calls", USER_OUT_MISSED, calm, "user-1")], on_success=command)
        started = time.monotonic()
        result = work.run("--log-format", "json")
        assert result.code == 0, result
        [event] = [event for event in result.events() if event["event"] == "command_failed"]
        assert event["level"] == "warning" and reason in event["reason"], event
        assert time.monotonic() - started < 20


def test_a_command_need_not_read_a_long_summary(work, calm):
    """More than a pipe holds: nobody waits for who does not read."""
    work.pipeline(
        [stream("calls", USER_OUT_MISSED, calm, "user-1")],
        windows={"every": "hour", "range": {"from": "2026-01-01", "to": "2026-01-20"}},
        on_success="true", on_failure="true")
    result = work.run("--summary-file", "run.json", "-v")
    assert result.code == 0, result
    assert (work.path / "run.json").stat().st_size > 100_000
    assert "on_success has ended" in result.err
    work.pipeline(
        [stream("calls", USER_OUT_MISSED, calm, "user-1")],
        windows={"every": "hour", "range": {"from": "2026-01-01", "to": "2026-01-20"}, "refresh": 400},
        on_success="wc -c > count.txt")
    assert work.run("--summary-file", "run.json").code == 0
    assert int((work.path / "count.txt").read_text()) == (work.path / "run.json").stat().st_size
