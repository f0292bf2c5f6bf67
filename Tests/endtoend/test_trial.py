"""`cdrx endpoints ID --try`: one request, and what the entry makes of its response."""
import json

import yaml

from harness import cdrx
from provider import providing
from test_own_endpoint import PBX, answer, pipeline

WINDOW = ["--now", "2026-01-02T12:00"]


def tried(work, respond, *arguments, entry=PBX):
    with providing(respond) as provider:
        pipeline(work, provider.url)
        work.write("my-pbx.yaml", yaml.safe_dump(entry, sort_keys=False))
        result = cdrx("endpoints", "mypbx.v1.calls", "--pipeline", "pipeline.yaml", "--try", *WINDOW,
                      *arguments, cwd=work.path)
    return result, provider.requests


def test_it_shows_the_first_records_as_columns(work):
    result, requests = tried(work, answer)
    assert result.code == 0, result
    assert len(requests) == 1
    lines = result.out.splitlines()
    assert lines[0] == "mypbx.v1.calls: stream calls, account west"
    assert lines[1].startswith("POST http://127.0.0.1:") and lines[1].endswith("/branch/api/calls")
    assert "kind=1" in lines[2] and "key=…" in lines[2]
    assert lines[3].startswith("HTTP 200, ") and " bytes in " in lines[3]
    assert lines[4] == "7 records of 30 that the provider reports"
    table = [line.split() for line in lines if line.startswith(("COLUMN", "call_id", "rate", "status"))]
    assert table == [
        ["COLUMN", "FROM", "RECORD", "1", "RECORD", "2", "RECORD", "3"],
        ["call_id", "uid", "u023", "u024", "u025"],
        ["status", "constant", "answered", "answered", "answered"],
        ["rate", "cost", "0.024", "0.025", "0.026"]]
    assert 'no field reads mood: ["fine",' in result.out


def test_json_has_the_same(work):
    entry = json.loads(json.dumps(PBX))
    entry["endpoints"][0]["fields"].append({"name": "queue", "type": "text", "summary": "Queue"})
    result, _ = tried(work, answer, "--format", "json", entry=entry)
    assert result.code == 0, result
    [trial] = result.lines()
    assert (trial["status"], trial["total"], trial["records"], trial["rejects"]) == (200, 30, 7, [])
    assert [row["call_id"] for row in trial["rows"]] == ["u023", "u024", "u025"]
    assert {"name": "from_number", "from": "caller"} in trial["columns"]
    assert [member["name"] for member in trial["unread"]] == ["mood"]
    assert trial["absent"] == ["queue"]


def test_records_that_do_not_fit_say_why(work):
    entry = json.loads(json.dumps(PBX))
    entry["endpoints"][0]["fields"][3]["name"] = "mood"
    entry["endpoints"][0]["fields"][3]["column"] = "contact_name"
    entry["endpoints"][0]["fields"][3]["type"] = "text"
    result, _ = tried(work, answer, entry=entry)
    assert result.code == 1, result
    assert 'set aside: wrong_type mood ["fine"' in result.out
    assert "set aside: 7 records in all" in result.out
    assert "no field reads cost: 0.03" in result.out


def test_errors_are_those_of_check(work):
    result, requests = tried(work, answer, "--account", "east")
    assert result.code == 77 and "no such key" in result.err, result
    assert len(requests) == 1 and "HTTP 200" in result.out
    broken, requests = tried(work, lambda request: (503, "busy"))
    assert broken.code == 69 and "HTTP 503" in broken.out and len(requests) == 1, broken


def test_secrets_are_hidden(work):
    def echo(request):
        return 200, json.dumps({"ok": 9, "why": f"no key {request['key']}"})
    result, _ = tried(work, echo, "--format", "json")
    assert result.code == 77
    assert "right" not in result.out + result.err.replace("`key` of account", "")


def test_it_needs_a_stream_of_the_endpoint(work):
    work.write("my-pbx.yaml", yaml.safe_dump(PBX, sort_keys=False))
    pipeline(work, "http://127.0.0.1:1")
    alone = cdrx("endpoints", "mypbx.v1.calls", "--try", cwd=work.path)
    assert alone.code == 64 and "--pipeline FILE --try" in alone.err
    other = cdrx("endpoints", "commo.get_bill", "--pipeline", "pipeline.yaml", "--try", cwd=work.path)
    assert other.code == 64 and "no stream of pipeline.yaml has the endpoint" in other.err
