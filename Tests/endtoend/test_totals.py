"""Totals that lie, and records that come and leave, against the built program: a partition holds
every record, or it is not published."""
import json

import pytest

from harness import FIRST_DAY, USER_OUT_MISSED, csv_rows, simulating, stream
from provider import page_of, providing, user_page, user_records

PARTITION = "calls/dt=2026-01-01"
QUICK = {"attempts": 2, "pages_in_flight": 16}


def spread(count):
    """So many records over the whole day."""
    return user_records(count, FIRST_DAY, step=86_400_000 // count)


def published_ids(work):
    head, rows = csv_rows(work.content(PARTITION))
    return [row[head.index("call_id")] for row in rows]


def run(work, provider, **extract):
    work.pipeline([stream("calls", USER_OUT_MISSED, provider, "acc")], extract={**QUICK, **extract})
    return work.run(timeout=120)


@pytest.mark.parametrize("claimed", [1, 10, 20, 24])
def test_a_total_that_is_too_low_fails_with_both_numbers(work, claimed):
    with providing(lambda request: user_page(request, spread(25), total=claimed)) as liar:
        result = run(work, liar)
    assert result.code == 1, result
    assert f"reports {claimed} records" in result.err and "hold 25 different" in result.err
    assert work.partitions() == []


@pytest.mark.parametrize("lie", [-1, -10, 1, 10])
def test_a_total_that_is_always_wrong_publishes_nothing(work, lie):
    records = spread(120)

    def answer(request):
        inside = sum(request["from"] <= record["time"] <= request["to"] for record in records)
        return user_page(request, records, total=max(inside + lie, 0))
    with providing(answer) as liar:
        result = run(work, liar)
    assert result.code == 1, result
    assert work.partitions() == []


@pytest.mark.parametrize("count", [10, 25, 100])
def test_a_total_of_the_page_alone_ends_complete(work, count):
    records = spread(count)

    def answer(request):
        status, body = user_page(request, records)
        body = json.loads(body)
        return status, json.dumps({**body, "count": len(body["cdr"])})
    with providing(answer) as liar:
        result = run(work, liar)
    assert result.code == 0, result
    assert published_ids(work) == [record["cmiuid"] for record in records]


def test_a_capped_total_ends_complete(work):
    records = spread(2500)

    def answer(request):
        inside = sum(request["from"] <= record["time"] <= request["to"] for record in records)
        return user_page(request, records, total=min(inside, 1000))
    with providing(answer) as liar:
        result = run(work, liar)
    assert result.code == 0, result
    assert published_ids(work) == [record["cmiuid"] for record in records]


def test_a_repeated_row_at_every_head_is_dropped(work):
    """Pages of eleven rows where ten were asked for, while the total counts different ones."""
    records = spread(95)

    def answer(request):
        inside = [r for r in records if request["from"] <= r["time"] <= request["to"]][::-1]
        rows = page_of(inside, request["page"], 10)
        if request["page"] > 1 and rows:
            rows = [inside[(request["page"] - 1) * 10 - 1]] + rows
        return 200, json.dumps({"count": len(inside), "cdr": rows, "code": 200})
    with providing(answer) as provider:
        result = run(work, provider)
    assert result.code == 0, result
    assert published_ids(work) == [record["cmiuid"] for record in records]
    assert work.manifest(PARTITION)["accounts"][0]["duplicates"] == 9


def test_on_mismatch_publish_marks_the_manifest_and_exits_1(work):
    """Three records are listed and counted twice."""
    records = spread(45)
    doubled = sorted(records + records[5:20:5], key=lambda record: record["time"])
    with providing(lambda request: user_page(request, doubled)) as liar:
        failed = run(work, liar)
        assert failed.code == 1 and work.partitions() == []
        assert "reports 48 records" in failed.err and "hold 45 different" in failed.err
        assert "on_mismatch: publish" in failed.err
        result = run(work, liar, on_mismatch="publish")
        assert result.code == 1, result
        assert "unreconciled" in result.out
        assert published_ids(work) == [record["cmiuid"] for record in records]
        assert work.manifest(PARTITION)["accounts"][0]["reconciled"] is False
        state = work.run("--format", "json", command="status").windows()
        assert [line["state"] for line in state] == ["unreconciled"]
        assert work.run(command="verify").code == 0
    with providing(lambda request: user_page(request, records)) as honest:
        assert run(work, honest, on_mismatch="publish").code == 0
    assert work.manifest(PARTITION)["accounts"][0]["reconciled"] is True


@pytest.mark.parametrize("rate", [1, 0.3])
@pytest.mark.parametrize("fault", [
    "total-lie", "total-low", "total-low-page", "total-of-page", "total-cap"])
def test_totals_of_the_simulator_are_never_published_wrong(work, fault, rate):
    with simulating("--rows-per-day", 1500, "--fault", f"{fault}={rate}") as simulator:
        result = run(work, simulator)
        assert simulator.statistics()["faults"][fault] > 0
        if result.code == 0:
            truth = [dict(record)["cmiuid"] for record in simulator.truth(USER_OUT_MISSED, "acc")]
            assert published_ids(work) == truth
        else:
            assert (result.code, work.partitions()) == (1, []), result
    if rate == 1:
        assert result.code == (0 if fault in ("total-of-page", "total-cap") else 1)


@pytest.mark.parametrize("seed", range(1, 6))
def test_records_that_leave_hide_none_that_stay(work, seed):
    """One leaves and one enters between two answers, so that the total stays: with every page read
    twice, those that were there throughout are there once."""
    with simulating("--seed", seed, "--rows-per-day", 600, "--fault", "leave=0.05") as simulator:
        def there():
            return {dict(record)["cmiuid"] for record in simulator.truth(USER_OUT_MISSED, "acc")}
        before = there()
        result = run(work, simulator, confirm="all")
        after = there()
        assert simulator.statistics()["faults"]["leave"] > 0
    if result.code == 0:
        found = published_ids(work)
        assert len(found) == len(set(found))
        assert before & after <= set(found)
    else:
        assert (result.code, work.partitions()) == (1, []), result


def test_an_unreadable_record_in_a_border_second_is_set_aside_once(work):
    """23 records without a readable time around midnight; both days ask for all of them."""
    midnight = FIRST_DAY + 86_400_000
    records = user_records(40, midnight - 20_000)
    hidden = [
        {**record, "cmiuid": f"bad-{index}", "place": midnight - 1_100 + index * 100}
        for index, record in enumerate(user_records(23, 0))]

    def answer(request):
        inside = sorted(
            (record for record in records + hidden
             if request["from"] <= record.get("place", record["time"]) <= request["to"]),
            key=lambda record: -record.get("place", record["time"]))
        rows = [
            {**record, "time": "soon"} if "place" in record else record
            for record in page_of(inside, request["page"], 10)]
        return 200, json.dumps({"count": len(inside), "cdr": rows, "code": 200})
    with providing(answer) as provider:
        work.pipeline(
            [stream("calls", USER_OUT_MISSED, provider, "acc")],
            extract={**QUICK, "max_rejects": "none"},
            windows={"every": "day", "range": {"from": "2026-01-01", "to": "2026-01-03"}})
        result = work.run()
    assert result.code == 0, result
    manifests = [work.manifest(partition) for partition in work.partitions()]
    assert [manifest["rows"] for manifest in manifests] == [20, 20]
    # Those up to the last millisecond before midnight, and the others.
    assert [manifest["rejects"] for manifest in manifests] == [11, 12]
