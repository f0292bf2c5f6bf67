"""Runs that share a pipeline's work: `--shard I/N`, each with its own state and lock."""
import hashlib
import json
import sys

import duckdb
import pytest

from harness import (
    USER_OUT_MISSED, Workplace, cdrx, finish, ndjson_rows, simulating, stream, valid, wait_until)

ACCOUNTS = [f"u{number}" for number in range(8)]
DAYS = {"every": "day", "range": {"from": "2026-01-01", "to": "2026-01-05"}}
LAYOUTS = [{"partition": "account"}, {"buckets": 4}, {"buckets": 8, "publish": "complete"}]
SHARDS = [f"{index}/4" for index in range(1, 5)]


def place(account, count):
    """As the reference says it."""
    return int(hashlib.sha256(account.encode()).hexdigest()[:16], 16) % count


def held(shard):
    index, count = map(int, shard.split("/"))
    return [account for account in ACCOUNTS if place(account, count) == index - 1]


def pipeline(work, simulator, output, **more):
    return work.pipeline([stream("calls", USER_OUT_MISSED, simulator, *ACCOUNTS)], windows=DAYS,
                         output=output, **more)


@pytest.mark.parametrize("output", LAYOUTS, ids=str)
def test_shards_at_once_make_what_a_single_run_makes(work, calm, tmp_path, output):
    pipeline(work, calm, output)
    single = Workplace(tmp_path / "single")
    single.path.mkdir()
    pipeline(single, calm, output)
    assert single.run().code == 0
    runs = [work.start("--shard", shard) for shard in SHARDS]
    for shard, run in zip(SHARDS, runs):
        result = finish(run)
        assert result.code == 0, result
        assert f"{4 * len(held(shard))} windows published" in result.err, result
    assert work.part_bytes() == single.part_bytes() and work.part_bytes()
    assert work.partitions() == single.partitions()
    calm.forget()
    for shard in SHARDS:
        assert work.run("--shard", shard).code == 0
    assert calm.requests() == 0
    assert cdrx("verify", work.exports).code == 0


def test_buckets_hold_the_accounts_that_their_names_say(work, calm):
    pipeline(work, calm, {"buckets": 4})
    assert work.run().code == 0
    manifests = [work.manifest(partition) for partition in work.partitions()]
    assert len(manifests) == 4 * len({place(account, 4) for account in ACCOUNTS})
    for manifest, partition in zip(manifests, work.partitions()):
        bucket = manifest["bucket"]
        assert partition.endswith(f"/bucket={bucket['index']:02d}") and bucket["count"] == 4
        assert [entry["account"] for entry in manifest["accounts"]] == held(f"{bucket['index'] + 1}/4")
    # An account comes, another fails: only the new one's bucket is made again.
    before = work.state()
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, *ACCOUNTS, "new", "late:wrong")], windows=DAYS,
                  output={"buckets": 4})
    assert work.run().code == 77
    changed = {path for path, entry in work.state().items() if before.get(path) != entry}
    assert {part for path in changed for part in path.split("/") if part.startswith("bucket=")} == {
        f"bucket={place('new', 4):02d}"}
    assert work.missing() == {}
    calm.forget()
    pipeline(work, calm, {"buckets": 4, "format": "ndjson"})
    assert work.run("--only-listed", command="rebuild").code == 0
    assert calm.requests() == 0
    rows = [row for partition in work.partitions() for row in ndjson_rows(work.content(partition))]
    assert len(rows) == 8 * 4 * 300
    assert cdrx("verify", work.exports).code == 0


@pytest.mark.parametrize("first, second", [
    ({}, {"buckets": 4}), ({"buckets": 4}, {}), ({"buckets": 4}, {"buckets": 8}),
    ({"buckets": 8}, {"buckets": 4})], ids=str)
def test_another_number_of_buckets_is_refused_before_any_request(work, calm, first, second):
    pipeline(work, calm, first)
    assert work.run().code == 0
    pipeline(work, calm, second)
    calm.forget()
    for arguments in (["--state", work.path / "elsewhere"], ["--account", ACCOUNTS[0]]):
        result = work.run("--from", "2026-01-01", "--to", "2026-01-02", "--force", *arguments,
                          command="backfill")
        assert result.code == 78 and "[output_of_other_layout]" in result.err, result
        assert f"buckets: {max(first.get('buckets', 1), second.get('buckets', 1))}" in result.err
    assert calm.requests() == 0


def test_each_shard_loads_its_own(work, calm, tmp_path):
    pipeline(work, calm, {"buckets": 4, "format": "ndjson"})
    database = tmp_path / "w.duckdb"
    counts = []
    for _ in range(2):
        for shard in SHARDS:
            assert work.run("--shard", shard).code == 0
            load = ["--shard", shard, "--target", "w", "--dialect", "duckdb"]
            result = work.run(*load, "--exec", f"{sys.executable} -c '{DUCKDB}' {database}",
                              command="load")
            assert result.code == 0, result
            planned = work.run(*load, "--dry-run", "--format", "json", command="load")
            assert planned.lines() == []
        with duckdb.connect(database) as warehouse:
            counts += warehouse.sql(
                "SELECT count(*), count(DISTINCT call_id), count(DISTINCT cdrx_account) FROM calls"
            ).fetchall()
    buckets = len({place(account, 4) for account in ACCOUNTS})
    assert counts == 2 * [(8 * 4 * 300, 8 * 4 * 300, buckets)]


