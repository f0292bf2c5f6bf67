"""Backfill beside nightly runs, status, verify, and runs that change nothing."""
import gzip
import json
import os
import shutil

import pytest

from harness import FIRST_DAY, DAY, COMMO, USER_OUT_MISSED, stream

CALLS = "calls/dt=2026-01-{:02d}"


def nightly(work, simulator, **windows):
    work.pipeline(
        [stream("calls", USER_OUT_MISSED, simulator, "user-101")],
        windows={"every": "day", "range": "yesterday", **windows})


def states(work):
    return {line["window"]: line["state"] for line in
            work.run("--now", "2026-01-31T03:00:00Z", "--format", "json", command="status").windows()}


def planned(work, now):
    [plan] = work.run("--now", now, "--format", "json", command="plan").lines()
    return sorted(window["window"] for window in plan["windows"])


def test_thirty_days_beside_nightly_runs(work, calm):
    nightly(work, calm)
    assert work.run("--now", "2026-01-16T03:00:00Z").code == 0
    assert work.partitions() == [CALLS.format(15)]
    night = work.state()
    result = work.run(
        "--from", "2026-01-01", "--to", "2026-01-31", "--now", "2026-02-20T00:00:00Z",
        command="backfill")
    assert result.code == 0, result
    assert "29 windows published, 1 complete already" in result.err
    assert work.partitions() == [CALLS.format(day) for day in range(1, 31)]
    assert {path: entry for path, entry in work.state().items() if "dt=2026-01-15" in path} == night
    assert work.run("--now", "2026-01-31T03:00:00Z").err.count("0 windows published") == 1
    assert states(work) == {f"2026-01-{day:02d}": "complete" for day in range(1, 31)}


def test_backfill_skips_what_is_complete_and_force_rewrites_nothing_unchanged(work, calm):
    nightly(work, calm)
    between = ["--from", "2026-01-01", "--to", "2026-01-04"]
    assert work.run(*between, command="backfill").code == 0
    before, asked = work.state(), calm.requests()
    again = work.run(*between, command="backfill")
    assert again.code == 0 and "3 complete already" in again.err, again
    assert calm.requests() == asked
    forced = work.run(*between, "--force", command="backfill")
    assert forced.code == 0 and "3 unchanged" in forced.err, forced
    assert calm.requests() > asked
    assert work.state() == before


def test_backfill_refuses_days_off_the_grid(work, calm):
    nightly(work, calm)
    result = work.run("--from", "2026-01-04", "--to", "2026-01-01", command="backfill")
    assert result.code == 64, result
    assert calm.requests() == 0


def test_catch_up_and_refresh(work, calm):
    nightly(work, calm, catch_up_from="2026-01-01", refresh=2)
    assert planned(work, "2026-01-06T03:00:00Z") == [f"2026-01-0{day}" for day in range(1, 6)]
    assert not work.exports.exists() and calm.requests() == 0
    assert work.run("--now", "2026-01-06T03:00:00Z").code == 0
    assert work.partitions() == [CALLS.format(day) for day in range(1, 6)]
    assert planned(work, "2026-01-06T03:00:00Z") == ["2026-01-04", "2026-01-05"]


def test_a_window_is_due_once_it_has_settled(work, calm):
    nightly(work, calm, settle="2h")
    early = work.run("--now", "2026-01-02T01:59:59Z")
    assert early.code == 0 and work.partitions() == [], early
    assert "not due yet" in early.err
    assert work.run("--now", "2026-01-02T02:00:00Z").code == 0
    assert work.partitions() == [CALLS.format(1)]


def test_status_shows_a_failed_window_and_why(work, calm):
    work.pipeline(
        [stream("calls", USER_OUT_MISSED, calm, "user-101", "ill:wrong-1")])
    assert work.run().code == 77
    lines = {line["account"]: line for line in
             work.run("--format", "json", command="status").windows()}
    assert lines["user-101"]["state"] == "complete" and lines["user-101"]["failure"] is None
    assert lines["ill"]["state"] == "failed" and "authentication" in json.dumps(lines["ill"])


