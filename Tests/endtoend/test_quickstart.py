"""The pipeline that a newcomer runs first, compared with the simulator's truth cell by cell."""
import functools

import duckdb
import pytest

import mapping
from harness import (
    AGENT_OUT_MISSED, CALL_LEGS, COMMO, DAY, FIRST_DAY, OUT_ANSWERED, ROOT, USER_OUT_MISSED,
    Workplace, cdrx, csv_rows, simulating)

DAYS = ["2026-01-01", "2026-01-02", "2026-01-03"]
WINDOWED = [
    ("out_answered", OUT_ANSWERED, "main", "1111113"),
    ("agent_out_missed", AGENT_OUT_MISSED, "agent-103", "demo-secret"),
    ("user_out_missed", USER_OUT_MISSED, "user-101", "demo-secret"),
    ("commo", COMMO, "hq", "demo-secret"),
]
IDS = [f"rid-1-{number:04d}" for number in range(1, 6)]
# partition → (endpoint, account, owner in the simulator, start of the window or None)
PARTITIONS = {
    f"{stream}/dt={day}": (endpoint, account, owner, FIRST_DAY + index * DAY)
    for stream, endpoint, account, owner in WINDOWED for index, day in enumerate(DAYS)
} | {"call_legs/batch=quickstart": (CALL_LEGS, "main", "2222222", None)}


class Quickstart:
    def __init__(self, path, simulator):
        self.work = Workplace(path)
        self.simulator = simulator
        self.first = self.run()

    def run(self):
        return cdrx(
            "run", ROOT / "pipelines" / "quickstart.yaml", "--out", self.work.exports,
            env={"CDRX_SIMULATOR_URL": self.simulator.url})

    @functools.cache
    def expected(self, partition):
        endpoint, account, owner, start = PARTITIONS[partition]
        records = (self.simulator.legs(owner, IDS) if start is None
                   else self.simulator.truth(endpoint, owner, start))
        return mapping.rows(endpoint, account, records)


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory):
    with simulating("--rows-per-day", 2000) as simulator:
        yield Quickstart(tmp_path_factory.mktemp("quickstart"), simulator)


def test_table_names_every_partition_with_its_rows(quickstart):
    assert quickstart.first.code == 0, quickstart.first
    found = {row["PARTITION"]: (row["STATE"], row["CHANGED"], int(row["ROWS"])) for row in quickstart.first.table()}
    expected = {name: ("complete", "yes", len(quickstart.expected(name))) for name in PARTITIONS}
    assert found == expected
    assert quickstart.work.partitions() == sorted(PARTITIONS)


@pytest.mark.parametrize("partition", PARTITIONS)
def test_bytes_are_exactly_the_truth(quickstart, partition):
    expected = quickstart.expected(partition)
    assert len(expected) == (2000 if "dt=" in partition else len(quickstart.simulator.legs("2222222", IDS)))
    # Row by row first: a difference is then a line and not a megabyte.
    found = quickstart.work.content(partition).decode().splitlines(keepends=True)
    for line, wanted in zip(found, mapping.csv_bytes(expected).decode().splitlines(keepends=True)):
        assert line == wanted
    assert quickstart.work.content(partition) == mapping.csv_bytes(expected)


@pytest.mark.parametrize("partition", PARTITIONS)
def test_python_reads_the_same_cells(quickstart, partition):
    head, rows = csv_rows(quickstart.work.content(partition))
    assert head == mapping.COLUMNS
    assert rows == mapping.plain_cells(quickstart.expected(partition))


@pytest.mark.parametrize("partition", PARTITIONS)
def test_duckdb_reads_the_same_cells_and_nulls(quickstart, partition):
    names = [str(path) for path in quickstart.work.parts(partition)]
    types = {name: "VARCHAR" for name in mapping.COLUMNS}
    found = duckdb.connect().execute(
        "SELECT * FROM read_csv(?, header = true, columns = ?, quote = '\"', escape = '\"', "
        "delim = ',', allow_quoted_nulls = false, nullstr = '', hive_partitioning = false)",
        [names, types]).fetchall()
    expected = quickstart.expected(partition)
    plain = mapping.plain_cells(expected)
    wanted = [
        tuple(None if row[name] is None else cell for name, cell in zip(mapping.COLUMNS, cells))
        for row, cells in zip(expected, plain)]
    assert found == wanted


def test_awkward_names_are_among_them(quickstart):
    names = {
        row["contact_name"] for name in PARTITIONS for row in quickstart.expected(name)}
    for name in ["", "O'Brien, Mary", 'Zoë "Zed" Müller', "line one\nline two",
                 "carriage\r\nreturn", "\U0001f600 Smiley", "राहुल", " space around ", "null"]:
        assert name in names


def test_second_run_sends_nothing_and_writes_nothing(quickstart):
    before, requests = quickstart.work.state(), quickstart.simulator.requests()
    again = quickstart.run()
    assert again.code == 0, again
    assert quickstart.work.state() == before
    assert quickstart.simulator.requests() == requests
    assert "13 complete already" in again.err


def test_verify_finds_nothing(quickstart):
    result = cdrx("verify", quickstart.work.exports)
    assert result.code == 0, result
    assert "13 partitions read, 0 findings" in result.err


def test_status_knows_every_window(quickstart):
    result = cdrx(
        "status", ROOT / "pipelines" / "quickstart.yaml", "--out", quickstart.work.exports,
        "--format", "json", env={"CDRX_SIMULATOR_URL": quickstart.simulator.url})
    assert {line["directory"]: line["state"] for line in result.windows()} == dict.fromkeys(
        PARTITIONS, "complete")