DUCKDB = "import duckdb, sys; duckdb.connect(sys.argv[1]).execute(sys.stdin.read())"


def test_plan_and_status_are_those_of_the_shard(work, calm):
    pipeline(work, calm, LAYOUTS[0])
    found = []
    for shard in SHARDS:
        planned = work.run("--shard", shard, "--format", "json", command="plan").windows()
        assert {window["account"] for window in planned} == set(held(shard))
        found += [window["account"] for window in planned]
    assert sorted(found) == sorted(4 * ACCOUNTS)
    assert work.run("--shard", "2/4", "--state", work.path / "elsewhere").code == 0
    assert (work.path / "elsewhere/shards/2-of-4/ledger.sqlite").exists()
    status = work.run("--shard", "2/4", "--state", work.path / "elsewhere", "--format", "json",
                      command="status").report()
    assert status["counts"] == {"complete": 4 * len(held("2/4"))}
    status = work.run("--shard", "2/4", "--format", "json", command="status").report()
    assert set(status["counts"]) == {"missing"}


def test_a_summary_and_lines_of_a_plan(work, calm):
    pipeline(work, calm, {"buckets": 4}, extract={"requests_per_second": 50})
    lines = work.run("--format", "ndjson", command="plan").lines()
    windows = work.run("--format", "json", command="plan").windows()
    assert lines == windows and len(lines) == 32
    summary = work.run("--summary", "--format", "json", command="plan").report()
    assert {entry["account"]: (entry["windows"], entry["basis"]) for entry in summary["accounts"]} == {
        account: (4, "minimum") for account in ACCOUNTS}
    assert work.run("--account", ACCOUNTS[0]).code == 0
    took = calm.requests()
    summary = work.run("--summary", "--format", "json", "--from", "2026-01-01", "--to", "2026-01-05",
                       "--force", command="plan").report()
    known = {entry["account"]: entry for entry in summary["accounts"]}
    assert known[ACCOUNTS[0]] == {
        "stream": "calls", "account": ACCOUNTS[0], "windows": 4, "archived_windows": 0,
        "requests": took, "basis": "account", "seconds": -(-took // 50)}
    assert {entry["basis"] for entry in summary["accounts"][1:]} == {"stream"}
    assert summary["requests"] == 8 * took and summary["seconds"] == -(-took // 50)
    table = work.run("--summary", command="plan")
    assert table.code == 0 and "7 accounts" in table.err and "by" not in table.err.split()[0]


def test_run_files_of_shards_become_one(work, calm):
    pipeline(work, calm, {"buckets": 4})
    for shard in SHARDS:
        assert work.run("--shard", shard).code == 0
    files = work.run_file_paths()
    merged = valid(json.loads(cdrx("runs", "merge", *files).out), "run-file")
    assert merged["merged_from"] == sorted(json.loads(path.read_text())["run_id"] for path in files)
    assert [entry["directory"] for entry in merged["partitions"]] == work.partitions()
    assert all(entry["changed"] for entry in merged["partitions"])
    # A second run finds all as it is: the merged file still says that the night changed it.
    assert work.run("--shard", "2/4", "--from", "2026-01-01", "--to", "2026-01-02", "--force",
                    command="backfill").code == 0
    again = work.path / "night.json"
    assert cdrx("runs", "merge", *work.run_file_paths(), "-o", again).code == 0
    night = valid(json.loads(again.read_text()), "run-file")
    assert night["partitions"] == merged["partitions"] and len(night["merged_from"]) == 5
    other = json.loads(files[0].read_text()) | {"pipeline": "other"}
    result = cdrx("runs", "merge", files[1], work.write("other.json", json.dumps(other)))
    assert result.code == 1 and "[runs_of_other_pipeline]" in result.err, result


def test_what_cannot_be_divided_is_refused_with_the_remedy(work, calm):
    calm.forget()
    pipeline(work, calm, {})
    result = work.run("--shard", "2/4")
    assert result.code == 78 and "say `buckets: 4` or a multiple" in result.err, result
    assert "[shards_need_buckets]" in result.err
    pipeline(work, calm, {"buckets": 6})
    result = work.run("--shard", "2/4")
    assert result.code == 78 and "`buckets: 6` holds accounts of several" in result.err, result
    assert work.run("--shard", "2/3", command="plan").code == 0
    one, other = [next(a for a in ACCOUNTS if place(a, 2) == side) for side in (0, 1)]
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, f"{one}:same"),
                   stream("more", USER_OUT_MISSED, calm, f"{other}:same")], output=LAYOUTS[0])
    result = work.run("--shard", "1/2")
    assert result.code == 78 and "[shards_share_account]" in result.err, result
    assert f"'{one}' of stream 'calls'" in result.err and f"'{other}' of stream 'more'" in result.err
    for wrong in ("0/4", "5/4", "2"):
        result = work.run("--shard", wrong)
        assert result.code == 64 and "1/4" in result.err, result
    assert calm.requests() == 0


def test_a_run_of_all_accounts_and_shards_exclude_each_other(work):
    with simulating("--rows-per-day", 8000, "--latency", 20) as slow:
        pipeline(work, slow, LAYOUTS[0])
        first = work.start("--shard", "1/2")
        wait_until(lambda: (work.exports / "_staging").exists())
        for arguments in ([], ["--state", work.path / "elsewhere"], ["--shard", "1/2"],
                          ["--shard", "3/4"]):
            result = work.run(*arguments)
            assert result.code == 75 and f"process {first.pid} on " in result.err, result
        first.terminate()
        assert finish(first).code == 143
