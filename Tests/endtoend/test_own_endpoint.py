"""A sixth endpoint is one YAML file of the user's own: no Swift, no build."""
import json

import pytest
import yaml

from harness import FIRST_DAY, ROOT, cdrx
from provider import providing

PBX = {
    "provider": "mypbx",
    "base_url": "https://pbx.example",
    "endpoints": [{
        "endpoint": "mypbx.v1.calls",
        "title": "Calls of a branch",
        "document": "mypbx handbook, page 12",
        "request": {
            "path": "/api/calls",
            "encoding": "form",
            "credentials": [{"name": "key", "type": "text"}],
            "window": {"start": "since", "end": "until", "format": "epoch_ms"},
            "optional": [{"name": "kind", "type": "int", "allowed": [1, 2], "default": 2}],
            "paging": {"page": "p", "size": "n", "default_size": 7, "maximum_size": 50},
        },
        "response": {
            "rows": "result.calls",
            "total": "result.total",
            "rules": {
                "success": [{"path": "ok", "accepts": [1]}],
                "failures": [{"path": "ok", "codes": [9], "means": "authentication"}],
                "error_texts": ["why"],
            },
        },
        "key": ["uid"],
        "time": "began",
        "constants": {"status": "answered"},
        "fields": [
            {"name": "uid", "type": "text", "column": "call_id", "required": True, "summary": "Id"},
            {"name": "began", "type": "epoch_ms", "column": "started_at", "required": True,
             "summary": "Begin"},
            {"name": "caller", "type": "digits", "column": "from_number", "summary": "Caller"},
            {"name": "cost", "type": "decimal(18,6)", "column": "rate", "summary": "Cost"},
        ],
    }],
}


def answer(request):
    assert request.path == "/branch/api/calls"
    if request["key"] != "right":
        return 200, json.dumps({"ok": 9, "why": "no such key"})
    assert request["kind"] == "1"
    since, until, page, size = (int(request[name]) for name in ("since", "until", "p", "n"))
    assert size == 7
    calls = [
        f'{{"uid": "u{index:03d}", "began": {FIRST_DAY + index * 60000}, "caller": {100 + index}, '
        f'"cost": 0.{index + 1:03d}, "mood": ["fine", {index}.0]}}' for index in range(30)
        if since <= FIRST_DAY + index * 60000 <= until][::-1]
    rows = calls[(page - 1) * size:page * size]
    return 200, f'{{"ok": 1, "result": {{"total": {len(calls)}, "calls": [{",".join(rows)}]}}}}'


def pipeline(work, url):
    work.write("my-pbx.yaml", yaml.safe_dump(PBX, sort_keys=False))
    work.pipeline(
        [{"stream": "calls", "endpoint": "mypbx.v1.calls", "base_url": url + "/branch",
          "params": {"kind": 1},
          "accounts": [{"account": "west", "key": "right"}, {"account": "east", "key": "wrong"}]}],
        endpoints=["my-pbx.yaml"])


def test_it_exports(work):
    with providing(answer) as provider:
        pipeline(work, provider.url)
        result = work.run()
    assert result.code == 77, result
    assert "no such key" in result.err and "calls/east" in result.err
    assert work.missing() == {"calls/dt=2026-01-01": ["east"]}
    rows = work.content("calls/dt=2026-01-01").decode().splitlines()[1:]
    assert rows == [
        f'mypbx,mypbx.v1.calls,west,u{index:03d},,,answered,2026-01-01T00:{index:02d}:00.000Z,,,'
        f'{100 + index},,,,,,,{f"0.{index + 1:03d}".rstrip("0")},,,,,,,,'
        f'"{{""mood"":[""fine"",{index}.0]}}"' for index in range(30)]


def test_a_mistake_in_it_is_located(work):
    broken = json.loads(json.dumps(PBX))
    broken["endpoints"][0]["fields"][3]["type"] = "decimals"
    pipeline(work, "http://127.0.0.1:1")
    work.write("my-pbx.yaml", yaml.safe_dump(broken, sort_keys=False))
    result = work.run()
    assert result.code == 78, result
    errors = [line for line in result.err.splitlines() if ": error: " in line]
    assert errors[0].startswith("my-pbx.yaml:") and "decimal(p,s)" in errors[0], result


def test_validate_takes_an_endpoint_file_by_itself(work):
    """Every mistake at once, those of other files beside it."""
    work.write("my-pbx.yaml", yaml.safe_dump(PBX, sort_keys=False))
    result = cdrx("validate", "my-pbx.yaml", cwd=work.path)
    assert (result.code, result.out) == (0, "my-pbx.yaml: valid (1 endpoint: mypbx.v1.calls)\n"), result
    broken = json.loads(json.dumps(PBX))
    [entry] = broken["endpoints"]
    entry["request"]["window"]["format"] = "epoch"
    entry["fields"][0]["colum"] = "call_id"
    entry["time"] = "begin"
    work.write("broken.yaml", yaml.safe_dump(broken, sort_keys=False))
    result = cdrx("validate", "broken.yaml", "my-pbx.yaml", "none.yaml", cwd=work.path)
    assert result.code == 78 and result.out == "", result
    errors = [line for line in result.err.splitlines() if ": error: " in line]
    assert [line.split(":")[0] for line in errors] == ["broken.yaml"] * 2 + ["none.yaml"], result
    assert "`format` must be" in errors[0] and "did you mean `column`?" in errors[1]


def test_an_endpoint_file_with_a_bundled_id_is_warned_of():
    result = cdrx("validate", ROOT / "Sources/PipelineFile/Endpoints/piopiy-v1.yaml")
    assert result.code == 0
    assert "warning: an endpoint `piopiy.requestid_cdr` ships with cdrx" in result.err


@pytest.mark.parametrize("file", ["pipeline.yaml", "my-pbx.yaml"])
def test_endpoints_shows_own_entries(work, file):
    """No credential is needed, and the bundled ones are there too."""
    pipeline(work, "http://127.0.0.1:1")
    text = (work.path / "pipeline.yaml").read_text().replace("key: right", "key: ${NOT_SET}")
    work.write("pipeline.yaml", text)
    lines = cdrx("endpoints", "--pipeline", file, "--format", "json", cwd=work.path).lines()
    bundled = cdrx("endpoints", "--format", "json").lines()
    assert lines[:-1] == bundled and lines[-1]["id"] == "mypbx.v1.calls"
    result = cdrx("endpoints", "mypbx.v1.calls", "--pipeline", file, cwd=work.path)
    assert "mypbx.v1.calls: " in result.out and "from_number" in result.out
    assert cdrx("endpoints", "mypbx.v1.calls", cwd=work.path).code == 64
    work.write("my-pbx.yaml", "provider: mypbx\nendpoints: [{}]\n")
    result = cdrx("endpoints", "--pipeline", file, cwd=work.path)
    assert result.code == 78 and "my-pbx.yaml:2:13: error: `endpoint` is missing" in result.err
