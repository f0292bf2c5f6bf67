#!/usr/bin/env python3
"""parquet_judge.py DIRECTORY: foreign readers judge the Parquet files of JudgeFilesTests.

DIRECTORY holds <batch>.ndjson (the truth: decimals unscaled, times in epoch milliseconds, JSON as
text) and <batch>.<codec>.v<page version>.parquet. Every file is read by every judge of judges.py and
frames.py, and compared value by value and type by type. Then statistics, page index, bloom filters, sort order, skipping by statistics and page checksums are
checked. Exits 1 at the first difference.
"""
import decimal
import glob
import io
import json
import os
import sys
import typing

import duckdb
import polars
import pyarrow.parquet as pq

import frames
import hostile
import judges
from judges import View

TIMES = {"started_at", "answered_at", "ended_at"}
DECIMALS = {"rate", "balance"}
PREDICATES = [
    "started_at = TIMESTAMPTZ '1970-01-01 00:00:00+00'",
    "started_at >= TIMESTAMPTZ '2099-06-01 00:00:00+00'",
    "started_at < TIMESTAMPTZ '1970-01-01 00:00:00+00'",
    "duration_seconds = 2147483647",
    "duration_seconds < -1",
    "duration_seconds IS NULL",
    "contact_name > 'x'",
    "contact_name = repeat('x', 1000)",
    "contact_name = repeat('é', 1000)",
    "contact_name >= repeat('é', 999)",
    "contact_name = repeat(chr(1114111), 40)",
    "contact_name > repeat(chr(1114111), 39)",
    "contact_name = ''",
    "rate = -999999999999.999999",
    "rate > 1.4",
    "recorded",
    "from_number = '999991605'",
    "call_id < 'call-2'",
    "call_id = 'no such call'",
]


def fail(message):
    sys.exit(f"parquet_judge: {message}")


def milliseconds(moment):
    return None if moment is None else judges.milliseconds(moment)


# --- values ---

READERS = {
    judges.pyarrow: View(), judges.by_duckdb: View(), judges.by_polars: View(),
    judges.chdb: View(empty_list_is_null=True), frames.by_pandas: View(),
    frames.by_fastparquet: View(skips=("notes",), floats=True), frames.by_daft: View(),
    frames.by_datafusion: View(),
}


class JudgedFile(typing.NamedTuple):
    """A file as the judges know exports."""

    format: str = "parquet"
    codec: str = "none"
    timestamps: str = "iso8601"
    columns: list = hostile.UNIFIED


def check_values(path, rows):
    for reader, view in READERS.items():
        # fastparquet knows no delta encodings of texts, which pages of version 2 may have.
        if reader is frames.by_fastparquet and ".v2." in path:
            continue
        judges.check(reader, view, JudgedFile(), [path], rows, f"{reader.__name__}, {path}")


def typed(row):
    """A row of the truth with its decimals scaled."""
    return {name: decimal.Decimal(value).scaleb(-6) if name in DECIMALS and value is not None
            else value for name, value in row.items()}


def unscaled(value):
    return None if value is None else int(value.scaleb(6))


# --- metadata ---


