"""Derived columns: each format, compared with the truth by rules that share nothing with cdrx;
telephone numbers by libphonenumber."""
import datetime
import json
import random
import re
import zoneinfo

import phonenumbers
import polars
import pyarrow.parquet
import pytest
import yaml

import mapping
from harness import (
    AGENT_OUT_MISSED, CALL_LEGS, COMMO, DAY, FIRST_DAY, OUT_ANSWERED, ROOT, USER_OUT_MISSED, Token,
    csv_rows, ndjson_rows, owner, stream)
from provider import providing

ENDPOINTS = [OUT_ANSWERED, AGENT_OUT_MISSED, USER_OUT_MISSED, CALL_LEGS, COMMO]
NAMES = ["local_date", "is_answered", "talk_seconds", "from_e164", "to_e164", "currency"]
COLUMNS = ["call_id", "started_at", "status", "billed_seconds", "to_number", *NAMES]
ZONE = zoneinfo.ZoneInfo("Asia/Kolkata")
REGION = "IN"


def judged(number, region):
    """What libphonenumber makes of a number; None where it makes nothing."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def is_right(e164, number, region):
    """Whether libphonenumber reads a number so. Digits that nobody has may be read in several ways:
    there the result must be a number that could be, as libphonenumber's then is not either."""
    wanted = judged(number, region)
    if e164 == wanted:
        return True
    own = phonenumbers.parse(e164, None)
    exists = wanted is not None and phonenumbers.is_valid_number(phonenumbers.parse(wanted, None))
    return not exists and phonenumbers.is_possible_number(own)


def derived(row):
    """The columns of a row, with what a DATE, a number and a boolean are in Python."""
    moment = datetime.datetime.fromisoformat(row["started_at"].replace("Z", "+00:00"))
    billed = row["billed_seconds"]
    return {
        "local_date": moment.astimezone(ZONE).date(),
        "is_answered": {"answered": True, "missed": False}.get(row["status"]),
        "talk_seconds": {"answered": None if billed is None else int(billed), "missed": 0}.get(
            row["status"]),
        "currency": "INR",
    }


def export(work, simulator, endpoint, **output):
    """One local day, and the rows that it must have."""
    more = {"numbers": REGION, "currency": "INR"}
    first, until = FIRST_DAY + DAY - DAY * 5 // 24 - 1_800_000, None
    until = first + DAY
    if endpoint == CALL_LEGS:
        ids = [f"rid-1-{index:04d}" for index in range(60)]
        more["requests"] = {"ids": ids, "batch": "b"}
        records = simulator.legs("1111113", ids)
    else:
        records = simulator.truth(endpoint, owner(endpoint, "acc"), first, until=until)
    work.pipeline(
        [stream("calls", endpoint, simulator, "acc", **more)], timezone="Asia/Kolkata",
        windows={"every": "day", "range": {"from": "2026-01-02", "to": "2026-01-03"}},
        output={"columns": COLUMNS, **output})
    result = work.run()
    assert result.code == 0, result
    [partition] = work.partitions()
    return partition, mapping.rows(endpoint, "acc", records)


def check(found, rows):
    """Rows as dictionaries of Python values."""
    assert len(found) == len(rows) > 0
    certain = 0
    for line, row in zip(found, rows):
        assert line["call_id"] == row["call_id"]
        for name, value in derived(row).items():
            assert line[name] == value, (name, line, row)
        for name, number in (("from_e164", row["from_number"]), ("to_e164", row["to_number"])):
            if number is None:
                assert line[name] is None
            elif line[name] is not None:
                assert line[name] == judged(number, REGION)
                certain += 1
    return certain


