"""The simulator's faces of entries, as a plain HTTP client sees them: what an entry says of a request
must be there, in its place, and what it says of a response is."""
import gzip
import http.client
import json
import urllib.parse

import pytest

import entries
from harness import FIRST_DAY, simulating

DAY = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-02T00:00:00Z"}


@pytest.fixture(scope="module")
def faces():
    with simulating("--pipeline", entries.OWN, "--rows-per-day", 60) as simulator:
        yield simulator


def ask(simulator, path, query=(), method="GET", body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", int(simulator.url.rsplit(":", 1)[1]), timeout=20)
    target = path + ("?" + urllib.parse.urlencode(query) if query else "")
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, target, body, headers)
    response = connection.getresponse()
    data = response.read()
    connection.close()
    if response.headers.get("Content-Encoding") == "gzip" or data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    return response, data


OFFSET = {"filter[start][gte]": DAY["start"], "filter[start][lt]": DAY["end"], "order": "asc", "limit": 20}
RIGHT = {"X_Api_Key": "Token k", "X_Version": "2"}


def test_a_right_request_is_answered(faces):
    response, data = ask(faces, "/accounts/a%20b/calls.json", OFFSET, **RIGHT)
    assert (response.status, response.headers["X-Total-Count"]) == (200, "60")
    value = json.loads(data)
    assert len((value.get("data") or value)["calls"]) == 20


@pytest.mark.parametrize("change", [
    {"headers": {"X_Api_Key": "k", "X_Version": "2"}},
    {"headers": {"X_Version": "2"}},
    {"headers": {"X_Api_Key": "Token wrong", "X_Version": "2"}},
    {"headers": {"X_Api_Key": "Token k"}, "query": {**OFFSET, "X-Version": "2"}},
    {"query": {**OFFSET, "order": "desc"}},
    {"query": {**OFFSET, "filter[start][gte]": "yesterday"}},
    {"query": {**OFFSET, "limit": 21}},
    {"path": "/accounts//calls.json"},
    {"path": "/accounts/a/b/calls.json"},
    {"method": "POST"},
    {"body": "{}"},
])
def test_whatever_stands_elsewhere_is_not_there(faces, change):
    response, _ = ask(
        faces, change.get("path", "/accounts/a/calls.json"), change.get("query", OFFSET),
        change.get("method", "GET"), change.get("body"), **change.get("headers", RIGHT))
    assert response.status in (400, 401, 404)


def cursor_query(**more):
    return {"key": "k", "created": "gte:2026-01-01 05:30:00;lte:2026-01-02 05:29:59", "limit": 30, **more}


def test_a_cursor_leads_through_all_records_once(faces):
    ids, query = [], cursor_query()
    while True:
        value = json.loads(ask(faces, "/grammar.cursor/calls", query)[1])
        ids += [row["id"] for row in value["data"]]
        assert value["ok"] is True
        if value["meta"]["status"] == "COMPLETED":
            break
        query["cursor"] = value["meta"]["next"]
    truth = json.loads(faces._get("/_truth", endpoint="grammar.cursor", account="k",
                                  **{"from": FIRST_DAY, "to": FIRST_DAY + 86_400_000}))
    assert sorted(ids) == sorted(row["call_id"] for row in truth) and len(ids) == 60


def test_a_cursor_serves_only_who_got_it(faces):
    value = json.loads(ask(faces, "/grammar.cursor/calls", cursor_query())[1])
    cursor = value["meta"]["next"]
    assert ask(faces, "/grammar.cursor/calls", cursor_query(cursor=cursor))[0].status == 200
    for query in (cursor_query(cursor=cursor, key="other"), cursor_query(cursor=cursor[:-4])):
        assert ask(faces, "/grammar.cursor/calls", query)[0].status == 400


def test_bounds_are_those_of_the_entry(faces):
    """`grammar.next` excludes its start and includes its end."""
    [*_, last] = json.loads(faces._get("/_truth", endpoint="grammar.next", account="a",
                                       **{"from": FIRST_DAY, "to": FIRST_DAY + 86_400_000}))
    moment = entries.mapping.iso(last["started_at"])
    auth = {"Authorization": "Basic YTpi"}

    def count(start, end):
        query = {"StartTime>": start, "StartTime<": end, "PageSize": 50}
        return len(json.loads(ask(faces, "/2010/a/Calls.json", query, **auth)[1])["calls"])
    assert count("2026-01-01T23:59:59Z", "2026-01-01T23:59:59Z") == 0
    later = entries.mapping.iso(last["started_at"] + 1000)
    earlier = entries.mapping.iso(last["started_at"] - 1000)
    assert count(earlier, moment) >= 1 and count(moment, later) == 0


def test_a_span_that_is_too_long_is_refused(faces):
    def status(until):
        body = json.dumps({"query": {"product": "voice", "open": False, "from": DAY["start"], "to": until}})
        return ask(faces, "/reports", (), "POST", body, Authorization="Bearer t",
                   Content_Type="application/json")[0].status
    assert (status("2026-01-02T00:00:00Z"), status("2026-01-02T00:00:01Z")) == (200, 400)


@pytest.mark.parametrize("path, query", [
    ("/calls.csv", {"rows": 20}), ("/calls.ndjson", {})])
def test_lines_are_records(faces, path, query):
    factor = 1000 if path.endswith("ndjson") else 1
    query = {"key": "k", "since": FIRST_DAY * factor, "until": (FIRST_DAY + 86_400_000) * factor, **query}
    if not path.endswith("csv"):
        query["until"] -= 1
    response, data = ask(faces, path, query)
    lines = data.decode().splitlines()
    if path.endswith("csv"):
        assert lines[0].startswith("id,at,who,cost,ring,") and response.headers["X-Rows"] in ("59", "60")
        assert len(lines) > 20
    else:
        assert len(lines) == 25 and all(json.loads(line)["id"] for line in lines)
        assert 'rel="next"' in response.headers["Link"]
