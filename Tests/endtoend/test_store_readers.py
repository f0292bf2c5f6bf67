"""Foreign readers of an output in an object store, and what `load` has warehouses read there."""
import json

import chdb.session
import deltalake
import duckdb
import polars
import pyarrow.dataset
import pyarrow.fs
import pytest
from fsspec.implementations.arrow import ArrowFSWrapper

from harness import USER_OUT_MISSED, cdrx, stream

ROOT = "nightly"
DAYS = {"every": "day", "range": {"from": "2026-01-01", "to": "2026-01-04"}}


@pytest.fixture
def lake(work, calm, moto):
    """A bucket with three days of Parquet, and a directory with the same."""
    bucket = moto.bucket()
    calls = [stream("calls", USER_OUT_MISSED, calm, "a", "b")]
    output = {"format": "parquet", "part_bytes": "16KiB"}
    work.pipeline(calls, windows=DAYS, output=output)
    assert work.run().code == 0
    work.pipeline(calls, windows=DAYS, state="state", output={**output, "path": f"{bucket.uri}/{ROOT}"})
    result = cdrx("run", "pipeline.yaml", cwd=work.path, env=bucket.env)
    assert result.code == 0, result
    return bucket


def keys(bucket):
    return sorted(cell for cell in bucket.column("call_id").to_pylist())


def expected(work):
    return keys(pyarrow.dataset.dataset(
        [str(path) for path in work.exports.rglob("part-*.parquet")]).to_table(["call_id"]))


def file_system(bucket):
    return pyarrow.fs.S3FileSystem(
        access_key=bucket.store.access_key, secret_key=bucket.store.secret_key, region="us-east-1",
        scheme="http", endpoint_override=bucket.store.endpoint.removeprefix("http://"))


def options(bucket):
    return {
        "aws_access_key_id": bucket.store.access_key, "aws_secret_access_key": bucket.store.secret_key,
        "aws_region": "us-east-1", "aws_endpoint_url": bucket.store.endpoint, "aws_allow_http": "true"}


def test_pyarrow_and_polars_read_the_tree(work, lake):
    rows = expected(work)
    assert len(rows) > 1000
    tree = pyarrow.dataset.dataset(
        f"{lake.name}/{ROOT}/calls", filesystem=file_system(lake), partitioning="hive", exclude_invalid_files=False)
    table = tree.to_table()
    assert keys(table) == rows and set(map(str, table.column("dt").to_pylist())) == {
        "2026-01-01", "2026-01-02", "2026-01-03"}
    frame = polars.scan_parquet(
        f"{lake.uri}/{ROOT}/calls/**/*.parquet", storage_options=options(lake)).select("call_id").collect()
    assert sorted(frame["call_id"]) == rows


def test_a_list_of_files_is_read_as_it_is(work, lake):
    uris = cdrx("files", "pipeline.yaml", cwd=work.path, env=lake.env).out.splitlines()
    frame = polars.scan_parquet(uris, storage_options=options(lake)).select("call_id").collect()
    assert sorted(frame["call_id"]) == expected(work)


class ArrowS3(ArrowFSWrapper):
    protocol = "s3"


def test_duckdb_runs_the_load(work, lake):
    script = cdrx("load", "pipeline.yaml", "--dialect", "duckdb", "--target", "w", cwd=work.path, env=lake.env)
    assert script.code == 0, script
    [secret] = [line for line in script.out.splitlines() if "SECRET" in line]
    assert lake.store.secret_key not in script.out and "PROVIDER credential_chain" in secret
    database = duckdb.connect()
    # The extension that `s3://` needs cannot be had here: another reader of the same URIs stands in for it.
    database.register_filesystem(ArrowS3(file_system(lake)))
    for _ in range(2):
        database.execute(script.out.replace(secret, ""))
    found = database.execute("SELECT call_id FROM calls").fetchall()
    assert sorted(row[0] for row in found) == expected(work)


def test_clickhouse_runs_the_load(work, lake, monkeypatch, tmp_path):
    script = cdrx("load", "pipeline.yaml", "--dialect", "clickhouse", "--target", "w", cwd=work.path, env=lake.env)
    assert script.code == 0 and f"s3('{lake.store.endpoint}/{lake.name}/{ROOT}/calls/dt=2026-01-01/part-" in script.out
    for name, value in lake.env.items():
        monkeypatch.setenv(name, value)
    with chdb.session.Session(str(tmp_path / "chdb")) as session:
        session.query("CREATE DATABASE w; USE w")
        for _ in range(2):
            session.query(script.out)
        found = json.loads(session.query("SELECT call_id FROM calls", "JSONCompact").bytes())
    assert sorted(row[0] for row in found["data"]) == expected(work)


def test_delta_takes_the_files_where_they_are(work, lake):
    day = deltalake.Schema([deltalake.Field("dt", deltalake.schema.PrimitiveType("date"))])
    deltalake.convert_to_deltalake(
        f"{lake.uri}/{ROOT}/calls", partition_by=day, partition_strategy="hive", storage_options=options(lake))
    table = deltalake.DeltaTable(f"{lake.uri}/{ROOT}/calls", storage_options=options(lake))
    assert keys(table.to_pyarrow_table(columns=["call_id"])) == expected(work)


@pytest.mark.parametrize("dialect,remedy", [
    ("postgres", "--location DIR"), ("snowflake", "--location @cdrx"), ("redshift", "Amazon S3 only"),
    ("bigquery", "--location gs://bucket/prefix")])
def test_who_cannot_read_it_says_so(work, lake, dialect, remedy):
    result = cdrx("load", "pipeline.yaml", "--dialect", dialect, "--target", "w", cwd=work.path, env=lake.env)
    assert result.code == 64 and remedy in result.err and "[store_not_readable]" in result.err, result
    assert result.out == ""


def test_spark_and_a_stage_get_their_paths(work, lake):
    spark = cdrx("load", "pipeline.yaml", "--dialect", "spark", "--target", "w", cwd=work.path, env=lake.env)
    assert f"'s3a://{lake.name}/{ROOT}/calls/dt=2026-01-02'" in spark.out, spark
    stage = cdrx("load", "pipeline.yaml", "--dialect", "snowflake", "--target", "w", "--location", "@cdrx",
                 cwd=work.path, env=lake.env)
    assert "'@cdrx/calls/dt=2026-01-02/'" in stage.out and "PUT " not in stage.out, stage
    wrong = cdrx("load", "pipeline.yaml", "--dialect", "postgres", "--target", "w", "--location", "s3://x/y",
                 cwd=work.path, env=lake.env)
    assert wrong.code == 64 and "must be a directory" in wrong.err, wrong
