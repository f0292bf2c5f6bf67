"""`cdrx load` into PostgreSQL and DuckDB for real: after every load the table equals the files.

CDRX_LOADS sets how many random sequences run; CDRX_SEED the first seed."""
import concurrent.futures
import csv
import json
import os
import pathlib
import random
import re
import shlex
import subprocess
import sys
import threading
import time

import pytest

from harness import (
    CALL_LEGS, DAY, FIRST_DAY, OUT_ANSWERED, USER_OUT_MISSED, Workplace, finish, kill, stream,
    wait_until)
from provider import providing, user_page, user_records

sys.path.append(str(pathlib.Path(__file__).parents[1] / "readers"))

import databases  # noqa: E402
import hostile  # noqa: E402
import judges  # noqa: E402

LOADS = int(os.environ.get("CDRX_LOADS", "16"))
SEED = int(os.environ.get("CDRX_SEED", "1"))
DUCKDB = pathlib.Path(sys.executable).parent / "duckdb"


class Table:
    """The columns of an export, as the readers of warehouses want to know them."""

    format, timestamps, columns = "csv", "iso8601", hostile.UNIFIED


class Postgres(databases.Postgres):
    def command(self):
        return (f"{self.binaries}/psql -X -q -h {shlex.quote(self.directory)} -p {self.port} "
                "-U postgres -d postgres")

    def table(self):
        return self.rows("calls", Table)

    def select(self, query):
        """Rows of texts as Python writes them; null is None."""
        words = {"\\N": None, "t": "True", "f": "False"}
        text = self.psql(query + ";", "--csv", "-t", "-P", "null=\\N")
        return [[words.get(value, value) for value in row] for row in csv.reader(text.splitlines())]


