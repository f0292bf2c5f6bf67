"""Brings the days that runs published into an Iceberg table, each by one commit that replaces that day.

    to_iceberg.py calls.yaml agent_out_missed calls.agent_out_missed exports/_runs/*.json

The catalog is the one that PyIceberg is configured for (~/.pyiceberg.yaml, PYICEBERG_CATALOG__DEFAULT__…).
"""
import committed
from pyiceberg.catalog import load_catalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.expressions import EqualTo


def table_for(catalog, name, day):
    """The table, with every column of the day; none where it is not there and the day has no rows."""
    try:
        table = catalog.load_table(name)
    except NoSuchTableError:
        if not day.parts:
            return None
        catalog.create_namespace_if_not_exists(name.rpartition(".")[0])
        table = catalog.create_table(name, day.schema())
        with table.update_spec() as spec:
            spec.add_identity("cdrx_window")
    if day.parts:
        with table.update_schema() as schema:
            schema.union_by_name(day.schema())
    return table


def main():
    settings = committed.arguments(__doc__)
    catalog = load_catalog()
    for day in committed.days(settings.pipeline, settings.stream, settings.run_files):
        table = table_for(catalog, settings.table, day)
        if table is None:
            continue
        # The commit itself says which version of the day it brought, so that the two cannot differ.
        name, version = f"cdrx.{settings.stream}.{day.date}", str(day.version)
        if table.properties.get(name) == version:
            print(f"{day.date} is there")
            continue
        with table.transaction() as transaction:
            # Not add_files: cdrx may replace its files, which a table's snapshots must not see.
            if day.parts:
                transaction.overwrite(
                    day.rows().read_all(), overwrite_filter=EqualTo("cdrx_window", str(day.date)))
            else:
                transaction.delete(EqualTo("cdrx_window", str(day.date)))
            transaction.set_properties({name: version})
        print(f"{day.date} replaced: {sum(part['rows'] for part in day.parts)} rows")


main()
