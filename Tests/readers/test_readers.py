"""Every format × codec × column choice, read back by foreign readers value by value."""
import itertools

import pytest

import judges

FORMATS = ["csv", "ndjson", "parquet"]
CODECS = ["gzip", "zstd", "none"]
READERS = {
    "csv": [judges.python, judges.pyarrow, judges.by_duckdb, judges.by_polars, judges.chdb],
    "ndjson": [judges.python, judges.chdb],
    "parquet": [judges.pyarrow, judges.by_duckdb, judges.by_polars, judges.chdb],
}
CASES = [
    pytest.param(*case, reader, id="-".join([*case, reader.__name__]))
    for case in itertools.product(FORMATS, CODECS, ["unified", "native", "list"])
    for reader in READERS[case[0]]]


@pytest.mark.parametrize("format, codec, choice, reader", CASES)
def test_reads_what_the_provider_said(exports, format, codec, choice, reader):
    export = exports.get(format, codec, choice)
    assert export.parts(1) == []
    for day, count in ((0, len(export.expected(0))), (2, 1)):
        assert len(export.expected(day)) == count > 0
        judges.same(reader(export, export.parts(day)), export.expected(day), export.columns,
                    f"{export}, day {day}",
                    bare_strings=reader is judges.chdb and format == "ndjson")
