"""Requests as an entry of the user's own describes them: GET, paths, headers, queries, logins."""
import base64
import datetime
import json
import urllib.parse

import pytest
import yaml

from harness import DAY, FIRST_DAY, cdrx
from provider import providing

SECRETS = {"account_id": "AC/7 ü", "auth_token": "hunter2-PASS:word/ü&x"}
ENTRY = {
    "endpoint": "acme.v2.calls",
    "title": "Calls of an account",
    "document": "acme handbook",
    "request": {
        "method": "GET",
        "path": "/accounts/{account_id}/calls.json",
        "auth": {"type": "basic", "user": "account_id", "password": "auth_token"},
        "fixed": {"sort": "asc", "X-Version": {"value": 2, "in": "header"}},
        "credentials": [{"name": "account_id", "type": "text"}, {"name": "auth_token", "type": "text"}],
        "window": {"start": "StartTime>", "end": "StartTime<", "format": "iso8601",
                   "start_bound": "inclusive", "end_bound": "exclusive"},
        "paging": {"page": "page", "size": "limit", "default_size": 7, "maximum_size": 50},
    },
    "response": {
        "rows": "calls", "total": "total",
        "rules": {"success": [], "failures": [{"status": [418], "means": "bad_request"}],
                  "error_texts": ["message"]},
    },
    "key": ["id"],
    "time": "began",
    "fields": [
        {"name": "id", "type": "text", "column": "call_id", "required": True, "summary": "Id"},
        {"name": "began", "type": "epoch_ms", "column": "started_at", "required": True,
         "summary": "Begin"},
    ],
}


def own_pipeline(work, entry, account=None, **stream):
    work.write("acme.yaml", yaml.safe_dump(
        {"provider": "acme", "endpoints": [entry]}, sort_keys=False, allow_unicode=True))
    work.pipeline(
        [{"stream": "calls", "endpoint": entry["endpoint"],
          "accounts": [{"account": "west", **(account or SECRETS)}], **stream}],
        endpoints=["acme.yaml"])


def calls(request, since="StartTime>", until="StartTime<"):
    """The page that a request asks for, of a call a minute in the first half hour of the day."""
    bounds = [f"2026-01-01T{index // 60:02d}:{index % 60:02d}:00Z" for index in range(30)]
    found = [{"id": f"c{index:02d}", "began": FIRST_DAY + index * 60_000}
             for index, text in enumerate(bounds) if request[since] <= text < request[until]]
    page, size = int(request["page"]), int(request["limit"])
    return 200, json.dumps({"total": len(found), "calls": found[(page - 1) * size:page * size]})


def ids(work):
    lines = work.content("calls/dt=2026-01-01").decode().splitlines()[1:]
    return [line.split(",")[3] for line in lines]


EXPECTED = [f"c{index:02d}" for index in range(30)]


def forms(secret):
    """A secret as it may stand in a message."""
    return {secret, urllib.parse.quote(secret, safe=""), urllib.parse.quote_plus(secret),
            json.dumps(secret)[1:-1], base64.b64encode(secret.encode()).decode().rstrip("=")}


def everything(work, result):
    """What a run printed, logged and wrote, outputs and state included."""
    files = [path.read_bytes() for path in work.path.rglob("*")
             if path.is_file() and path.name != "pipeline.yaml"]
    return b"\n".join([result.out.encode(), result.err.encode(), *files])


def test_a_get_with_a_path_a_header_and_basic_authentication(work):
    def answer(request):
        assert request.method == "GET" and request.body == b""
        assert request.headers["Content-Type"] is None
        assert request.url.startswith("/v2/accounts/AC%2F7%20%C3%BC/calls.json?sort=asc&StartTime%3E=")
        pair = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
        assert pair == ":".join(SECRETS.values())
        assert request.headers["X-Version"] == "2" and request["sort"] == "asc"
        assert set(request.fields) == {"sort", "StartTime>", "StartTime<", "page", "limit"}
        return calls(request)

    with providing(answer) as provider:
        own_pipeline(work, ENTRY, base_url=provider.url + "/v2")
        result = work.run()
        assert not provider.errors
    assert result.code == 0, result
    assert ids(work) == EXPECTED
    # Both bounds are documented, so that nothing more is asked for than the day.
    assert {request["StartTime>"] for request in provider.requests} == {"2026-01-01T00:00:00Z"}
    assert {request["StartTime<"] for request in provider.requests} == {"2026-01-02T00:00:00Z"}


AUTHS = {
    "basic": {"type": "basic", "user": "account_id", "password": "auth_token"},
    "bearer": {"type": "bearer", "token": "auth_token"},
    "header": {"type": "header", "name": "X-Key", "value": "auth_token", "prefix": "Token "},
    "query": {"type": "query", "name": "key", "value": "auth_token"},
}


