"""Records that no warehouse would take, or that say nothing: one reject each, and the rest goes on."""
import base64
import gzip
import json

import pytest

from harness import (
    AGENT_OUT_MISSED, CALL_LEGS, COMMO, FIRST_DAY, OUT_ANSWERED, USER_OUT_MISSED, Workplace,
    ndjson_rows, simulating, stream)
from provider import providing, user_page, user_records

ENDPOINTS = [OUT_ANSWERED, AGENT_OUT_MISSED, USER_OUT_MISSED, CALL_LEGS, COMMO]
PARTITION = "calls/dt=2026-01-01"


@pytest.fixture
def workplace(tmp_path):
    return Workplace(tmp_path)


def calls(workplace, provider, **more):
    extract = {"attempts": 2, **more.pop("extract", {})}
    return workplace.pipeline(
        [stream("calls", USER_OUT_MISSED, provider, "u")], extract=extract,
        output={"format": "ndjson"}, **more)


def rejects(workplace, partition=PARTITION):
    data = gzip.decompress((workplace.exports / partition / "_rejects.ndjson.gz").read_bytes())
    return [json.loads(line) for line in data.splitlines()]


def rows(workplace, partition=PARTITION):
    return [dict(row) for row in ndjson_rows(workplace.content(partition))]


# --- bytes that are not UTF-8 ---

@pytest.mark.parametrize("name", ["张三".encode("gbk"), "誠".encode("gbk"), b"\xff"])
def test_a_record_that_is_not_utf8_is_one_reject(workplace, name):
    records = user_records(250, FIRST_DAY)
    records[117]["name"] = "@@@"

    def answer(request):
        status, text = user_page(request, records)
        return status, text.encode().replace(b"@@@", name)

    with providing(answer) as provider:
        calls(workplace, provider)
        result = workplace.run()
        assert result.code == 0, result
    manifest = workplace.manifest(PARTITION)
    assert (manifest["rows"], manifest["rejects"]) == (249, 1)
    assert "id-000117" not in [row["call_id"] for row in rows(workplace)]
    [reject] = rejects(workplace)
    assert (reject["reason"], reject["field"]) == ("invalid_utf8", "name")
    raw = base64.b64decode(reject["raw_base64"])
    assert json.loads(raw.replace(name, b"@@@")) == records[117]
    assert '"invalid_utf8"' in workplace.run("--format", "json", command="rejects").out


def test_a_message_that_is_not_utf8_harms_no_record(workplace):
    records = user_records(25, FIRST_DAY)

    def answer(request):
        status, text = user_page(request, records)
        return status, text.encode()[:-1] + b', "msg": "\xd5\xc5"}'

    with providing(answer) as provider:
        calls(workplace, provider)
        assert workplace.run().code == 0
    assert workplace.manifest(PARTITION)["rows"] == 25


def test_a_key_that_is_not_utf8_counts_as_one_record(workplace):
    """It stands on two pages, and is one reject all the same."""
    records = user_records(25, FIRST_DAY)
    records[14]["cmiuid"] = "@@@"

    def answer(request):
        status, text = user_page(request, records)
        return status, text.encode().replace(b"@@@", b"\xd5\xc5")

    with providing(answer) as provider:
        calls(workplace, provider)
        assert workplace.run().code == 0
    manifest = workplace.manifest(PARTITION)
    assert (manifest["rows"], manifest["rejects"]) == (24, 1)


# --- how many rejects a window may have ---

