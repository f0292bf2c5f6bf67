"""Readers of a whole stream's directory, with and without the columns that its paths make."""
import pandas
import polars
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet
import pytest

import judges
from test_spark import truth_rows

# One that a reader takes for a number, one that it would then change, and one with a point.
ACCOUNTS = ("007", "101", "main_1.x-y")
PARTITIONS = ["window", "account"]


@pytest.fixture(params=PARTITIONS)
def tree(request, exports):
    """Makes the stream's directory in a format."""
    def make(format, codec="gzip"):
        return Tree(exports.get(
            format, codec, "unified", accounts=ACCOUNTS, partition=request.param), request.param)
    return make


class Tree:
    def __init__(self, export, partition):
        self.export = export
        self.root = export.directory / "exports" / "calls"
        # What the paths say of a row beside its columns.
        self.keys = ["cdrx_account", "dt"] if partition == "account" else ["dt"]
        days = {"dt=2026-01-01", "dt=2026-01-02", "dt=2026-01-03"}
        names = {path.name for path in self.root.iterdir()}
        wanted = {f"cdrx_account={name}" for name in ACCOUNTS} if partition == "account" else days
        assert names == wanted
        suffix = {"csv": ".csv", "ndjson": ".ndjson", "parquet": ".parquet"}[export.format]
        codec = {"gzip": ".gz", "zstd": ".zst", "none": ""}[export.codec]
        self.pattern = f"{self.root}/**/part-*{suffix}{'' if suffix == '.parquet' else codec}"

    @property
    def quoted(self):
        return "'" + self.pattern.replace("'", "''") + "'"

    def expected(self):
        return ordered([
            {**row, "account": account} for account in ACCOUNTS for row in self.export.expected()])

    def check(self, rows, what):
        judges.same(ordered(rows), self.expected(), self.export.columns, f"{what}, {self.export}")

    def check_days(self, counts):
        """Rows by the day that the paths say."""
        wanted = {"2026-01-01": len(ACCOUNTS) * len(self.export.expected(0)),
                  "2026-01-03": len(ACCOUNTS)}
        assert {str(day)[:10]: count for day, count in counts} == wanted


def ordered(rows):
    return sorted(rows, key=lambda row: (row["account"], row["call_id"].encode()))


# --- Parquet ---


def test_pandas_reads_the_directory(tree):
    found = tree("parquet", "zstd")
    frame = pandas.read_parquet(str(found.root), dtype_backend="pyarrow")
    names = [name for name, _ in found.export.columns]
    assert sorted(frame.columns) == sorted(names + found.keys)
    table = pa.table({name: pa.array(frame[name]) for name in names})
    found.check(judges.arrow_rows(found.export, table), "pandas")
    found.check_days(frame.groupby("dt", observed=True).size().items())


def test_pyarrow_reads_the_directory(tree):
    found = tree("parquet", "zstd")
    table = pa.parquet.read_table(str(found.root))
    judges.check_arrow_types(found.export, table.drop_columns(found.keys).schema)
    found.check(judges.arrow_rows(found.export, table), "pyarrow")


def test_parts_declare_the_order_that_their_rows_have(tree):
    found = tree("parquet", "zstd")
    paths = list(found.root.rglob("part-*"))
    assert paths
    for path in paths:
        file = pa.parquet.ParquetFile(path)
        for number in range(file.num_row_groups):
            names = [file.schema.names[column.column_index]
                     for column in file.metadata.row_group(number).sorting_columns]
            assert names == ["account", "started_at", "call_id"], path
        rows = [(row["account"].encode(), row["started_at"], row["call_id"].encode())
                for row in file.read(columns=names).to_pylist()]
        assert rows == sorted(rows), path


@pytest.mark.parametrize("is_hive", [True, False], ids=["hive", "plain"])
def test_pyarrow_dataset(tree, is_hive):
    found = tree("parquet", "zstd")
    table = pa.dataset.dataset(
        str(found.root), format="parquet", partitioning="hive" if is_hive else None).to_table()
    names = [name for name, _ in found.export.columns]
    assert table.schema.names == names + (found.keys if is_hive else [])
    found.check(judges.arrow_rows(found.export, table), "pyarrow")


@pytest.mark.parametrize("is_hive", [True, False], ids=["hive", "plain"])
def test_polars_scan(tree, is_hive):
    found = tree("parquet", "zstd")
    frame = polars.scan_parquet(found.pattern, hive_partitioning=is_hive).collect()
    names = [name for name, _ in found.export.columns]
    assert frame.columns == names + (found.keys if is_hive else [])
    rows = [judges._polars_row(found.export, row) for row in frame.select(names).to_dicts()]
    found.check(rows, "polars")
    if is_hive:
        found.check_days(frame.group_by("dt").len().iter_rows())


@pytest.mark.parametrize("is_hive", ["true", "false"])
def test_duckdb_parquet(tree, is_hive):
    found = tree("parquet", "zstd")
    check_duckdb(found, f"read_parquet({found.quoted}, hive_partitioning = {is_hive})", is_hive)


# --- CSV ---


@pytest.mark.parametrize("is_hive", ["true", "false"])
def test_duckdb_csv(tree, is_hive):
    found = tree("csv")
    # Columns that the paths make would have to be among those that are named.
    names = judges.duckdb_columns(found.export)
    check_duckdb(
        found, f"read_csv({found.quoted}, header = true, delim = ',', quote = '\"', escape = '\"', "
        f"nullstr = '', allow_quoted_nulls = false, max_line_size = 67108864, strict_mode = true, "
        f"hive_partitioning = {is_hive}, types = {{{names}}})", is_hive)


def check_duckdb(found, source, is_hive):
    connection = judges.duckdb_connection()
    types = dict(row[:2] for row in connection.sql(f"DESCRIBE FROM {source}").fetchall())
    names = [name for name, _ in found.export.columns]
    assert list(types) == names + (found.keys if is_hive == "true" else [])
    # The account is what the provider's owner calls it, whatever a reader makes of the path.
    assert types["account"] == "VARCHAR"
    found.check(judges.duckdb_values(connection, source, found.export.columns, types), "duckdb")
    if is_hive == "true":
        found.check_days(
            connection.sql(f"SELECT dt, count(*) FROM {source} GROUP BY dt").fetchall())


# --- Spark ---


@pytest.mark.slow
def test_spark_parquet(spark, tree):
    found = tree("parquet", "zstd")
    frame = spark.read.parquet(str(found.root))
    names = [name for name, _ in found.export.columns]
    assert frame.columns == names + found.keys
    found.check(truth_rows(frame, found.export), "spark")
    found.check_days((str(row[0]), row[1]) for row in frame.groupBy("dt").count().collect())
