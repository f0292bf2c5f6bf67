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
    text = export.cdrx("schema", "pipeline.yaml", "--stream", "calls", *arguments).stdout
    return re.sub(r"run \S+Z-[0-9a-f]{8}:", "run RUN:", text)


def load_arguments(dialect):
    scheme = {"bigquery": "gs", "spark": "s3a"}.get(dialect, "s3")
    location = "/data/exports" if dialect == "snowflake" else f"{scheme}://bucket/exports"
    return "--dialect", dialect, "--table", "raw.calls", "--load", "--location", location


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
    text = printed(export, "--dialect", dialect, "--table", "raw.calls")
    text += "\n" + printed(export, *load_arguments(dialect))
    check(f"{dialect}-{format}.sql", text)


@pytest.mark.parametrize("choice", ["native", "list"])
def test_schema_file_is_the_golden_one(loadable, choice):
    export = loadable.get("parquet", "zstd", choice)
    check(f"bigquery-{choice}.json", printed(export, "--dialect", "bigquery", "--json-schema"))


# sqlglot has no grammar for these; it must know every other statement.
UNPARSED = {
    "bigquery": ("LOAD DATA",), "snowflake": ("PUT",), "redshift": (),
    "spark": ("CREATE OR REPLACE TEMPORARY VIEW",),
}


@pytest.mark.parametrize("dialect, format, codec", CASES)
def test_statements_parse(loadable, dialect, format, codec):
    text = (GOLDEN / f"{dialect}-{format}.sql").read_text()
    for statement in text.split(";\n"):
        statement = "\n".join(
            line for line in statement.split("\n") if not line.startswith("--")).strip()
        if not statement or statement.startswith(UNPARSED[dialect]):
            continue
        found = sqlglot.parse_one(
            statement, read=dialect, error_level=sqlglot.ErrorLevel.RAISE)
        assert not isinstance(found, sqlglot.exp.Command), statement
        if isinstance(found, sqlglot.exp.Create) and found.kind == "TABLE":
            columns = [column.name for column in found.find_all(sqlglot.exp.ColumnDef)]
            assert "cdrx_window" in columns or "cdrx_load" in statement, columns