def test_a_window_of_rejects_alone_fails_and_shows_them(workplace):
    records = user_records(25, FIRST_DAY)
    for record in records:
        record["duration"] = "919876543210 seconds"
    with providing(lambda request: user_page(request, records)) as provider:
        calls(workplace, provider)
        result = workplace.run()
        assert result.code == 1, result
        assert workplace.partitions() == []
        assert "every record of the window (25) is a reject" in result.err
        assert "`duration` malformed_value 25 ×, such as \"9198######## seconds" in result.err
        assert "919876543210" not in result.err + workplace.run(command="status").out
        [kept] = (workplace.exports / "_state" / "rejects").iterdir()
        assert kept.stat().st_mode & 0o777 == 0o600
        before = kept.stat().st_mtime_ns
        found = workplace.run("--format", "json", command="rejects").report()["rejects"]
        assert [(line["state"], line["reason"], line["field"]) for line in found] == [
            ("failed", "malformed_value", "duration")] * 25
        assert {line["raw"]["cmiuid"] for line in found} == {
            record["cmiuid"] for record in records}
        assert kept.stat().st_mtime_ns == before
        # The provider mends them: nothing that was read before counts.
        for record in records:
            record["duration"] = 1
        assert workplace.run().code == 0
    assert workplace.manifest(PARTITION)["rows"] == 25
    assert not kept.exists()
    assert workplace.run("--format", "json", command="rejects").report()["rejects"] == []


@pytest.mark.parametrize("layout", ["window", "account"])
def test_rejects_are_listed_with_their_accounts(workplace, layout):
    """A shared partition has one file of rejects, in the order of its accounts."""
    records = {"c": user_records(30, FIRST_DAY), "a": user_records(30, FIRST_DAY),
               "b": user_records(30, FIRST_DAY)}
    faulty = {"a": [3], "c": [5, 20]}
    for account, indices in faulty.items():
        for index in indices:
            records[account][index]["duration"] = f"{account}-{index}"
    with providing(lambda request: user_page(request, records[request["token"]])) as provider:
        workplace.pipeline([stream("calls", USER_OUT_MISSED, provider, *records)],
                           output={"partition": layout})
        assert workplace.run().code == 0
    def listed(*arguments):
        lines = workplace.run("--format", "json", *arguments, command="rejects").report()["rejects"]
        return [(line["account"], line["raw"]["duration"]) for line in lines]
    assert listed() == [("a", "a-3"), ("c", "c-20"), ("c", "c-5")]
    assert listed("--account", "c") == [("c", "c-20"), ("c", "c-5")]
    assert listed("--account", "b") == []
    # The files say so themselves.
    found = sorted(
        (line["account"], line["raw"]["duration"])
        for path in workplace.exports.glob("calls/**/_rejects.ndjson.gz")
        for line in map(json.loads, gzip.decompress(path.read_bytes()).splitlines()))
    assert found == [("a", "a-3"), ("c", "c-20"), ("c", "c-5")]


def test_none_publishes_even_a_window_of_rejects_alone(workplace):
    records = user_records(25, FIRST_DAY, duration="long")
    with providing(lambda request: user_page(request, records)) as provider:
        calls(workplace, provider, extract={"max_rejects": "none"})
        assert workplace.run().code == 0
    manifest = workplace.manifest(PARTITION)
    assert (manifest["rows"], manifest["rejects"]) == (0, 25)


@pytest.mark.parametrize("limit, count, rejected, code", [
    (None, 40, 10, 0), (None, 40, 11, 1), (None, 1500, 15, 0), (None, 1500, 16, 1),
    ("50%", 40, 20, 0), ("50%", 40, 21, 1), ("0.5%", 2200, 11, 0), ("0.5%", 2200, 12, 1),
    (0, 40, 1, 1), (3, 40, 3, 0), (3, 40, 4, 1)])
def test_the_limit_of_rejects_is_a_share_or_a_number(workplace, limit, count, rejected, code):
    records = user_records(count, FIRST_DAY)
    for record in records[5:5 + rejected]:
        record["rate"] = "free"
    with providing(lambda request: user_page(request, records)) as provider:
        calls(workplace, provider, extract={} if limit is None else {"max_rejects": limit})
        result = workplace.run()
        assert result.code == code, result
    if code == 1:
        assert f"`max_rejects: {limit or ('1%' if limit is None else 0)}` allows" in result.err
        assert len(workplace.run("--format", "json", command="rejects").report()["rejects"]) <= rejected


# --- fields and answers ---

