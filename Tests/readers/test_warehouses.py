"""The printed DDL and loads, run for real, twice: the table equals the truth both times."""
import itertools
import json

import pytest

import databases
import hostile
import judges

WAREHOUSES = [databases.Postgres, databases.DuckDB, databases.ClickHouse]
CODECS = ["gzip", "zstd", "none"]
# What rows of partitions of all accounts say in place of an account.
ALL = "*"


@pytest.fixture(scope="module", params=WAREHOUSES, ids=lambda warehouse: warehouse.name)
def warehouse(request):
    started = request.param()
    yield started
    started.stop()


def statements(export, dialect, *arguments):
    return export.cdrx(
        "schema", "pipeline.yaml", "--stream", "calls", "--dialect", dialect, *arguments).stdout


def load(export, dialect, *arguments):
    return export.cdrx(
        "load", "pipeline.yaml", "--dialect", dialect, "--target", "t", *arguments).stdout


def ordered(rows, export):
    """By the key, since tables have no order."""
    key = next(name for name in ("call_id", "id") if name in dict(export.columns))
    return sorted(rows, key=lambda row: row[key].encode())


def check(warehouse, table, export):
    found = warehouse.rows(table, export)
    bare = warehouse.name == "clickhouse" and export.format == "ndjson"
    judges.same(
        ordered(found, export), ordered(export.expected(), export), export.columns,
        f"{warehouse.name}, {export}", bare_strings=bare)
    windows = {row["cdrx_window"] for row in found}
    assert windows == {"2026-01-01", "2026-01-03"}
    assert {row["cdrx_account"] for row in found} == {ALL}


CASES = list(itertools.product(["csv", "ndjson", "parquet"], CODECS, ["unified", "native", "list"]))


@pytest.mark.parametrize("format, codec, choice", CASES, ids=["-".join(case) for case in CASES])
def test_loading_twice_gives_the_truth(warehouse, loadable, format, codec, choice):
    if format not in warehouse.formats:
        pytest.skip(f"{warehouse.name} does not read {format}")
    export = loadable.get(format, codec, choice)
    table = f"t {format} {codec} {choice}"
    warehouse.run(statements(export, warehouse.name, "--table", table))
    # Rows of other windows stay; rows of an empty window go, as those of the others do.
    script = load(export, warehouse.name, "--table", table)
    for _ in range(2):
        warehouse.run(script)
        check(warehouse, table, export)
    check_types(warehouse, table, export)


def check_types(warehouse, table, export):
    types = warehouse.types(table)
    assert list(types) == [name for name, _ in export.columns] + [
        "cdrx_account", "cdrx_window", "cdrx_loaded_at", "cdrx_run_id"]
    comments = warehouse.comments(table)
    for name, kind in export.columns:
        type = types[name].removeprefix("Nullable(")
        if kind == "notes" and export.format == "parquet":
            assert type in (judges.DUCKDB["notes"], judges.CLICKHOUSE_NOTES), type
        else:
            assert type.startswith(warehouse.expected_types[kind]), (name, type)
        assert comments[name] or name == "extra", name
    if export.choice == "native":
        assert comments["id"] == "It's the \"id\" \\ of the call"


@pytest.mark.parametrize("format", ["csv", "ndjson"])
def test_epoch_milliseconds_load(warehouse, loadable, format):
    export = loadable.get(format, "gzip", "unified", timestamps="epoch_ms")
    table = f"epoch_{format}"
    warehouse.run(load(export, warehouse.name, "--table", table))
    check(warehouse, table, export)


@pytest.mark.parametrize("csv", [
    {"delimiter": ";", "header": False, "null": "NULL", "newline": "crlf"},
    {"delimiter": "\t", "header": True, "null": "\\N", "newline": "lf"},
], ids=["semicolon", "tab"])
def test_csv_dialects_load(warehouse, loadable, csv):
    export = loadable.get("csv", "none", "unified", csv=csv)
    table = f"csv_{csv['newline']}"
    warehouse.run(load(export, warehouse.name, "--table", table))
    check(warehouse, table, export)


@pytest.mark.parametrize("format", ["csv", "ndjson", "parquet"])
def test_reload_replaces_only_its_windows(warehouse, loadable, format):
    """Foreign rows of the empty partition go, those of an account's own and of another window stay."""
    if format not in warehouse.formats:
        pytest.skip(f"{warehouse.name} does not read {format}")
    export = loadable.get(format, "gzip", "list")
    table = f"replace_{format}"
    warehouse.run(statements(export, warehouse.name, "--table", table))
    for account, window in ((ALL, "2026-01-02"), ("other", "2026-01-02"),
                            (ALL, "2026-02-02")):
        moment = "2026-01-02 00:00:00" if warehouse.name == "clickhouse" else "2026-01-02T00:00:00Z"
        quote = "`" if warehouse.name == "clickhouse" else '"'
        warehouse.run(
            f"INSERT INTO {quote}{table}{quote} ({quote}when{quote}, id, cdrx_account, cdrx_window,"
            f" cdrx_loaded_at, cdrx_run_id)"
            f" VALUES ('{moment}', 'foreign', '{account}', '{window}', '{moment}', 'r');\n")
    warehouse.run(load(export, warehouse.name, "--table", table))
    assert warehouse.count(table) == len(export.expected()) + 2


def test_postgres_says_that_it_reads_no_parquet(loadable):
    export = loadable.get("parquet", "zstd", "list")
    result = export.cdrx(
        "load", "pipeline.yaml", "--dialect", "postgres", "--target", "t", code=64)
    assert "PostgreSQL does not read Parquet" in result.stderr


def test_bigquery_schema_file_is_json(loadable):
    export = loadable.get("parquet", "zstd", "unified")
    fields = json.loads(statements(export, "bigquery", "--json-schema"))
    assert [field["name"] for field in fields][:4] == ["provider", "endpoint", "account", "call_id"]
    notes = next(field for field in fields if field["name"] == "notes")
    assert notes["mode"] == "REPEATED" and notes["type"] == "RECORD"
    rate = next(field for field in fields if field["name"] == "rate")
    assert (rate["type"], rate["precision"], rate["scale"]) == ("NUMERIC", "18", "6")