def from_csv(data):
    head, rows = csv_rows(data)
    typed = {"local_date": datetime.date.fromisoformat, "talk_seconds": int,
             "is_answered": {"true": True, "false": False}.get}
    return [{name: typed.get(name, str)(cell) if cell else None for name, cell in zip(head, row)}
            for row in rows]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_csv(work, calm, endpoint):
    partition, rows = export(work, calm, endpoint)
    check(from_csv(work.content(partition)), rows)
    manifest = work.manifest(partition)
    types = {column["name"]: column["type"] for column in manifest["columns"]}
    assert {name: types[name] for name in NAMES} == {
        "local_date": "date", "is_answered": "bool", "talk_seconds": "int", "from_e164": "text",
        "to_e164": "text", "currency": "text"}
    if endpoint != CALL_LEGS:
        days = {str(line["local_date"]) for line in from_csv(work.content(partition))}
        assert days == {"2026-01-02"} and partition == "calls/dt=2026-01-02"


@pytest.mark.parametrize("endpoint", [COMMO, CALL_LEGS])
def test_ndjson(work, calm, endpoint):
    partition, rows = export(work, calm, endpoint, format="ndjson", timestamps="epoch_ms")
    found = [dict(line) for line in ndjson_rows(work.content(partition))]
    for line in found:
        line["local_date"] = datetime.date.fromisoformat(line["local_date"])
        if line["talk_seconds"] is not None:
            assert isinstance(line["talk_seconds"], Token)
            line["talk_seconds"] = int(line["talk_seconds"])
    check(found, rows)


@pytest.mark.parametrize("endpoint", [COMMO, USER_OUT_MISSED])
def test_parquet(work, calm, endpoint):
    partition, rows = export(work, calm, endpoint, format="parquet")
    [path] = work.parts(partition)
    file = pyarrow.parquet.ParquetFile(path)
    date = file.schema.column(COLUMNS.index("local_date"))
    assert (date.physical_type, str(date.logical_type), date.converted_type) == ("INT32", "Date", "DATE")
    assert not file.schema_arrow.field("local_date").nullable
    statistics = file.metadata.row_group(0).column(COLUMNS.index("local_date")).statistics
    assert statistics.min == statistics.max == datetime.date(2026, 1, 2)
    check(file.read().to_pylist(), rows)
    frame = polars.read_parquet(path)
    assert frame.schema["local_date"] == polars.Date
    check(frame.to_dicts(), rows)


def test_what_derives_them_makes_windows_outdated(work, calm):
    def pipeline(columns, timezone="Asia/Kolkata", **more):
        work.pipeline([stream("calls", USER_OUT_MISSED, calm, "acc", **more)], timezone=timezone,
                      output={"columns": columns, "compression": "none"})

    pipeline("unified")
    assert work.run().code == 0
    calm.forget()
    steps = [
        (["unified", "local_date"], {}),
        (["unified", "local_date", "currency"], {"currency": "INR"}),
        (["unified", "local_date", "currency"], {"currency": "USD"}),
        (["unified", "to_e164"], {"numbers": "IN"}),
        (["unified", "to_e164"], {"numbers": "US"}),
        (["unified", "to_e164"], {"numbers": "international"}),
    ]
    for index, (columns, more) in enumerate(steps):
        pipeline(columns, **more)
        [day] = work.run("--format", "json", command="plan").lines()[0]["windows"]
        assert (day["reason"], day["from_archive"]) == ("outdated", True), (columns, more)
        assert work.run().code == 0
        made = work.content("calls/dt=2026-01-01")
        assert work.run("--out", f"scratch-{index}", command="run").code == 0
        again = work.path / f"scratch-{index}/calls/dt=2026-01-01/part-00000.csv"
        assert again.read_bytes() == made
        calm.forget()
        # Nothing is left to do.
        assert work.run("--format", "json", command="plan").lines()[0]["windows"] == []
    assert calm.requests() == 0


# --- telephone numbers ---

