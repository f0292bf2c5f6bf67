"""Committed parts in a Delta and an Iceberg table: each day once, whatever is repeated, changed or emptied."""
import deltalake
import pyarrow
import pyarrow.compute
import pyarrow.parquet
import pytest
from pyiceberg.catalog import load_catalog

import harness
from conftest import CDRX, EXPORT, NOW, Night, shown

STREAM = "agent_out_missed"


@pytest.fixture
def lake(simulator, tmp_path):
    night = Night(tmp_path, simulator)
    night.environment |= {
        "PYICEBERG_CATALOG__DEFAULT__TYPE": "sql",
        "PYICEBERG_CATALOG__DEFAULT__URI": f"sqlite:///{night.path}/catalog.db",
        "PYICEBERG_CATALOG__DEFAULT__WAREHOUSE": f"file://{night.path}/warehouse"}
    return night


def expected(night):
    """What pyarrow reads of the committed parts, day by day."""
    tables = []
    for partition in night.partitions():
        day = night.manifest(partition)["window"]["key"]
        for path in night.parts(partition):
            table = pyarrow.parquet.read_table(path, partitioning=None)
            column = pyarrow.array([day] * len(table)).cast(pyarrow.date32())
            tables.append(table.append_column("cdrx_window", column))
    return ordered(pyarrow.concat_tables(tables))


def ordered(table):
    return table.sort_by([("cdrx_window", "ascending"), ("account", "ascending"),
                          ("started_at", "ascending"), ("call_id", "ascending")])


def delta(night):
    table = deltalake.DeltaTable(night.path / "lake" / STREAM)
    return table.version(), pyarrow.table(table.to_pyarrow_table())


def iceberg(night):
    table = load_catalog("default", **{
        "type": "sql", "uri": f"sqlite:///{night.path}/catalog.db"}).load_table(f"calls.{STREAM}")
    rows = table.scan().to_arrow()
    # PyIceberg makes [] of null (apache/iceberg-python#3833). cdrx has null where there is nothing.
    index = rows.schema.get_field_index("notes")
    notes = rows["notes"].combine_chunks()
    empty = pyarrow.compute.equal(notes.value_lengths(), 0)
    assert pyarrow.compute.all(empty).as_py() and notes.null_count == 0
    nulls = pyarrow.nulls(len(rows), notes.type)
    return len(table.metadata.snapshots), rows.set_column(index, rows.schema.field("notes"), nulls)


def same(night, rows):
    """Value by value; the tables keep times in microseconds."""
    truth = expected(night)
    assert rows.schema.names == truth.schema.names
    rows = ordered(rows).cast(truth.schema)
    different = [name for name in truth.schema.names if not rows[name].equals(truth[name])]
    assert different == [] and len(rows) > 100


def bring(night):
    """Both loads of the recipe without its run, for every run file there is."""
    [script] = shown("Delta and Iceberg", "sh")
    return night.call(script.split("\n", 1)[1])


def test_the_recipe_brings_each_day_once(lake):
    [script] = shown("Delta and Iceberg", "sh")
    printed = lake.call(script)
    assert printed.count(" replaced: ") == 8, printed
    first = [delta(lake), iceberg(lake)]
    for _, rows in first:
        same(lake, rows)
    # Again, also the run that finds nothing to do: no commit in either table.
    again = lake.call(script)
    assert again.count(" is there\n") == 8 and " replaced: " not in again, again
    assert [delta(lake)[0], iceberg(lake)[0]] == [version for version, _ in first]


def test_a_day_that_changed_is_replaced_and_one_that_emptied_is_removed(lake):
    lake.cdrx("run", "calls.yaml", "--now", NOW)
    bring(lake)
    # A provider that has nothing any more.
    with harness.simulating("--rows-per-day", 0) as nothing:
        lake.environment["TELECMI_URL"] = nothing.url

        def give_up(first, end, *options):
            result = lake.cdrx("backfill", "calls.yaml", "--from", first, "--to", end, "--force",
                               "--shrink", "replace", *options)
            assert result.code == 0, result
            return bring(lake)

        printed = give_up("2026-01-02", "2026-01-03", "--account", "agent-108")
        assert printed.count(" replaced: ") == 2, printed
        assert printed.count(f"2026-01-02 replaced: {7 * 60} rows") == 2, printed
        for _, rows in (delta(lake), iceberg(lake)):
            same(lake, rows)
        printed = give_up("2026-01-03", "2026-01-04")
        assert printed.count(" replaced: ") == 2, printed
        assert printed.count("2026-01-03 replaced: 0 rows") == 2, printed
        for _, rows in (delta(lake), iceberg(lake)):
            same(lake, rows)
            assert "2026-01-03" not in {str(day) for day in rows["cdrx_window"].to_pylist()}
        assert " replaced: " not in bring(lake)


def test_a_part_that_is_replaced_meanwhile_is_not_loaded(lake):
    lake.cdrx("run", "calls.yaml", "--now", NOW)
    part = lake.parts(lake.partitions()[-1])[0]
    content = part.read_bytes()
    # The listing is of before the replacement, the file of after it.
    lake.program(f'{CDRX} "$@"\nprintf x >>"{part}"')
    printed = lake.call("python", "samples/lakehouse/to_delta.py", "calls.yaml", STREAM,
                        f"lake/{STREAM}", *sorted((lake.exports / "_runs").iterdir()), code=1)
    assert f"{part.name} was replaced meanwhile" in printed
    days = {str(day) for day in delta(lake)[1]["cdrx_window"].to_pylist()}
    assert days == {"2026-01-01", "2026-01-02", "2026-01-03"}
    part.write_bytes(content)
    lake.program(EXPORT)
    bring(lake)
    same(lake, delta(lake)[1])


def test_parts_in_an_object_store_are_loaded_from_there(lake, single, moto):
    bucket = moto.bucket()
    # What URLs write otherwise.
    place = "nightly é%41+b/calls"
    lake.environment |= bucket.env | {"CDRX_OUTPUT": f"{bucket.uri}/{place}"}
    result = lake.cdrx("run", "calls.yaml", "--now", NOW, "--state", "state")
    assert result.code == 0, result
    [run] = bucket.listing(f"{place}/_runs/")
    printed = lake.call("python", "samples/lakehouse/to_delta.py", "calls.yaml", STREAM,
                        f"lake/{STREAM}", f"{bucket.uri}/{run}")
    assert printed.count(" replaced: 480 rows") == 4, printed
    same(single, delta(lake)[1])
