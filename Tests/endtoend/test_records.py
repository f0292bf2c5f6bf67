"""Records that no warehouse would take, or that say nothing: one reject each, and the rest goes on."""
import base64
import gzip
import json

import pytest

from harness import COMMO, FIRST_DAY, USER_OUT_MISSED, Workplace, ndjson_rows, stream
from provider import providing, user_page, user_records

PARTITION = "calls/account=u/dt=2026-01-01"


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
