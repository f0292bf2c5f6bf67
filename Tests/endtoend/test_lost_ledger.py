"""`cdrx status --rebuild` makes a ledger again from what is published."""
import shutil

import pytest

from harness import CALL_LEGS, FIRST_DAY, USER_OUT_MISSED, stream
from provider import providing, user_page, user_records

DAYS = {"every": "day", "range": {"from": "2026-01-01", "to": "2026-01-04"}}


def states(work):
    return {
        (window["stream"], window["account"], window["window"]):
            (window["state"], window["rows"], window["rejects"], window["published_at"] is not None)
        for window in work.run("--windows", "--format", "json", command="status").windows()}


def lose(work, whole=True):
    if whole:
        shutil.rmtree(work.exports / "_state")
    for path in (work.exports / "_state").glob("ledger.sqlite*"):
        path.unlink()


def rebuild(work, recorded, count, code=0, **options):
    result = work.run("--rebuild", command="status", **options)
    assert result.code == code, result
    assert f"{recorded} of {count} partition" in result.err, result
    return result


@pytest.mark.parametrize("layout", ["window", "account"])
@pytest.mark.parametrize("whole", [True, False])
def test_a_run_after_it_has_nothing_to_do(work, calm, layout, whole):
    work.pipeline([
        stream("calls", USER_OUT_MISSED, calm, "a", "b"), stream("more", USER_OUT_MISSED, calm, "a")],
        windows=DAYS, output={"partition": layout})
    assert work.run().code == 0
    before, files = states(work), work.state()
    lose(work, whole)
    count = {"window": 6, "account": 9}[layout]
    rebuild(work, count, count)
    assert states(work) == before
    calm.forget()
    result = work.run()
    assert result.code == 0 and "0 windows published, 9 complete already" in result.err, result
    assert calm.requests() == 0 and work.state() == files
    assert work.run(command="verify").code == 0
    rebuild(work, 0, count)
    # What warehouses hold is not known any more: all is loaded again, each partition once.
    steps = work.run("--target", "w", "--dry-run", "--format", "json", command="load").lines()
    assert [step["change"] for step in steps] == ["new"] * count
    assert sorted(path.name for path in work.run_file_paths())[-1].startswith("00000002-")


def test_what_was_missing_is_exported_and_the_rest_asked_for_with_it(work, calm):
    calls = [stream("calls", USER_OUT_MISSED, calm, "a", "b:dead-1")]
    work.pipeline(calls)
    assert work.run().code == 77
    lose(work)
    rebuild(work, 1, 1)
    assert {key[1]: state[0] for key, state in states(work).items()} == {"a": "complete", "b": "missing"}
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "a", "b")])
    assert work.run().code == 0
    assert work.partitions() == ["calls/dt=2026-01-01"]
    assert work.run(command="verify").code == 0


def test_lists_are_asked_for_again_and_other_settings_are_outdated(work, calm):
    def describe(**output):
        work.pipeline([
            stream("calls", USER_OUT_MISSED, calm, "a"),
            stream("legs", CALL_LEGS, calm, "m", requests={"ids": ["rid-1-0001"], "batch": "one"})],
            output=output)
    describe()
    assert work.run().code == 0
    before = states(work)
    lose(work)
    describe(csv={"delimiter": ";"})
    rebuild(work, 2, 2)
    after = states(work)
    assert {state[0] for state in after.values()} == {"outdated"}
    assert {key: state[1:] for key, state in after.items()} == {
        key: state[1:] for key, state in before.items()}
    describe()
    assert states(work) == before
    [plan] = work.run("--format", "json", command="plan").lines()
    assert [(window["stream"], window["reason"]) for window in plan["windows"]] == [
        ("legs", "list_changed")]


def test_an_unreconciled_window_stays_one(work):
    records = user_records(45, FIRST_DAY, step=86_400_000 // 45)
    doubled = sorted(records + records[5:20:5], key=lambda record: record["time"])
    with providing(lambda request: user_page(request, doubled)) as liar:
        work.pipeline([stream("calls", USER_OUT_MISSED, liar, "a")],
                      extract={"attempts": 2, "on_mismatch": "publish"})
        result = work.run()
        assert result.code == 1, result
        before = states(work)
        assert {state[0] for state in before.values()} == {"unreconciled"}
        lose(work)
        rebuild(work, 1, 1)
        assert states(work) == before


def test_a_ledger_of_an_earlier_day_learns_what_is_newer(work, calm):
    calls = [stream("calls", USER_OUT_MISSED, calm, "a")]
    work.pipeline(calls)
    assert work.run().code == 0
    shutil.copytree(work.exports / "_state", work.path / "backup")
    work.pipeline(calls, windows=DAYS)
    assert work.run().code == 0
    before = states(work)
    lose(work)
    shutil.copytree(work.path / "backup", work.exports / "_state")
    rebuild(work, 2, 3)
    assert states(work) == before


def test_without_partitions_there_is_nothing_to_make_one_of(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "a")])
    result = work.run("--rebuild", command="status")
    assert result.code == 1 and "[output_missing]" in result.err, result
    assert work.run().code == 0
    manifest = work.exports / "calls/dt=2026-01-01/_manifest.json"
    manifest.write_text("{")
    lose(work)
    result = work.run("--rebuild", command="status")
    assert result.code == 1 and "[manifest_unreadable]" in result.err, result


def test_shards_of_another_number_take_their_accounts(work, calm):
    """What two machines published, four go on with."""
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, *"abcdefgh")], windows=DAYS, output={"buckets": 4})
    for shard in ("1/2", "2/2"):
        assert work.run("--shard", shard).code == 0
    files = work.state()
    calm.forget()
    total = 0
    for shard in ("1/4", "2/4", "3/4", "4/4"):
        result = work.run("--shard", shard, "--rebuild", "--format", "json", command="status")
        assert result.code == 0, result
        total += len(result.windows())
        assert {window["state"] for window in result.windows()} <= {"complete"}
        assert work.run("--shard", shard).code == 0
    assert total == 24 and calm.requests() == 0 and work.state() == files