@pytest.fixture
def three_days(work, calm):
    nightly(work, calm)
    assert work.run("--from", "2026-01-01", "--to", "2026-01-04", command="backfill").code == 0
    assert work.run(command="verify").code == 0
    return work


def damage_deleted(partition):
    (partition / "part-00000.csv.gz").unlink()


def damage_flipped(partition):
    path = partition / "part-00000.csv.gz"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def damage_rewritten(partition):
    """The same rows, other bytes: still not what was published."""
    path = partition / "part-00000.csv.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), 1))


def damage_cut(partition):
    path = partition / "part-00000.csv.gz"
    path.write_bytes(path.read_bytes()[:-100])


def damage_added(partition):
    shutil.copy(partition / "part-00000.csv.gz", partition / "part-00001.csv.gz")


def damage_manifest(partition):
    path = partition / "_manifest.json"
    value = json.loads(path.read_text())
    value["rows"] -= 1
    path.write_text(json.dumps(value))


def damage_manifest_deleted(partition):
    (partition / "_manifest.json").unlink()


def damage_directory(partition):
    shutil.rmtree(partition)


@pytest.mark.parametrize("damage", [
    damage_deleted, damage_flipped, damage_rewritten, damage_cut, damage_added, damage_manifest,
    damage_manifest_deleted, damage_directory])
def test_verify_names_the_damaged_partition_and_no_other(three_days, damage):
    damage(three_days.exports / CALLS.format(2))
    for target in (["pipeline.yaml"], ["exports"]):
        if damage is damage_directory and target == ["exports"]:
            continue  # What a directory never says cannot be missed without the ledger.
        result = three_days.run(command="verify", file=target[0])
        assert result.code == 1, result
        assert CALLS.format(2) in result.out + result.err
        assert CALLS.format(1) not in result.out + result.err
        assert CALLS.format(3) not in result.out + result.err


def test_verify_names_the_file(three_days):
    damage_deleted(three_days.exports / CALLS.format(2))
    result = three_days.run(command="verify")
    assert "part-00000.csv.gz" in result.out + result.err


def test_a_deleted_partition_comes_back_with_force(three_days):
    before = three_days.part_bytes()
    damage_directory(three_days.exports / CALLS.format(2))
    result = three_days.run(
        "--from", "2026-01-02", "--to", "2026-01-03", "--force", command="backfill")
    assert result.code == 0, result
    assert three_days.part_bytes() == before
    assert three_days.run(command="verify").code == 0


def test_account_and_stream_narrow_a_run(work, calm):
    work.pipeline([
        stream("calls", USER_OUT_MISSED, calm, "a", "b"), stream("bills", COMMO, calm, "hq")])
    assert work.run("--stream", "calls", "--account", "b").code == 0
    assert work.partitions() == [] and work.missing() == {"calls/dt=2026-01-01": ["a"]}
    assert work.run("--stream", "bills").code == 0
    assert work.run().err.count("1 window published, 2 complete already") == 1
    assert work.partitions() == ["bills/dt=2026-01-01", "calls/dt=2026-01-01"]


def test_an_empty_window_publishes_a_manifest_and_no_part(work, calm):
    """The simulator has no calls before 2025."""
    work.pipeline(
        [stream("calls", USER_OUT_MISSED, calm, "user-101")],
        windows={"every": "day", "range": {"from": "2020-05-01", "to": "2020-05-02"}})
    assert work.run().code == 0
    directory = work.exports / "calls/dt=2020-05-01"
    assert sorted(os.listdir(directory)) == ["_SUCCESS", "_manifest.json"]
    manifest = work.manifest("calls/dt=2020-05-01")
    [account] = manifest["accounts"]
    assert (manifest["rows"], manifest["files"], account["reported_total"]) == (0, [], 0)
    assert account["first_started_at"] is None and account["last_started_at"] is None
    assert work.run(command="verify").code == 0
