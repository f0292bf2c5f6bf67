"""What `cdrx plan` says before a run: which windows, why, and what they would take."""
import pytest

from harness import CALL_LEGS, USER_OUT_MISSED, simulating, stream
from provider import providing

NIGHTLY = {"every": "day", "range": "yesterday", "settle": "0s"}


def plan(work, *arguments):
    return work.run(*arguments, "--format", "json", command="plan")


def reasons(result):
    return {(window["account"], window["window"][-2:]): (window["reason"], window["state"])
            for window in result.windows()}


def test_each_window_says_why(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "a", "b:wrong-1")], windows=NIGHTLY)
    assert work.run("--now", "2026-01-02T00:00:00Z").code == 77
    calm.forget()
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "a", "b")],
                  windows={**NIGHTLY, "refresh": 1, "catch_up_from": "2026-01-01"})
    now = ("--now", "2026-01-04T12:00:00Z")
    result = plan(work, *now)
    assert reasons(result) == {
        ("b", "01"): ("retry", "failed"), ("a", "02"): ("catch_up", "missing"),
        ("b", "02"): ("catch_up", "missing"), ("a", "03"): ("range", "missing"),
        ("b", "03"): ("range", "missing")}
    retry = result.windows()[0]
    assert retry["why"] == "retry: failed after 1 attempt, authentication_failed"
    assert retry["failure"]["kind"] == "authentication"
    assert result.report()["counts"] == {"retry": 1, "range": 2, "catch_up": 2}
    table = work.run(*now, command="plan")
    assert table.code == 0 and retry["why"] in table.out
    assert "5 windows to export, 5 of them from the provider" in table.err
    assert calm.requests() == 0


def test_a_backfill_is_planned_without_being_run(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "a")], windows=NIGHTLY)
    assert work.run("--now", "2026-01-03T00:00:00Z").code == 0
    between = ("--from", "2026-01-01", "--to", "2026-01-04")
    assert reasons(plan(work, *between)) == {
        ("a", "01"): ("backfill", "missing"), ("a", "03"): ("backfill", "missing")}
    assert reasons(plan(work, *between, "--force"))["a", "02"] == ("forced", "complete")
    early = plan(work, *between, "--now", "2026-01-03T00:00:00Z").report()
    assert (len(early["windows"]), early["skipped_complete"], early["not_due"]) == (1, 1, 1)
    assert early["next_due_at"] == "2026-01-04T00:00:00.000Z"
    # It is what the backfill does.
    report = work.run(*between, "--format", "json", command="backfill").report()
    assert [window["window"] for window in report["windows"]] == ["2026-01-01", "2026-01-03"]


@pytest.mark.parametrize("arguments", [
    ["--from", "2026-01-01"], ["--to", "2026-01-02"], ["--force"],
    ["--from", "2026-01-02", "--to", "2026-01-01"]])
def test_64_for_half_a_stretch(work, calm, arguments):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "a")])
    assert work.run(*arguments, command="plan").code == 64


@pytest.mark.parametrize("rows, slice_pages", [(300, 200), (297, 200), (1000, 20), (0, 200), (4, 200)])
def test_a_probe_knows_what_the_run_will_take(work, rows, slice_pages):
    with simulating("--rows-per-day", rows) as simulator:
        work.pipeline(
            [stream("calls", USER_OUT_MISSED, simulator, "a", "b")], lanes=4,
            windows={"every": "day", "range": {"from": "2026-01-01", "to": "2026-01-04"}},
            extract={"slice_pages": slice_pages, "requests_per_second": 500})
        result = plan(work, "--probe")
        assert result.code == 0, result
        probe = result.report()["probe"]
        assert simulator.requests() == 6
        whole = probe["whole"]
        assert (whole["windows"], whole["known"]) == (6, 6)
        assert abs(whole["rows"] - 6 * rows) <= 12
        assert probe["streams"] == [{**whole, "stream": "calls"}]
        report = work.run("--format", "json").report()
        assert abs(whole["requests"] - report["requests"]) <= 0.1 * report["requests"]
        # Two accounts, each with its own budget.
        assert whole["seconds"] == -(-whole["requests"] // 1000) or whole["seconds"] >= 1
        assert whole["bytes"] > 100 * rows


def test_a_probe_of_many_windows_takes_a_sample(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, *(f"a{number}" for number in range(50)))],
                  windows={"every": "day", "range": {"from": "2026-01-01", "to": "2026-01-06"}})
    probe = plan(work, "--probe").report()["probe"]["whole"]
    assert calm.requests() <= 200
    assert (probe["windows"], probe["known"]) == (250, calm.requests())
    assert abs(probe["rows"] - 250 * 300) < 0.02 * 250 * 300


def test_a_probe_counts_the_ids_of_request_lists(work, calm):
    work.pipeline([stream("legs", CALL_LEGS, calm, "main",
                          requests={"ids": ["rid-1-0001", "rid-1-0002"], "batch": "one"})])
    probe = plan(work, "--probe").report()["probe"]["whole"]
    assert (probe["requests"], probe["known"], calm.requests()) == (2, 1, 0)


def test_a_probe_that_is_refused_says_so(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "a:wrong-1")])
    result = plan(work, "--probe")
    assert result.code == 77, result
    assert result.report()["probe"]["whole"]["failures"][0]["kind"] == "authentication"
