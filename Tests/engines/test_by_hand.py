"""Shards without an engine, and one that lost its state."""
from conftest import shown


def test_the_recipe_makes_what_a_single_run_does(night, single, simulator):
    side_by_side, lost = shown("Over many machines", "sh")
    night.call(side_by_side)
    assert night.published() == single.published()
    simulator.forget()
    assert "0 windows published, 12 complete already; 0 rows, 0 requests" in night.call(lost)
    assert simulator.requests() == 0
    assert night.published() == single.published()