NUMBERS = {
    "provider": "numbers",
    "endpoints": [{
        "endpoint": "numbers.v1.calls", "title": "Calls", "document": "none",
        "request": {
            "path": "/calls", "encoding": "json", "credentials": [{"name": "form", "type": "text"}],
            "window": {"start": "since", "end": "until", "format": "epoch_ms"},
            "paging": {"page": "page", "size": "size", "default_size": 1000, "maximum_size": 1000}},
        "response": {
            "rows": "calls", "total": "total",
            "rules": {"success": [{"path": "ok", "accepts": [1]}],
                      "failures": [{"path": "ok", "codes": [9], "means": "retry"}],
                      "error_texts": ["why"]}},
        "key": ["uid"], "time": "began",
        "fields": [
            {"name": "uid", "type": "text", "column": "call_id", "required": True, "summary": "Id"},
            {"name": "began", "type": "epoch_ms", "column": "started_at", "required": True,
             "summary": "Begin"},
            {"name": "to", "type": "digits", "column": "to_number", "summary": "Number"}]}],
}


def regions():
    """The countries that cdrx knows, with their codes and prefixes."""
    source = (ROOT / "Sources/ExportModel/NumberingPlan.swift").read_text()
    return re.findall(r"\b([A-Z]{2}) (\d+) (\d+|-|\*) (\d+|-) [\d,-]+;", source)


def samples(draw, region, code, trunk, prefix):
    """Numbers as they are written in a country, and numbers that nobody has."""
    national = []
    for kind in (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE):
        example = phonenumbers.example_number_for_type(region, kind)
        if example is not None:
            national.append(phonenumbers.national_significant_number(example))
    national += ["".join(draw.choices("0123456789", k=draw.randint(3, 14))) for _ in range(40)]
    starts = ["", code, "+" + code] + [part for part in (trunk, prefix, prefix + code)
                                       if part not in ("-", "*") and "-" not in part]
    for number in national:
        for start in starts:
            yield start + number
    for other in ("+442079460000", "+4402079460000", "919876543210", "+12125550100", "00442079460000"):
        yield other
    yield f"+{code} {national[0][:3]}-{national[0][3:]}"


def test_certain_numbers_are_those_of_libphonenumber(work):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    draw = random.Random(seed)
    forms = regions()
    assert len(forms) > 150
    numbers = {region: list(samples(draw, region, *rest)) for region, *rest in forms}
    numbers["international"] = [
        start + code + "".join(draw.choices("0123456789", k=draw.randint(3, 12)))
        for _, code, _, _ in forms for start in ("", "+") for _ in range(5)]
    work.write("numbers.yaml", yaml.safe_dump(NUMBERS, sort_keys=False))

    def answer(request):
        calls = [{"uid": f"{index:05d}", "began": FIRST_DAY + index * 1000, "to": number}
                 for index, number in enumerate(numbers[request["form"]])
                 if request["since"] <= FIRST_DAY + index * 1000 <= request["until"]][::-1]
        page, size = request["page"], request["size"]
        return 200, json.dumps({
            "ok": 1, "total": len(calls), "calls": calls[(page - 1) * size:page * size]})

    with providing(answer) as provider:
        work.pipeline(
            [{"stream": form, "endpoint": "numbers.v1.calls", "base_url": provider.url,
              "accounts": [{"account": "a", "form": form}], "numbers": form} for form in numbers],
            endpoints=["numbers.yaml"], output={"columns": ["call_id", "to_number", "to_e164"]})
        result = work.run()
    assert result.code == 0, result
    certain, wrong = 0, []
    for form, expected in numbers.items():
        _, rows = csv_rows(work.content(f"{form}/dt=2026-01-01"))
        assert [row[1] for row in rows] == expected
        found = {number: e164 for _, number, e164 in rows}
        for number, e164 in found.items():
            region, text = (None, "+" + number.lstrip("+")) if form == "international" else (form, number)
            if e164:
                certain += 1
                if not is_right(e164, text, region):
                    wrong.append((form, number, e164, judged(text, region)))
        if form == "international":
            continue
        # What the country's own people write is certain.
        for kind in (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE):
            example = phonenumbers.example_number_for_type(form, kind)
            if example is not None:
                e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
                assert found[e164] == e164
    assert not wrong, f"{len(wrong)}: {wrong[:20]}"
    assert certain > 5_000
