"""Every format × codec × column choice, read back by foreign readers value by value."""
import itertools

import pytest

import frames
import judges
from judges import View

CODECS = ["gzip", "zstd", "none"]
# What stands beside a reader is said in pipelines/OUTPUT.md: which reader loses what.
READERS = {
    "csv": {
        judges.python: View(), judges.pyarrow: View(), judges.by_duckdb: View(),
        judges.by_polars: View(), judges.chdb: View(),
        frames.by_pandas: View(empty_is_null=True), frames.by_daft: View(empty_is_null=True),
        frames.by_datafusion: View(empty_is_null=True),
    },
    "ndjson": {
        judges.python: View(), judges.chdb: View(bare_strings=True),
        judges.by_duckdb: View(floats=True, json_floats=True),
        # It writes JSON anew, and control characters as they are.
        judges.by_polars: View(skips=("json", "notes"), floats=True),
        frames.pyarrow_ndjson: View(skips=("json", "notes")),
        frames.by_datafusion: View(skips=("json", "notes")),
    },
    "parquet": {
        judges.pyarrow: View(), judges.by_duckdb: View(), judges.by_polars: View(),
        judges.chdb: View(empty_list_is_null=True), frames.by_pandas: View(),
        frames.by_fastparquet: View(skips=("notes",), floats=True), frames.by_daft: View(),
        frames.by_datafusion: View(),
    },
}
# Of NDJSON these read no integers beyond 64 bits, which `extra` may hold.
PLAIN_READERS = {frames.by_pandas: View(floats=True), frames.by_daft: View(floats=True)}


def cases(choices, readers):
    return [
        pytest.param(*case, reader, view, id="-".join([*case, reader.__name__]))
        for case in itertools.product(readers, CODECS, choices)
        for reader, view in readers[case[0]].items()]


def check(export, reader, view):
    assert export.parts(1) == []
    for day, count in ((0, len(export.expected(0))), (2, 1)):
        assert len(export.expected(day)) == count > 0
        judges.check(reader, view, export, export.parts(day), export.expected(day),
                     f"{reader.__name__}, {export}, day {day}")


@pytest.mark.parametrize(
    "format, codec, choice, reader, view", cases(["unified", "native", "list"], READERS))
def test_reads_what_the_provider_said(exports, format, codec, choice, reader, view):
    check(exports.get(format, codec, choice), reader, view)


@pytest.mark.parametrize(
    "format, codec, choice, reader, view", cases(["plain"], {"ndjson": PLAIN_READERS}))
def test_reads_columns_without_json(exports, format, codec, choice, reader, view):
    check(exports.get(format, codec, choice), reader, view)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize(
    "reader, view", [case for case in READERS["parquet"].items()
                     if case[0] is not frames.by_fastparquet],
    ids=lambda value: getattr(value, "__name__", ""))
def test_reads_every_parquet_option(exports, codec, reader, view):
    """Pages of version 2 hold delta encodings, which fastparquet does not know for texts."""
    export = exports.get("parquet", codec, "unified", parquet={
        "data_page_version": 2, "bloom_filters": ["call_id", "to_number"]})
    check(export, reader, view)