def test_a_field_that_never_occurs_is_a_warning(workplace):
    """Its name is misspelt, or the provider has renamed it."""
    records = user_records(25, FIRST_DAY)
    for record in records:
        record["frm"] = record.pop("from")
    with providing(lambda request: user_page(request, records)) as provider:
        calls(workplace, provider)
        result = workplace.run("--format", "json")
    assert result.code == 0, result
    assert "calls: no record of one window has the field `from`" in result.err
    assert result.lines()[0]["windows"][0]["absent_fields"] == ["from"]


def test_few_records_say_nothing_about_fields(workplace):
    records = user_records(19, FIRST_DAY)
    for record in records:
        del record["from"]
    with providing(lambda request: user_page(request, records)) as provider:
        calls(workplace, provider)
        assert "has the field" not in workplace.run().err


def test_the_documented_fields_occur(workplace):
    ids = [f"rid-1-{index:04d}" for index in range(1, 61)]
    with simulating("--rows-per-day", 200) as simulator:
        streams = [
            stream(f"s{index}", endpoint, simulator, "1111113", **(
                {"requests": {"ids": ids, "batch": "b"}} if endpoint == CALL_LEGS else {}))
            for index, endpoint in enumerate(ENDPOINTS)]
        workplace.pipeline(streams)
        result = workplace.run("--format", "json", "--now", "2026-02-01")
    assert result.code == 0, result
    windows = result.lines()[0]["windows"]
    assert len(windows) == 5 and all(window["rows"] > 20 for window in windows)
    assert [window["absent_fields"] for window in windows] == [[]] * 5
    assert "has the field" not in result.err


def test_a_failure_without_a_code_is_asked_again(workplace):
    records = [bill(index) for index in range(20)]
    answers = []

    def answer(request):
        answers.append(request)
        if len(answers) == 1:
            return 200, json.dumps({"ret": 200, "msg": "", "data": {"status": 1, "desc": "x"}})
        return bills(records, request)

    with providing(answer) as provider:
        commo(workplace, provider)
        result = workplace.run("--now", "2026-02-01")
    assert result.code == 0, result
    assert workplace.manifest("commo/dt=2026-01-01")["rows"] == 20


# --- text that warehouses refuse ---

def test_half_surrogates_and_zeros_are_replaced_or_set_aside(workplace):
    records = user_records(25, FIRST_DAY)
    records[3]["mood"] = {"\ud800": ["\x00", "\ud83d\ude00"]}
    records[4]["notes"] = [{"msg": "a\udc00", "date": FIRST_DAY, "agent": "\x00"}]
    records[5]["name"] = "\ud800"
    records[6]["name"] = "\x00"
    with providing(lambda request: user_page(request, records)) as provider:
        calls(workplace, provider)
        result = workplace.run()
        assert result.code == 0, result
    found = {row["call_id"]: row for row in rows(workplace)}
    assert len(found) == 23
    assert found["id-000003"]["extra"] == [("mood", [("\ufffd", ["\ufffd", "\U0001f600"])])]
    [note] = [dict(note) for note in found["id-000004"]["notes"]]
    assert (note["message"], note["agent"]) == ("a\ufffd", "\ufffd")
    assert [(reject["reason"], reject["field"]) for reject in rejects(workplace)] == [
        ("malformed_value", "name")] * 2
    for reject in rejects(workplace):
        assert reject["raw"]["name"] == "\ufffd"
        assert json.loads(base64.b64decode(reject["raw_base64"]))["name"] in ("\ud800", "\x00")


# --- times outside the years 0001 to 9999 ---

def bill(index, **more):
    return {
        "id": index, "extnumber": "1001", "destnumber": "200", "displaynumber": "300",
        "starttime": f"2026-01-01 12:{index // 60:02d}:{index % 60:02d}", "answertime": "",
        "endtime": "", "duration": 1, "billsec": 0, "direction": "callout", "callmethod": 1,
        "hangupdirection": 10040, "hangupcause": 16, "recordfilename": "", **more}


