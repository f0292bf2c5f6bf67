"""A table of one column: its null is `""`, because readers take an empty line for no row."""
import databases
import hostile
import judges
import pytest


@pytest.mark.parametrize("warehouse", [databases.Postgres, databases.DuckDB, databases.ClickHouse],
                         ids=lambda warehouse: warehouse.name)
@pytest.mark.parametrize("column", [
    ("seconds", "duration_seconds", "int"), ("price", "rate", "decimal"),
    ("answered", "answered_at", "time"), ("taped", "recorded", "bool")], ids=lambda column: column[2])
def test_rows_without_a_value_are_kept(loadable, monkeypatch, warehouse, column):
    name, source, kind = column
    monkeypatch.setitem(hostile.CHOICES, f"only {name}", ([{source: name}], [(name, kind)]))
    export = loadable.get("csv", "gzip", f"only {name}")
    truth = [row.get(hostile.FIELD_OF[source], (None, None))[1] for row in export.rows.rows]
    started = warehouse()
    try:
        started.run(export.cdrx(
            "load", "pipeline.yaml", "--dialect", warehouse.name, "--target", "t").stdout)
        found = [row[name] for row in started.rows("calls", export)]
    finally:
        started.stop()
    assert None in truth
    assert sorted(found, key=order) == sorted(truth, key=order)


def order(value):
    return value is not None, value or 0
