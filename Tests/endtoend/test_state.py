"""The state directory: who may read it, who may write beside it, and what it owes to loaders.

CDRX_KILLS sets how many runs are killed; the issue asks for 60."""
import contextlib
import datetime
import json
import os
import random
import shutil
import stat
import subprocess
import time

import pytest

from harness import (
    CDRX, COMMO, USER_OUT_MISSED, Result, cdrx, environment, finish, kill, simulating, stream, wait_until)

KILLS = int(os.environ.get("CDRX_KILLS", "12"))
SEED = int(os.environ.get("CDRX_SEED", "1"))
ACCOUNTS = [f"a{number}" for number in range(6)]

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user or mount")


@contextlib.contextmanager
def umask(mask):
    former = os.umask(mask)
    try:
        yield
    finally:
        os.umask(former)


def modes(directory):
    """Path → permission bits, of everything below a directory and itself."""
    paths = [directory, *directory.rglob("*")]
    return {path: stat.S_IMODE(path.stat().st_mode) for path in paths}


@pytest.mark.parametrize("mask", [0o000, 0o022])
def test_only_the_owner_may_read_ledger_and_archive(work, calm, mask):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "acc")], extract={"slice_pages": 2})
    with simulating("--rows-per-day", 2000, "--latency", 20) as slow, umask(mask):
        work.pipeline([stream("calls", USER_OUT_MISSED, slow, "acc")], extract={"slice_pages": 2})
        process = work.start()
        wait_until(lambda: list((work.exports / "_state").glob("archive/*/*")))
        found = modes(work.exports / "_state")
        kill(process)
    assert len(found) >= 6
    for path, mode in found.items():
        assert mode == (0o700 if path.is_dir() else 0o600), (path, oct(mode))
    # What readers of the export need is left to the umask.
    assert stat.S_IMODE(work.exports.stat().st_mode) == 0o777 & ~mask


COMMANDS = [
    (["status"], "windows complete"), (["plan"], ""), (["verify"], ""), (["rejects"], ""), (["check"], "ok")]


def read_commands(work, prefix=()):
    """What the commands that only read print, each after `prefix`."""
    results = {}
    for command, expected in COMMANDS:
        result = Result(subprocess.run(
            [*prefix, CDRX, *command, "pipeline.yaml"], cwd=work.path, env=environment({"TMPDIR": "/tmp"}),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120))
        assert result.code == 0 and expected in result.out, (command, result)
        results[command[0]] = (result.out, result.err)
    return results


def killed_after_the_first_window(work):
    """A run that is killed when the ledger has not merged its last changes."""
    with simulating("--rows-per-day", 300, "--latency", 30) as slow:
        work.pipeline([stream("calls", USER_OUT_MISSED, slow, *ACCOUNTS)],
                      windows={"every": "day", "range": {"from": "2026-01-01", "to": "2026-01-05"}},
                      extract={"windows_in_flight": 1})
        process = work.start()
        wait_until(lambda: len(work.partitions()) >= 1)
        kill(process)
    assert (work.exports / "_state" / "ledger.sqlite-wal").stat().st_size > 0


@as_root
@pytest.mark.parametrize("is_killed", [False, True])
def test_commands_that_only_read_work_on_a_read_only_mount(work, calm, is_killed):
    if is_killed:
        killed_after_the_first_window(work)
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, *ACCOUNTS)])
    if not is_killed:
        assert work.run().code == 0
    script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && cd "$0" && exec "$@"'
    before = modes(work.exports)
    found = read_commands(work, ["unshare", "-m", "bash", "-c", script, str(work.path)])
    assert modes(work.exports) == before
    assert found == read_commands(work)


@as_root
@pytest.mark.parametrize("is_killed", [False, True])
def test_a_user_of_the_group_may_look_and_not_write(work, calm, is_killed):
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    if is_killed:
        killed_after_the_first_window(work)
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, *ACCOUNTS)])
    if not is_killed:
        assert work.run().code == 0
    for parent in [work.path, *work.path.parents]:
        if stat.S_IMODE(parent.stat().st_mode) & 0o001 == 0:
            parent.chmod(parent.stat().st_mode | 0o011)
    state = work.exports / "_state"
    refused = Result(subprocess.run(
        [*nobody, CDRX, "status", "pipeline.yaml"], cwd=work.path, env=environment(),
        stdin=subprocess.DEVNULL, capture_output=True, text=True))
    # Not to be allowed to look is not the same as that there is nothing.
    assert refused.code != 0 and "cannot be read" in refused.err, refused
    for path in [state, *state.rglob("*")]:
        shutil.chown(path, group=65534)
        path.chmod(0o750 if path.is_dir() else 0o640)
    before = modes(state)
    found = read_commands(work, nobody)
    assert modes(state) == before
    assert found == read_commands(work)


def listed(work):
    """Directory and content of every partition that a run file names."""
    return {
        (partition["directory"], partition["content_sha256"])
        for path in (work.exports / "_runs").glob("*.json")
        for partition in json.loads(path.read_text())["partitions"]}


