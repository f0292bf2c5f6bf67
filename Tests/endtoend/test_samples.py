"""`cdrx run` on each documented response gives the golden rows beside it, digit for digit.

`RECORD=1` writes the golden rows anew, and fails.
"""
import functools
import json
import os
import re

import pytest

from harness import (
    AGENT_OUT_MISSED, CALL_LEGS, COMMO, OUT_ANSWERED, ROOT, USER_OUT_MISSED, cdrx, credentials,
    stream)
from provider import providing

SAMPLES = ROOT / "samples"
# The month that holds the sample's records; the v2 sample lies in two. Samples with values of our own
# all lie in one day, and their total is what they show.
RANGES = {
    OUT_ANSWERED: ("2019-10-01", "2019-11-01"),
    AGENT_OUT_MISSED: ("2019-10-01", "2019-11-01"),
    USER_OUT_MISSED: ("2022-05-01", "2022-07-01"),
    COMMO: ("2019-09-01", "2019-10-01"),
}
REQUEST_ID = "8DI2mXpy2K7qPI2Wi919AKS5LlzNEJKy7kb2Vg3IN9h"
# The documents show one page of more; the total is made to be what is shown.
TOTALS = {
    OUT_ANSWERED: ('"total": 3', '"total": 3'),
    AGENT_OUT_MISSED: ('"count": 8', '"count": 5'),
    COMMO: ('"totalitems": 8151', '"totalitems": 1'),
    CALL_LEGS: ('"count": 2', '"count": 2'),
}


def document(endpoint):
    return (SAMPLES / endpoint / "response.json").read_text(encoding="utf-8")


def respond(endpoint):
    """The documented response as it stands but for its total; for v2, the rows of the window."""
    if endpoint == USER_OUT_MISSED:
        def answer(request):
            value = json.loads(document(endpoint))
            value["cdr"] = [
                row for row in value["cdr"] if request["from"] <= row["time"] <= request["to"]]
            value["count"] = len(value["cdr"])
            assert request.fields.get("page", 1) == 1 and len(value["cdr"]) <= 10
            return 200, json.dumps(value, indent=1)
        return answer
    shown, served = TOTALS.get(endpoint, ("", ""))
    if not shown:
        return lambda request: (200, document(endpoint))
    assert document(endpoint).count(shown) == 1
    text = document(endpoint).replace(shown, served)
    return lambda request: (200, text)


@functools.cache
def catalog():
    return {line["id"]: line for line in cdrx("endpoints", "--format", "json").lines()}


def account(endpoint):
    """An account with something for each credential."""
    if endpoint in TOTALS or endpoint == USER_OUT_MISSED:
        return credentials(endpoint, "sample:secret")
    names = catalog()[endpoint]["credentials"]
    return {"account": "sample", **{name: 1111113 if name == "appid" else "secret" for name in names}}


def export(work, endpoint, format):
    with providing(respond(endpoint)) as provider:
        more = {}
        if endpoint.startswith("piopiy."):
            more = {"requests": {"ids": [REQUEST_ID], "batch": "sample"}}
        first, last = RANGES.get(endpoint, ("2026-02-02", "2026-02-03"))
        every = "month" if endpoint in RANGES else "day"
        work.pipeline(
            [{**stream("sample", endpoint, provider, **more), "accounts": [account(endpoint)]}],
            windows={"every": every, "range": {"from": first, "to": last}},
            output={"format": format})
        result = work.run()
    assert result.code == 0, result
    return result


def test_every_catalog_entry_has_a_sample_and_golden_rows():
    for endpoint in catalog():
        for name in ("response.json", "rows.csv", "rows.ndjson"):
            assert (SAMPLES / endpoint / name).is_file(), f"{endpoint}/{name}"


@pytest.mark.parametrize("format", ["csv", "ndjson"])
@pytest.mark.parametrize("endpoint", catalog())
def test_documented_response_gives_the_golden_rows(work, endpoint, format):
    export(work, endpoint, format)
    contents = [work.content(partition).decode() for partition in work.partitions()]
    if format == "csv":
        heads = {content.split("\n", 1)[0] for content in contents}
        assert len(heads) == 1
        found = heads.pop() + "\n" + "".join(content.split("\n", 1)[1] for content in contents)
    else:
        found = "".join(contents)
    golden = SAMPLES / endpoint / f"rows.{format}"
    if os.environ.get("RECORD"):
        golden.write_text(found, encoding="utf-8")
        pytest.fail(f"recorded {golden}")
    assert found == golden.read_text(encoding="utf-8")


def test_the_issue_names_these_values():
    """The golden files themselves, against the figures that were asked for."""
    def golden(endpoint):
        return (SAMPLES / endpoint / "rows.csv").read_text(encoding="utf-8")
    assert golden(OUT_ANSWERED).count(",0.6,") == 3
    assert golden(OUT_ANSWERED).count(",9100000000,") == 1
    assert golden(AGENT_OUT_MISSED).count(",0,0,") == 5
    assert golden(CALL_LEGS).count(",1135.14,") == 1
    assert golden(COMMO).count(",2019-09-27T06:58:37.000Z,") == 1


def test_trailing_comma_is_told(work):
    result = export(work, AGENT_OUT_MISSED, "csv")
    assert re.search(r"pages? had a comma before a closing bracket", result.err)
