"""Dialects that cannot run here: the printed statements against golden files, parsed by sqlglot.

`RECORD=1` writes the golden files anew, and fails.
"""
import os
import pathlib
import re

import pytest
import sqlglot

GOLDEN = pathlib.Path(__file__).parent / "golden"
DIALECTS = ["bigquery", "snowflake", "redshift", "spark"]
CASES = [(dialect, format, codec) for dialect in DIALECTS
         for format, codec in (("csv", "gzip"), ("ndjson", "gzip"), ("parquet", "zstd"))]


def printed(export, *arguments):
    text = export.cdrx(*arguments).stdout
    return re.sub(r"script [0-9a-f]{16}", "script ID", text)


def schema(export, *arguments):
    return printed(export, "schema", "pipeline.yaml", "--stream", "calls", *arguments)


def load_arguments(dialect):
    scheme = {"bigquery": "gs", "spark": "s3a"}.get(dialect, "s3")
    location = "/data/exports" if dialect == "snowflake" else f"{scheme}://bucket/exports"
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
