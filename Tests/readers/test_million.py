"""A million rows in each format: count, sums and a digest of keys, by each reader."""
import concurrent.futures

import pytest

import conftest
import frames
import hostile
import judges

pytestmark = pytest.mark.slow
COUNT = 1_000_000


def sent():
    """Times and bodies of rows like an export's; short, so that a run takes a minute."""
    times = [hostile.FIRST_DAY + number * 86 for number in range(COUNT)]
    bodies = [
        f'{{"id":"call-{number}","time":{time},"from":"91{number % 977}","duration":{number % 3_600}'
        + (f',"cost":{number}.{number % 1_000_000:06}}}' if number % 3 else "}")
        for number, time in enumerate(times)]
    return times, bodies


FORMATS = ["csv", "ndjson", "parquet"]


@pytest.fixture(scope="module")
def million(program, tmp_path_factory):
    """An export for each format, made side by side."""
    made = conftest.Exports(tmp_path_factory.mktemp("million"), None, sent())
    with concurrent.futures.ThreadPoolExecutor() as pool:
        exports = list(pool.map(lambda format: made.get(format, "zstd", "few"), FORMATS))
    yield dict(zip(FORMATS, exports))
    made.provider.stop()


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_is_lost(million, format):
    export = million[format]
    paths = export.parts(0)
    connection = judges.duckdb_connection()
    if format == "ndjson":
        # DuckDB's own reader takes numbers for doubles.
        connection.register("lines", frames.ndjson_table(export, paths))
        source = "lines"
    else:
        quoted = "['" + "', '".join(path.replace("'", "''") for path in paths) + "']"
        source = (f"read_parquet({quoted}, hive_partitioning = false)" if format == "parquet" else
                  f"read_csv({quoted}, auto_detect = false, header = true, delim = ',', "
                  "quote = '\"', escape = '\"', nullstr = '', hive_partitioning = false, "
                  f"columns = {{{judges.duckdb_columns(export)}}})")
    found = connection.sql(
        "SELECT count(*), count(DISTINCT call_id), sum(duration_seconds), sum(rate), "
        f"sum(epoch_ms(started_at)), count(rate) FROM {source}").fetchall()[0]
    numbers = range(COUNT)
    cost = sum(number * 1_000_000 + number % 1_000_000 for number in numbers if number % 3)
    assert found[:3] == (COUNT, COUNT, sum(number % 3_600 for number in numbers))
    assert int(found[3] * 1_000_000) == cost
    assert found[4:] == (
        sum(hostile.FIRST_DAY + number * 86 for number in numbers),
        sum(1 for number in numbers if number % 3))
    if format == "parquet":
        import pyarrow.parquet
        assert sum(pyarrow.parquet.read_metadata(path).num_rows for path in paths) == COUNT
        groups = pyarrow.parquet.read_metadata(paths[0]).num_row_groups
        assert groups >= 4 or len(paths) > 1
