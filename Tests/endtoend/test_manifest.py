"""Files that others read: manifests, run files, rejects; and that no secret is in any of them."""
import base64
import datetime
import decimal
import gzip
import hashlib
import html
import json
import re
import struct
import time
import urllib.parse

import pytest

import mapping
from harness import (
    COMMO, FIRST_DAY, USER_OUT_MISSED, cdrx, parse, simulating, stream, unpacked, valid)
from provider import providing

PARTITION = "calls/dt=2026-01-01"
ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


@pytest.fixture
def dirty(work):
    """A day with records of wrong types in it: (workplace, simulator, the run's result)."""
    with simulating("--rows-per-day", 400, "--fault", "dirty-rows=0.1") as simulator:
        work.pipeline(
            [stream("calls", USER_OUT_MISSED, simulator, "acc")], extract={"max_rejects": "none"})
        result = work.run()
        assert result.code == 0, result
        yield work, simulator, result


def canonical(value, type_):
    """A value's bytes as the manifest's digests define them."""
    if value is None:
        return b"\0"
    if type_ in ("text", "json"):
        data = value.encode()
        return b"\1" + struct.pack("<I", len(data)) + data
    if type_ == "bool":
        return b"\1" + bytes([value])
    if type_ == "notes":
        return b"\1" + struct.pack("<I", len(value)) + b"".join(
            canonical(note["message"], "text") + canonical(note["created_at"], "int")
            + canonical(note["agent"], "text") for note in value)
    return b"\1" + struct.pack("<q", value)


def typed(cell, name):
    """A cell of `mapping.rows` as the value it stands for."""
    type_ = mapping.TYPES[name]
    if cell is None or type_ == "bool":
        return cell
    if type_ == "timestamp":
        return milliseconds(cell)
    if type_ == "int":
        return int(cell)
    if type_ == "decimal(18,6)":
        return int(decimal.Decimal(cell).scaleb(6))
    if name == "notes":
        return [
            {**note, "created_at": note["created_at"] and milliseconds(note["created_at"])}
            for note in map(dict, cell)]
    return mapping.json_text(cell) if name == "extra" else cell


def milliseconds(text):
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(moment.timestamp() * 1_000)


def content(rows):
    """The SHA-256 of rows by the schema's definition, made without cdrx."""
    digest = hashlib.sha256()
    for row in rows:
        for name in mapping.COLUMNS:
            type_ = "notes" if name == "notes" else mapping.TYPES[name]
            digest.update(canonical(typed(row[name], name), type_))
    return digest.hexdigest()


def content_of_all(manifest, rejects):
    lines = [f"rows {account['sha256']} {account['account']}\n" for account in manifest["accounts"]]
    marks = [hashlib.sha256(re.sub(rb',"page":\d+', b"", line, count=1)).hexdigest()
             for line in rejects]
    return hashlib.sha256("".join(
        lines + [f"reject {mark}\n" for mark in sorted(marks)]).encode()).hexdigest()