def check_metadata(path, truth):
    file = pq.ParquetFile(path)
    metadata = file.metadata
    assert metadata.num_rows == len(truth)
    assert metadata.created_by == "cdrx version 0.0.0 (build test)", metadata.created_by
    assert metadata.metadata[b"pipeline"] == b"judge"
    row = 0
    for group_index in range(metadata.num_row_groups):
        group = metadata.row_group(group_index)
        rows = truth[row:row + group.num_rows]
        row += group.num_rows
        assert [c.column_index for c in group.sorting_columns] == [7], group.sorting_columns
        for index in range(group.num_columns):
            check_chunk(path, group.column(index), rows)
    assert row == len(truth)
    if len(truth) > 1000:
        # Full dictionaries end row groups earlier.
        early = 2 if os.path.basename(path).startswith("changing.") else 0
        assert metadata.num_row_groups == -(-len(truth) // 700) + early, metadata.num_row_groups


def check_chunk(path, chunk, rows):
    name = chunk.path_in_schema
    assert chunk.has_offset_index, f"{path}: {name} has no offset index"
    assert chunk.has_column_index, f"{path}: {name} has no column index"
    if "." in name:
        field = name.split(".")[-1]
        # A null or empty list counts as one null.
        values = [
            note[field] for row in rows for note in (row["notes"] or [{field: None}])]
    else:
        values = [row[name] for row in rows]
    present = [value for value in values if value is not None]
    statistics = chunk.statistics
    assert statistics.null_count == len(values) - len(present), f"{path}: nulls of {name}"
    if not present:
        assert not statistics.has_min_max, f"{path}: bounds of {name}"
        return
    least, greatest = statistics.min, statistics.max
    if name in TIMES or name.endswith("created_at"):
        least, greatest = milliseconds(least), milliseconds(greatest)
    if name in DECIMALS:
        least, greatest = unscaled(least), unscaled(greatest)
    if isinstance(present[0], str):
        present = [value.encode() for value in present]
        least = least.encode() if isinstance(least, str) else least
        greatest = greatest.encode() if isinstance(greatest, str) else greatest
    wanted_least, wanted_greatest = min(present), max(present)
    if isinstance(wanted_least, bytes):
        cut = len(wanted_least) > 64
        assert least == wanted_least if not cut else wanted_least.startswith(least), name
        cut = len(wanted_greatest) > 64
        assert greatest >= wanted_greatest if cut else greatest == wanted_greatest, name
        assert cut is False or len(greatest) <= 64 or greatest == wanted_greatest, name
    else:
        assert (least, greatest) == (wanted_least, wanted_greatest), f"{path}: bounds of {name}"


def check_skipping(path, truth):
    """Filters give the same with and without statistics, page index and bloom filters."""
    duckdb.sql("SET TimeZone = 'UTC'")
    duckdb.sql(f"CREATE OR REPLACE TABLE whole AS FROM read_parquet('{path}')")
    for predicate in PREDICATES:
        query = "SELECT count(*), sum(hash(call_id)::HUGEINT) FROM {} WHERE {}"
        skipped = duckdb.sql(query.format(f"read_parquet('{path}')", predicate)).fetchall()
        scanned = duckdb.sql(query.format("whole", predicate)).fetchall()
        if skipped != scanned:
            fail(f"{path}: WHERE {predicate}: {skipped}, not {scanned}")
    frame = polars.scan_parquet(path)
    for value in {truth[0]["started_at"], truth[-1]["started_at"]} if truth else []:
        found = frame.filter(polars.col("started_at").dt.epoch("ms") == value).collect()
        assert len(found) == sum(row["started_at"] == value for row in truth)
    table = pq.read_table(path, columns=["call_id", "started_at"])
    for row in truth[::997]:
        hits = pq.read_table(path, columns=["call_id"], filters=[("call_id", "=", row["call_id"])])
        assert hits.num_rows == 1, f"{path}: {hits.num_rows} hits"
    assert table.num_rows == len(truth)


def check_bloom_filters(path, truth):
    """No value that is there is excluded; most that are not there are."""
    metadata = duckdb.sql(
        f"SELECT path_in_schema, bloom_filter_offset IS NOT NULL FROM parquet_metadata('{path}')"
    ).fetchall()
    with_filter = {name.strip() for name, has in metadata if has}
    wanted = {"call_id", "from_number", "duration_seconds", "started_at"}
    assert not metadata or with_filter == wanted, with_filter
    groups = len(metadata) // len({name for name, _ in metadata}) if metadata else 0
    probe = "SELECT bool_and(bloom_filter_excludes), count(*), count_if(bloom_filter_excludes)" \
        " FROM parquet_bloom_probe('{}', '{}', {})"
    for row in truth[:: max(len(truth) // 20, 1)]:
        for name in ("call_id", "from_number"):
            excluded, count, _ = duckdb.sql(
                probe.format(path, name, "'" + row[name] + "'") if row[name] is not None
                else "SELECT false, 0, 0").fetchall()[0]
            assert not excluded, f"{path}: the bloom filter of {name} lost {row[name]}"
        if row["duration_seconds"] is not None:
            excluded, _, _ = duckdb.sql(
                probe.format(
                    path, "duration_seconds", f"CAST({row['duration_seconds']} AS INTEGER)")
            ).fetchall()[0]
            assert not excluded, f"{path}: the bloom filter of duration_seconds lost a value"
    excluded = 0
    for number in range(50):
        _, _, hits = duckdb.sql(probe.format(path, "call_id", f"'absent-{number}'")).fetchall()[0]
        excluded += hits or 0
    if groups and len(truth) > 1000 and excluded < 45 * groups:
        fail(f"{path}: bloom filters excluded {excluded} of {50 * groups}")


def check_row_groups_are_skipped(path, truth):
    """Destroys every page outside one row group: queries for that row group must still work.

    Bounds of the sorted `started_at` lead to the last row group; the bounds of `call_id` overlap,
    so that only bloom filters lead to a call.
    """
    with open(path, "rb") as file:
        good = file.read()
    metadata = pq.read_metadata(path)
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    last = len(groups) - 1
    first_row = sum(group.num_rows for group in groups[:last])
    damaged = bytearray(good)
    for group in groups[:last]:
        for index in range(group.num_columns):
            chunk = group.column(index)
            start = chunk.dictionary_page_offset or chunk.data_page_offset
            size = chunk.total_compressed_size
            damaged[start:start + size] = b"\xff" * size
    copy = path + ".damaged"
    with open(copy, "wb") as file:
        file.write(damaged)
    try:
        moment = truth[first_row]["started_at"]
        for predicate in (
            f"started_at >= make_timestamptz({moment}::BIGINT * 1000)",
            f"call_id = '{truth[first_row]['call_id']}'",
        ):
            query = f"SELECT count(*) FROM read_parquet('{{}}') WHERE {predicate}"
            expected = duckdb.sql(query.format(path)).fetchall()
            assert expected[0][0] > 0, predicate
            try:
                found = duckdb.sql(query.format(copy)).fetchall()
            except duckdb.Error as error:
                fail(f"{path}: WHERE {predicate} read pages that cannot match: {error}")
            assert found == expected, predicate
        try:
            duckdb.sql(f"SELECT count(call_id || status) FROM read_parquet('{copy}')").fetchall()
        except duckdb.Error:
            return
        fail(f"{path}: the damage went unnoticed, so that this check shows nothing")
    finally:
        os.unlink(copy)


def check_corruption(path):
    """A byte flipped in each column's last page is noticed."""
    with open(path, "rb") as file:
        good = file.read()
    metadata = pq.read_metadata(path)
    for group_index in range(metadata.num_row_groups):
        group = metadata.row_group(group_index)
        for index in range(0, group.num_columns, 3):
            chunk = group.column(index)
            start = chunk.dictionary_page_offset or chunk.data_page_offset
            end = start + chunk.total_compressed_size
            bad = bytearray(good)
            bad[end - 1] ^= 0x10
            try:
                pq.read_table(io.BytesIO(bytes(bad)), page_checksum_verification=True)
            except OSError as error:
                if "CRC" not in str(error) and "checksum" not in str(error).lower():
                    fail(f"{path}: noticed, but not by its checksum: {error}")
                continue
            fail(f"{path}: a flipped byte in {chunk.path_in_schema} went unnoticed")


# What the files of each page version must show, RLE being that of levels too. In version 1 they
# show nothing else: old readers know no delta encodings.
PLAIN = {(type, "PLAIN") for type in ("BYTE_ARRAY", "INT32", "INT64", "BOOLEAN")}
DICTIONARIES = {(type, "RLE_DICTIONARY") for type in ("BYTE_ARRAY", "INT32", "INT64")}
LEVELS = {(type, "RLE") for type in ("BYTE_ARRAY", "INT32", "INT64", "BOOLEAN")}
ENCODINGS = {
    1: PLAIN | DICTIONARIES | LEVELS,
    2: DICTIONARIES | LEVELS | {
        ("BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"), ("BYTE_ARRAY", "DELTA_BYTE_ARRAY"),
        ("INT32", "DELTA_BINARY_PACKED"), ("INT64", "DELTA_BINARY_PACKED")},
}


def encodings(path):
    metadata = pq.read_metadata(path)
    for group in range(metadata.num_row_groups):
        for index in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(index)
            yield from ((chunk.physical_type, encoding) for encoding in chunk.encodings)


def main(directory):
    files = 0
    seen = {1: set(), 2: set()}
    for truth_path in sorted(glob.glob(os.path.join(directory, "*.ndjson"))):
        batch = os.path.basename(truth_path)[: -len(".ndjson")]
        with open(truth_path, encoding="utf-8", newline="\n") as file:
            truth = [json.loads(line) for line in file.read().split("\n") if line]
        rows = [typed(row) for row in truth]
        for path in sorted(glob.glob(os.path.join(directory, f"{batch}.*.parquet"))):
            check_values(path, rows)
            check_metadata(path, truth)
            if len(truth) > 1000:
                check_row_groups_are_skipped(path, truth)
            if batch != "only_nulls":
                check_skipping(path, truth)
                check_bloom_filters(path, truth)
            check_corruption(path)
            seen[2 if ".v2." in path else 1].update(encodings(path))
            files += 1
            print(f"ok {os.path.basename(path)}: {len(truth)} rows")
    if files == 0:
        fail(f"no files in {directory}")
    if seen[1] != ENCODINGS[1]:
        fail(f"version 1 has {sorted(seen[1])}")
    if not ENCODINGS[2] <= seen[2]:
        fail(f"never used in version 2: {sorted(ENCODINGS[2] - seen[2])}")
    print(f"{files} files")


if __name__ == "__main__":
    main(sys.argv[1])