class DuckDB:
    """DuckDB's own shell on a file, which goes on after errors."""

    name = "duckdb"

    def __init__(self, path):
        self.path = path

    def command(self):
        return f"{DUCKDB} {shlex.quote(str(self.path))}"

    def table(self):
        with judges.duckdb.connect(str(self.path), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            # Read as text, as JSON is.
            columns = Table.columns + [("cdrx_account", "text"), ("cdrx_window", "json")]
            types = {name: kind for name, kind, *_ in
                     connection.execute("DESCRIBE calls").fetchall()}
            return judges.duckdb_values(connection, "calls", columns, types)

    def select(self, query):
        with judges.duckdb.connect(str(self.path), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return [[None if value is None else str(value) for value in row]
                    for row in connection.execute(query).fetchall()]

    def types(self, table):
        with judges.duckdb.connect(str(self.path), read_only=True) as connection:
            return dict(row[:2] for row in connection.execute(f'DESCRIBE "{table}"').fetchall())

    def stop(self):
        pass


@pytest.fixture(params=["postgres", "duckdb"])
def warehouse(request, tmp_path):
    started = Postgres() if request.param == "postgres" else DuckDB(tmp_path / "wh.duckdb")
    yield started
    started.stop()


class World:
    """Accounts, their records, and what goes wrong; each account's token is its name."""

    def __init__(self, *accounts):
        self.records = {account: [] for account in accounts}
        self.refused = set()
        # Set where an answer must wait until the test has killed the run.
        self.hang = None
        self.released = threading.Event()
        self.asked = threading.Event()

    def answer(self, request):
        account = request["token"]
        if account in self.refused:
            return 200, json.dumps({"code": 404, "msg": "invalid token"})
        if self.hang is not None and request["to"] >= self.hang:
            self.asked.set()
            self.released.wait(60)
        return user_page(request, self.records[account])

    def add(self, account, day, count, tag=""):
        self.records[account] += [
            {**record, "cmiuid": f"{account}-{day}-{tag}{record['cmiuid']}"}
            for record in user_records(count, FIRST_DAY + day * DAY, step=60_000)]

    def clear(self, account, day):
        first = FIRST_DAY + day * DAY
        self.records[account] = [
            record for record in self.records[account]
            if not first <= record["time"] < first + DAY]


def pipeline(work, url, accounts, days, layout="window"):
    work.pipeline(
        [stream("calls", USER_OUT_MISSED, url, *accounts)], output={"partition": layout},
        windows={"every": "day", "range": {"from": "2026-01-01", "to": f"2026-01-0{days + 1}"},
                 "shrink": "replace"},
        extract={"attempts": 1, "timeout": "60s"})


def load(work, warehouse, *arguments, command=None, **options):
    return work.run(
        "--dialect", warehouse.name, "--target", "wh", "--exec", command or warehouse.command(),
        *arguments, command="load", **options)


def waiting(work):
    """What a load would do: window and account → change; the account of a shared partition is None."""
    return {
        (line["window"][-2:], line["account"]): line["change"] for line in work.run(
            "--target", "wh", "--dry-run", "--format", "json", command="load").lines()}


def published(work):
    """Rows of every partition on disk, with what names the partition."""
    rows = []
    for path in sorted(work.exports.glob("calls/**/_manifest.json")):
        manifest = json.loads(path.read_text())
        [name] = re.findall("/cdrx_account=([^/]*)/", str(path)) or ["*"]
        parts = [str(path.parent / file["path"]) for file in manifest["files"]]
        for row in judges.python(Table, parts):
            rows.append({**row, "cdrx_account": name, "cdrx_window": manifest["window"]["key"]})
    return rows


def check(work, warehouse):
    def ordered(rows):
        return sorted(rows, key=lambda row: (row["cdrx_window"], row["call_id"]))
    found, expected = ordered(warehouse.table()), ordered(published(work))
    names = [(name, "text") for name in ("cdrx_account", "cdrx_window")]
    judges.same(found, expected, Table.columns + names, warehouse.name)
    return len(found)


def backfill(work, day):
    return work.run("--from", f"2026-01-0{day}", "--to", f"2026-01-0{day + 1}", "--force",
                    command="backfill")


def changes(layout, *expected):
    """Each `(window, account, change)` by the partition that holds the account."""
    return {(window, account if layout == "account" else None): change
            for window, account, change in expected}


@pytest.mark.parametrize("layout", ["window", "account"])
def test_a_bad_night_its_retry_and_what_comes_late(work, warehouse, layout):
    world = World("good", "bad")
    for account in world.records:
        for day in range(3):
            world.add(account, day, 25)
    with providing(world.answer) as provider:
        # One account fails: what is there is loaded.
        pipeline(work, provider.url, world.records, 2, layout)
        world.refused.add("bad")
        assert work.run().code == 77
        missing = [line["missing_accounts"] for line in work.run(
            "--target", "wh", "--dry-run", "--format", "json", command="load").lines()]
        assert missing == [0 if layout == "account" else 1] * 2
        result = load(work, warehouse)
        assert result.code == 0 and "2 partitions recorded" in result.err, result
        assert check(work, warehouse) == 50

        # Its retry publishes the rest, and a run with nothing to do nothing.
        world.refused.clear()
        assert work.run().code == 0
        assert work.run().code == 0
        change = "new" if layout == "account" else "changed"
        assert waiting(work) == changes(layout, ("01", "bad", change), ("02", "bad", change))
        assert load(work, warehouse).code == 0
        assert check(work, warehouse) == 100

        # A killed night: the third day hangs, one account's late rows of the first are published.
        world.add("good", 0, 3, tag="late")
        pipeline(work, provider.url, world.records, 3, layout)
        assert backfill(work, 1).code == 0
        world.hang = FIRST_DAY + 2 * DAY + DAY // 2
        process = work.start()
        assert world.asked.wait(60)
        kill(process)
        world.hang = None
        world.released.set()
        assert waiting(work) == changes(layout, ("01", "good", "changed"))
        assert load(work, warehouse).code == 0
        assert check(work, warehouse) == 103
        assert work.run().code == 0
        assert load(work, warehouse).code == 0
        assert check(work, warehouse) == 153

        # A refresh finds late rows in one window and the other as it was.
        world.add("bad", 1, 2, tag="late")
        assert backfill(work, 2).code == 0
        assert waiting(work) == changes(layout, ("02", "bad", "changed"))
        assert load(work, warehouse).code == 0
        assert check(work, warehouse) == 155

        # A window is emptied, and another one's partition taken away.
        gone = ["good"] if layout == "account" else ["good", "bad"]
        for account in gone:
            world.clear(account, 1)
        assert backfill(work, 2).code == 0
        place = "calls/*good" if layout == "account" else "calls"
        for manifest in work.exports.glob(f"{place}/dt=2026-01-03/_manifest.json"):
            for path in manifest.parent.iterdir():
                path.unlink()
            manifest.parent.rmdir()
        assert waiting(work) == changes(
            layout, ("02", "good", "emptied"), ("03", "good", "removed"))
        assert load(work, warehouse).code == 0
        assert check(work, warehouse) == (105 if layout == "account" else 53)
    result = load(work, warehouse, command="touch ran")
    assert result.code == 0 and "nothing to load" in result.err, result
    assert not (work.path / "ran").exists()


def test_a_changed_layout_doubles_nothing(work, warehouse):
    """As the refusal says: the stream's directory is moved away, and made again of the archive."""
    world = World("a", "b")
    for account in world.records:
        for day in range(2):
            world.add(account, day, 25)
    with providing(world.answer) as provider:
        pipeline(work, provider.url, world.records, 2, "account")
        assert work.run().code == 0
        assert load(work, warehouse).code == 0
        assert check(work, warehouse) == 100
        asked = len(provider.requests)
        pipeline(work, provider.url, world.records, 2, "window")
        (work.exports / "calls").rename(work.path / "away")
        result = work.run(command="rebuild")
        assert result.code == 0 and len(provider.requests) == asked, result
        assert waiting(work) == {
            **changes("window", ("01", "a", "new"), ("02", "a", "new")),
            **{(day, account): "removed" for day in ("01", "02") for account in ("a", "b")}}
        assert load(work, warehouse).code == 0
        assert check(work, warehouse) == 100
        assert waiting(work) == {}


PARTITION = ["cdrx_account", "cdrx_window", "cdrx_loaded_at", "cdrx_run_id"]


def later(work, url, columns, days=2, **output):
    """The pipeline with other columns, of the last day alone."""
    work.pipeline(
        [stream("calls", USER_OUT_MISSED, url, "a")], output={"columns": columns, **output},
        windows={"every": "day", "range": {"from": f"2026-01-0{days}", "to": f"2026-01-0{days + 1}"}},
        extract={"attempts": 1})


def test_a_column_that_came_later_is_added(work, warehouse):
    """The table was made without it; what was loaded before stays, and is null there."""
    world = World("a")
    for day in range(2):
        world.add("a", day, 25)
    select = "SELECT cdrx_window, local_date, is_answered, provider FROM calls ORDER BY 1, call_id"
    with providing(world.answer) as provider:
        pipeline(work, provider.url, world.records, 2)
        assert work.run().code == 0
        assert load(work, warehouse).code == 0
        asked = len(provider.requests)
        later(work, provider.url, ["unified", "local_date", "is_answered"])
        assert work.run().code == 0
        # It loads and is recorded as failed: the column is asked for again, and is there already.
        assert load(work, warehouse, command=f"{warehouse.command()}; exit 7").code == 1
        assert load(work, warehouse).code == 0
        assert warehouse.select(select) == (
            [["2026-01-01", None, None, "telecmi"]] * 25
            + [["2026-01-02", "2026-01-02", "False", "telecmi"]] * 25)
        assert list(warehouse.types("calls"))[-2:] == ["local_date", "is_answered"]
        assert work.run("--outdated", command="rebuild").code == 0
        assert load(work, warehouse).code == 0
        assert [row[1] for row in warehouse.select(select)] == ["2026-01-01"] * 25 + ["2026-01-02"] * 25

        # Columns that are exported no more stay, null in new rows though they could not be null.
        later(work, provider.url, ["account", "call_id", "started_at", "local_date"])
        assert work.run().code == 0
        assert load(work, warehouse).code == 0
        assert warehouse.select(select) == (
            [["2026-01-01", "2026-01-01", "False", "telecmi"]] * 25
            + [["2026-01-02", "2026-01-02", None, None]] * 25)
        later(work, provider.url, ["unified", "local_date"])
        assert work.run().code == 0
        assert load(work, warehouse).code == 0
        assert [row[3] for row in warehouse.select(select)] == ["telecmi"] * 50
        assert len(provider.requests) == asked


def test_loaded_rows_say_their_window_run_and_time(work, warehouse):
    world = World("a")
    for day in range(2):
        world.add("a", day, 25)
    with providing(world.answer) as provider:
        pipeline(work, provider.url, world.records, 2)
        assert work.run().code == 0
    started = time.time()
    assert load(work, warehouse).code == 0
    types = warehouse.types("calls")
    assert list(types)[-4:] == PARTITION
    assert types["cdrx_window"].lower() == "date", types
    assert types["cdrx_loaded_at"].lower().startswith("timestamp") and "time zone" in types[
        "cdrx_loaded_at"].lower(), types
    [run] = {json.loads(path.read_text())["run_id"] for path in work.run_file_paths()}
    found = warehouse.select("SELECT cdrx_window, cdrx_run_id, extract(epoch FROM cdrx_loaded_at), "
                             "cdrx_account FROM calls")
    assert {(row[0], row[1], row[3]) for row in found} == {
        ("2026-01-01", run, "*"), ("2026-01-02", run, "*")}
    assert all(started - 60 < float(row[2]) < time.time() + 60 for row in found)


@pytest.mark.parametrize("every, kind, windows", [
    ("month", "date", {"2026-01-01"}), ("hour", "", {"2026-01-01T00"})])
def test_windows_of_months_are_dates_and_those_of_hours_are_not(work, warehouse, every, kind, windows):
    world = World("a")
    world.add("a", 0, 25)
    with providing(world.answer) as provider:
        work.pipeline([stream("calls", USER_OUT_MISSED, provider.url, "a")], windows={
            "every": every, "range": {"from": "2026-01-01", "to": "2026-02-01" if every == "month"
                                      else "2026-01-01T02"}})
        assert work.run().code == 0
        for arguments in ((), ("--all",)):
            assert load(work, warehouse, *arguments).code == 0
            found = warehouse.select("SELECT cdrx_window, call_id FROM calls")
            assert len(found) == 25 and {row[0] for row in found} == windows
        assert (warehouse.types("calls")["cdrx_window"].lower() == "date") == (kind == "date")
        # Days in the same table: its windows would be of two lengths.
        world.add("a", 40, 5)
        work.pipeline([stream("calls", USER_OUT_MISSED, provider.url, "a")], windows={
            "every": "day", "range": {"from": "2026-02-10", "to": "2026-02-11"}})
        assert work.run().code == 0
        result = load(work, warehouse)
        if kind == "date":
            assert result.code == 64 and "'cdrx_window' as date, which is text now" in result.err, result
            assert load(work, warehouse, "--all", "--table", "mixed").code == 0
            found = warehouse.select("SELECT cdrx_window, call_id FROM mixed")
            assert {row[0] for row in found} == {"2026-01", "2026-02-10"}
            assert load(work, warehouse, "--table", "mixed").code == 0
        else:
            assert result.code == 0, result
            found = warehouse.select("SELECT cdrx_window, call_id FROM calls")
            assert {row[0] for row in found} == windows | {"2026-02-10"}
        assert len(found) == 30


def test_a_column_of_another_type_is_refused(work, warehouse):
    world = World("a")
    world.add("a", 1, 25)
    with providing(world.answer) as provider:
        later(work, provider.url, ["call_id", "started_at", {"billed_seconds": "size"}])
        assert work.run().code == 0
        assert load(work, warehouse).code == 0
        later(work, provider.url, ["call_id", "started_at", {"contact_name": "size"}])
        assert work.run().code == 0
        result = load(work, warehouse)
        assert result.code == 64 and "with the column 'size' as int, which is text now" in result.err
        assert load(work, warehouse, "--all", "--table", "other").code == 0
        assert len(warehouse.select("SELECT size, call_id FROM other")) == 25


@pytest.mark.parametrize("columns", ["unified", "native", ["unified", "local_date"]])
def test_a_view_holds_the_rows_of_all_streams(work, warehouse, calm, columns):
    streams = [stream("missed", USER_OUT_MISSED, calm, "a", "b"),
               stream("answered", OUT_ANSWERED, calm, "a"),
               stream("legs", CALL_LEGS, calm, "a",
                      requests={"ids": ["rid-1-0001", "rid-1-0002"], "batch": "b"})]
    work.pipeline(streams, output={"columns": columns})
    assert work.run().code == 0
    assert load(work, warehouse, "--table", "raw_{stream}").code == 0
    result = work.run("--view", "all_calls", "--dialect", warehouse.name, "--table", "raw_{stream}",
                      command="schema")
    assert result.code == 0, result
    for _ in range(2):
        subprocess.run(warehouse.command(), shell=True, input=result.out, text=True, check=True)
    rows = {path["stream"]: path["rows"] for file in work.run_file_paths()
            for path in json.loads(file.read_text())["partitions"]}
    found = warehouse.select("SELECT cdrx_stream, count(*) FROM all_calls GROUP BY 1")
    assert {name: int(count) for name, count in found} == rows and len(rows) == 3
    names = list(warehouse.types("all_calls"))
    assert names[:5] == ["cdrx_stream", *PARTITION]
    assert len(names) == len(set(names))
    windows = warehouse.select("SELECT DISTINCT cdrx_stream, cdrx_window FROM all_calls")
    assert sorted(windows) == [["answered", "2026-01-01"], ["legs", "batch=b"], ["missed", "2026-01-01"]]
    if columns == "native":
        assert {"cmiuid", "_id", "request_id"} < set(names)
        ids = warehouse.select("SELECT count(cmiuid), count(_id), count(*) FROM all_calls")
        assert ids == [[str(rows["missed"]), str(rows["answered"]), str(sum(rows.values()))]]


def test_what_a_failed_command_did_is_done_again(work, warehouse):
    world = World("a")
    world.add("a", 0, 25)
    with providing(world.answer) as provider:
        pipeline(work, provider.url, world.records, 1)
        assert work.run().code == 0
    # It loaded, and its exit code says that it did not; then it did not, and says so.
    for command, status in [(f"{warehouse.command()}; exit 7", "status 7"), ("exit 3", "status 3"),
                            ("kill -TERM $$", "signal 15")]:
        result = load(work, warehouse, command=command)
        assert result.code == 1 and status in result.err, result
        assert "nothing is recorded" in result.err and result.out == "", result
        assert waiting(work) == {("01", None): "new"}
    assert load(work, warehouse).code == 0
    assert check(work, warehouse) == 25


def test_a_statement_that_fails_leaves_the_table_as_it_was(work, warehouse):
    """Another column than the table has: the rows that would be replaced stay, in DuckDB too."""
    world = World("a")
    world.add("a", 0, 25)
    with providing(world.answer) as provider:
        pipeline(work, provider.url, world.records, 1)
        assert work.run().code == 0
        assert load(work, warehouse).code == 0
    rename = "ALTER TABLE calls RENAME COLUMN hangup_by TO {};\n"
    subprocess.run(warehouse.command(), shell=True, input=rename.format("x"), text=True, check=True)
    result = load(work, warehouse, "--all")
    assert result.code == 1 and "hangup_by" in result.err, result
    subprocess.run(warehouse.command(), shell=True, text=True, check=True,
                   input=rename.format("hangup_by").replace("COLUMN hangup_by", "COLUMN x"))
    assert check(work, warehouse) == 25


def test_a_damaged_partition_is_named_and_the_others_are_loaded(work, warehouse):
    world = World("a")
    for day in range(2):
        world.add("a", day, 25)
    with providing(world.answer) as provider:
        pipeline(work, provider.url, world.records, 2)
        assert work.run().code == 0
        [part] = work.exports.glob("calls/dt=2026-01-01/part-*")
        data = bytearray(part.read_bytes())
        data[len(data) // 2] ^= 1
        part.write_bytes(data)
        result = load(work, warehouse)
        assert result.code == 1 and str(part.name) in result.err, result
        assert "backfill --force" in result.err and "1 partition recorded" in result.err, result
        assert waiting(work) == {("01", None): "new"}
        assert len(warehouse.table()) == 25
        part.unlink()
        assert backfill(work, 1).code == 0
    assert load(work, warehouse).code == 0
    assert check(work, warehouse) == 50


def test_python_can_be_the_command(work, tmp_path):
    world = World("a")
    world.add("a", 0, 25)
    with providing(world.answer) as provider:
        pipeline(work, provider.url, world.records, 1)
        assert work.run().code == 0
    warehouse = DuckDB(tmp_path / "wh.duckdb")
    code = (f"import duckdb, sys; duckdb.connect({str(warehouse.path)!r})"
            ".execute(sys.stdin.read())")
    assert load(work, warehouse, command=f"{sys.executable} -c {shlex.quote(code)}").code == 0
    assert check(work, warehouse) == 25


def test_the_command_of_a_killed_load_keeps_the_ledger(work, tmp_path):
    """Two loads side by side could each delete the same rows and insert theirs."""
    world = World("a")
    world.add("a", 0, 25)
    warehouse = DuckDB(tmp_path / "wh.duckdb")
    os.mkfifo(work.path / "gate")
    with providing(world.answer) as provider:
        pipeline(work, provider.url, world.records, 1)
        assert work.run().code == 0
        process = start_load(work, f"touch begun; read go < gate; {warehouse.command()}")
        wait_until(lambda: (work.path / "begun").exists())
        kill_alone(process)
        refused = [load(work, warehouse), work.run()]
        (work.path / "gate").write_text("go\n")
        for again in refused:
            assert again.code == 75 and f"process {process.pid}" in again.err, again
        assert loaded_in_the_end(work, warehouse)
    assert check(work, warehouse) == 25


def start_load(work, command):
    return work.start(
        "--dialect", "duckdb", "--target", "wh", "--exec", command, command="load")


def kill_alone(process):
    """Its command lives on, and holds the pipes."""
    process.kill()
    process.wait()
    process.stdout.close()
    process.stderr.close()


def loaded_in_the_end(work, warehouse):
    """Another load's command may still be at work."""
    def attempt():
        result = load(work, warehouse)
        return result if result.code != 75 else None
    return wait_until(attempt).code == 0


class Sequence:
    """Changes, runs, loads and kills by one seed."""

    ACCOUNTS = ("a", "b")
    DAYS = 2

    def __init__(self, path, seed):
        path.mkdir()
        self.work = Workplace(path)
        self.random = random.Random(seed)
        self.world = World(*self.ACCOUNTS)
        self.warehouse = DuckDB(path / "wh.duckdb")
        self.count = 0

    def play(self):
        with providing(self.world.answer) as provider:
            layout = self.random.choice(["window", "account"])
            pipeline(self.work, provider.url, self.ACCOUNTS, self.DAYS, layout)
            for _ in range(3):
                self.change()
            for _ in range(5):
                self.random.choice([
                    self.change, self.run, self.killed_run, self.load, self.killed_load,
                    self.failed_load])()
            self.change()
            self.finish()

    def change(self):
        account, day = self.random.choice(self.ACCOUNTS), self.random.randrange(self.DAYS)
        if self.random.random() < 0.25:
            self.world.clear(account, day)
        else:
            self.count += 1
            self.world.add(account, day, self.random.randrange(1, 15), tag=f"{self.count}-")

    def start_run(self):
        return self.work.start("--from", "2026-01-01", "--to", f"2026-01-0{self.DAYS + 1}",
                               "--force", command="backfill")

    def run(self):
        def attempt():
            result = finish(self.start_run())
            return result if result.code != 75 else None
        result = wait_until(attempt)
        assert result.code == 0, result

    def killed_run(self):
        process = self.start_run()
        time.sleep(self.random.uniform(0.02, 0.4))
        kill(process)

    def load(self):
        # What a killed run left is named and left for the next run.
        result = load(self.work, self.warehouse)
        assert result.code in (0, 1, 75), result

    def killed_load(self):
        process = start_load(self.work, self.warehouse.command())
        time.sleep(self.random.uniform(0.02, 0.4))
        kill_alone(process)

    def failed_load(self):
        result = load(self.work, self.warehouse, command=f"{self.warehouse.command()}; exit 1")
        assert result.code in (0, 1, 75), result

    def finish(self):
        self.run()
        assert loaded_in_the_end(self.work, self.warehouse)
        check(self.work, self.warehouse)


def test_random_sequences_of_runs_loads_and_kills(tmp_path):
    def play(seed):
        try:
            Sequence(tmp_path / str(seed), seed).play()
        except AssertionError as error:
            raise AssertionError(f"CDRX_SEED={seed} CDRX_LOADS=1: {error}") from error
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(play, range(SEED, SEED + LOADS)))


def test_a_load_by_hand_is_marked(work, tmp_path):
    world, warehouse = World("a"), DuckDB(tmp_path / "wh.duckdb")
    plain = ("--dialect", "duckdb", "--target", "wh")
    for day in range(2):
        world.add("a", day, 25)
    with providing(world.answer) as provider:
        pipeline(work, provider.url, world.records, 1)
        assert work.run().code == 0
        printed = work.run(*plain, command="load").out
        assert work.run(*plain, command="load").out == printed, "printing records nothing"
        [number] = re.findall(r"--mark --script (\w{16}) ", printed)
        # Published after it was printed: that must not count as loaded.
        pipeline(work, provider.url, world.records, 2)
        assert work.run().code == 0
    subprocess.run(warehouse.command(), shell=True, input=printed, text=True, check=True)
    refused = work.run("--target", "wh", "--mark", "--script", number, command="load")
    assert refused.code == 1 and "has changed since" in refused.err, refused
    assert waiting(work) == {("01", None): "new", ("02", None): "new"}
    printed = work.run(*plain, command="load").out
    [number] = re.findall(r"--mark --script (\w{16}) ", printed)
    subprocess.run(warehouse.command(), shell=True, input=printed, text=True, check=True)
    marked = work.run("--target", "wh", "--mark", "--script", number, command="load")
    assert marked.code == 0 and marked.out == "" and waiting(work) == {}, marked
    assert check(work, warehouse) == 50
    # Other targets know nothing of it.
    assert len(work.run("--target", "b", "--dry-run", command="load").table()) == 2
    stretch = ("--from", "2026-01-02", "--to", "2026-01-03")
    again = work.run(*plain, *stretch, command="load").out
    assert "1 partition (1 again)" in again and "2026-01-01" not in again


def test_a_target_holds_a_stream_in_one_table(work, tmp_path):
    world, warehouse = World("a"), DuckDB(tmp_path / "wh.duckdb")
    world.add("a", 0, 25)
    with providing(world.answer) as provider:
        pipeline(work, provider.url, world.records, 1)
        assert work.run().code == 0
    assert load(work, warehouse).code == 0
    result = load(work, warehouse, "--table", "other")
    assert result.code == 64 and "in table calls, not other" in result.err, result
    assert load(work, warehouse, "--table", "x_{stream}", "--all").code == 0
    assert load(work, warehouse, "--table", "x_calls").code == 0


def test_an_output_that_is_not_mounted_empties_no_table(work, tmp_path):
    world, warehouse = World("a"), DuckDB(tmp_path / "wh.duckdb")
    world.add("a", 0, 25)
    with providing(world.answer) as provider:
        pipeline(work, provider.url, world.records, 1)
        path = work.path / "pipeline.yaml"
        path.write_text("state: state\n" + path.read_text())
        assert work.run().code == 0
    assert load(work, warehouse).code == 0
    work.exports.rename(work.path / "unmounted")
    work.exports.mkdir()
    result = load(work, warehouse)
    assert result.code == 1 and "mounted" in result.err, result
    assert len(warehouse.table()) == 25


@pytest.mark.parametrize("arguments, message", [
    (["--target", "t"], "--dialect"),
    (["--dialect", "duckdb"], "--target"),
    (["--target", "t", "--mark", "--exec", "true"], "exclude each other"),
    (["--target", "t", "--dry-run", "--script", "1"], "--script goes with --mark"),
    (["--target", "t", "--dry-run", "--from", "2026-01-01"], "--from and --to"),
    (["--target", "t", "--dry-run", "--stream", "none"], "no stream 'none'; there are calls"),
    (["--target", "t", "--dialect", "redshift"], "--location"),
])
def test_a_wrong_command_line_is_refused(work, arguments, message):
    pipeline(work, "http://127.0.0.1:9", ["a"], 1)
    result = work.run(*arguments, command="load")
    assert result.code == 64 and message in result.err, result
