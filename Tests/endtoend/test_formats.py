"""Formats, columns, grids and dialects, each compared with the truth."""
import gzip
import os

import duckdb
import pytest

import mapping
from harness import (
    AGENT_OUT_MISSED, CALL_LEGS, COMMO, DAY, FIRST_DAY, OUT_ANSWERED, USER_OUT_MISSED, Token,
    csv_rows, ndjson_rows, owner, parse, stream)

HOUR = 3_600_000
WINDOWED = [OUT_ANSWERED, AGENT_OUT_MISSED, USER_OUT_MISSED, COMMO]


def expected(simulator, endpoint, account="acc", first=FIRST_DAY, until=FIRST_DAY + DAY, **more):
    records = simulator.truth(endpoint, owner(endpoint, account), first, until=until)
    return mapping.rows(endpoint, account, records, **more)


def milliseconds(value):
    return Token(value)


def decoded(value):
    """The escapes of `extra` gone, as a JSON reader sees it."""
    if isinstance(value, mapping.Escaped):
        return str(value)
    if isinstance(value, list):
        return [tuple(map(decoded, part)) if isinstance(part, tuple) else decoded(part) for part in value]
    return value


@pytest.mark.parametrize("endpoint", WINDOWED)
def test_ndjson_has_every_column_with_its_type(work, calm, endpoint):
    work.pipeline([stream("calls", endpoint, calm, "acc")], output={"format": "ndjson"})
    assert work.run().code == 0
    found = ndjson_rows(work.content("calls/dt=2026-01-01"))
    rows = [decoded(row) for row in mapping.json_rows(expected(calm, endpoint))]
    assert found == rows
    for row in found:
        for name, value in row:
            if value is not None and mapping.TYPES[name] in ("int", "decimal(18,6)"):
                assert isinstance(value, Token), (name, value)
            if name == "recorded":
                assert value in (None, True, False)


def test_ndjson_nests_notes_and_extra(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "acc")], output={"format": "ndjson"})
    assert work.run().code == 0
    path = str(work.parts("calls/dt=2026-01-01")[0])
    types = dict(duckdb.connect().execute(
        "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_json(?, "
        "hive_partitioning = false, sample_size = -1))", [path]).fetchall())
    assert types["notes"].startswith("STRUCT(") and types["notes"].endswith("[]")
    assert types["extra"].startswith(("STRUCT(", "MAP("))


@pytest.mark.parametrize("format", ["csv", "ndjson"])
@pytest.mark.parametrize("endpoint", [USER_OUT_MISSED, COMMO])
def test_epoch_milliseconds(work, calm, endpoint, format):
    work.pipeline(
        [stream("calls", endpoint, calm, "acc")],
        output={"format": format, "timestamps": "epoch_ms", "compression": "none"})
    assert work.run().code == 0
    data = work.content("calls/dt=2026-01-01")
    rows = expected(calm, endpoint, timestamps=milliseconds)
    for row in rows:
        for index, note in enumerate(row["notes"] or []):
            moment = dict(note)["created_at"]
            row["notes"][index] = [
                (name, Token(epoch(moment)) if name == "created_at" else value)
                for name, value in note]
    if format == "csv":
        assert data == mapping.csv_bytes(rows)
    else:
        assert ndjson_rows(data) == [decoded(row) for row in mapping.json_rows(rows)]


def epoch(text):
    import datetime
    moment = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    moment = moment.replace(tzinfo=datetime.timezone.utc)
    return round((moment - mapping.EPOCH) / datetime.timedelta(milliseconds=1))


def test_hour_windows(work, calm):
    work.pipeline(
        [stream("calls", USER_OUT_MISSED, calm, "acc")],
        windows={"every": "hour", "range": {"from": "2026-01-01", "to": "2026-01-02"}})
    assert work.run().code == 0
    for hour in range(24):
        partition = f"calls/dt=2026-01-01/hour={hour:02d}"
        first = FIRST_DAY + hour * HOUR
        rows = expected(calm, USER_OUT_MISSED, first=first, until=first + HOUR)
        manifest = work.manifest(partition)
        assert manifest["window"]["key"] == f"2026-01-01T{hour:02d}"
        assert manifest["rows"] == len(rows)
        if rows:
            assert work.content(partition) == mapping.csv_bytes(rows)
    assert len(work.partitions()) == 24


@pytest.mark.parametrize("endpoint", [USER_OUT_MISSED, COMMO])
def test_month_windows_in_a_zone_with_half_hours(work, calm, endpoint):
    work.pipeline(
        [stream("calls", endpoint, calm, "acc")], timezone="Asia/Kolkata",
        windows={"every": "month", "range": {"from": "2026-01-01", "to": "2026-02-01"}})
    assert work.run().code == 0
    assert work.partitions() == ["calls/month=2026-01"]
    manifest = work.manifest("calls/month=2026-01")
    assert manifest["window"] == {
        "key": "2026-01", "start": "2025-12-31T18:30:00.000Z", "end": "2026-01-31T18:30:00.000Z",
        "timezone": "Asia/Kolkata"}
    first = FIRST_DAY - 11 * HOUR // 2
    rows = expected(calm, endpoint, first=first, until=first + 31 * DAY)
    assert work.content("calls/month=2026-01") == mapping.csv_bytes(rows)


@pytest.mark.parametrize("zone, day, hours", [
    ("Europe/Berlin", "2026-03-29", 23), ("Europe/Berlin", "2026-10-25", 25),
    ("Australia/Lord_Howe", "2026-04-05", 24.5)])
