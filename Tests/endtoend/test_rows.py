"""Where rows, fields and times of own endpoints may lie: paths, lists inside records, bodies of lines, gzip files.

One provider serves all of them; what it has is written down here a second time, as rows.
"""
import csv
import gzip
import io
import json
import re

import pytest
import yaml

from harness import FIRST_DAY
from provider import providing

COUNT = 30


def moment(index):
    return FIRST_DAY + index * 60_000 + 250


def iso(index):
    minute = index + 330
    return f"2026-01-01T{minute // 60:02d}:{minute % 60:02d}:00.2509+05:30"


def entry(name, fields, response, more=None):
    return {
        "endpoint": f"pbx.v1.{name}", "title": "Calls", "document": "none",
        "request": {
            "path": f"/{name}", "encoding": "form",
            "credentials": [{"name": "key", "type": "text"}],
            "window": {"start": "since", "end": "until", "format": "epoch_ms"},
            "paging": {"page": "p", "size": "n", "default_size": 7, "maximum_size": 50},
        },
        "response": {
            "rules": {
                "success": [{"path": "error", "accepts": [], "may_be_absent": True}],
                "failures": [{"path": "error", "codes": [500], "means": "retry"}],
                "error_texts": ["why"]},
            **response},
        "key": ["id"], "time": "at", "fields": fields, **(more or {}),
    }


def field(name, kind, column=None, **more):
    return {"name": name, "type": kind, **({"column": column} if column else {}), "summary": name, **more}


START = {"required": True, "column": "started_at"}
ID = field("id", "text", "call_id", required=True)

NESTED = entry("nested", [
    field("id", "text", "call_id", required=True, source="call.id"),
    field("at", "iso8601", source="call.times[0]", **START),
    field("number", "digits", "from_number", first_of=["from.number", "from.extension"]),
    field("length", "duration(hms)", "duration_seconds", source='"talk.time"'),
    field("price", "decimal(18,6)", "rate", source="cost.amount"),
], {"rows": ["data.old", "data.calls"], "total": "data.total"})

EXPANDED = entry("expanded", [
    ID, field("at", "rfc2822", **START),
    field("agent", "text", "agent", source="parts[].user"),
    field("kind", "text", "call_method", source="parts[].segments[].kind"),
    field("talk", "duration(ms)", "duration_seconds", source="parts[].segments[].ms", stays_in_extra=True),
], {"rows": "", "total": {"header": "X-Total"}, "expand": "parts[].segments[]"})

LINES = entry("lines", [ID, field("at", "pattern(dd/MM/yyyy HH:mm:ss.SSSXXX)", **START),
                        field("from", "digits", "from_number")],
              {"body": "ndjson", "total": {"header": "X-Total"}})

TABLE = entry("table", [ID, field("at", "epoch_s", **START), field("From.Number", "digits", "from_number"),
                        field("rate", "decimal(18,6)", "rate")],
              {"body": "csv", "total": {"header": "X-Total"}})


def rfc(index):
    return f"Thu, 01 Jan 2026 {index // 60:02d}:{index % 60:02d}:00 GMT"


def nested(index):
    """A price may have an exponent."""
    party = {"number": None, "extension": 100 + index} if index % 2 else {"number": 100 + index, "extension": 1}
    return json.dumps({
        "call": {"id": f"n{index}", "times": [iso(index)]}, "from": party,
        "talk.time": f"01:{index:02d}", "cost": {"amount": 0, "currency": "USD"}}).replace('"amount": 0', f'"amount": {index + 1}.5e-2')


def expanded(index):
    parts = [{"user": f"u{part}", "segments": [
        {"kind": f"s{part}{place}", "ms": 1000 * place + 999, "wrap": place} for place in range(index % 3)]}
        for part in range(2)]
    return json.dumps({"id": f"e{index}", "at": rfc(index), "parts": parts})


def line(index):
    """PHP writes slashes as escapes."""
    return json.dumps({"id": f"l{index}", "at": f"01/01/2026 00:{index:02d}:00.250Z", "from": index, "x": [index]}).replace("/", "\\/")


def serve(face, indices):
    if face == "nested":
        rows = ",".join(nested(index) for index in indices)
        return f'{{"data": {{"total": TOTAL, "calls": [{rows}]}}}}'
    if face == "expanded":
        return "[" + ",".join(expanded(index) for index in indices) + "]"
    if face == "lines":
        return "".join(line(index) + "\n" for index in indices)
    output = io.StringIO()
    table = csv.writer(output)
    table.writerow(["id", "at", "From.Number", "rate", "note"])
    for index in indices:
        table.writerow([f"t{index}", f"{FIRST_DAY // 1000 + index * 60}.2509", 100 + index, f"{index}.5", 'a "b"\n,' if index % 2 else ""])
    return output.getvalue()


