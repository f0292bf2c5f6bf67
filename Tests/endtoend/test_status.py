"""What `cdrx status` prints: summary, calendar, lists of windows, and what it takes."""
import datetime
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

import pytest

from harness import (
    CDRX, USER_OUT_MISSED, contract, environment, kill, measured, simulating, stream, wait_until)
from history import complete_history

ACCOUNTS = ["b", "another-name"] + [f"agent-{number}" for number in range(98)]


def test_many_windows_are_printed_in_order_and_aligned(work):
    complete_history(work, ACCOUNTS, 50)
    result = work.run("--windows", command="status")
    assert result.code == 0, result
    head, *lines = result.out.splitlines()
    assert len(lines) == len(ACCOUNTS) * 50
    places = [head.index(name) for name in ("STREAM", "ACCOUNT", "WINDOW", "STATE", "PUBLISHED")]
    cells = [[line[place:].split()[0] for place in places] for line in lines]
    assert [row[:4] for row in cells] == [
        ["calls", account, f"2026-{1 + day // 31:02}-{1 + day % 31:02}", "complete"]
        for day in range(50) for account in sorted(ACCOUNTS)]
    assert all(line == line.rstrip() for line in lines)

    windows = work.run("--format", "json", command="status").windows()
    assert [[row[name] for name in ("stream", "account", "window", "state", "published_at")]
            for row in windows] == cells
    first, last = windows[0], windows[-1]
    assert last["state"] == "complete" and last["rows"] == 0 and last["failure"] is None
    assert {name for name in first if first[name] != last[name]} == {
        "account", "window", "start", "end", "directory"}
    only = work.run("--windows", "--account", "b", "--account", "agent-9", command="status").table()
    assert {row["ACCOUNT"] for row in only} == {"b", "agent-9"} and len(only) == 100


def test_memory_hardly_follows_the_number_of_windows(work):
    """20,000 windows once took 27 MB more than one."""
    def peak(*options):
        return measured(CDRX, "status", "pipeline.yaml", *options, cwd=work.path).peak

    complete_history(work, ["agent-0"], 1)
    few, few_lines = peak("--windows"), peak("--format", "json")
    complete_history(work, [f"agent-{number}" for number in range(200)], 100)
    assert peak("--windows") - few < 10e6
    assert peak() - few < 6e6
    assert peak("--format", "json") - few_lines < 6e6


NIGHTLY = {"every": "day", "range": "yesterday", "settle": "0s"}
LATER = ("--now", "2026-01-06T00:00:00Z")


def night(work, day):
    return work.run("--now", f"2026-01-{day:02}T00:00:00Z").code


@pytest.fixture
def holes(work, calm):
    """Nights of the 1st, 2nd and 4th; in the last one an account is refused."""
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "a", "b")], windows=NIGHTLY)
    assert (night(work, 2), night(work, 3)) == (0, 0)
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "a", "b:wrong-1")], windows=NIGHTLY)
    assert night(work, 5) == 77
    return work


def test_a_summary_and_a_calendar_come_first(holes):
    result = holes.run(*LATER, command="status", env={"LANG": "C.UTF-8"})
    assert result.code == 0, result
    lines = result.out.splitlines()
    assert lines[0] == (
        "test: 5 of 10 windows complete, 1 failed, 4 missing; the oldest gap is calls 2026-01-03")
    assert lines[2].split() == [
        "STREAM", "COMPLETE", "FAILED", "MISSING", "OLDEST", "GAP", "NEWEST", "COMPLETE", "ROWS"]
    assert lines[3].split() == ["calls", "5", "1", "4", "2026-01-03", "2026-01-02", "1500"]
    assert lines[5] == "calls (2 accounts)"
    assert lines[7] == "  2026-01  ■■·F·"
    assert "■ complete   F failed   · missing" in result.out
    # One line for a reason, however many windows it has.
    assert lines[-1].startswith("calls   failed        1  b         2026-01-04  2026-01-04  authentication")
    plain = holes.run(*LATER, command="status", env={"LANG": "C"}).out
    assert plain.splitlines()[7] == "  2026-01  ##.F."


def listed(work, *arguments):
    result = work.run(*LATER, *arguments, "--format", "json", command="status")
    assert result.code == 0, result
    table = work.run(*LATER, *arguments, command="status").table()
    windows = result.windows()
    if any(name in arguments for name in ("--failed", "--gaps", "--windows")):
        assert [(row["ACCOUNT"], row["WINDOW"], row["STATE"]) for row in table] == [
            (window["account"], window["window"], window["state"]) for window in windows]
    assert sum(result.report()["counts"].values()) == len(windows)
    return [(window["account"], window["window"][-2:], window["state"]) for window in windows]