def test_every_field_of_the_manifest(dirty):
    work, simulator, _ = dirty
    truth = simulator.truth(USER_OUT_MISSED, "acc")
    rows = mapping.rows(USER_OUT_MISSED, "acc", truth)
    manifest = work.manifest(PARTITION)
    run_file = json.loads(next((work.exports / "_runs").iterdir()).read_text())
    part = work.parts(PARTITION)[0].read_bytes()
    rejects = unpacked(work.exports / PARTITION / "_rejects.ndjson.gz").splitlines()
    assert list(manifest) == [
        "manifest_version", "pipeline", "stream", "endpoint", "window", "bucket", "complete", "accounts",
        "rows", "rejects", "columns", "schema_sha256", "content_sha256", "settings_sha256", "files", "rejects_file",
        "run_id", "published_at", "tool"]
    assert list(manifest["accounts"][0]) == [
        "account", "state", "reason", "rows", "answered", "missed", "rejects", "duplicates", "outside_window",
        "reported_total", "verified_by", "reconciled", "first_started_at", "last_started_at",
        "extracted_at", "sha256"]
    assert manifest["content_sha256"] == content_of_all(manifest, rejects)
    del manifest["schema_sha256"], manifest["content_sha256"], manifest["settings_sha256"]
    published, extracted = manifest.pop("published_at"), manifest["accounts"][0].pop("extracted_at")
    assert extracted <= published
    assert abs(milliseconds(published) / 1_000 - time.time()) < 3_600
    assert re.fullmatch(r"cdrx/\d+\.\d+\.\d+", manifest.pop("tool"))
    assert manifest == {
        "manifest_version": 2, "pipeline": "test", "stream": "calls", "endpoint": USER_OUT_MISSED,
        "window": {"key": "2026-01-01", "start": "2026-01-01T00:00:00.000Z",
                   "end": "2026-01-02T00:00:00.000Z", "timezone": "UTC"},
        "bucket": None, "complete": True,
        "accounts": [{
            "account": "acc", "state": "complete", "reason": None, "rows": len(rows),
            "answered": 0, "missed": len(rows),
            "rejects": 400 - len(rows), "duplicates": 0, "outside_window": 0,
            "reported_total": 400, "verified_by": "total", "reconciled": True,
            "first_started_at": rows[0]["started_at"], "last_started_at": rows[-1]["started_at"],
            "sha256": content(rows)}],
        "rows": len(rows), "rejects": 400 - len(rows),
        "columns": [{"name": name, "type": mapping.TYPES[name]} for name in mapping.COLUMNS],
        "files": [{
            "path": "part-00000.csv.gz", "rows": len(rows), "bytes": len(part),
            "uncompressed_bytes": len(gzip.decompress(part)),
            "sha256": hashlib.sha256(part).hexdigest(), "etag": None, "version_id": None}],
        "rejects_file": "_rejects.ndjson.gz", "run_id": run_file["run_id"],
    }


@pytest.mark.parametrize("format_", ["csv", "ndjson", "parquet"])
def test_the_content_is_that_of_the_rows_in_every_format(work, calm, format_):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "acc")], output={"format": format_})
    assert work.run().code == 0
    manifest = work.manifest(PARTITION)
    rows = mapping.rows(USER_OUT_MISSED, "acc", calm.truth(USER_OUT_MISSED, "acc"))
    assert manifest["accounts"][0]["sha256"] == content(rows)
    assert manifest["content_sha256"] == content_of_all(manifest, [])


def test_slices_and_lanes_leave_no_trace_in_the_manifest(work):
    """Records in the padding of slices used to be counted for each slice."""
    with simulating("--rows-per-day", 3000, "--fault", "dirty-rows=0.05") as simulator:
        found = []
        for slice_pages, lanes, now in [(200, 1, "2026-01-09"), (4, 1, "2026-02-09"), (3, 8, "2026-03-09")]:
            work.pipeline(
                [stream("calls", USER_OUT_MISSED, simulator, "acc")],
                extract={"slice_pages": slice_pages, "pages_in_flight": lanes, "max_rejects": "none"})
            out = f"out-{slice_pages}-{lanes}"
            assert work.run("--out", out, "--now", now).code == 0
            manifest = json.loads((work.path / out / PARTITION / "_manifest.json").read_text())
            # Whatever --now says, these are times of the clock.
            for moment in (manifest.pop("published_at"), manifest["accounts"][0].pop("extracted_at")):
                assert abs(milliseconds(moment) / 1_000 - time.time()) < 3_600
            manifest.pop("run_id")
            found.append(manifest)
    assert found[0] == found[1] == found[2]
    assert found[0]["accounts"][0]["reported_total"] >= 3000 > found[0]["rows"]


