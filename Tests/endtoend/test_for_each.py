"""Streams whose request ids are rows of another stream (`for_each`)."""
import json

import yaml

from harness import FIRST_DAY, cdrx
from provider import providing
from test_requests import ENTRY, SECRETS

LEGS = {
    "endpoint": "acme.v2.legs", "title": "Legs of a call", "document": "none",
    "request": {
        "method": "GET", "path": "/accounts/{account_id}/calls/{call_id}/legs.json",
        "auth": ENTRY["request"]["auth"], "credentials": ENTRY["request"]["credentials"],
        "request_id": {"name": "call_id", "column": "call_id"}},
    "response": {"rows": "legs", "rules": ENTRY["response"]["rules"]},
    "key": ["leg"], "key_has_ordinal": True, "time": "began",
    "fields": [
        {"name": "leg", "type": "text", "column": "leg", "summary": "Leg"},
        {"name": "began", "type": "epoch_ms", "column": "started_at", "required": True,
         "summary": "Beginning"}],
}
ACCOUNTS = [{"account": "west", **SECRETS}]


class Acme:
    """Calls by time, their legs by id."""

    def __init__(self, count):
        self.calls = [{"id": f"c/{index:02d}", "began": FIRST_DAY + index * 60_000}
                      for index in range(count)]
        self.lists = 0
        self.asked = []
        self.is_broken = False

    def __call__(self, request):
        if request.path.endswith("/legs.json"):
            call = request.path.split("/")[-2].replace("%2F", "/")
            self.asked.append(call)
            return 200, json.dumps({"legs": [{"leg": leg, "began": FIRST_DAY} for leg in "ab"]})
        self.lists += 1
        if self.is_broken:
            return 500, "{}"
        page, size = int(request["page"]), int(request["limit"])
        rows = list(reversed(self.calls))[(page - 1) * size:page * size]
        return 200, json.dumps({"total": len(self.calls), "calls": rows})


def write(work, url, for_each=None, accounts=ACCOUNTS, **top):
    work.write("acme.yaml", yaml.safe_dump(
        {"provider": "acme", "endpoints": [ENTRY, LEGS]}, sort_keys=False, allow_unicode=True))
    work.pipeline(
        [{"stream": "legs", "endpoint": "acme.v2.legs", "base_url": url, "accounts": accounts,
          "for_each": for_each or {"stream": "calls", "field": "id"}},
         {"stream": "calls", "endpoint": "acme.v2.calls", "base_url": url, "accounts": accounts}],
        endpoints=["acme.yaml"], extract={"requests_per_second": 1000, "attempts": 1}, **top)


def ids(work, stream, column):
    head, *lines = work.content(f"{stream}/dt=2026-01-01").decode().splitlines()
    place = head.split(",").index(column)
    return [line.split(",")[place] for line in lines]


def probe(work):
    """By stream: windows that are known, and rows, or requests where the ids are known."""
    plan = cdrx("plan", "pipeline.yaml", "--probe", "--format", "json", cwd=work.path).report()
    return {stream["stream"]: (stream["known"], stream["rows"] or stream["requests"])
            for stream in plan["probe"]["streams"]}


def test_the_rows_of_one_stream_are_the_ids_of_another(work):
    acme = Acme(30)
    expected = [call["id"] for call in acme.calls]
    with providing(acme) as provider:
        write(work, provider.url)
        assert cdrx("validate", "pipeline.yaml", cwd=work.path).code == 0
        assert cdrx("check", "pipeline.yaml", cwd=work.path).code == 0
        acme.asked.clear()

        # One id a row of the parent, as far as its total lets expect.
        assert probe(work) == {"calls": (1, 30), "legs": (0, 30)}

        # Without its parent there is nothing to ask for, and nothing to publish.
        alone = work.run("--stream", "legs")
        assert acme.asked == []
        assert alone.code == 1 and "parent_incomplete" in alone.err, alone
        assert "stream 'calls', whose window 2026-01-01 of account 'west'" in alone.err
        acme.is_broken = True
        broken = work.run()
        assert broken.code == 1 and "parent_incomplete" in broken.err, broken
        assert acme.asked == [] and work.partitions() == []
        acme.is_broken = False

        result = work.run("--format", "json")
        assert result.code == 0, result
        assert [window["stream"] for window in result.windows()] == ["calls", "legs"]
        # Side by side on the way, in the order of the rows in the file.
        assert sorted(acme.asked) == expected
        assert ids(work, "calls", "call_id") == expected
        assert sorted(ids(work, "legs", "call_id")) == sorted(expected * 2)

        trial = cdrx("endpoints", "acme.v2.legs", "--try", "--pipeline", "pipeline.yaml", cwd=work.path)
        assert trial.code == 0 and acme.asked.pop() == expected[0], trial

        before = acme.lists, len(acme.asked)
        again = work.run("--format", "json")
        assert again.code == 0 and again.windows() == [], again
        assert (acme.lists, len(acme.asked)) == before

        # One call more: its legs are there in the end, and so are the others.
        acme.calls.append({"id": "late", "began": FIRST_DAY + 40 * 60_000})
        forced = work.run(
            "--from", "2026-01-01", "--to", "2026-01-02", "--force", "--stream", "calls",
            command="backfill")
        assert forced.code == 0, forced
        plan = cdrx("plan", "pipeline.yaml", "--format", "json", cwd=work.path)
        assert [(window["stream"], window["reason"]) for window in plan.windows()] == [
            ("legs", "list_changed")]
        assert cdrx("plan", "pipeline.yaml", "--summary", "--format", "json", cwd=work.path).code == 0
        assert probe(work) == {"legs": (1, 31)}
        assert work.run().code == 0
        assert sorted(set(ids(work, "legs", "call_id"))) == sorted([*expected, "late"])
        assert cdrx("verify", "pipeline.yaml", cwd=work.path).code == 0


def test_shards_have_the_accounts_of_both(work):
    acme = Acme(4)
    accounts = [{"account": name, "account_id": name, "auth_token": name} for name in ("a", "b", "c")]
    with providing(acme) as provider:
        write(work, provider.url, accounts=accounts, output={"partition": "account"})
        for shard in ("1/2", "2/2"):
            result = work.run("--shard", shard)
            assert result.code == 0, result
    assert len(acme.asked) == len(accounts) * len(acme.calls)
    assert work.partitions() == [
        f"{stream}/cdrx_account={account['account']}/dt=2026-01-01"
        for stream in ("calls", "legs") for account in accounts]


def test_a_field_that_is_not_there_is_named_before_the_first_request(work):
    write(work, "http://localhost:1", for_each={"stream": "calls", "field": "ids"})
    result = cdrx("validate", "pipeline.yaml", cwd=work.path)
    assert result.code == 78, result
    assert "`acme.v2.calls` of stream `calls` has no field `ids`; did you mean `id`?" in result.err + result.out