def test_lists_of_what_is_wrong(holes):
    failed, missing = [("b", "04", "failed")], [
        (account, day, "missing") for day in ("03", "05") for account in "ab"]
    assert listed(holes, "--failed") == failed
    assert sorted(listed(holes, "--gaps")) == sorted(failed + missing)
    assert len(listed(holes)) == len(listed(holes, "--windows")) == 10
    assert listed(holes, "--since", "2026-01-05") == [("a", "05", "missing"), ("b", "05", "missing")]
    assert listed(holes, "--since", "2026-01-05", "--failed") == []
    [calls] = holes.run(*LATER, "--format", "json", command="status").report()["streams"]
    assert calls["counts"] == {"complete": 5, "failed": 1, "missing": 4}
    assert (calls["oldest_gap"], calls["newest_complete"], calls["accounts"]) == (
        "2026-01-03", "2026-01-02", 2)


def test_now_decides_what_is_due_and_nothing_else(holes):
    """Times of what happened are those of the clock, whatever `--now` was and is."""
    windows = holes.run(*LATER, "--format", "json", command="status").windows()
    times = {window[name] for window in windows for name in ("started_at", "finished_at", "published_at")}
    today = datetime.datetime.now(datetime.timezone.utc)
    real = [datetime.datetime.fromisoformat(time) for time in times if time]
    assert len(real) >= 6
    assert all(abs(today - time) < datetime.timedelta(hours=1) for time in real)
    earlier = holes.run("--now", "2026-01-04T00:00:00Z", "--format", "json", command="status")
    assert {window["window"] for window in earlier.windows() if window["state"] == "missing"} == {
        "2026-01-03"}


def on_terminal(arguments, columns, cwd, env):
    """What a command prints on a terminal so wide."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [CDRX, *arguments], cwd=cwd, env=environment(env), stdin=subprocess.DEVNULL, stdout=theirs,
        stderr=subprocess.DEVNULL)
    os.close(theirs)
    said = b""
    while True:
        try:
            piece = os.read(ours, 65_536)
        except OSError:
            break
        if not piece:
            break
        said += piece
    os.close(ours)
    assert process.wait() == 0
    return said.decode().replace("\r\n", "\n")


def test_it_fits_the_terminal_and_colors_it(holes):
    status = ["status", "pipeline.yaml", *LATER]
    for columns in (60, 80):
        for more in ([], ["--gaps"], ["--windows"]):
            said = on_terminal(status + more, columns, holes.path, {"LANG": "C.UTF-8"})
            lines = re.sub("\033\\[[0-9;]*m", "", said).splitlines()
            assert max(map(len, lines)) <= columns, lines
            assert any("…" in line for line in lines)
    colored = on_terminal(status, 80, holes.path, {"LANG": "C.UTF-8"})
    assert "\033[32m■" in colored and "\033[31mF" in colored
    assert "\033" not in on_terminal(status, 80, holes.path, {"LANG": "C.UTF-8", "NO_COLOR": "1"})
    # A pipe gets whole lines.
    assert "…" not in holes.run(*LATER, "--windows", command="status").out


def test_reports_have_one_shape():
    """The same members, and the same words for the same things, in every report of a pipeline."""
    shared = {}
    for name in ("run-report", "plan", "status", "verify", "check", "rejects"):
        schema = contract(name).schema
        assert list(schema["properties"])[:2] == ["report", "pipeline"], name
        assert {"report", "pipeline", "counts"} <= set(schema["required"]), name
        assert schema["properties"]["report"]["const"] == name.removesuffix("-report")
        for definition, value in schema["$defs"].items():
            if definition in ("state", "failure", "time", "outdated"):
                assert shared.setdefault(definition, value) == value, (name, definition)
    assert set(shared) == {"state", "failure", "time", "outdated"}


def test_a_run_that_works_and_one_that_was_killed_are_told_from_each_other(work):
    def states():
        result = work.run("--now", "2026-01-02T00:00:00Z", "--format", "json", command="status")
        assert result.code == 0, result
        return [window["state"] for window in result.windows()]

    with simulating("--rows-per-day", 2000, "--latency", 20) as slow:
        work.pipeline([stream("calls", USER_OUT_MISSED, slow, "a")], windows=NIGHTLY)
        process = work.start("--now", "2026-01-02T00:00:00Z")
        wait_until(lambda: slow.requests() > 3)
        assert states() == ["running"]
        kill(process)
        assert states() == ["interrupted"]
        [window] = work.run(
            "--now", "2026-01-02T00:00:00Z", "--format", "json", command="plan").windows()
        assert (window["state"], window["why"]) == ("interrupted", "retry: interrupted before")