def bills(records, request):
    page, size = int(request["currentpage"]), int(request["itemsperpage"])
    inside = [record for record in records
              if request["starttime"] <= record["starttime"] <= request["endtime"]]
    return 200, json.dumps({"ret": 200, "msg": "", "data": {"status": 0, "result": {
        "totalitems": len(inside), "currentpage": page, "itemsperpage": size,
        "bills": inside[(page - 1) * size:page * size]}}})


def commo(workplace, provider, **stream_options):
    workplace.pipeline(
        [stream("commo", COMMO, provider, "hq", **stream_options)],
        extract={"attempts": 3}, output={"format": "ndjson"})


@pytest.mark.parametrize("zone, time", [
    ("+08:00", "0001-01-01 00:00:00"), ("-08:00", "9999-12-31 23:59:59")])
def test_times_outside_four_digit_years_are_rejects(workplace, zone, time):
    records = [bill(index) for index in range(20)]
    records[7]["endtime"] = time
    with providing(lambda request: bills(records, request)) as provider:
        commo(workplace, provider, source_timezone=zone)
        result = workplace.run("--now", "2026-02-01")
        assert result.code == 0, result
    [partition] = workplace.partitions()
    [reject] = rejects(workplace, partition)
    assert (reject["reason"], reject["field"]) == ("malformed_value", "endtime")
    assert not any((row["ended_at"] or "").startswith("0000") for row in rows(workplace, partition))


# --- request lists ---

def legs(request, known):
    if request["request_id"] not in known:
        return 200, json.dumps({"code": 404})
    leg = {"duration": 1, "balance": 1, "rate": 1, "from": "1", "to": "2", "time": FIRST_DAY,
           "leg": "a", "direction": "outbound", "status": "answered"}
    return 200, json.dumps({"code": 200, "count": 1, "cdr": [leg]})


def call_legs(workplace, provider, ids):
    workplace.write("ids.txt", "".join(f"{name}\n" for name in ids))
    workplace.pipeline(
        [stream("legs", CALL_LEGS, provider, "a", requests={"file": "ids.txt", "batch": "b"})],
        output={"format": "ndjson"}, extract={"pages_in_flight": 1})


def test_unknown_ids_without_words_are_proven(workplace):
    ids = ["known"] + [f"x{index}" for index in range(25)]
    with providing(lambda request: legs(request, ["known"])) as provider:
        call_legs(workplace, provider, ids)
        assert workplace.run().code == 0
        asked = [request["request_id"] for request in provider.requests]
    assert asked.count("known") == 1 + 3
    manifest = workplace.manifest("legs/batch=b")
    assert (manifest["rows"], manifest["rejects"]) == (1, 25)


def test_revoked_credentials_are_not_unknown_ids(workplace):
    ids = [f"x{index}" for index in range(25)]
    with providing(
            lambda request: legs(request, ids if len(provider.requests) <= 5 else [])) as provider:
        call_legs(workplace, provider, ids)
        result = workplace.run()
        assert result.code == 77, result
        assert workplace.partitions() == []
        assert len(provider.requests) == 5 + 10 + 1


def test_an_id_added_to_a_complete_list_is_noticed(workplace):
    with providing(lambda request: legs(request, ["a", "b", "c"])) as provider:
        call_legs(workplace, provider, ["a", "b"])
        assert workplace.run().code == 0
        assert workplace.run().code == 0
        assert len(provider.requests) == 2
        assert workplace.run(command="plan").table() == []
        workplace.write("ids.txt", "a\nb\nc\n")
        plan = workplace.run("--format", "json", command="plan").lines()[0]["windows"]
        assert [window["reason"] for window in plan] == ["list_changed"]
        assert workplace.run().code == 0
        assert len(provider.requests) == 2 + 3
        assert workplace.manifest("legs/batch=b")["rows"] == 3
        # It is complete again.
        assert workplace.run().code == 0
        assert len(provider.requests) == 5
        # An id that is taken out takes its rows with it: nobody lost them.
        workplace.write("ids.txt", "a\n")
        assert workplace.run().code == 0
        assert len(provider.requests) == 6
        assert workplace.manifest("legs/batch=b")["rows"] == 1