def test_days_on_which_clocks_change(work, calm, zone, day, hours):
    work.pipeline(
        [stream("calls", USER_OUT_MISSED, calm, "acc")], timezone=zone,
        windows={"every": "day", "range": {"from": day, "to": f"{day[:-2]}{int(day[-2:]) + 1:02d}"}})
    assert work.run().code == 0
    manifest = work.manifest(f"calls/dt={day}")
    first, until = epoch(manifest["window"]["start"]), epoch(manifest["window"]["end"])
    assert until - first == hours * HOUR
    rows = expected(calm, USER_OUT_MISSED, first=first, until=until)
    assert work.content(f"calls/dt={day}") == mapping.csv_bytes(rows)


def test_native_columns(work, calm):
    work.pipeline(
        [stream("calls", USER_OUT_MISSED, calm, "acc")],
        output={"format": "ndjson", "columns": "native"})
    assert work.run().code == 0
    found = ndjson_rows(work.content("calls/dt=2026-01-01"))
    truth = calm.truth(USER_OUT_MISSED, "acc")
    truth.sort(key=lambda record: (int(dict(record)["time"]), dict(record)["cmiuid"]))
    assert len(found) == len(truth) == 300
    names = {name for name, _ in found[0]}
    assert {"cmiuid", "duration", "notes", "to", "time", "from", "billedsec", "rate", "name"} <= names
    for row, record in zip(map(dict, found), map(dict, truth)):
        assert row["cmiuid"] == record["cmiuid"]
        assert row["from"] == record["from"] and row["to"] == str(record["to"])
        assert row["time"] == mapping.iso(record["time"])
        assert row["rate"] == mapping.number(record["rate"])
        assert row["duration"] == record["duration"]


def test_picked_and_renamed_columns(work, calm):
    columns = ["call_id", "started_at", {"from_number": "caller"}, "rate", "extra"]
    work.pipeline([stream("calls", COMMO, calm, "acc")], output={"columns": columns})
    assert work.run().code == 0
    rows = expected(calm, COMMO)
    picked = ["call_id", "started_at", "from_number", "rate", "extra"]
    data = mapping.csv_bytes(rows, picked).replace(b"from_number", b"caller", 1)
    assert work.content("calls/dt=2026-01-01") == data
    names = [column["name"] for column in work.manifest("calls/dt=2026-01-01")["columns"]]
    assert names == ["call_id", "started_at", "caller", "rate", "extra"]


def test_csv_dialect(work, calm):
    work.pipeline(
        [stream("calls", USER_OUT_MISSED, calm, "acc")], output={
            "compression": "none",
            "csv": {"delimiter": ";", "header": False, "null": "NULL", "newline": "crlf"}})
    assert work.run().code == 0
    data = work.content("calls/dt=2026-01-01")
    assert data.endswith(b"\r\n") and not data.startswith(b"provider")
    head, rows = csv_rows(b";".join(name.encode() for name in mapping.COLUMNS) + b"\r\n" + data, ";")
    plain = mapping.plain_cells(expected(calm, USER_OUT_MISSED))
    nulls = expected(calm, USER_OUT_MISSED)
    wanted = [["NULL" if row[name] is None else cell for name, cell in zip(mapping.COLUMNS, cells)]
              for row, cells in zip(nulls, plain)]
    assert rows == wanted


def test_parts_roll_and_each_has_a_header(work, calm):
    work.pipeline(
        [stream("calls", USER_OUT_MISSED, calm, "acc")], output={"part_bytes": "16KiB"})
    assert work.run().code == 0
    partition = "calls/dt=2026-01-01"
    files = work.manifest(partition)["files"]
    assert len(files) >= 3
    assert [file["path"] for file in files] == [f"part-{n:05d}.csv.gz" for n in range(len(files))]
    rows = []
    for path, file in zip(work.parts(partition), files):
        head, some = csv_rows(gzip.decompress(path.read_bytes()))
        assert head == mapping.COLUMNS and len(some) == file["rows"]
        assert file["uncompressed_bytes"] == len(gzip.decompress(path.read_bytes()))
        rows += some
    assert all(file["uncompressed_bytes"] >= 16 * 1024 for file in files[:-1])
    assert all(file["uncompressed_bytes"] < 18 * 1024 for file in files)
    assert rows == mapping.plain_cells(expected(calm, USER_OUT_MISSED))


def test_gzip_has_one_member_without_time_and_name(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "acc")])
    assert work.run().code == 0
    data = work.parts("calls/dt=2026-01-01")[0].read_bytes()
    assert data[:4] == b"\x1f\x8b\x08\x00" and data[4:8] == b"\0\0\0\0"
    import zlib
    stream_of = zlib.decompressobj(31)
    stream_of.decompress(data)
    assert stream_of.eof and stream_of.unused_data == b""


def test_request_lists_from_files_named_after_windows(work, calm):
    ids = {"2026-01-01": ["rid-1-0001", "rid-1-0002"], "2026-01-02": ["rid-1-0003", "no-such-id"]}
    for key, names in ids.items():
        work.write(f"request-ids/{key}.txt", "\n".join(names) + "\n\n")
    work.pipeline(
        [stream("legs", CALL_LEGS, calm, "acc", requests={"file": "request-ids/{window}.txt"})],
        windows={"every": "day", "range": {"from": "2026-01-01", "to": "2026-01-03"}})
    result = work.run()
    assert result.code == 0, result
    for key, names in ids.items():
        records = calm.legs("1111113", [name for name in names if name.startswith("rid-1-")])
        partition = f"legs/dt={key}"
        assert work.content(partition) == mapping.csv_bytes(mapping.rows(CALL_LEGS, "acc", records))
    # An unknown id is recorded and does not fail the window.
    told = result.err + (work.exports / "legs/dt=2026-01-02/_manifest.json").read_text()
    for path in (work.exports / "legs/dt=2026-01-02").glob("_rejects*"):
        told += gzip.decompress(path.read_bytes()).decode()
    assert "no-such-id" in told
