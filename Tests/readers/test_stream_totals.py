"""The five quickstart streams as Parquet: every reader gets the totals of the CSV export."""
import contextlib
import csv
import decimal
import glob
import gzip
import io
import os
import re
import subprocess

import pytest

import judges
from conftest import CDRX, ROOT, cdrx

STREAMS = ["out_answered", "agent_out_missed", "user_out_missed", "call_legs", "commo"]
# Rows, texts of one column together, sums of integers, of exact decimals and of times.
TOTALS = ["rows", "call_ids", "answered", "duration_seconds", "billed_seconds", "rate", "balance",
          "started_at", "notes"]


@contextlib.contextmanager
def simulating(*arguments):
    process = subprocess.Popen(
        [CDRX, "simulate", "--port", "0", *arguments], stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


@pytest.fixture(scope="module")
def quickstart(program, tmp_path_factory):
    """One directory with a CSV export and a Parquet export of the same records."""
    directory = tmp_path_factory.mktemp("quickstart")
    text = (ROOT / "pipelines" / "quickstart.yaml").read_text()
    with simulating("--rows-per-day", "400") as url:
        os.environ["CDRX_SIMULATOR_URL"] = url
        try:
            for format in ("csv", "parquet"):
                path = directory / f"{format}.yaml"
                path.write_text(
                    re.sub(r"\n  path: .*", f"\n  path: {format}\n  format: {format}", text))
                cdrx("run", path, "--now", "2026-01-10", cwd=directory)
                assert "0 findings" in cdrx("verify", directory / format).stderr
        finally:
            del os.environ["CDRX_SIMULATOR_URL"]
    return directory


def csv_totals(directory, stream):
    rows = []
    for path in glob.glob(f"{directory}/csv/{stream}/**/part-*.csv.gz", recursive=True):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            rows += list(csv.DictReader(io.StringIO(file.read(), newline="")))
    def total(name, read):
        values = [read(row[name]) for row in rows if row[name] != ""]
        return sum(values) if values else None
    return [
        len(rows), total("call_id", len), sum(row["status"] == "answered" for row in rows),
        total("duration_seconds", int), total("billed_seconds", int),
        total("rate", decimal.Decimal), total("balance", decimal.Decimal),
        total("started_at", judges.moment), total("notes", lambda text: len(judges.notes(text)))]


SQL = """
SELECT count(*), sum(length(call_id)), count(CASE WHEN status = 'answered' THEN 1 END),
    sum(duration_seconds), sum(billed_seconds), sum(rate), sum(balance),
    sum({epoch}(started_at)), sum({length}(notes)) FROM {source}"""


def duckdb_totals(pattern):
    source = f"read_parquet('{pattern}/**/*.parquet')"
    return judges.duckdb_connection().sql(
        SQL.format(epoch="epoch_ms", length="len", source=source)).fetchall()[0]


def chdb_totals(pattern):
    import chdb
    # Sums of nothing are null there too; of lists that may be empty the count is 0.
    sql = SQL.format(epoch="toUnixTimestamp64Milli", length="length",
                     source=f"file('{pattern}/**/*.parquet', Parquet)")
    sql = sql.replace("sum(rate)", "toString(sum(rate))").replace(
        "sum(balance)", "toString(sum(balance))")
    text = chdb.query(sql + " SETTINGS use_hive_partitioning = 0", "JSONCompactEachRow").bytes()
    import json
    found = json.loads(text)
    return [None if value is None else decimal.Decimal(value) for value in found]


def arrow_totals(pattern):
    import pyarrow.compute as compute
    import pyarrow.parquet as parquet
    paths = sorted(glob.glob(f"{pattern}/**/*.parquet", recursive=True))
    import pyarrow
    table = pyarrow.concat_tables(parquet.read_table(path, partitioning=None) for path in paths)
    def total(name, values=None):
        return compute.sum(table[name] if values is None else values).as_py()
    return [
        table.num_rows, total("", compute.binary_length(table["call_id"])),
        total("", compute.equal(table["status"], "answered").cast("int64")) or 0,
        total("duration_seconds"), total("billed_seconds"), total("rate"), total("balance"),
        total("", table["started_at"].cast("int64")),
        total("", compute.list_value_length(table["notes"]))]


def polars_totals(pattern):
    import polars
    frame = polars.read_parquet(f"{pattern}/**/*.parquet", hive_partitioning=False)
    def total(name, expression=None):
        values = frame[name].drop_nulls()
        return None if len(values) == 0 else (expression(values) if expression else values.sum())
    return [
        len(frame), total("call_id", lambda values: values.str.len_bytes().sum()),
        frame["status"].eq("answered").sum() or 0, total("duration_seconds"),
        total("billed_seconds"), total("rate"), total("balance"),
        total("started_at", lambda values: values.dt.epoch("ms").sum()),
        total("notes", lambda values: values.list.len().sum())]


def same(found, expected, what):
    for name, got, wanted in zip(TOTALS, found, expected, strict=True):
        # A list that cannot be null counts as empty.
        assert got == wanted or (name == "notes" and not got and not wanted), (
            f"{what}: {name} is {got!r}, not {wanted!r}")


READERS = [duckdb_totals, chdb_totals, arrow_totals, polars_totals]


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_totals_are_those_of_the_csv_export(quickstart, stream, reader):
    expected = csv_totals(quickstart, stream)
    assert expected[0] > 0
    same(reader(f"{quickstart}/parquet/{stream}"), expected, f"{reader.__name__}, {stream}")


@pytest.mark.slow
@pytest.mark.parametrize("stream", STREAMS)
def test_spark_agrees(spark, quickstart, stream):
    frame = spark.read.parquet(f"{quickstart}/parquet/{stream}")
    frame.createOrReplaceTempView("stream_totals")
    # `size` of null is -1 or null by its settings.
    sql = SQL.format(epoch="unix_millis", length="array_size", source="stream_totals")
    same(list(spark.sql(sql).collect()[0]), csv_totals(quickstart, stream), stream)
