#!/usr/bin/env python3
"""parquet_judge.py DIRECTORY: foreign readers judge the Parquet files of JudgeFilesTests.

DIRECTORY holds <batch>.ndjson (the truth: decimals unscaled, times in epoch milliseconds, JSON as
text) and <batch>.<codec>.v<page version>.parquet. Every file is read by pyarrow, DuckDB, polars
and, where it is installed, ClickHouse (chdb), and compared value by value and type by type. Then
statistics, page index, bloom filters, sort order, skipping by statistics and page checksums are
checked. Exits 1 at the first difference.
"""
import decimal
import glob
import io
import json
import os
import sys

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq

try:
    import chdb
except ImportError:
    chdb = None

decimal.getcontext().prec = 40
TIMES = {"started_at", "answered_at", "ended_at"}
DECIMALS = {"rate", "balance"}
INTEGERS = {"duration_seconds", "ring_seconds", "billed_seconds", "hangup_code"}
PREDICATES = [
    "started_at = TIMESTAMPTZ '1970-01-01 00:00:00+00'",
    "started_at >= TIMESTAMPTZ '2099-06-01 00:00:00+00'",
    "started_at < TIMESTAMPTZ '1970-01-01 00:00:00+00'",
    "duration_seconds = 2147483647",
    "duration_seconds < -1",
    "duration_seconds IS NULL",
    "contact_name > 'x'",
    "contact_name = repeat('x', 10000)",
    "contact_name = repeat('é', 10000)",
    "contact_name >= repeat('é', 9999)",
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


def same(what, found, expected):
    """Compares lists of rows (dictionaries) and names the first value that differs."""
    if len(found) != len(expected):
        fail(f"{what}: {len(found)} rows, not {len(expected)}")
    for number, (left, right) in enumerate(zip(found, expected)):
        for name, value in right.items():
            if left[name] != value or type(left[name]) is not type(value):
                fail(f"{what}: row {number}, {name}: {left[name]!r:.200}, not {value!r:.200}")


def unscaled(value):
    return None if value is None else int(value.scaleb(6))


# --- readers: each gives the rows in the truth's form ---


def by_pyarrow(path):
    table = pq.read_table(path, page_checksum_verification=True)
    for name in TIMES:
        assert table.schema.field(name).type == pa.timestamp("ms", tz="UTC"), name
    for name in DECIMALS:
        assert table.schema.field(name).type == pa.decimal128(18, 6), name
    for name in INTEGERS:
        assert table.schema.field(name).type == pa.int32(), name
    assert table.schema.field("recorded").type == pa.bool_()
    notes = table.schema.field("notes").type
    assert pa.types.is_list(notes) and pa.types.is_struct(notes.value_type), notes
    columns = {}
    for name in table.column_names:
        column = table.column(name).combine_chunks()
        if name in TIMES:
            values = column.cast(pa.int64()).to_pylist()
        elif name in DECIMALS:
            values = [unscaled(value) for value in column.to_pylist()]
        elif name == "notes":
            values = [
                None if notes is None else [
                    {**note, "created_at": milliseconds(note["created_at"])} for note in notes]
                for notes in column.to_pylist()]
        else:
            if isinstance(column, pa.ExtensionArray):
                column = column.storage
            values = column.to_pylist()
        columns[name] = values
    return [dict(zip(columns, row)) for row in zip(*columns.values())] if table.num_rows else []


def milliseconds(moment):
    if moment is None:
        return None
    days = moment.toordinal() - 719_163
    seconds = days * 86_400 + moment.hour * 3_600 + moment.minute * 60 + moment.second
    return seconds * 1_000 + moment.microsecond // 1_000


DUCKDB_COLUMNS = {
    **{name: f"epoch_ms({name})" for name in TIMES},
    "extra": "extra::VARCHAR",
    "notes": "list_transform(notes, lambda n: {'message': n.message,"
    " 'created_at': epoch_ms(n.created_at), 'agent': n.agent})",
}


def by_duckdb(path, names):
    columns = ", ".join(f"{DUCKDB_COLUMNS.get(name, name)} AS {name}" for name in names)
    relation = duckdb.sql(f"SELECT {columns} FROM read_parquet('{path}')")
    rows = [dict(zip(names, row)) for row in relation.fetchall()]
    for row in rows:
        for name in DECIMALS:
            row[name] = unscaled(row[name])
    types = dict(
        row[:2] for row in duckdb.sql(f"DESCRIBE FROM read_parquet('{path}')").fetchall())
    assert types["started_at"] == "TIMESTAMP WITH TIME ZONE", types
    assert types["rate"] == "DECIMAL(18,6)" and types["duration_seconds"] == "INTEGER", types
    assert types["notes"].startswith("STRUCT(") and types["notes"].endswith("[]"), types
    return rows


def by_polars(path):
    frame = polars.read_parquet(path)
    assert frame.schema["started_at"] == polars.Datetime("ms", "UTC"), frame.schema
    assert frame.schema["rate"] == polars.Decimal(18, 6), frame.schema
    assert frame.schema["duration_seconds"] == polars.Int32, frame.schema
    frame = frame.with_columns(
        [polars.col(name).dt.epoch("ms") for name in sorted(TIMES)])
    rows = frame.to_dicts()
    for row in rows:
        # polars gives columns of the logical type JSON as bytes.
        if isinstance(row["extra"], bytes):
            row["extra"] = row["extra"].decode()
        for name in DECIMALS:
            row[name] = unscaled(row[name])
        if row["notes"] is not None:
            for note in row["notes"]:
                note["created_at"] = milliseconds(note["created_at"])
    return rows


def clickhouse_type(name):
    if name == "notes":
        return (
            "Array(Tuple(message Nullable(String), created_at Nullable(DateTime64(3, 'UTC')),"
            " agent Nullable(String)))")
    if name in TIMES:
        return "Nullable(DateTime64(3, 'UTC'))"
    if name in DECIMALS:
        return "Nullable(Decimal(18, 6))"
    if name in INTEGERS:
        return "Nullable(Int32)"
    return "Nullable(Bool)" if name == "recorded" else "Nullable(String)"


CLICKHOUSE_COLUMNS = {
    **{name: f"toUnixTimestamp64Milli({name})" for name in TIMES},
    **{name: f"toString({name})" for name in DECIMALS},
    "notes": "arrayMap(n -> (n.1, toUnixTimestamp64Milli(n.2), n.3), notes)",
}


def by_chdb(path, names):
    """The types are stated: by itself ClickHouse reads JSON as its own type, objects only."""
    structure = ", ".join(f"{name} {clickhouse_type(name)}" for name in names).replace("'", "\\'")
    columns = ", ".join(f"{CLICKHOUSE_COLUMNS.get(name, name)} AS `{name}_`" for name in names)
    query = (
        f"SELECT {columns} FROM file('{path}', Parquet, '{structure}')"
        " SETTINGS output_format_json_quote_64bit_integers = 0,"
        " input_format_parquet_preserve_order = 1,"
        " output_format_json_named_tuples_as_objects = 0")
    text = chdb.query(query, "JSONCompactEachRow").bytes().decode()
    rows = [dict(zip(names, json.loads(line))) for line in text.splitlines()]
    for row in rows:
        for name in DECIMALS:
            row[name] = unscaled(None if row[name] is None else decimal.Decimal(row[name]))
        row["notes"] = [
            dict(zip(("message", "created_at", "agent"), note)) for note in row["notes"]]
    return rows


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
        assert metadata.num_row_groups == -(-len(truth) // 700), metadata.num_row_groups


def check_chunk(path, chunk, rows):
    name = chunk.path_in_schema
    assert chunk.has_offset_index, f"{path}: {name} has no offset index"
    assert chunk.has_column_index or name == "extra", f"{path}: {name} has no column index"
    if "." in name:
        field = name.split(".")[-1]
        # A null or empty list counts as one null.
        values = [
            note[field] for row in rows for note in (row["notes"] or [{field: None}])]
    else:
        values = [row[name] for row in rows]
    present = [value for value in values if value is not None]
    statistics = chunk.statistics
    if statistics is None:
        assert name == "extra", name
        return
    assert statistics.null_count == len(values) - len(present), f"{path}: nulls of {name}"
    if name == "extra" or not present:
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


ENCODINGS = {
    ("BYTE_ARRAY", "RLE_DICTIONARY"), ("BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"),
    ("BYTE_ARRAY", "DELTA_BYTE_ARRAY"), ("INT32", "DELTA_BINARY_PACKED"),
    ("INT32", "RLE_DICTIONARY"), ("INT64", "DELTA_BINARY_PACKED"), ("INT64", "RLE_DICTIONARY"),
    ("BOOLEAN", "PLAIN"), ("BOOLEAN", "RLE"),
}


def encodings(path):
    metadata = pq.read_metadata(path)
    for group in range(metadata.num_row_groups):
        for index in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(index)
            yield from ((chunk.physical_type, encoding) for encoding in chunk.encodings)


def main(directory):
    files = 0
    seen = set()
    for truth_path in sorted(glob.glob(os.path.join(directory, "*.ndjson"))):
        batch = os.path.basename(truth_path)[: -len(".ndjson")]
        with open(truth_path, encoding="utf-8", newline="\n") as file:
            truth = [json.loads(line) for line in file.read().split("\n") if line]
        for path in sorted(glob.glob(os.path.join(directory, f"{batch}.*.parquet"))):
            names = pq.read_schema(path).names
            same(f"pyarrow {path}", by_pyarrow(path), truth)
            same(f"duckdb {path}", by_duckdb(path, names), truth)
            same(f"polars {path}", by_polars(path), truth)
            if chdb:
                # ClickHouse has no null arrays; a null list reads as an empty one.
                flat = [{**row, "notes": row["notes"] or []} for row in truth]
                same(f"chdb {path}", by_chdb(path, names), flat)
            check_metadata(path, truth)
            if len(truth) > 1000:
                check_row_groups_are_skipped(path, truth)
            if batch != "only_nulls":
                check_skipping(path, truth)
                check_bloom_filters(path, truth)
            check_corruption(path)
            seen.update(encodings(path))
            files += 1
            print(f"ok {os.path.basename(path)}: {len(truth)} rows")
    if files == 0:
        fail(f"no files in {directory}")
    if not ENCODINGS <= seen:
        fail(f"never used: {sorted(ENCODINGS - seen)}")
    print(f"{files} files" + ("" if chdb else "; chdb is not installed"))


if __name__ == "__main__":
    main(sys.argv[1])
