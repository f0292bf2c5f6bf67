"""Pages that follow each other by link or cursor, totals in headers or nowhere, reports."""
import itertools
import json
import urllib.parse

import pytest

from harness import DAY, FIRST_DAY
from provider import providing
from test_requests import ENTRY, ids, own_pipeline

COUNT = 95
RECORDS = [{"id": f"c{index:02d}", "began": FIRST_DAY + index * DAY // COUNT} for index in range(COUNT)]
EXPECTED = [record["id"] for record in RECORDS]
PAGINGS = {
    "next": {"next": "meta.next", "size": "limit", "default_size": 7, "maximum_size": 50},
    "link": {"link": "next", "size": "limit", "default_size": 7, "maximum_size": 50},
    "cursor": {"cursor": "meta.next", "parameter": "after", "size": "limit", "default_size": 7,
               "maximum_size": 50},
    "offset": {"offset": "skip", "size": "limit", "default_size": 7, "maximum_size": 50},
}


def entry(paging, **response):
    answers = {key: value for key, value in ENTRY["response"].items() if key != "total"} | response
    request = ENTRY["request"] | {
        "paging": PAGINGS[paging], "window": {"start": "since", "end": "until", "format": "epoch_ms"}}
    return ENTRY | {"request": request, "response": answers}


def page(request, kind, start=None):
    """A page, newest first: status, body and headers."""
    found = [record for record in reversed(RECORDS)
             if int(request["since"]) <= record["began"] <= int(request["until"])]
    if start is None:
        start = int(request.fields.get("after") or request.fields.get("skip") or 0)
    size = int(request["limit"])
    rows, more = found[start:start + size], start + size < len(found)
    query = urllib.parse.urlencode(request.fields | {"after": start + size})
    following = {"next": f"calls.json?{query}", "cursor": str(start + size)}.get(kind)
    headers = {"X-Total": str(len(found))}
    if kind == "link" and more:
        headers["Link"] = f'<{request.path}?{query}>; rel="next", </>; rel="first"'
    return 200, json.dumps({"calls": rows, "meta": {"next": following if more else None}}), headers


def run(work, answer, entry, *arguments, code=0):
    with providing(answer) as provider:
        own_pipeline(work, entry, base_url=provider.url, extract={"requests_per_second": 1000})
        result = work.run(*arguments)
    assert result.code == code, result
    return provider, result


def verified_by(work):
    return work.manifest("calls/dt=2026-01-01")["accounts"][0]["verified_by"]


@pytest.mark.parametrize("kind", PAGINGS)
def test_a_day_is_whole_without_a_total_though_answers_are_empty(work, kind):
    """Every ninth answer has no records and no next page."""
    count = itertools.count(1)

    def answer(request):
        assert request.path == "/accounts/AC%2F7%20%C3%BC/calls.json"
        if next(count) % 9 == 0:
            return 200, '{"calls": [], "meta": {"next": null}}'
        return page(request, kind)

    run(work, answer, entry(kind))
    assert ids(work) == EXPECTED
    assert verified_by(work) == "double_walk"


def test_a_total_in_a_header_needs_no_second_walk(work):
    provider, _ = run(work, lambda request: page(request, "offset"),
                      entry("offset", total={"header": "X-Total"}))
    assert ids(work) == EXPECTED and verified_by(work) == "total"
    assert len(provider.requests) < 2 * COUNT / 7


def test_an_overlap_names_the_end_mark(work):
    provider, _ = run(work, lambda request: page(request, "cursor"),
                      entry("cursor", confirm="overlap"))
    assert ids(work) == EXPECTED and verified_by(work) == "end_mark"
    assert len(provider.requests) < 2 * COUNT / 7


def test_a_link_to_another_host_sends_nothing_there(work):
    def answer(request):
        return 200, json.dumps({"calls": [], "meta": {"next": "http://127.0.0.1:1/steal"}})

    _, result = run(work, answer, entry("next"), code=1)
    assert "another host" in result.err and "steal" not in result.err


def test_the_archive_gives_the_same_rows_again(work):
    run(work, lambda request: page(request, "cursor"), entry("cursor"))
    before = work.content("calls/dt=2026-01-01")
    result = work.run(command="rebuild")
    assert result.code == 0, result
    assert work.content("calls/dt=2026-01-01") == before


def test_a_report_is_started_waited_for_and_read(work):
    """The file is had twice, since nothing says how many records there are."""
    made = itertools.count(1)
    asked = {}

    def answer(request):
        if request.method == "POST":
            number = str(next(made))
            asked[number] = [0, request.fields]
            return 200, json.dumps({"report": int(number)})
        number = request.path.split("/")[2]
        if request.path.endswith("/file"):
            since, until = (int(asked[number][1][name]) for name in ("since", "until"))
            return 200, json.dumps(
                {"calls": [record for record in RECORDS if since <= record["began"] <= until]})
        asked[number][0] += 1
        return 200, json.dumps({"state": "ready" if asked[number][0] == 3 else "made"})

    report = entry("offset") | {"report": {
        "id": "report", "poll": "/reports/{id}", "every": "100ms", "download": "/reports/{id}/file",
        "done": {"path": "state", "accepts": ["ready"]},
        "rules": {"success": [], "failures": [], "error_texts": []}}}
    report["request"] = {key: value for key, value in report["request"].items() if key != "paging"} | {
        "method": "POST", "path": "/reports", "encoding": "json",
        "auth": {"type": "bearer", "token": "auth_token"}}
    provider, _ = run(work, answer, report)
    assert ids(work) == EXPECTED and verified_by(work) == "double_walk"
    assert len(asked) == 2 and len(provider.requests) == 10