def test_the_schema_hash_follows_the_columns(work, calm):
    hashes = []
    for name, columns in [("one", "unified"), ("two", "unified"), ("three", ["call_id", "rate"])]:
        work.pipeline(
            [stream(name, USER_OUT_MISSED, calm, "acc")], output={"columns": columns},
            pipeline=f"p-{name}")
        assert work.run().code == 0
        hashes.append(work.manifest(f"{name}/dt=2026-01-01")["schema_sha256"])
    assert hashes[0] == hashes[1] != hashes[2]


def test_the_run_file_names_what_to_load(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "acc", "ill:wrong-1")])
    assert work.run().code == 77
    [path] = (work.exports / "_runs").iterdir()
    run_file = valid(json.loads(path.read_text()), "run-file")
    assert run_file["sequence"] == 1
    assert path.name == f"00000001-{run_file['run_id']}.json"
    [partition] = run_file["partitions"]
    manifest = work.manifest(PARTITION)
    assert partition["directory"] == PARTITION
    assert partition["changed"] is True
    assert run_file["run_file_version"] == 2
    for name in ("endpoint", "columns", "schema_sha256", "content_sha256", "rejects", "files"):
        assert partition[name] == manifest[name]
    assert partition["rows"] == manifest["rows"] == 300
    # A run that publishes nothing says nothing to load.
    assert work.run("--stream", "calls", "--account", "acc").code == 0
    others = [entry for entry in (work.exports / "_runs").iterdir() if entry != path]
    assert all(json.loads(entry.read_text())["partitions"] == [] for entry in others)


def test_rejects_hold_reason_field_page_and_the_record_as_it_came(dirty):
    work, simulator, result = dirty
    truth = simulator.truth(USER_OUT_MISSED, "acc")
    bad = {}
    for record in truth:
        if "_dirty" in dict(record):
            bad[dict(record)["time"]] = record
    lines = unpacked(work.exports / PARTITION / "_rejects.ndjson.gz").decode().splitlines()
    assert len(lines) == len(bad) > 10
    for line in map(parse, lines):
        reject = dict(line)
        assert [name for name, _ in line] == ["account", "reason", "field", "page", "raw"]
        assert reject["account"] == "acc"
        raw = dict(reject["raw"])
        wanted = bad[raw["time"]]
        assert reject["field"] == dict(wanted)["_dirty"]
        assert 1 <= int(reject["page"]) <= 40
        # All but the wrong field is as the truth has it.
        same = [pair for pair in wanted if pair[0] not in ("_dirty", reject["field"])]
        assert [pair for pair in reject["raw"] if pair[0] != reject["field"]] == same
    assert "set aside" in result.err


def test_the_rejects_command_lists_them(dirty):
    work, simulator, _ = dirty
    result = work.run("--format", "json", command="rejects")
    assert result.code == 0, result
    count = work.manifest(PARTITION)["rejects"]
    rejects = result.report()["rejects"]
    assert len(rejects) == sum(result.report()["counts"].values()) == count
    assert {line["field"] for line in rejects} <= {"duration", "rate", "cmiuid"}


def test_too_many_rejects_fail_the_window(work):
    with simulating("--rows-per-day", 400, "--fault", "dirty-rows=0.1") as simulator:
        work.pipeline(
            [stream("calls", USER_OUT_MISSED, simulator, "acc")], extract={"max_rejects": 5})
        result = work.run()
        assert result.code == 1, result
        assert "max_rejects" in result.err
        assert work.partitions() == []


SECRET = "s3cret-5150"


@pytest.mark.parametrize("secret", [SECRET, "wrong-" + SECRET, "dead-" + SECRET])
def test_a_secret_is_nowhere(work, calm, secret):
    """Neither in what is printed, nor in any file that cdrx writes; phone numbers not in the log."""
    work.pipeline([stream("calls", USER_OUT_MISSED, calm) | {
        "accounts": [{"account": "acc", "token": "${CDRX_TEST_SECRET}"}]}])
    said = ""
    for command, arguments in [
            ("validate", []), ("plan", []), ("check", ["--verbose"]),
            ("run", ["--verbose", "--metrics-file", "exports/x.prom", "--summary-file", "exports/run.json"]),
            ("run", ["--log-format", "json"]), ("status", []), ("verify", []), ("rejects", [])]:
        result = work.run(*arguments, command=command, env={"CDRX_TEST_SECRET": secret})
        said += result.out + result.err
    assert secret not in said
    for path in work.exports.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert secret.encode() not in data, path
            if path.suffix == ".gz":
                assert secret.encode() not in gzip.decompress(data), path
    numbers = {dict(record)["from"] for record in calm.truth(USER_OUT_MISSED, secret)}
    assert not any(number in said for number in numbers)


