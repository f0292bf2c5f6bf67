"""Runs that share a pipeline's work: `--shard I/N`, each with its own state and lock."""
import hashlib

import pytest

from harness import USER_OUT_MISSED, Workplace, cdrx, finish, simulating, stream, wait_until

ACCOUNTS = [f"u{number}" for number in range(8)]
DAYS = {"every": "day", "range": {"from": "2026-01-01", "to": "2026-01-05"}}
LAYOUTS = [{"partition": "account"}]
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


def test_what_cannot_be_divided_is_refused_with_the_remedy(work, calm):
    calm.forget()
    pipeline(work, calm, {})
    result = work.run("--shard", "2/4")
    assert result.code == 78 and "partition: account" in result.err, result
    assert "[shards_need_buckets]" in result.err
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
    with simulating("--rows-per-day", 2000, "--latency", 20) as slow:
        pipeline(work, slow, LAYOUTS[0])
        first = work.start("--shard", "1/2")
        wait_until(lambda: (work.exports / "_staging").exists())
        for arguments in ([], ["--state", work.path / "elsewhere"], ["--shard", "1/2"],
                          ["--shard", "3/4"]):
            result = work.run(*arguments)
            assert result.code == 75 and f"process {first.pid} on " in result.err, result
        first.terminate()
        assert finish(first).code == 143
