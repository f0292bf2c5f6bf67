"""Dialects that cannot run here: the printed statements against golden files, parsed by sqlglot.

`RECORD=1` writes the golden files anew, and fails.
"""
import os
import pathlib
import re

import pytest
import sqlglot
import yaml

import conftest
import hostile

GOLDEN = pathlib.Path(__file__).parent / "golden"
DIALECTS = ["bigquery", "snowflake", "redshift", "spark"]
CASES = [(dialect, format, codec) for dialect in DIALECTS
         for format, codec in (("csv", "gzip"), ("ndjson", "gzip"), ("parquet", "zstd"))]


def printed(export, *arguments):
    text = export.cdrx(*arguments).stdout
    text = re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{8}", "RUN", text)
    return re.sub(r"script [0-9a-f]{16}", "script ID", text)


def schema(export, *arguments):
    return printed(export, "schema", "pipeline.yaml", "--stream", "calls", *arguments)


def load_arguments(dialect):
    scheme = {"bigquery": "gs", "spark": "s3a"}.get(dialect, "s3")
    location = "/data/exports" if dialect in ("postgres", "snowflake") else f"{scheme}://bucket/exports"
    return ("load", "pipeline.yaml", "--dialect", dialect, "--target", "wh",
            "--table", "raw.calls", "--location", location)


def check(name, text):
    path = GOLDEN / name
    if os.environ.get("RECORD"):
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text)
        pytest.fail(f"{name} was recorded")
    assert text == path.read_text(), f"{name} differs; RECORD=1 records it"


@pytest.mark.parametrize("dialect, format, codec", CASES)
def test_statements_are_the_golden_ones(loadable, dialect, format, codec):
    export = loadable.get(format, codec, "unified")
    check(f"{dialect}-{format}.sql", printed(export, *load_arguments(dialect)))


@pytest.mark.parametrize("choice", ["native", "list"])
def test_schema_file_is_the_golden_one(loadable, choice):
    export = loadable.get("parquet", "zstd", choice)
    check(f"bigquery-{choice}.json", schema(export, "--dialect", "bigquery", "--json-schema"))


# sqlglot has no grammar for these; it must know every other statement.
UNPARSED = {
    "bigquery": ("LOAD DATA",), "snowflake": ("PUT",), "redshift": (),
    "spark": ("CREATE OR REPLACE TEMPORARY VIEW",),
}


def statements(text):
    """Without comments and what is for the client: `!set` and `\\set`."""
    lines = [line for line in text.split("\n") if not line.startswith(("--", "!", "\\"))]
    return [statement.strip() for statement in "\n".join(lines).split(";\n")]


@pytest.mark.parametrize("dialect, format, codec", CASES)
def test_statements_parse(loadable, dialect, format, codec):
    text = (GOLDEN / f"{dialect}-{format}.sql").read_text()
    for statement in statements(text):
        if not statement or statement.startswith(UNPARSED[dialect]):
            continue
        found = sqlglot.parse_one(
            statement, read=dialect, error_level=sqlglot.ErrorLevel.RAISE)
        assert not isinstance(found, sqlglot.exp.Command), statement
        if isinstance(found, sqlglot.exp.Create) and found.kind == "TABLE":
            columns = [column.name for column in found.find_all(sqlglot.exp.ColumnDef)]
            assert "cdrx_window" in columns or "cdrx_load" in statement, columns


# --- columns that came later, and views ---

@pytest.fixture(scope="module")
def later(program, tmp_path_factory):
    """An export whose targets, named as the dialects, hold it without its last column."""
    rows = Windows()
    provider = hostile.Provider(*hostile.sent(rows.rows))
    export = conftest.Export(
        tmp_path_factory.mktemp("later"), rows, provider.url,
        {"format": "csv", "compression": "gzip"}, "few", days=2)
    for dialect in ALL:
        export.cdrx("load", "pipeline.yaml", "--target", dialect, "--mark")
    path = export.directory / "pipeline.yaml"
    value = yaml.safe_load(path.read_text())
    value["output"]["columns"] += ["local_date"]
    path.write_text(yaml.safe_dump(value, sort_keys=False))
    export.run()
    yield export
    provider.stop()


ALL = ["postgres", "duckdb", "clickhouse", *DIALECTS]


@pytest.mark.parametrize("dialect", ALL)
def test_columns_that_came_later_are_added(later, dialect):
    arguments = list(load_arguments(dialect))
    arguments[arguments.index("wh")] = dialect
    del arguments[arguments.index("--table"):arguments.index("--table") + 2]
    text = printed(later, *arguments)
    assert "CREATE TABLE IF NOT EXISTS" not in text
    found = [statement for statement in statements(text) if statement.startswith("ALTER TABLE")]
    [added] = [sqlglot.parse_one(statement, read=dialect, error_level=sqlglot.ErrorLevel.RAISE)
               for statement in found if "DROP IF EXISTS" not in statement]
    [column] = added.find_all(sqlglot.exp.ColumnDef)
    assert column.name == "local_date" and column.kind.this.name in ("DATE", "DATE32", "NULLABLE"), added
    # What is replaced by its window names a day.
    assert "DATE" in text.split("ALTER TABLE")[1].upper()