def standing(work):
    return {
        (partition, work.manifest(partition)["content_sha256"]) for partition in work.partitions()}


def test_killed_and_killed_again_every_partition_is_listed(work):
    chance = random.Random(SEED)
    print("seed", SEED)
    again = 0
    with simulating("--rows-per-day", 40, "--latency", 5) as simulator:
        for round in range(KILLS):
            # Each round has a day of its own, so that there is work for both runs.
            end = datetime.date(2026, 1, 2) + datetime.timedelta(days=round)
            work.pipeline([stream("calls", USER_OUT_MISSED, simulator, *ACCOUNTS)], windows={
                "every": "day", "range": {"from": "2026-01-01", "to": str(end)}})
            first = work.start()
            wait_until(lambda: first.poll() is not None
                       or len(list((work.exports / "_state").glob("ledger*"))) > 1)
            time.sleep(chance.uniform(0.02, 0.2))
            kill(first)
            second = work.start()
            # Around the moment at which the first run is taken over.
            time.sleep(chance.uniform(0.0, 0.12))
            again += kill(second).code == -9
        assert again > KILLS // 2
        assert work.run().code == 0
    assert standing(work) and standing(work) <= listed(work)


def test_a_run_file_that_cannot_be_written_is_owed(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "acc")])
    work.exports.mkdir()
    (work.exports / "_runs").write_text("in the way")
    failed = work.run()
    assert failed.code == 74 and "_runs" in failed.err, failed
    assert work.run().code == 74
    (work.exports / "_runs").unlink()
    assert work.run().code == 0
    assert standing(work) == listed(work) != set()


def test_run_files_sort_by_run_whatever_now_says(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "acc")], windows={
        "every": "day", "range": "yesterday", "settle": "0s"})
    for day in ("2026-01-09", "2026-01-03"):
        assert work.run("--now", f"{day}T00:00:00Z").code == 0
    files = sorted((work.exports / "_runs").iterdir())
    windows = [json.loads(path.read_text())["partitions"][0]["window"] for path in files]
    assert windows == ["2026-01-08", "2026-01-02"]


def test_pipelines_that_share_a_state_directory_leave_each_other_alone(work, calm):
    """So does one pipeline with two outputs: what stands in one says nothing of the other."""
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "acc")], state="state")
    assert work.run().code == 0
    moved = work.run("--out", str(work.path / "elsewhere"))
    assert moved.code == 0
    assert (work.path / "elsewhere" / "calls/dt=2026-01-01/_SUCCESS").exists()
    assert len(list((work.path / "elsewhere" / "_runs").iterdir())) == 1
    assert len(list((work.exports / "_runs").iterdir())) == 1
    assert "1 complete already" in work.run().err


def test_one_output_has_one_writer(work):
    """Two ledgers in two places, one output: the second waits, and never touches the first's staging."""
    with simulating("--rows-per-day", 2000, "--latency", 20) as slow:
        calls = [stream("calls", USER_OUT_MISSED, slow, "acc")]
        work.pipeline(calls, name="one.yaml", state="state-1")
        work.pipeline(calls, name="two.yaml", state="state-2")
        first = work.start(file="one.yaml")
        wait_until(lambda: (work.exports / "_staging").exists() and os.listdir(work.exports / "_staging"))
        second = work.run(file="two.yaml")
        assert second.code == 75, second
        assert f"process {first.pid} on " in second.err and "exports" in second.err
        assert finish(first).code == 0
    assert work.run(command="verify", file="one.yaml").code == 0


def test_staging_of_another_ledger_stays(work):
    with simulating("--rows-per-day", 2000, "--latency", 20) as slow:
        calls = [stream("calls", USER_OUT_MISSED, slow, "acc")]
        work.pipeline(calls, name="one.yaml", state="state-1")
        first = work.start(file="one.yaml")
        staged = wait_until(
            lambda: (work.exports / "_staging").exists() and os.listdir(work.exports / "_staging"))
        kill(first)
        work.pipeline([stream("other", USER_OUT_MISSED, slow, "acc")], name="two.yaml", state="state-2")
        result = work.run(file="two.yaml")
        assert result.code == 0 and "does not know" in result.err, result
        assert os.listdir(work.exports / "_staging") == staged
        # Its own ledger knows it.
        assert work.run(file="one.yaml").code == 0
    assert os.listdir(work.exports / "_staging") == []


@pytest.mark.parametrize("states", [{}, {"state": "elsewhere"}])
def test_a_second_pipeline_for_the_same_partitions_is_refused(work, calm, states):
    calls = [stream("calls", USER_OUT_MISSED, calm, "acc")]
    work.pipeline(calls, name="one.yaml", pipeline="one")
    work.pipeline(calls, name="two.yaml", pipeline="two", **states)
    work.pipeline(calls, name="later.yaml", pipeline="two", **states, windows={
        "every": "day", "range": {"from": "2026-01-02", "to": "2026-01-03"}})
    assert work.run(file="one.yaml").code == 0
    before = work.state()
    calm.forget()
    for file in ("two.yaml", "later.yaml"):
        result = work.run(file=file)
        assert result.code == 78, result
        assert "'one'" in result.err and "'two'" in result.err
    assert calm.requests() == 0 and work.state() == before
    assert work.run(file="one.yaml").code == 0


