"""Stopped or killed at any moment, the next run finishes with the bytes of an undisturbed one.

CDRX_KILLS sets how many runs are killed; the issue asks for 50."""
import os
import random
import signal
import sqlite3
import time

import pytest

from harness import USER_OUT_MISSED, Workplace, finish, kill, simulating, stream, wait_until

KILLS = int(os.environ.get("CDRX_KILLS", "12"))
SEED = int(os.environ.get("CDRX_SEED", "1"))
LANES, SLICE_PAGES = 4, 8
EXTRACT = {"pages_in_flight": LANES, "slice_pages": SLICE_PAGES}
# So slow that a run is not over when a test has seen how far it is.
AT_LEISURE = {"requests_per_second": 100}
DAYS = {"every": "day", "range": {"from": "2026-01-01", "to": "2026-01-03"}}


def pipeline(work, simulator, **extract):
    work.pipeline(
        [stream("calls", USER_OUT_MISSED, simulator, "acc")], windows=DAYS, extract=EXTRACT | extract)


@pytest.fixture(scope="module")
def slow():
    with simulating("--rows-per-day", 2000, "--latency", 10) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def undisturbed(slow, tmp_path_factory):
    """Its bytes, how many requests it took, and for how many seconds it ran."""
    work = Workplace(tmp_path_factory.mktemp("undisturbed"))
    pipeline(work, slow)
    slow.forget()
    began = time.monotonic()
    assert work.run().code == 0
    return work.part_bytes(), slow.requests(), time.monotonic() - began


def no_leftovers(work):
    staging = work.exports / "_staging"
    assert not staging.exists() or list(staging.iterdir()) == []
    assert work.run(command="verify").code == 0


def test_terminated_in_the_middle_and_resumed(work, slow, undisturbed):
    pipeline(work, slow, **AT_LEISURE)
    slow.forget()
    process = work.start()
    wait_until(lambda: slow.requests() > undisturbed[1] // 3)
    process.send_signal(signal.SIGTERM)
    assert finish(process).code == 143
    pipeline(work, slow)
    assert work.run().code == 0
    assert work.part_bytes() == undisturbed[0]
    no_leftovers(work)


def test_killed_at_random_moments_and_resumed(work, slow, undisturbed):
    expected, requests, seconds = undisturbed
    chance = random.Random(SEED)
    print("seed", SEED)
    pipeline(work, slow)
    killed = 0
    for round in range(KILLS):
        if not work.exports.exists():
            slow.forget()
            kills_of_this_export = 0
        process = work.start()
        time.sleep(chance.uniform(0.02, seconds * 0.6))
        result = kill(process)
        killed += result.code == -signal.SIGKILL
        kills_of_this_export += result.code == -signal.SIGKILL
        if result.code == 0 or kills_of_this_export == 4:
            check_finished(work, slow, expected, requests, kills_of_this_export)
            work.exports.rename(work.path / f"done-{round}")
    if work.exports.exists():
        check_finished(work, slow, expected, requests, kills_of_this_export)
    assert killed >= KILLS // 2


def check_finished(work, slow, expected, requests, kills):
    assert work.run().code == 0
    assert work.part_bytes() == expected
    no_leftovers(work)
    # Of each kill at most the slices in flight are asked for again, in both windows.
    in_flight = 2 * 2 * (SLICE_PAGES + 6)
    assert slow.requests() <= requests + kills * in_flight


def test_an_archive_that_was_damaged_is_not_trusted(work, slow, undisturbed):
    pipeline(work, slow, **AT_LEISURE)
    slow.forget()
    process = work.start()
    wait_until(lambda: slow.requests() > undisturbed[1] // 2)
    kill(process)
    files = [path for path in (work.exports / "_state" / "archive").rglob("*") if path.is_file()]
    assert files
    for index, path in enumerate(sorted(files)):
        data = bytearray(path.read_bytes())
        if index % 2:
            data = data[:len(data) // 2 + 1]
        else:
            for place in range(0, len(data), 997):
                data[place] ^= 0x20
        path.write_bytes(data)
    pipeline(work, slow)
    assert work.run().code == 0
    assert work.part_bytes() == undisturbed[0]
    no_leftovers(work)


def test_an_archive_of_another_plan_is_not_trusted(work, slow, undisturbed):
    """Killed, then another column choice: nothing of the old plan comes into the new files."""
    pipeline(work, slow, **AT_LEISURE)
    process = work.start()
    wait_until(lambda: slow.requests() > 100)
    kill(process)
    work.pipeline(
        [stream("calls", USER_OUT_MISSED, slow, "acc")], windows=DAYS, extract=EXTRACT,
        output={"columns": ["call_id", "rate"]})
    assert work.run().code == 0
    for partition in work.partitions():
        head, *rows = work.content(partition).decode().splitlines()
        assert head == "call_id,rate" and len(rows) == 2000


def test_a_ledger_whose_making_was_killed_is_finished(work, slow):
    """The migrator commits its own table before the first migration."""
    pipeline(work, slow)
    (work.exports / "_state").mkdir(parents=True)
    with sqlite3.connect(work.exports / "_state" / "ledger.sqlite") as ledger:
        ledger.execute("CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
    result = work.run()
    assert result.code == 0, result


def test_a_full_or_forbidden_place_is_an_error_and_leaves_the_rest(work, slow):
    """A file where the stream's directory should be: nothing can be published there."""
    pipeline(work, slow)
    work.exports.mkdir()
    (work.exports / "calls").write_text("in the way")
    result = work.run()
    assert result.code == 1, result
    assert "calls" in result.err
    (work.exports / "calls").unlink()
    assert work.run().code == 0
