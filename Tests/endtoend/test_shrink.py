"""A provider that has fewer rows than are published: retention, or an outage that answers "0"."""
import json

import pytest

from harness import FIRST_DAY, USER_OUT_MISSED, stream
from provider import providing

PARTITION = "calls/dt=2026-01-01"


class Calls:
    """A v2 provider whose records a test sets."""

    def __init__(self, count):
        self.have(range(count))

    def have(self, numbers):
        self.records = [
            {"cmiuid": f"id-{number:06d}", "time": FIRST_DAY + number * 60_000, "from": "1", "to": "2",
             "duration": number} for number in numbers]

    def __call__(self, request):
        inside = [row for row in self.records if request["from"] <= row["time"] <= request["to"]]
        start = (request["page"] - 1) * request["limit"]
        page = inside[::-1][start:start + request["limit"]]
        return 200, json.dumps({"count": len(inside), "cdr": page, "code": 200})


@pytest.mark.parametrize("format_", ["csv", "ndjson", "parquet"])
@pytest.mark.parametrize("left", [0, 10])
def test_fewer_rows_do_not_replace_more(work, format_, left):
    calls = Calls(25)
    backfill = ("--from", "2026-01-01", "--to", "2026-01-02", "--force", "--format", "json")
    with providing(calls) as provider:
        work.pipeline(
            [stream("calls", USER_OUT_MISSED, provider, "acc")], output={"format": format_})
        assert work.run().code == 0
        before = [path.read_bytes() for path in work.parts(PARTITION)]
        calls.have(range(left))
        for arguments, command in [(backfill, "backfill"), (("--format", "json"), "run")]:
            result = work.run(*arguments, command=command)
            assert result.code == 1, result
            assert f"{left} rows, 25 are published" in result.err
            [window] = result.lines()[0]["windows"]
            assert (window["state"], window["rows"], window["found_rows"]) == ("shrunk", 25, left)
            assert [path.read_bytes() for path in work.parts(PARTITION)] == before
            [status] = work.run("--format", "json", command="status").windows()
            assert (status["state"], status["rows"]) == ("shrunk", 25)
            assert status["failure"]["code"] == "shrunk"
            assert work.run(command="verify").code == 0
        assert work.run(*backfill, "--shrink", "fail", command="backfill").code == 1
        result = work.run(*backfill, "--shrink", "replace", command="backfill")
        assert result.code == 0, result
        [window] = result.lines()[0]["windows"]
        assert (window["state"], window["gone_rows"]) == ("complete", 25 - left)
        assert f"{25 - left} rows are gone" in result.err
        assert work.manifest(PARTITION)["rows"] == left
        assert work.run().code == 0
        assert work.run(command="verify").code == 0


def test_a_refresh_keeps_what_stands_and_takes_the_rows_when_they_are_back(work):
    calls = Calls(25)
    with providing(calls) as provider:
        work.pipeline(
            [stream("calls", USER_OUT_MISSED, provider, "acc")],
            windows={"every": "day", "range": "yesterday", "refresh": 1})
        night = ("--now", "2026-01-02T06:00:00Z", "--format", "json")
        assert work.run(*night).code == 0
        calls.have([])
        assert work.run(*night).code == 1
        calls.have(range(26))
        result = work.run(*night)
        assert result.code == 0, result
        [window] = result.lines()[0]["windows"]
        assert (window["rows"], window["late_rows"], window["gone_rows"]) == (26, 1, 0)
        [status] = work.run(*night, command="status").windows()
        assert (status["state"], status["failure"]) == ("complete", None)


def test_rows_that_are_gone_while_others_came_are_published_and_counted(work):
    calls = Calls(30)
    with providing(calls) as provider:
        work.pipeline(
            [stream("calls", USER_OUT_MISSED, provider, "acc")],
            windows={"every": "day", "range": "yesterday", "refresh": 1},
            output={"format": "parquet"})
        night = ("--now", "2026-01-02T06:00:00Z", "--format", "json")
        assert work.run(*night).code == 0
        calls.have([*range(25), *range(100, 106)])
        result = work.run(*night)
        assert result.code == 0, result
        [window] = result.lines()[0]["windows"]
        assert [window[f"{name}_rows"] for name in ("late", "changed", "gone")] == [6, 0, 5]
        assert "5 published rows are gone" in result.err


def test_shrink_takes_one_of_three_words(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "acc")])
    result = work.run(
        "--from", "2026-01-01", "--to", "2026-01-02", "--shrink", "maybe", command="backfill")
    assert result.code == 64, result
    assert "keep, replace, fail" in result.err