def answer(request):
    face = request.path.strip("/")
    since, until, page, size = (int(request[name]) for name in ("since", "until", "p", "n"))
    precise = {"expanded": 1000}.get(face, 1)
    inside = [index for index in range(COUNT) if since <= moment(index) // precise * precise <= until][::-1]
    text = serve(face, inside[(page - 1) * size:page * size]).replace("TOTAL", str(len(inside))).encode()
    if request["key"] == "spoiled":
        text = text.replace(b"103,3.5,", b"103,x,3.5,")  # a cell too many
        text = re.sub(rb'("id": "e4".*?"ms": )999', rb'\1"many"', text)
        text = re.sub(rb'\{"id": "l5"[^\n]*', b'"l5"', text)
    if request["key"] == "zipped":
        text = gzip.compress(text)
    return 200, text, {"X-Total": str(len(inside))}


@pytest.fixture(scope="module")
def faces():
    with providing(answer) as provider:
        yield provider


def export(work, faces, key, formats="csv"):
    work.write("pbx.yaml", yaml.safe_dump(
        {"provider": "pbx", "endpoints": [NESTED, EXPANDED, LINES, TABLE]}, sort_keys=False))
    work.pipeline(
        [{"stream": name, "endpoint": f"pbx.v1.{name}", "base_url": faces.url,
          "accounts": [{"account": "a", "key": key}]} for name in ("nested", "expanded", "lines", "table")],
        endpoints=["pbx.yaml"])


def rows(work, stream):
    text = work.content(f"{stream}/dt=2026-01-01").decode()
    return [{name: value for name, value in row.items() if value} for row in csv.DictReader(io.StringIO(text))]


def common(face, index, milliseconds=250, **more):
    return {"provider": "pbx", "endpoint": f"pbx.v1.{face}", "account": "a", "call_id": f"{face[0]}{index}",
            "started_at": f"2026-01-01T00:{index:02d}:00.{milliseconds:03d}Z", **more}


def price(index):
    """`1.5e-2` is `0.015`."""
    return f"0.{(index + 1) * 10 + 5:03d}"


def truth():
    expanded_rows = []
    for index in range(COUNT):
        segments = [(part, place) for part in range(2) for place in range(index % 3)] or [(0, None), (1, None)]
        for leg, (part, place) in enumerate(segments, start=1):
            row = common("expanded", index, 0, leg=str(leg), agent=f"u{part}")
            if place is not None:
                row |= {"call_method": f"s{part}{place}", "duration_seconds": str(place),
                        "extra": f'{{"talk":{1000 * place + 999},"parts[].segments[].wrap":{place}}}'}
            expanded_rows.append(row)
    return {
        "nested": [common(
            "nested", index, from_number=str(100 + index), duration_seconds=str(60 + index), rate=price(index),
            extra=f'{{"cost":{{"amount":{index + 1}.5e-2,"currency":"USD"}}}}') for index in range(COUNT)],
        "expanded": expanded_rows,
        "lines": [common("lines", index, from_number=str(index), extra=f'{{"x":[{index}]}}') for index in range(COUNT)],
        "table": [common(
            "table", index, from_number=str(100 + index), rate=f"{index}.5",
            extra='{"note":"a \\"b\\"\\n,"}' if index % 2 else '{"note":null}') for index in range(COUNT)],
    }


@pytest.mark.parametrize("key", ["plain", "zipped"])
def test_every_face_is_exported_exactly(work, faces, key):
    export(work, faces, key)
    result = work.run()
    assert result.code == 0, result
    for face, expected in truth().items():
        assert rows(work, face) == expected, face
    # The archive holds what the provider sent, and is read by the entry again.
    before = {face: work.content(f"{face}/dt=2026-01-01") for face in truth()}
    asked = len(faces.requests)
    assert work.run(command="rebuild").code == 0
    assert {face: work.content(f"{face}/dt=2026-01-01") for face in truth()} == before
    assert len(faces.requests) == asked


def test_records_that_do_not_fit_are_set_aside_whole(work, faces):
    """Also from the archive, where a window is not published because of them."""
    export(work, faces, "spoiled")
    assert work.run().code == 0
    expected = {
        "nested": None, "expanded": ("malformed_value", "talk", {"id": "e4", "at": rfc(4)}),
        "lines": ("not_an_object", None, "l5"), "table": ("not_an_object", None, ["t3"]),
    }
    left = {"expanded": "e4", "lines": "l5", "table": "t3"}
    for face, reject in expected.items():
        kept = [row for row in truth()[face] if row["call_id"] != left.get(face)]
        assert rows(work, face) == kept, face
        manifest = work.manifest(f"{face}/dt=2026-01-01")
        assert (manifest["rows"], manifest["rejects"]) == (len(kept), int(reject is not None)), face
    [listed] = work.run("--format", "json", command="rejects").lines()
    found = {line["stream"]: line for line in listed["rejects"]}
    assert set(found) == {"expanded", "lines", "table"}
    for face, line in found.items():
        reason, field, raw = expected[face]
        assert (line["reason"], line["field"]) == (reason, field), line
        seen = line["raw"]
        if isinstance(raw, dict):
            assert raw.items() <= seen.items() and len(seen["parts"]) == 2
        else:
            assert seen == raw or seen[:1] == raw, line
    asked = len(faces.requests)
    assert work.run(command="rebuild").code == 0
    assert len(faces.requests) == asked
    assert rows(work, "lines") == [row for row in truth()["lines"] if row["call_id"] != "l5"]
