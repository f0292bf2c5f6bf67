"""One day of many small pages: every row once, in order, whatever the number of lanes.

CDRX_LARGE_ROWS sets how many."""
import os

import pytest

import mapping
from harness import FIRST_DAY, USER_OUT_MISSED, Workplace, csv_rows, simulating, stream

ROWS = int(os.environ.get("CDRX_LARGE_ROWS", "30000"))


@pytest.fixture(scope="module")
def large():
    with simulating("--rows-per-day", ROWS) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def exports(large, tmp_path_factory):
    """Lanes → workplace with the day exported on so many."""
    made = {}
    for lanes in (1, 16):
        work = Workplace(tmp_path_factory.mktemp(f"lanes-{lanes}"))
        work.pipeline(
            [stream("calls", USER_OUT_MISSED, large, "user-101")],
            extract={"pages_in_flight": lanes, "page_size": 10})
        large.forget()
        result = work.run(timeout=600)
        assert result.code == 0, result
        work.requests = large.requests()
        made[lanes] = work
    return made


PARTITION = "calls/dt=2026-01-01"


def test_every_row_once_and_in_order(large, exports):
    expected = mapping.rows(
        USER_OUT_MISSED, "user-101", large.truth(USER_OUT_MISSED, "user-101", FIRST_DAY))
    assert len(expected) == ROWS
    head, rows = csv_rows(exports[1].content(PARTITION))
    assert head == mapping.COLUMNS
    assert rows == mapping.plain_cells(expected)
    assert exports[1].content(PARTITION) == mapping.csv_bytes(expected)


def test_sixteen_lanes_give_the_bytes_of_one(exports):
    assert exports[16].part_bytes() == exports[1].part_bytes()
    assert len(exports[16].part_bytes()) == 1


def test_pages_are_asked_for_once(exports):
    """10 rows a page, and a few requests for each slice's bounds and end."""
    pages = ROWS // 10
    for work in exports.values():
        assert pages <= work.requests <= pages * 1.1