def test_outputs_are_directories_or_buckets(work, calm):
    calls = [stream("calls", USER_OUT_MISSED, calm, "acc")]
    work.pipeline(calls, output={"path": "gs://bucket/exports"})
    for command in ("validate", "run"):
        result = work.run(command=command)
        assert result.code == 78 and "pipeline.yaml:10:9: error:" in result.err, result
        assert "gs://bucket/exports" in result.err
    for out in ("", "gs://bucket/exports", "s3://b/x"):
        for command in ("run", "status", "verify", "validate"):
            result = cdrx(command, "pipeline.yaml", "--out", out, cwd=work.path)
            assert result.code == 64 and "--out" in result.err, result
    work.pipeline(calls, output={"path": "s3://bucket/exports"})
    for command in ("validate", "run", "status"):
        result = work.run(command=command)
        assert result.code == 78 and "`state` is missing" in result.err, result
    assert {path.name for path in work.path.iterdir()} == {"pipeline.yaml"}


def test_answers_to_another_request_are_never_published_under_todays(work, calm):
    """With other parameters there may be other records: the archive cannot know them."""
    day = "calls/dt=2026-01-01"
    incoming = [stream("calls", COMMO, calm, "acc", params={"direction": 1})]
    work.pipeline(incoming)
    assert work.run().code == 0
    rows, before = work.manifest(day)["rows"], work.part_bytes()
    work.pipeline([stream("calls", COMMO, calm, "acc", params={"direction": 3})])
    calm.forget()
    for command in ("run", "rebuild"):
        result = work.run(command=command)
        assert result.code == 1 and "archive_of_other_request" in result.err, result
        assert "backfill --force --stream calls" in result.err
        assert work.part_bytes() == before and calm.requests() == 0
    [window] = work.run("--format", "json", command="status").windows()
    assert window["state"] == "outdated"
    span = ("--from", "2026-01-01", "--to", "2026-01-02", "--force")
    assert work.run(*span, command="backfill").code == 0
    assert work.manifest(day)["rows"] > rows
    # A column is no part of the request.
    work.pipeline([stream("calls", COMMO, calm, "acc", params={"direction": 3})], output={"columns": "native"})
    calm.forget()
    assert work.run().code == 0 and calm.requests() == 0


def test_windows_of_other_settings_are_outdated(work, calm):
    calls = [stream("calls", USER_OUT_MISSED, calm, "acc")]
    days = {"every": "day", "range": {"from": "2026-01-01", "to": "2026-01-04"}}
    work.pipeline(calls, windows=days)
    assert work.run().code == 0
    # Nothing of these is seen in a file.
    work.pipeline(calls, windows={**days, "settle": "1h"}, output={"level": 9, "part_bytes": "1MiB"},
                  extract={"requests_per_second": 9999, "pages_in_flight": 2})
    for command in ("run", "plan"):
        assert "outdated" not in work.run(command=command).err
    calm.forget()
    changes = [{"format": "ndjson"}, {"compression": "zstd"}, {"columns": "native"},
               {"columns": ["call_id"]}, {"csv": {"delimiter": ";"}}, {"timestamps": "epoch_ms"}]
    for output in changes:
        # Also those that this run does not look at.
        work.pipeline(calls, output=output, windows={
            "every": "day", "range": {"from": "2026-01-03", "to": "2026-01-04"}})
        [day] = work.run("--format", "json", command="plan").lines()[0]["windows"]
        assert (day["window"], day["reason"], day["from_archive"]) == ("2026-01-03", "outdated", True)
        for command in ("run", "plan"):
            result = work.run(command=command)
            assert result.code == 0
            assert "calls: 2 partitions outdated (2026-01-01 to 2026-01-02)" in result.err
            assert "rebuild --outdated" in result.err
        assert [line["state"] for line in work.run("--format", "json", command="status").windows()] == [
            "outdated", "outdated", "complete"]
    assert work.run("--outdated", command="rebuild").code == 0
    assert calm.requests() == 0
    assert "outdated" not in work.run(command="plan").err
    made = work.part_bytes()
    # As if nothing had been exported before.
    assert work.run("--out", "scratch", command="run").code == 0
    day = "calls/dt=2026-01-03/part-00000.csv.gz"
    assert (work.path / "scratch" / day).read_bytes() == (work.exports / day).read_bytes()
    assert len(made) == 3
    # Without the archive the provider is asked again.
    work.pipeline(calls, windows=days, output={"format": "ndjson"}, archive={"keep": "none"})
    assert work.run("--from", "2026-01-03", "--to", "2026-01-04", command="rebuild").code == 0
    work.pipeline(calls, windows=days, output={"format": "parquet"})
    assert work.run(command="run").code == 0
    assert work.run(command="plan").err.count("backfill --from … --to … --force") == 1
    refused = work.run("--outdated", command="rebuild")
    assert refused.code == 1 and "backfill --from … --to … --force" in refused.err
