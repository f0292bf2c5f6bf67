"""What only Parquet has: metadata of published files as foreign readers see it."""
import io
import json

import pyarrow.parquet
import pytest

import judges


@pytest.fixture(scope="module", params=[1, 2], ids=["pages-v1", "pages-v2"])
def export(request, exports):
    return exports.get("parquet", "zstd", "unified", parquet={
        "bloom_filters": ["call_id", "to_number"], "data_page_version": request.param})


def test_file_says_where_it_comes_from(export):
    path = export.parts(0)[0]
    metadata = pyarrow.parquet.read_metadata(path)
    manifest = json.loads((export.directory / path).parent.joinpath("_manifest.json").read_text())
    found = {key.decode(): value.decode() for key, value in metadata.metadata.items()}
    assert found == {
        "pipeline": "hostile", "stream": "calls", "window": "2026-01-01",
        "schema_sha256": manifest["schema_sha256"]}
    tool, version = manifest["tool"].split("/")
    assert metadata.created_by == f"{tool} version {version} (build cdrx)"
    assert metadata.num_rows == manifest["files"][0]["rows"] == len(export.expected(0))


def test_file_of_one_account_names_it(exports):
    export = exports.get("parquet", "zstd", "unified", partition="account")
    metadata = pyarrow.parquet.read_metadata(export.parts(0)[0])
    assert metadata.metadata[b"account"].decode() == export.accounts[0]


def test_order_statistics_and_indexes_are_declared(export):
    metadata = pyarrow.parquet.read_metadata(export.parts(0)[0])
    names = [name for name, _ in export.columns]
    group = metadata.row_group(0)
    assert [(column.column_index, column.descending) for column in group.sorting_columns] == [
        (names.index(name), False) for name in ("account", "started_at", "call_id")]
    times = [row["started_at"] for row in export.expected(0)]
    chunk = group.column(names.index("started_at"))
    assert judges.milliseconds(chunk.statistics.min) == min(times)
    assert judges.milliseconds(chunk.statistics.max) == max(times)
    assert chunk.statistics.null_count == 0
    for index in range(group.num_columns):
        assert group.column(index).has_offset_index
        assert group.column(index).compression == "ZSTD"


def test_bloom_filters_exclude_only_what_is_not_there(export):
    connection = judges.duckdb_connection()
    path = export.parts(0)[0].replace("'", "''")
    def excluded(column, value):
        return connection.sql(
            "SELECT bool_and(bloom_filter_excludes) FROM parquet_bloom_probe"
            f"('{path}', '{column}', '{value}')").fetchall()[0][0]
    for row in export.expected(0)[::50]:
        assert not excluded("call_id", row["call_id"])
        if row["to_number"] is not None:
            assert not excluded("to_number", row["to_number"])
    assert sum(excluded("call_id", f"absent-{number}") for number in range(50)) > 45


def test_a_flipped_byte_in_a_page_is_detected(export):
    with open(export.parts(0)[0], "rb") as file:
        good = file.read()
    group = pyarrow.parquet.read_metadata(io.BytesIO(good)).row_group(0)
    for index in range(group.num_columns):
        chunk = group.column(index)
        bad = bytearray(good)
        start = chunk.dictionary_page_offset or chunk.data_page_offset
        bad[start + chunk.total_compressed_size - 1] ^= 0x10
        with pytest.raises(OSError, match="(?i)crc|checksum"):
            pyarrow.parquet.read_table(io.BytesIO(bytes(bad)), page_checksum_verification=True)


def test_verify_notices_a_flipped_byte(exports, tmp_path):
    export = exports.get("parquet", "none", "list")
    import shutil
    copy = tmp_path / "copy"
    shutil.copytree(export.directory / "exports", copy)
    assert "0 findings" in export.cdrx("verify", copy).stderr
    path = next(copy.glob("calls/**/dt=2026-01-01/part-*"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert "SHA-256" in export.cdrx("verify", copy, code=1).stdout


@pytest.mark.parametrize("format, codec", [
    ("csv", "zstd"), ("ndjson", "zstd"), ("parquet", "gzip"), ("parquet", "zstd")])
def test_an_unchanged_window_keeps_its_bytes(exports, format, codec):
    export = exports.get(format, codec, "unified")
    def state():
        return {path: (path.stat().st_mtime_ns, path.read_bytes())
                for path in export.directory.glob("exports/calls/**/part-*")}
    before = state()
    export.cdrx("backfill", "pipeline.yaml", "--from", "2026-01-01", "--to", "2026-01-04",
                "--force", "--now", "2026-01-11")
    assert state() == before


@pytest.mark.parametrize("format, codec", [("csv", "zstd"), ("parquet", "zstd")])
def test_parts_roll_at_the_same_rows(exports, format, codec):
    """Small parts: their rows are those of the window, in order, and none is empty."""
    export = exports.get(format, codec, "unified", part_bytes="256KiB")
    paths = export.parts(0)
    assert len(paths) > 3
    reader = judges.pyarrow
    judges.same(reader(export, paths), export.expected(0), export.columns, f"{export}")
    assert all(reader(export, [path]) for path in paths)