@pytest.mark.parametrize("kind", AUTHS)
def test_a_refusal_that_repeats_the_request_shows_no_secret(work, kind):
    def answer(request):
        said = f"no rights: {request.url} {' '.join(request.headers.values())}"
        return 403, json.dumps({"message": said})

    entry = {**ENTRY, "request": {**ENTRY["request"], "auth": AUTHS[kind]}}
    with providing(answer) as provider:
        own_pipeline(work, entry, base_url=provider.url)
        result = work.run("-v", "--log-format", "json")
    assert result.code == 77 and "no rights" in result.err, result
    text = everything(work, result)
    pair = base64.b64encode(":".join(SECRETS.values()).encode()).decode().rstrip("=")
    for form in {pair}.union(*map(forms, SECRETS.values())):
        assert form.encode() not in text, form


@pytest.mark.parametrize("kind", AUTHS)
def test_what_is_shown_before_a_run_has_no_secret(work, kind):
    """`endpoints --try` shows its request, `check` and `plan --probe` send one."""
    entry = {**ENTRY, "request": {**ENTRY["request"], "auth": AUTHS[kind]}}
    with providing(calls) as provider:
        own_pipeline(work, entry, base_url=provider.url)
        found = [cdrx(*command, cwd=work.path) for command in (
            ("endpoints", "acme.v2.calls", "--try", "--pipeline", "pipeline.yaml"),
            ("check", "pipeline.yaml"), ("plan", "pipeline.yaml", "--probe"))]
    assert [result.code for result in found] == [0, 0, 0], found
    assert "GET http://127.0.0.1" in found[0].out and "/accounts/…/calls.json" in found[0].out
    pair = base64.b64encode(":".join(SECRETS.values()).encode()).decode().rstrip("=")
    text = "".join(result.out + result.err for result in found)
    assert not any(form in text for form in {pair}.union(*map(forms, SECRETS.values())))


def test_an_unreachable_host_shows_no_secret(work):
    own_pipeline(work, {**ENTRY, "request": {**ENTRY["request"], "auth": AUTHS["query"]}},
                 base_url="http://127.0.0.1:1", extract={"attempts": 1})
    result = work.run("-v")
    assert result.code == 69, result
    assert not any(form.encode() in everything(work, result)
                   for secret in SECRETS.values() for form in forms(secret))


def test_an_oauth_token_is_renewed_when_it_dies(work):
    """Client credentials at a host of their own; a new token after each 9 requests."""
    issued = []

    def login(request):
        assert request.path == "/oauth/token" and dict(request.fields) == {
            "grant_type": "client_credentials"}
        assert request.headers["Authorization"] == "Basic " + base64.b64encode(
            b"client:secret-of-client").decode()
        issued.append(f"token-number-{len(issued)}")
        return 200, json.dumps({"access_token": issued[-1], "expires_in": 3600})

    used = []

    def answer(request):
        used.append(request.headers["Authorization"])
        if used[-1] != "Bearer " + issued[-1] or used.count(used[-1]) > 9:
            return 401, json.dumps({"message": f"{used[-1]} has expired"})
        return calls(request)

    entry = {
        **ENTRY,
        "request": {**ENTRY["request"], "path": "/calls",
                    "auth": {"type": "bearer", "token": "access_token"},
                    "credentials": [{"name": "access_token", "type": "text"}]},
        "login": {
            "base_url": "https://login.acme.example", "path": "/oauth/token", "encoding": "form",
            "auth": {"type": "basic", "user": "client_id", "password": "client_secret"},
            "fixed": {"grant_type": "client_credentials"},
            "credentials": [{"name": "client_id", "type": "text"},
                            {"name": "client_secret", "type": "text"}],
            "rules": {"success": [], "failures": [], "error_texts": ["error_description"]},
            "token": "access_token", "expires_in": "expires_in", "issues": "access_token"},
    }
    account = {"client_id": "client", "client_secret": "secret-of-client"}
    entry["request"]["paging"] = {**entry["request"]["paging"], "default_size": 2}
    with providing(login) as logins, providing(answer) as provider:
        own_pipeline(work, entry, account, base_url=provider.url, login_url=logins.url)
        result = work.run("-v")
        assert not logins.errors and not provider.errors
    assert result.code == 0, result
    assert ids(work) == EXPECTED and len(issued) >= 2
    text = everything(work, result)
    assert b"secret-of-client" not in text and b"token-number" not in text


@pytest.mark.parametrize("value", [".", ".."])
def test_a_credential_that_leads_to_another_path_is_refused(work, value):
    own_pipeline(work, ENTRY, {**SECRETS, "account_id": value}, base_url="http://127.0.0.1:1")
    result = work.run()
    assert result.code == 78 and "must not be `.` or `..`" in result.err, result


def test_a_login_url_needs_a_login(work):
    own_pipeline(work, ENTRY, base_url="http://127.0.0.1:1", login_url="http://127.0.0.1:2")
    result = work.run()
    assert result.code == 78 and "`acme.v2.calls` has no login; remove it" in result.err, result


