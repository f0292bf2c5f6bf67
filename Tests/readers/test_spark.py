"""Spark reads the partitioned directory of each format, and runs the printed statements."""
import decimal

import pytest

import hostile
import judges

pytestmark = pytest.mark.slow
CODECS = {"csv": ["gzip", "zstd"], "ndjson": ["gzip", "zstd"], "parquet": ["zstd", "gzip"]}
CASES = [(format, codec) for format, codecs in CODECS.items() for codec in codecs]


TYPES = {"text": "STRING", "int": "INT", "decimal": "DECIMAL(18,6)", "bool": "BOOLEAN",
         "time": "TIMESTAMP", "json": "STRING", "notes": "STRING"}
NOTES = "array<struct<message:string,created_at:timestamp,agent:string>>"


def truth_rows(frame, export):
    """The frame's rows in the truth's form; times as integers, since Python's end in 1…9999."""
    from pyspark.sql import functions
    selected = [
        functions.unix_millis(functions.col(f"`{name}`")).alias(name) if kind == "time"
        else functions.col(f"`{name}`") for name, kind in export.columns]
    rows = []
    for found in frame.select(*selected).collect():
        row = dict(zip((name for name, _ in export.columns), found))
        for name, kind in export.columns:
            if kind == "notes" and row[name] is not None:
                if not isinstance(row[name], str):
                    row[name] = [note.asDict() for note in row[name]]
                row[name] = judges.note_times(row[name])
        rows.append(row)
    return rows


def ordered(rows, key):
    return sorted(rows, key=lambda row: row[key].encode())


@pytest.mark.parametrize("format, codec", CASES, ids=["-".join(case) for case in CASES])
def test_partition_discovery(spark, exports, loadable, format, codec):
    # Spark's CSV reader takes U+0000 for an escape that cannot be turned off.
    export = (loadable if format == "csv" else exports).get(format, codec, "unified")
    key = "call_id"
    root = str(export.directory / "exports" / "calls")
    schema = ", ".join(f"`{name}` {TYPES[kind]}" for name, kind in export.columns)
    if format == "parquet":
        frame = spark.read.parquet(root)
    elif format == "csv":
        frame = spark.read.schema(schema).options(
            header=True, quote='"', escape='"', multiLine=True, nullValue="\x01",
            emptyValue="", maxCharsPerColumn=-1, mode="FAILFAST").csv(root)
    else:
        frame = spark.read.schema(schema).options(mode="FAILFAST").json(root)
    types = dict(frame.dtypes)
    assert types["dt"] == "date", types
    for name, kind in export.columns:
        wanted = NOTES if kind == "notes" and format == "parquet" else TYPES[kind].lower()
        assert types[name] == wanted, (name, types[name])
    found = ordered(truth_rows(frame, export), key)
    judges.same(found, ordered(export.expected(), key), export.columns, f"spark, {export}")
    days = {str(row[0]): row[1] for row in frame.groupBy("dt").count().collect()}
    assert days == {"2026-01-01": len(export.expected(0)), "2026-01-03": 1}


@pytest.mark.parametrize("format, codec", CASES, ids=["-".join(case) for case in CASES])
def test_loading_twice_gives_the_truth(spark, loadable, format, codec):
    export = loadable.get(format, codec, "unified")
    table = f"calls_{format}_{codec}"
    run(spark, export.cdrx("schema", "pipeline.yaml", "--stream", "calls", "--dialect", "spark",
                           "--table", table).stdout)
    run(spark, f"INSERT INTO {table} (call_id, cdrx_account, cdrx_window) VALUES "
               "('foreign', '*', DATE '2026-01-02');\n")
    load = export.cdrx("load", "pipeline.yaml", "--dialect", "spark", "--target", "t",
                       "--table", table).stdout
    for _ in range(2):
        run(spark, load)
        frame = spark.table(table)
        judges.same(ordered(truth_rows(frame, export), "call_id"),
                    ordered(export.expected(), "call_id"), export.columns, f"spark, {export}")
    comments = {field.name: field.metadata.get("comment") for field in frame.schema}
    assert "It's the \"id\" \\ of the call" in comments["call_id"], comments["call_id"]


def run(spark, script):
    for statement in script.split(";\n"):
        statement = "\n".join(
            line for line in statement.split("\n") if not line.startswith("--")).strip()
        if statement:
            spark.sql(statement)