@pytest.mark.parametrize("choice", ["few", "native"])
@pytest.mark.parametrize("dialect", ALL)
def test_views_parse(loadable, dialect, choice):
    export = loadable.get("parquet" if dialect != "postgres" else "csv", "none", choice)
    path = export.directory / "two.yaml"
    value = yaml.safe_load((export.directory / "pipeline.yaml").read_text())
    [calls] = value["streams"]
    other = {"stream": "other", "endpoint": "telecmi.v1.outanswered",
             "accounts": [{"account": "a", "appid": 1, "token": "t"}]}
    value["extract"]["page_size"] = 1000
    value["streams"] = [calls, other]
    path.write_text(yaml.safe_dump(value, sort_keys=False))
    text = export.cdrx("schema", "two.yaml", "--view", "all_calls", "--dialect", dialect,
                       "--table", "raw.{stream}").stdout
    found = sqlglot.parse_one(text.strip().removesuffix(";"), read=dialect,
                              error_level=sqlglot.ErrorLevel.RAISE)
    assert isinstance(found, sqlglot.exp.Create) and found.kind == "VIEW"
    union = found.expression
    assert isinstance(union, sqlglot.exp.Union) and not union.args["distinct"]
    names = [select.named_selects for select in union.find_all(sqlglot.exp.Select)]
    assert names[0] == names[1] and names[0][:5] == [
        "cdrx_stream", "cdrx_account", "cdrx_window", "cdrx_loaded_at", "cdrx_run_id"]
    assert ("billedsec" in names[0]) == (choice == "native")


# --- what a path in a script stands for ---

DAYS = 13


class Windows:
    """A row a day, so that numbers of windows are of one and of two digits."""

    rows = [{"id": (f'"{day}"', str(day)), "time": (str(time), time)}
            for day in range(DAYS) for time in [hostile.FIRST_DAY + day * 86_400_000]]


@pytest.fixture(scope="module")
def thirteen(program, tmp_path_factory):
    made = conftest.Exports(tmp_path_factory.mktemp("thirteen"), Windows())
    yield made
    made.provider.stop()


def script(thirteen, dialect, format, codec, location):
    export = thirteen.get(format, codec, "unified", days=DAYS)
    return printed(
        export, "load", "pipeline.yaml", "--dialect", dialect, "--target", "wh",
        *(["--location", location] if location else []))


def read_paths(dialect, text):
    """What each statement that reads files reads: a list of paths, by statement."""
    found = []
    for statement in statements(text):
        if dialect == "bigquery" and statement.startswith("LOAD DATA"):
            found.append(re.findall(r"'(gs://[^']*)'", statement))
        elif dialect == "redshift" and statement.startswith("COPY"):
            found.append(re.findall(r"FROM '(s3://[^']*)'", statement))
        elif dialect == "snowflake" and statement.startswith("COPY"):
            [path] = re.findall(r" FROM '?(@[^')]*)'?\)\nFILES = ", statement)
            [files] = re.findall(r"FILES = \(([^)]*)\)", statement)
            assert path.endswith("/")
            found.append([path + name.strip("'") for name in files.split(", ")])
    return found


@pytest.mark.parametrize("format, codec", [
    ("csv", "gzip"), ("csv", "none"), ("ndjson", "zstd"), ("parquet", "zstd")])
@pytest.mark.parametrize("dialect, location", [
    ("bigquery", "gs://bucket/exports"), ("redshift", "s3://bucket/exports"),
    ("snowflake", None), ("snowflake", "@stage/exports")])
def test_no_path_is_the_beginning_of_another(thirteen, dialect, location, format, codec):
    if dialect == "bigquery" and (format, codec) == ("ndjson", "zstd"):
        pytest.skip("BigQuery reads no zstd around NDJSON")
    text = script(thirteen, dialect, format, codec, location)
    paths = read_paths(dialect, text)
    assert len(paths) == DAYS and all(len(read) == 1 for read in paths)
    every = [path for read in paths for path in read]
    assert [(one, other) for one in every for other in every
            if one is not other and other.startswith(one)] == []
    # Nor do the directories that a stage lists before `FILES` picks from them.
    folders = [path.rsplit("/", 1)[0] + "/" for path in every]
    assert len(set(folders)) == DAYS
    assert not any("*" in path for path in every)
    for statement in statements(text):
        if statement and not statement.startswith(UNPARSED[dialect]):
            sqlglot.parse_one(statement, read=dialect, error_level=sqlglot.ErrorLevel.RAISE)


def test_snowflake_uploads_to_the_places_that_it_reads(thirteen):
    text = script(thirteen, "snowflake", "csv", "gzip", None)
    assert text.split("\n")[2] == "!set exit_on_error=true"
    uploads = re.findall(r"^PUT 'file://(/[^']*)' (@\S+) ", text, re.M)
    assert all(os.path.isfile(path) for path, _ in uploads)
    places = [place + path.rsplit("/", 1)[1] for path, place in uploads]
    assert places == [path for [path] in read_paths("snowflake", text)]
    assert uploads[1][1] == "@cdrx_load/00001/" and uploads[10][1] == "@cdrx_load/00010/"


def test_snowflake_reads_a_stage_where_it_is(thirteen):
    text = script(thirteen, "snowflake", "ndjson", "gzip", "@stage/exports/")
    assert "PUT" not in text and "file://" not in text and "STAGE " not in text
    assert "FROM '@stage/exports/calls/" in text
    result = thirteen.get("ndjson", "gzip", "unified", days=DAYS).cdrx(
        "load", "pipeline.yaml", "--dialect", "snowflake", "--target", "wh", "--location",
        "s3://bucket/exports", code=64)
    assert "--location @stage/path" in result.stderr


def test_snowflake_takes_null_of_json_for_null(thirteen):
    """As a VARIANT, JSON's null is a value: `IS NULL` would not find it."""
    for format, codec in (("ndjson", "gzip"), ("parquet", "zstd")):
        text = script(thirteen, "snowflake", format, codec, None)
        assert text.count('IFF(IS_NULL_VALUE($1:"notes"), NULL, $1:"notes"::VARIANT)') == DAYS
        assert not re.search(r'(?<!NULL, )\$1:"\w+"::VARIANT', text)