HOUR = 3_600_000
KOLKATA = datetime.timezone(datetime.timedelta(hours=5, minutes=30))


def moment(text, pattern, zone=datetime.timezone.utc):
    """Epoch milliseconds of a text, read by another library than cdrx."""
    return int(datetime.datetime.strptime(text, pattern).replace(tzinfo=zone).timestamp() * 1000)


def day(text):
    return moment(text, "%Y-%m-%d", KOLKATA)


# For each kind of window: what the entry says, and the stretch of milliseconds that the provider
# takes a request for; the records within it, its end excluded, are listed.
WINDOWS = {
    "half_open": (
        {"start": "a", "end": "b", "format": "epoch_s", "start_bound": "inclusive",
         "end_bound": "exclusive"},
        lambda q: (int(q["a"]) * 1000, int(q["b"]) * 1000)),
    "closed": (
        {"start": "a", "end": "b", "format": "epoch_ms", "start_bound": "inclusive",
         "end_bound": "inclusive"},
        lambda q: (int(q["a"]), int(q["b"]) + 1)),
    "open_at_the_start": (
        {"start": "a", "end": "b", "format": "epoch_us", "start_bound": "exclusive",
         "end_bound": "inclusive"},
        lambda q: (int(q["a"]) // 1000 + 1, int(q["b"]) // 1000 + 1)),
    "unknown_and_open": (
        {"start": "a", "end": "b", "format": "iso8601"},
        lambda q: (moment(q["a"], "%Y-%m-%dT%H:%M:%SZ") + 1, moment(q["b"], "%Y-%m-%dT%H:%M:%SZ"))),
    "local_minutes": (
        {"start": "a", "end": "b", "format": "pattern(dd/MM/yyyy HH:mm)", "timezone": "+05:30"},
        lambda q: (moment(q["a"], "%d/%m/%Y %H:%M", KOLKATA) + 60_000,
                   moment(q["b"], "%d/%m/%Y %H:%M", KOLKATA))),
    "interval": (
        {"interval": "i", "template": "gte:{start};lt:{end}", "format": "iso8601",
         "start_bound": "inclusive", "end_bound": "exclusive"},
        lambda q: tuple(moment(part.split(":", 1)[1], "%Y-%m-%dT%H:%M:%SZ")
                        for part in q["i"].split(";"))),
    "dates": (
        {"start": "a", "end": "b", "format": "date", "timezone": "+05:30",
         "start_bound": "inclusive", "end_bound": "inclusive"},
        lambda q: (day(q["a"]), day(q["b"]) + DAY)),
    "dates_end_excluded": (
        {"start": "a", "end": "b", "format": "date", "timezone": "+05:30",
         "start_bound": "inclusive", "end_bound": "exclusive"},
        lambda q: (day(q["a"]), day(q["b"]))),
    "days": (
        {"date": "a", "days": "n", "timezone": "+05:30", "start_bound": "inclusive",
         "end_bound": "inclusive"},
        lambda q: (day(q["a"]), day(q["a"]) + int(q["n"]) * DAY)),
}


@pytest.mark.parametrize("kind", [*WINDOWS, "by_end"])
def test_every_kind_of_window_gives_each_record_once(work, kind):
    """Records at, before and after each border of an hour; those of the window and no others."""
    by_end = kind == "by_end"
    window, stretch = WINDOWS["half_open" if by_end else kind]
    if by_end:
        window = {**window, "selects": "end", "reach": "2h"}
    records = sorted(
        FIRST_DAY + hour * HOUR + offset for hour in range(-3, 28)
        for offset in (-1000, -1, 0, 1, 1000, 1_800_000))

    def answer(request):
        start, end = stretch(request)
        # Calls last up to two hours.
        lasts = {began: index * 977_000 % (2 * HOUR) if by_end else 0
                 for index, began in enumerate(records)}
        found = [{"id": str(began), "began": began} for began in records
                 if start <= began + lasts[began] < end]
        page, size = int(request["page"]), int(request["limit"])
        return 200, json.dumps({"total": len(found), "calls": found[(page - 1) * size:page * size]})

    request = {**ENTRY["request"], "window": window}
    request["paging"] = {**request["paging"], "default_size": 50}
    windows = {"every": "hour", "range": {"from": "2026-01-01T00", "to": "2026-01-01T04"}}
    with providing(answer) as provider:
        own_pipeline(work, {**ENTRY, "request": request}, base_url=provider.url, windows=windows)
        result = work.run()
        assert not provider.errors
    assert result.code == 0, result
    for hour in range(4):
        lines = work.content(f"calls/dt=2026-01-01/hour={hour:02d}").decode().splitlines()[1:]
        start = FIRST_DAY + hour * HOUR
        assert [int(line.split(",")[3]) for line in lines] == [
            began for began in records if start <= began < start + HOUR], (kind, hour)