SECRET = "hunter2/P&SS wörd"
ECHOES = {
    "raw": SECRET,
    "upper case": SECRET.upper(),
    "form": urllib.parse.quote_plus(SECRET),
    "percent": urllib.parse.quote(SECRET, safe=""),
    "json": json.dumps(SECRET)[1:-1],
    "html": html.escape(SECRET),
    "base64": base64.b64encode(SECRET.encode()).decode(),
}


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("status, code", [(200, 404), (200, 777), (500, 500), (400, 400)])
def test_a_secret_that_the_provider_echoes_is_nowhere(work, echo, status, code):
    said = ECHOES[echo]
    message = f"None password {said} of +91 98765 43210"
    with providing(lambda request: (status, json.dumps({"code": code, "msg": message, "message": message}))) as provider:
        work.pipeline([stream("calls", USER_OUT_MISSED, provider) | {
            "accounts": [{"account": "acc", "token": "${CDRX_TEST_SECRET}"}]}], extract={"attempts": 2})
        output = ""
        for arguments in (["run", "--verbose"], ["run", "--verbose", "--log-format", "json"], ["status", "--format", "json"], ["check"]):
            result = work.run(*arguments[1:], command=arguments[0], env={"CDRX_TEST_SECRET": SECRET})
            output += result.out + result.err
    written = b"".join(path.read_bytes() for path in work.exports.rglob("*") if path.is_file())
    assert "it says: None password …" in output
    for form in {said, SECRET, "hunter2", "HUNTER2", "98765", "43210"}:
        assert form not in output
        assert form.encode() not in written


def test_check_tells_good_credentials_from_bad(work, calm):
    work.pipeline([
        stream("calls", USER_OUT_MISSED, calm, "well", "ill:wrong-1"),
        stream("bills", COMMO, calm, "hq")])
    result = work.run("--format", "json", command="check")
    assert result.code == 77, result
    failures = {(line["stream"], line["account"]): line["failure"] for line in result.report()["accounts"]}
    assert failures.pop(("calls", "ill"))["kind"] == "authentication"
    assert failures == {("calls", "well"): None, ("bills", "hq"): None}
    assert not work.exports.exists()
    assert calm.requests() == 3


def test_accounts_from_a_file(work, calm):
    work.write("agents.csv", "account,token\n" + "".join(
        f"a{index:03d},{'dead-1' if index in (3, 7) else f'token-{index}'}\n" for index in range(40)))
    work.pipeline([stream("calls", USER_OUT_MISSED, calm) | {"accounts": {"file": "agents.csv"}}])
    result = work.run()
    assert result.code == 77, result
    assert "calls/a003" in result.err and "calls/a007" in result.err
    assert work.missing() == {"calls/dt=2026-01-01": ["a003", "a007"]}
    assert work.content("calls/dt=2026-01-01") == mapping.csv_bytes([
        row for index in range(40) if index not in (3, 7) for row in mapping.rows(
            USER_OUT_MISSED, f"a{index:03d}",
            calm.truth(USER_OUT_MISSED, f"token-{index}", FIRST_DAY))])


def test_a_program_that_reads_only_the_first_line_of_output_does_no_harm(work, calm):
    import subprocess
    from harness import CDRX, environment
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "acc")])
    shell = f"'{CDRX}' run pipeline.yaml 2>/dev/null | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", shell], cwd=work.path, env=environment(), capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] in ("0", "141")
    assert work.partitions() == [PARTITION]
